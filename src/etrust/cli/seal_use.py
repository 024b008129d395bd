"""`etrust seal use`, `uses`, `grant`, `ungrant`: who may use a seal, and using it."""

from datetime import datetime
from pathlib import Path

import click

from etrust.cli.licenses import may_act_for
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.clock import BEIJING
from etrust.seals.grants import end_grant, give_grant
from etrust.seals.model import Actor, GranteeKind, Ground, NewGrant, Purpose
from etrust.seals.report import grant_json, use_json
from etrust.seals.steps import find_for
from etrust.seals.usage_store import uses_of
from etrust.seals.use import use_seal
from etrust.settings import Settings
from etrust.signing import sm2
from etrust.wiring import open_rooms

MAX_DOCUMENT = 256 * 1024 * 1024
_MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])


@click.command("use")
@home_option
@json_option
@operator_option
@click.argument("code")
@click.option("--document", "file", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="用印的文件 · what the seal is put under")
@click.option("--body", help="以何机构名义 · for which body; the account's own when left out")
@click.option("--license-type", default="", help="证照类型 · license type")
@click.option("--matter", default="", help="事项编码 · matter")
@click.option("--number", default="", help="证照标识或办件编码，不得含个人信息 · identifier of license or case, no personal data")
@click.option("--property-info", help="签章范围名，缺省为文件名 · names what was digested; the file's name when left out")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), default="SignedValue.dat", show_default=True)
@asynchronous
async def use(
    settings: Settings, *, as_json: bool, operator: str, code: str, file: Path, body: str | None, license_type: str,
    matter: str, number: str, property_info: str | None, output: Path,
) -> None:
    """用印：为文件摘要签章，写出 SignedValue.dat · Put a seal under a file's digest."""
    digest = _digest(file)
    named = property_info or (file.name if file.name.isascii() else "document")
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        account = await rooms.operator(operator)
        may_act_for(account, body or account.body)
        who = Actor(account.username, body or account.body, account.roles, rooms.clock())
        done = await use_seal(
            connection, code=code, digest=digest, purpose=Purpose(license_type, matter, number), who=who,
            property_info=named, signer_of=rooms.cabinet.named, stamping=rooms.seal_stamping,
        )  # fmt: skip
    output.write_bytes(done.signed_value)
    if as_json:
        print_json({"use": done.use_id, "code": code, "at": done.at.isoformat(), "file": str(output), "digest": digest.hex()})
    else:
        click.echo(f"✓ 用印 {done.use_id}  {output}")


@click.command("uses")
@home_option
@json_option
@click.option("--operator", default="seals", show_default=True, help="印章管理员账号 · the seal officer")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@click.argument("code")
@asynchronous
async def uses(settings: Settings, *, as_json: bool, operator: str, limit: int, code: str) -> None:
    """列出用印记录，最近的在前 · List the uses of a seal, the latest first."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        await find_for(connection, code, Actor.of(await rooms.operator(operator), rooms.clock()))
        found = await uses_of(connection, code, limit=limit)
    if as_json:
        print_json({"uses": [use_json(each) for each in found]})
        return
    for each in found:
        purpose = each.purpose
        click.echo(
            f"{each.use_id:8}  {each.at:%Y-%m-%d %H:%M:%S}Z  {each.operator}  {purpose.license_type or purpose.matter}"
            f"  {purpose.document}  {each.digest.hex()[:16]}…"
        )


@click.command("grant")
@home_option
@json_option
@click.option("--operator", default="seals", show_default=True, help="印章管理员账号 · the seal officer who gives it")
@click.argument("code")
@click.option("--to", "kind", required=True, type=click.Choice([str(kind) for kind in GranteeKind]),
              help="账号、角色或机构 · an account, a role of the seal's body, or a body")
@click.argument("grantee")
@click.option("--license-type", "license_types", multiple=True, help="限用的证照类型 · only for these")
@click.option("--matter", "matters", multiple=True, help="限用的事项 · only for these")
@click.option("--from", "since", type=_MOMENT, help="自何时起，北京时间 · from when, official time")
@click.option("--until", type=_MOMENT, help="至何时止，北京时间 · until when, official time")
@click.option("--reason", required=True, help="办理原因 · why")
@click.option("--legal-basis", "--basis", "basis", required=True, help="法律依据 · legal basis")
@asynchronous
async def grant(
    settings: Settings, *, as_json: bool, operator: str, code: str, kind: str, grantee: str, license_types: tuple[str, ...],
    matters: tuple[str, ...], since: datetime | None, until: datetime | None, reason: str, basis: str,
) -> None:
    """用印授权 · Let an account, a role or a body use a seal."""
    wanted = NewGrant(GranteeKind(kind), grantee, license_types, matters, _official(since), _official(until))
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = Actor.of(await rooms.operator(operator), rooms.clock())
        given = await give_grant(connection, code, wanted, who=who, ground=Ground(reason, basis))
    if as_json:
        print_json(grant_json(given))
    else:
        click.echo(f"✓ 授权 {given.grant_id}  {kind} {grantee}")


@click.command("ungrant")
@home_option
@json_option
@click.option("--operator", default="seals", show_default=True, help="印章管理员账号 · the seal officer who takes it back")
@click.argument("grant_id", type=int)
@click.option("--reason", required=True, help="办理原因 · why")
@click.option("--legal-basis", "--basis", "basis", required=True, help="法律依据 · legal basis")
@asynchronous
async def ungrant(settings: Settings, *, as_json: bool, operator: str, grant_id: int, reason: str, basis: str) -> None:
    """收回用印授权 · Take a right of use back."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = Actor.of(await rooms.operator(operator), rooms.clock())
        await end_grant(connection, grant_id, who=who, ground=Ground(reason, basis))
    if as_json:
        print_json({"grant": grant_id, "ended_at": who.at.isoformat()})
    else:
        click.echo(f"✓ 已收回授权 {grant_id}")


ADDITIONS = (use, uses, grant, ungrant)


def _digest(file: Path) -> bytes:
    if file.stat().st_size > MAX_DOCUMENT:
        raise click.BadParameter("文件过大 · the file is too large", param_hint="--document")
    with file.open("rb") as opened:
        return sm2.sm3_of(iter(lambda: opened.read(1 << 20), b""))


def _official(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=BEIJING)

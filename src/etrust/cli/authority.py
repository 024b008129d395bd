"""`trust certificate`: the region's own certificates, and those trusted from elsewhere."""

from datetime import UTC, datetime
from pathlib import Path

import click

from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.cli.options import (
    Command,
    asynchronous,
    home_option,
    json_option,
    operator_option,
    print_json,
    read_bounded,
)
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.trust import certificate_store, foreign, foreign_store
from etrust.trust.certificate_store import CertificateRow
from etrust.trust.foreign_store import ForeignAction, ForeignCertificate, ForeignRole
from etrust.trust.issuing import RevocationReason, revoke_certificate
from etrust.trust.x509 import MAX_CERTIFICATE, Certificate, read_certificates
from etrust.wiring import Rooms, open_rooms

_MAX_LISTED = 10_000
_REASONS = {reason.name.lower().replace("_", "-"): reason for reason in RevocationReason}
_DAY = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])


@click.group()
def certificate() -> None:
    """证书：本区域签发的与信任的外部证书 · Certificates of this region, and those trusted from elsewhere."""


@certificate.command("list")
@home_option
@json_option
@click.option("--foreign", "only_foreign", is_flag=True, help="只列外部证书 · only those from elsewhere")
@click.option("--body", help="机构代码 · code of a body")
@click.option("--profile", help="证书模板 · profile")
@click.option("--limit", type=click.IntRange(1, _MAX_LISTED), default=100, show_default=True)
@asynchronous
async def list_(
    settings: Settings, *, as_json: bool, only_foreign: bool, body: str | None, profile: str | None, limit: int
) -> None:
    """列出证书，最近的在前 · List certificates, the newest first."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        own = [] if only_foreign else await certificate_store.list_certificates(
            connection, body=body, profile=profile, limit=limit
        )  # fmt: skip
        others = await foreign_store.list_foreign(connection, limit)
    if as_json:
        print_json({"own": [_own_json(row) for row in own], "foreign": [_foreign_json(each) for each in others]})
        return
    for row in own:
        click.echo(f"{row.serial:x}  {row.profile:13} {_own_state(row):9} {_day(row.not_after)}  {row.subject}")
    for each in others:
        click.echo(f"{each.fingerprint.hex()[:16]}  {each.role.value:13} {each.state.value:9} {_span(each)}  {each.holder}")


@certificate.command("import")
@home_option
@json_option
@operator_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--role", type=click.Choice([role.value for role in ForeignRole]), default="anchor", show_default=True,
              help="信任锚或中间证书 · trusted as it is, or only through an anchor")
@click.option("--holder", required=True, help="证书属于谁 · whose it is")
@click.option("--from", "trusted_from", type=_DAY, help="信任开始，缺省为现在 · trusted from then on; now when left out")
@click.option("--until", "trusted_until", type=_DAY, help="信任结束，缺省为不限 · … until then")
@click.option("--reason", required=True, help="理由 · why")
@click.option("--legal-basis", required=True, help="依据 · legal basis")
@asynchronous
async def import_(
    settings: Settings, *, as_json: bool, operator: str, file: Path, role: str, holder: str, trusted_from: datetime | None,
    trusted_until: datetime | None, reason: str, legal_basis: str,
) -> None:
    """提议信任一个外部证书，须由另一人批准 · Propose to trust a certificate; another person approves it."""
    read = _only(read_certificates(read_bounded(file, MAX_CERTIFICATE)), file)
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await foreign.propose_certificate(
            connection, read.encoded, role=ForeignRole(role), holder=holder, trusted_from=_utc(trusted_from) or rooms.clock(),
            trusted_until=_utc(trusted_until), reason=reason, legal_basis=legal_basis, who=await admin_of(rooms, operator),
            at=rooms.clock(),
        )
    _told(found, as_json=as_json)


def _fingerprint(command: Command) -> Command:
    return click.argument("fingerprint")(command)


def _reason(command: Command) -> Command:
    return click.option("--reason", required=True, help="理由 · why")(command)


@certificate.command("approve")
@home_option
@json_option
@operator_option
@_fingerprint
@_reason
@asynchronous
async def approve(settings: Settings, *, as_json: bool, operator: str, fingerprint: str, reason: str) -> None:
    """批准他人的提议，请先核对指纹 · Approve another person's proposal; compare the fingerprint first."""
    await _decide(settings, ForeignAction.APPROVE, fingerprint, reason, operator, as_json=as_json)


@certificate.command("refuse")
@home_option
@json_option
@operator_option
@_fingerprint
@_reason
@asynchronous
async def refuse(settings: Settings, *, as_json: bool, operator: str, fingerprint: str, reason: str) -> None:
    """拒绝提议 · Refuse a proposal."""
    await _decide(settings, ForeignAction.REFUSE, fingerprint, reason, operator, as_json=as_json)


@certificate.command("end")
@home_option
@json_option
@operator_option
@_fingerprint
@_reason
@click.option("--since", type=_DAY, help="自何时起不再信任，缺省为现在 · not trusted from then on; now when left out")
@asynchronous
async def end(
    settings: Settings, *, as_json: bool, operator: str, fingerprint: str, reason: str, since: datetime | None
) -> None:
    """停止信任外部证书，此前的签名不受影响 · End the trust in a certificate; what was signed before stays good."""
    await _decide(settings, ForeignAction.END, fingerprint, reason, operator, as_json=as_json, since=since)


async def _decide(
    settings: Settings, action: ForeignAction, fingerprint: str, reason: str, operator: str, *, as_json: bool,
    since: datetime | None = None,
) -> None:  # fmt: skip
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await foreign.decide(
            connection, fingerprint, action, reason=reason, who=await admin_of(rooms, operator), at=rooms.clock(),
            effective_at=_utc(since),
        )
    _told(found, as_json=as_json)


@certificate.command("revoke")
@home_option
@json_option
@operator_option
@click.argument("serial")
@click.option("--reason", type=click.Choice(list(_REASONS)), required=True, help="原因（RFC 5280）· why")
@click.option("--legal-basis", required=True, help="依据 · legal basis")
@click.option("--since", type=_DAY, help="自何时起不再可信，缺省为现在 · not relied upon from then on; now when left out")
@asynchronous
async def revoke(
    settings: Settings, *, as_json: bool, operator: str, serial: str, reason: str, legal_basis: str, since: datetime | None
) -> None:
    """吊销本区域签发的证书，并立即更新吊销列表：SERIAL 为十六进制序列号 · Revoke a certificate of this region, at once."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await admin_of(rooms, operator)
        row = await _by_serial(rooms, serial)
        row = await revoke_certificate(
            connection, serial=row.serial, authority=rooms.authorities.signer(row.authority), at=rooms.clock(),
            reason=_REASONS[reason], operator=who.username, legal_basis=legal_basis, since=_utc(since),
        )
    if as_json:
        print_json(_own_json(row))
    else:
        click.echo(f"已吊销 · revoked: {row.serial:x}  {row.subject}")


async def admin_of(rooms: Rooms, operator: str) -> Operator:
    """The account of that name, when it is an administrator's."""
    account = await rooms.operator(operator)
    require_role(account, Role.ADMIN)
    return account


async def _by_serial(rooms: Rooms, serial: str) -> CertificateRow:
    try:
        number = int(serial, 16)
    except ValueError:
        number = 0
    async with rooms.stores.pool.acquire() as connection:
        found = await certificate_store.find_by_serial(connection, number) if 0 < number < 1 << 160 else []
    if len(found) != 1:
        raise EtrustError(
            Kind.NOT_FOUND, "no_certificate", where=serial[:60],
            zh="没有该序列号（十六进制）的证书，请用 etrust trust certificate list 查看。",
            en="There is no certificate with that serial number (hexadecimal); see etrust trust certificate list.",
        )
    return found[0]


def _only(found: tuple[Certificate, ...], file: Path) -> Certificate:
    if len(found) != 1:
        raise EtrustError(
            Kind.INVALID, "several_certificates", where=str(file),
            zh="请一次导入一个证书。", en="Import one certificate at a time.",
        )
    return found[0]


def _utc(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)


def _told(found: ForeignCertificate, *, as_json: bool) -> None:
    if as_json:
        print_json(_foreign_json(found))
    else:
        click.echo(f"{found.fingerprint.hex()}  {found.state.value}  {_span(found)}  {found.holder}")


def _own_state(row: CertificateRow) -> str:
    if row.certificate is None:
        return "unsigned"
    return "revoked" if row.revoked_since else "issued"


def _day(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d}"


def _span(found: ForeignCertificate) -> str:
    return f"{_day(found.trusted_from)} … {_day(found.trusted_until)}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _own_json(row: CertificateRow) -> dict[str, object]:
    return {
        "serial": f"{row.serial:x}", "authority": row.authority.hex(), "profile": row.profile, "subject": row.subject,
        "body": row.body, "state": _own_state(row), "not_before": _time(row.not_before), "not_after": _time(row.not_after),
        "revoked_since": _time(row.revoked_since), "reason": row.reason, "crl": row.crl_point,
    }  # fmt: skip


def _foreign_json(found: ForeignCertificate) -> dict[str, object]:
    return {
        "fingerprint": found.fingerprint.hex(), "role": found.role.value, "holder": found.holder, "state": found.state.value,
        "trusted_from": _time(found.trusted_from), "trusted_until": _time(found.trusted_until), "reason": found.reason,
        "legal_basis": found.legal_basis, "proposed_by": found.proposed_by, "decided_by": found.decided_by,
    }  # fmt: skip

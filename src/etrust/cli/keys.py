"""`etrust key`: the keys that sign for the region and its bodies; programs' keys are under `etrust account`."""

from datetime import datetime, timedelta

import click

from etrust.cli.authority import admin_of
from etrust.cli.key_files import FILE_COMMANDS
from etrust.cli.options import Command, asynchronous, home_option, json_option, operator_option, print_json
from etrust.clock import BEIJING
from etrust.errors import EtrustError
from etrust.settings import EXAMPLE_URL, Settings
from etrust.signing.files import KeyFolder
from etrust.signing.model import Algorithm
from etrust.trust import rotation_store, store
from etrust.trust.compromise import mark_compromised
from etrust.trust.key_lines import in_force
from etrust.trust.model import KeyEntry
from etrust.trust.rotation import AuthorityOf, Plan, activate_key, propose_key, withdraw_key
from etrust.trust.rotation_store import KeyProposal
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.home import ANCHOR_KEY, ANCHOR_SM2_KEY

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])
_COLUMNS = {"name": 34, "purpose": 10, "algorithm": 5, "place": 9, "state": 11}


@click.group()
def key() -> None:
    """签名密钥 · Keys that sign: rotation, compromise, certificates, encryption of their files."""


for _command in FILE_COMMANDS:
    key.add_command(_command)


@key.command("list")
@home_option
@json_option
@asynchronous
async def list_(settings: Settings, *, as_json: bool) -> None:
    """列出密钥及其位置、期限与状态 · List the keys, where they lie, their time and state, and open proposals."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        entered = await store.key_entries(connection)
        proposals = await rotation_store.open_proposals(connection)
        found = [_row(entry, name, rooms.home.keys, rooms.clock()) for entry, name in entered]
        known = {name for _, name in entered} | {each.key_name for each in proposals}
        found += [_stray(name, rooms.home.keys) for name in sorted(rooms.home.keys.all_names() - known)]
    if as_json:
        print_json({"keys": found, "proposals": [_proposal_json(each) for each in proposals]})
        return
    for row in found:
        told = (f"{row[column]:{width}}" for column, width in _COLUMNS.items())
        click.echo(" ".join((*told, row["until"][:10])))
    for each in proposals:
        click.echo(f"#{each.number} {each.key_name}  {each.proposed_by}  {each.entry.valid_from.isoformat()}")


@key.command("rotate")
@home_option
@json_option
@operator_option
@click.argument("name")
@click.option("--from", "valid_from", type=MOMENT,
              help="新密钥启用时间（北京时间），缺省为一天后 · the new key signs from then on; in a day when left out")
@click.option("--overlap", type=click.IntRange(0, 400), default=30, show_default=True,
              help="新旧密钥并用的天数 · days both may sign")
@click.option("--algorithm", type=click.Choice([each.value for each in Algorithm]),
              help="缺省同旧密钥 · the old key's when left out")
@click.option("--with", "key_name",
              help="用已装有证书的密钥，不另生成 · a key with its certificate that is there already")
@click.option("--on-token", is_flag=True, help="在密码设备上生成 · make it on the PKCS#11 token")
@click.option("--reason", required=True, help="理由 · why")
@click.option("--legal-basis", "--basis", "legal_basis", required=True, help="依据 · legal basis")
@asynchronous
async def rotate(
    settings: Settings, *, as_json: bool, operator: str, name: str, valid_from: datetime | None, overlap: int,
    algorithm: str | None, key_name: str | None, on_token: bool, reason: str, legal_basis: str,
) -> None:
    """生成新密钥并提议更替，须由另一名管理员启用 · Make a new key and propose it; another administrator activates it."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        now = rooms.clock()
        plan = Plan(
            replaces=name, valid_from=moment(valid_from) or now + timedelta(days=1), overlap=timedelta(days=overlap),
            reason=reason, legal_basis=legal_basis, algorithm=None if algorithm is None else Algorithm(algorithm),
            key_name=key_name, on_token=on_token,
        )
        proposal = await propose_key(
            connection, rooms.home.keys, plan, authority_of=_authority_of(rooms), who=await admin_of(rooms, operator), at=now,
            public_url=None if settings.public_url == EXAMPLE_URL else settings.public_url,
        )
    _told(proposal, "已提议，待另一名管理员启用", "proposed; another administrator activates it", as_json=as_json)


def _decision(command: Command) -> Command:
    for option in (
        click.option("--reason", required=True, help="理由 · why"),
        click.argument("number", type=click.IntRange(1)),
        operator_option, json_option, home_option,
    ):  # fmt: skip
        command = option(command)
    return command


@key.command("activate")
@_decision
@asynchronous
async def activate(settings: Settings, *, as_json: bool, operator: str, number: int, reason: str) -> None:
    """启用他人提议的密钥，并发布信任列表 · Activate a key another person proposed, and publish the trust list."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        done = await activate_key(
            connection, number, region=settings.region, anchor=rooms.cabinet.named(ANCHOR_KEY),
            who=await admin_of(rooms, operator), reason=reason, at=rooms.clock(),
        )
    _told(done, "已启用", "activated", as_json=as_json)


@key.command("withdraw")
@_decision
@asynchronous
async def withdraw(settings: Settings, *, as_json: bool, operator: str, number: int, reason: str) -> None:
    """撤回尚未启用的更替 · Take back a proposal that was not activated yet."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        done = await withdraw_key(
            connection, number, who=await admin_of(rooms, operator), reason=reason, at=rooms.clock()
        )
    _told(done, "已撤回", "withdrawn", as_json=as_json)


@key.command("compromise")
@home_option
@json_option
@operator_option
@click.argument("name")
@click.option("--since", type=MOMENT, help="自何时起（北京时间），缺省为现在 · since when; now when left out")
@click.option("--reason", required=True, help="理由 · why")
@click.option("--legal-basis", "--basis", "legal_basis", required=True, help="依据 · legal basis")
@click.confirmation_option(prompt="该密钥将立即停用，不可撤回 · The key ends at once, for good. Continue?")
@asynchronous
async def compromise(
    settings: Settings, *, as_json: bool, operator: str, name: str, since: datetime | None, reason: str, legal_basis: str
) -> None:
    """标记密钥泄露：停用、吊销证书、发布列表 · Mark a key as in other hands: it ends, its certificate is revoked."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        now = rooms.clock()
        done = await mark_compromised(
            connection, await _certificate(rooms, name), since=moment(since) or now, region=settings.region,
            authorities=rooms.authorities.signers(), anchor=rooms.cabinet.named(ANCHOR_KEY),
            who=await admin_of(rooms, operator), reason=reason, legal_basis=legal_basis, at=now,
        )
    if as_json:
        print_json({"key": name, "in_trust_list": done.entry is not None, "certificate_revoked": done.revoked})
        return
    click.echo(f"{name} 已标记泄露 · marked compromised")
    if not done.revoked:
        click.echo(
            "证书已吊销，或系他处签发，请通知其吊销 · its certificate was revoked before, or is another authority's: have it"
            " revoked there", err=True,
        )  # fmt: skip


async def _certificate(rooms: Rooms, name: str) -> bytes:
    """From the trust list first: a key that was stolen with its folder may be here no more."""
    async with rooms.stores.pool.acquire() as connection:
        entered = {own: entry.certificate for entry, own in await store.key_entries(connection)}
    return entered.get(name) or rooms.home.keys.certificate(name)


def _authority_of(rooms: Rooms) -> AuthorityOf:
    return lambda algorithm: rooms.cabinet.named(ANCHOR_SM2_KEY if algorithm is Algorithm.SM2 else ANCHOR_KEY)


def moment(given: datetime | None) -> datetime | None:
    """A time typed in; without a zone it is the official one's."""
    return given if given is None or given.tzinfo is not None else given.replace(tzinfo=BEIJING)


def _row(entry: KeyEntry, name: str, keys: KeyFolder, now: datetime) -> dict[str, str]:
    return {
        "name": name, "kid": entry.kid.hex(), "purpose": entry.purpose.value, "body": entry.body,
        "algorithm": entry.algorithm.value, "place": _place(keys, name), "state": _state(entry, now),
        "from": entry.valid_from.isoformat(), "until": entry.valid_until.isoformat(),
        "compromised_since": "" if entry.compromised_since is None else entry.compromised_since.isoformat(),
    }  # fmt: skip


def _stray(name: str, keys: KeyFolder) -> dict[str, str]:
    """A key in the folder that the trust list does not have: an anchor, a seal's, one that waits for its certificate."""
    state = "certified" if name in keys.names() else "uncertified"
    unknown = dict.fromkeys(("kid", "purpose", "body", "algorithm", "from", "until", "compromised_since"), "")
    return {**unknown, "name": name, "place": _place(keys, name), "state": state}


def _place(keys: KeyFolder, name: str) -> str:
    try:
        return keys.place_of(name) if name in keys.all_names() else "absent"
    except EtrustError as error:
        return error.code


def _state(entry: KeyEntry, now: datetime) -> str:
    if entry.compromised_since is not None:
        return "compromised"
    if in_force(entry, now):
        return "in force"
    return "to come" if now < entry.valid_from else "ended"


def _proposal_json(each: KeyProposal) -> dict[str, object]:
    return {
        "proposal": each.number, "key": each.key_name, "kid": each.entry.kid.hex(), "replaces": each.replaces.hex(),
        "from": each.entry.valid_from.isoformat(), "overlap_until": each.overlap_until.isoformat(),
        "proposed_by": each.proposed_by, "reason": each.reason, "decision": each.decision and each.decision.value,
    }  # fmt: skip


def _told(proposal: KeyProposal, zh: str, en: str, *, as_json: bool) -> None:
    if as_json:
        print_json(_proposal_json(proposal))
    else:
        click.echo(f"#{proposal.number} {proposal.key_name} {zh} · {en}")

"""`etrust ledger audit`: the auditor at work, its sources, and what it says."""

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from etrust.cli.ledger_sources import WebSource, source_of
from etrust.cli.options import asynchronous, home_option, json_option, print_json
from etrust.cli.progress import import_progress
from etrust.errors import EtrustError
from etrust.ledger import audit_store
from etrust.ledger.audit import MOST, Source, audit
from etrust.ledger.audit_model import MAX_FILE as MAX_STATE
from etrust.ledger.audit_model import Audit, Known, Seen, Wrong
from etrust.ledger.integrate import raw_public_key
from etrust.ledger.notes import COSIGNATURE, ED25519, NoteKey
from etrust.recognition.model import PartnerFault
from etrust.settings import Settings
from etrust.status.published import contradictions
from etrust.status.tokens import read_status_list
from etrust.trust import store as trust_store
from etrust.trust.lists import read_trust_list
from etrust.trust.model import Purpose, TrustList
from etrust.wiring import Rooms, open_rooms

WORDS = {
    "checkpoint_not_signed": ("检查点不是本日志密钥签名的", "the checkpoint is not signed by the log's key"),
    "another_log": ("与此前所知的不是同一份日志", "it is another log than the one known before"),
    "history_shrunk": ("日志比此前所知的更短", "the log is shorter than it was known before"),
    "file_missing": ("缺少已发布的日志文件", "a published file of the log is missing"),
    "entries_missing": ("数据块中条目不足", "entries are missing from a bundle"),
    "tile_differs": ("哈希块与条目不符", "a tile has other hashes than the entries"),
    "entry_differs": ("数据库中的条目与已发布的不符", "the database has another entry than was published"),
    "row_missing": ("条目所记之事在数据库中不存在", "what the entry is about is not in the database"),
    "row_differs": ("条目所记之事已被改动", "what the entry is about was altered"),
    "backdated": ("记录的时间远早于写入日志的时间", "it says it is much older than its place in the log"),
    "root_differs": ("历史被改写：重新计算的根与此前所知的不符", "history was rewritten: the root is not the one known before"),
    "not_logged": ("数据库中有未入日志的记录", "a row has no entry in the log"),
    "status_turned_back": ("证照状态在撤销后又被改回，或时间倒置", "a status followed a revocation, or time ran backwards"),
    "published_status_differs": ("发布的状态列表与状态历史不符", "a published status list says something else than the history"),
    "status_list_unread": ("发布的状态列表读不到或不可信", "a published status list cannot be read or trusted"),
    "number_given_twice": ("同一证照编号签发了两次", "a number was given twice"),
    "version_missing": ("证照版本不连续", "versions of a license are missing"),
    "status_index_given_twice": ("同一状态序号给了两本证照", "a status index was given twice"),
}
"""What each finding means, in Chinese and English."""



@click.command("audit")
@home_option
@json_option
@click.option("--url", help="日志地址，如 https://…/log · address of the log")
@click.option("--files", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="日志文件目录 · folder with its files")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False),
              help="审计状态：中断后续审，完成后留作对照 · state: gone on from when stopped, compared when finished")
@click.option("--since", type=click.Path(path_type=Path, dir_okay=False, exists=True), multiple=True,
              help="此前留存的检查点、证明或状态文件 · checkpoints, proofs or states kept from earlier")
@click.option("--quick", is_flag=True, help="只核对上次完成之后的条目 · only the entries since the last finished audit")
@asynchronous
async def audit_(
    settings: Settings, *, as_json: bool, url: str | None, files: Path | None, state: Path | None, since: tuple[Path, ...],
    quick: bool,
) -> int:  # fmt: skip
    """重新核对整个地区：日志、登记与状态 · Re-check the whole region: log, registers and statuses."""
    last = Seen.from_json(_text(state)) if state is not None and state.exists() else None
    before = last if last is not None and (quick or not last.finished) else None
    known = [Known.parse(_text(each), each.name) for each in since]
    if last is not None and before is None:
        known.append(Known(last.origin, last.size, last.root, str(state), seen=last))
    async with open_rooms(settings) as rooms, source_of(rooms, url, files) as source:
        if url is None and files is None:
            await rooms.ledger.integrate()
        found = await _audited(rooms, source, before, known, state=state, quiet=as_json)
        if isinstance(source, WebSource):
            found.wrong += await _published_lists(rooms, source)
    if state is not None and not found.wrong:
        _keep(state, replace(found.seen, finished=True))
    if as_json:
        print_json(found.to_json())
    else:
        _print(found)
    return 1 if found.wrong else 0


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        return opened.read(MAX_STATE).decode("utf-8", "replace")


def _keep(state: Path, seen: Seen) -> None:
    """Write a state so that a crash leaves the old one or the new one."""
    fresh = state.with_name(f"{state.name}.new")
    fresh.write_text(seen.to_json(), "utf-8")
    fresh.replace(state)


async def _audited(
    rooms: Rooms, source: Source, before: Seen | None, known: Sequence[Known], *, state: Path | None, quiet: bool
) -> Audit:
    own = await _own_list(rooms)
    async with rooms.stores.pool.acquire() as connection:
        log = await rooms.ledger.log(connection)
        keys = [NoteKey(log.origin, ED25519, public) for public in _publics(own, Purpose.LOG)]
        with import_progress("日志 log", quiet=quiet) as told:

            async def step(found: Audit) -> None:
                told(found.seen.size, found.size)
                if state is not None and not found.wrong:
                    _keep(state, replace(found.seen, finished=False))

            return await audit(
                source, connection, keys=keys, secret=log.secret, before=before, on_step=step, known=known,
                witnesses=await _witnesses(rooms, known),
            )  # fmt: skip


async def _published_lists(rooms: Rooms, log: WebSource) -> list[Wrong]:
    """The status lists beside the log, as everybody gets them, against the history."""
    found: list[Wrong] = []
    trust = await rooms.trust.snapshot()
    async with rooms.stores.pool.acquire() as connection:
        for list_no in await audit_store.status_lists(connection):
            try:
                signed = read_status_list(await log.beside(f"status/{list_no}"), trust=trust, at=rooms.clock())
            except EtrustError as error:
                found.append(Wrong(None, "status_list_unread", f"{list_no}: {error.code}"))
                continue
            history = await audit_store.changes(connection, list_no)
            for seq, place in contradictions(signed.bitmap, history, signed.issued_at)[:MOST]:
                index = None if seq is None else await audit_store.index_of(connection, "status", str(seq))
                found.append(Wrong(index, "published_status_differs", f"{list_no}/{place}"))
    return found


async def _own_list(rooms: Rooms) -> TrustList | None:
    """The region's own newest trust list, which has the log's keys, former ones too."""
    async with rooms.stores.pool.acquire() as connection:
        newest = await trust_store.newest_list(connection)
    if newest is None:
        return None
    return read_trust_list(newest[1], anchors=[rooms.anchor_certificate()], at=rooms.clock()).trust_list


async def _witnesses(rooms: Rooms, known: Sequence[Known]) -> list[NoteKey]:
    """The keys of partners under the names that stand below the known checkpoints."""
    names = {line.name for each in known if each.note for line in each.note.signatures}
    publics: list[bytes] = []
    for partner in await rooms.partners.regions_in_force() if names else []:
        with contextlib.suppress(EtrustError, PartnerFault):
            publics += _publics((await rooms.partners.trust_of(partner.region)).trust_list, Purpose.WITNESS)
    return [NoteKey(name, COSIGNATURE, public) for name in names for public in publics]


def _publics(trust_list: TrustList | None, purpose: Purpose) -> list[bytes]:
    keys = () if trust_list is None else trust_list.keys
    return [raw_public_key(each.certificate) for each in keys if each.purpose is purpose]


def _print(found: Audit) -> None:
    if not found.wrong:
        click.echo(f"✓ 日志与登记一致：{found.size} 条（本次核对 {found.entries} 条，待入日志 {found.waiting} 条）")
        click.echo(f"  Log and registers agree: {found.size} entries, {found.entries} checked now, {found.waiting} waiting")
        click.echo(f"  历史只增不改，对照 {found.compared} 处 · history only grew, {found.compared} earlier states compared")
        return
    first = found.first_wrong
    place = "–" if first is None else f"#{first}"
    click.echo(f"✕ 发现 {len(found.wrong)} 处不符，最早的日志序号 {place}")
    click.echo(f"  {len(found.wrong)} findings, the first index is {place}")
    for each in found.wrong:
        zh, en = WORDS[each.what]
        click.echo(f"  {'–' if each.index is None else f'#{each.index}'}  {zh} · {en}  {each.detail}")


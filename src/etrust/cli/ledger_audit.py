"""`etrust ledger audit`: the auditor at work, its sources, and what it says."""

import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import click

from etrust.cli.options import asynchronous, home_option, json_option, print_json
from etrust.cli.progress import import_progress
from etrust.errors import EtrustError, Kind
from etrust.ledger.audit import Source, audit
from etrust.ledger.audit_model import MAX_FILE as MAX_STATE
from etrust.ledger.audit_model import Audit, Known, Seen
from etrust.ledger.integrate import raw_public_key
from etrust.ledger.notes import COSIGNATURE, ED25519, NoteKey
from etrust.recognition.model import PartnerFault
from etrust.settings import Settings
from etrust.trust import store as trust_store
from etrust.trust.lists import read_trust_list
from etrust.trust.model import Purpose, TrustList
from etrust.wiring import Rooms, open_rooms

MAX_FILE = 32 * 1024 * 1024
_SECONDS = 30

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
    async with open_rooms(settings) as rooms, _source(rooms, url, files) as source:
        if url is None and files is None:
            await rooms.ledger.integrate()
        found = await _audited(rooms, source, before, known, state=state, quiet=as_json)
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


@asynccontextmanager
async def _source(rooms: Rooms, url: str | None, files: Path | None) -> AsyncIterator[Source]:
    if files is not None:
        yield FolderSource(files)
    elif url is not None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session:
            yield WebSource(session, url.rstrip("/"))
    else:
        yield OwnSource(rooms)


class FolderSource:
    """The files of a log in a folder; keeps the promise of `Source`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        try:
            return (self._folder / name).read_bytes()
        except OSError as error:
            raise _missing(name) from error


class WebSource:
    """The files of a log on the web; keeps the promise of `Source`."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        try:
            async with self._session.get(f"{self._url}/{name}", allow_redirects=False) as answer:
                content = await _bounded(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _missing(name) from error
        if answer.status != 200:  # noqa: PLR2004 - HTTP
            raise _missing(name)
        return content


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > MAX_FILE:
            raise _missing(answer.url.path)
    return bytes(content)


class OwnSource:
    """The files as this deployment would publish them now; keeps the promise of `Source`."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def read(self, name: str) -> bytes:
        """The content of a file."""
        if name == "checkpoint":
            note = await self._rooms.ledger.checkpoint()
            if note is None:
                raise _missing(name)
            return note.data
        return await self._rooms.ledger.tile(name.removeprefix("tile/"))


def _missing(name: str) -> EtrustError:
    return EtrustError(
        Kind.NOT_FOUND, "no_such_tile", where=name,
        zh=f"读不到日志文件 {name}。", en=f"The file {name} of the log cannot be read.",
    )


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


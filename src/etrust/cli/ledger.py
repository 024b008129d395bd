"""`etrust ledger`: the transparency log, its proofs and its auditor."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import click

from etrust.cli.options import asynchronous, home_option, json_option, print_json
from etrust.cli.progress import import_progress
from etrust.credentials.code import decode_code
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.ledger.audit import Audit, Seen, Source, audit
from etrust.ledger.entries import EntryKind, entry_from
from etrust.ledger.integrate import raw_public_key
from etrust.ledger.notes import ED25519, Checkpoint, NoteKey
from etrust.ledger.proofs import Proof
from etrust.settings import Settings
from etrust.trust import store as trust_store
from etrust.trust.lists import read_trust_list
from etrust.trust.model import Purpose
from etrust.wiring import Rooms, open_rooms

MAX_FILE = 32 * 1024 * 1024
_SECONDS = 30

WORDS = {
    "checkpoint_not_signed": ("检查点不是本日志密钥签名的", "the checkpoint is not signed by the log's key"),
    "history_shrunk": ("日志比上次审计时更短或换了日志", "the log is shorter than, or another than, at the last audit"),
    "file_missing": ("缺少已发布的日志文件", "a published file of the log is missing"),
    "entries_missing": ("数据块中条目不足", "entries are missing from a bundle"),
    "tile_differs": ("哈希块与条目不符", "a tile has other hashes than the entries"),
    "entry_differs": ("数据库中的条目与已发布的不符", "the database has another entry than was published"),
    "row_missing": ("条目所记之事在数据库中不存在", "what the entry is about is not in the database"),
    "row_differs": ("条目所记之事已被改动", "what the entry is about was altered"),
    "backdated": ("记录的时间远早于写入日志的时间", "it says it is much older than its place in the log"),
    "root_differs": ("重新计算的根与签名的检查点不符", "the root of these entries is not the signed one"),
    "not_logged": ("数据库中有未入日志的记录", "a row has no entry in the log"),
    "status_turned_back": ("证照状态在撤销后又被改回，或时间倒置", "a status followed a revocation, or time ran backwards"),
    "number_given_twice": ("同一证照编号签发了两次", "a number was given twice"),
    "version_missing": ("证照版本不连续", "versions of a license are missing"),
    "status_index_given_twice": ("同一状态序号给了两本证照", "a status index was given twice"),
}
"""What each finding means, in Chinese and English."""


@click.group()
def ledger() -> None:
    """透明日志 · The transparency log."""


@ledger.command("show")
@home_option
@json_option
@asynchronous
async def show(settings: Settings, *, as_json: bool) -> int:
    """显示最新检查点与见证 · Show the newest checkpoint and who cosigned it."""
    async with open_rooms(settings) as rooms:
        await rooms.ledger.integrate()
        note, key = await rooms.ledger.checkpoint(), await rooms.ledger.key()
    if note is None:
        click.echo("日志尚无条目 · the log has no entry yet")
        return 1
    if as_json:
        checkpoint = Checkpoint.parse(note.text)
        print_json({
            "origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex(), "key": key.text,
            "signatures": [each.name for each in note.signatures],
        })  # fmt: skip
    else:
        click.echo(f"{note.data.decode()}\n{key.text}")
    return 0


@ledger.command("proof")
@home_option
@click.argument("identifier")
@click.option("--to", "output", type=click.Path(path_type=Path, dir_okay=False), help="写入文件 · write it to a file")
@asynchronous
async def proof(settings: Settings, *, identifier: str, output: Path | None) -> int:
    """证照已入日志的证明 · The proof that a license is in the log."""
    wanted = LicenseIdentifier.parse(identifier)
    async with open_rooms(settings) as rooms:
        await rooms.ledger.integrate()
        found = await rooms.ledger.prove_license(wanted)
    if found is None:
        click.echo("没有可提供的证明 · there is no proof to give", err=True)
        return 1
    if output is None:
        click.echo(found.text, nl=False)
    else:
        output.write_text(found.text, "utf-8")
    return 0


@ledger.command("verify-proof")
@click.argument("proof_file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--code", required=True, help="证照码的内容 · the text of the license's code")
@click.option("--key", required=True, help="日志公钥 · the log's key, as etrust ledger show gives it")
@json_option
@click.pass_context
def verify_proof(context: click.Context, *, proof_file: Path, code: str, key: str, as_json: bool) -> None:
    """离线验证证明 · Verify a proof without any server."""
    found = Proof.parse(proof_file.read_text("utf-8")[: 64 * 1024])
    checkpoint = found.shows(entry_from(EntryKind.LICENSE, found.extra, decode_code(code)), NoteKey.parse(key))
    told = {
        "proved": checkpoint is not None, "index": found.index, "size": None if checkpoint is None else checkpoint.size,
        "signatures": [each.name for each in found.note.signatures],
    }  # fmt: skip
    if as_json:
        print_json(told)
    elif checkpoint is None:
        click.echo("✕ 证明不成立 · not proved")
    else:
        click.echo(f"✓ 已入日志 · in the log: {checkpoint.origin} #{found.index} / {checkpoint.size}")
    context.exit(0 if checkpoint is not None else 1)


@ledger.command("audit")
@home_option
@json_option
@click.option("--url", help="日志地址，如 https://…/log · address of the log")
@click.option("--files", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="日志文件目录 · folder with its files")
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False),
              help="上次审计的状态，续审并更新 · state of the last audit, gone on from and kept")
@asynchronous
async def audit_(settings: Settings, *, as_json: bool, url: str | None, files: Path | None, state: Path | None) -> int:
    """重新核对整个地区：日志、登记与状态 · Re-check the whole region: log, registers and statuses."""
    before = Seen.from_json(state.read_text("utf-8")) if state is not None and state.exists() else None
    async with open_rooms(settings) as rooms, _source(rooms, url, files) as source:
        if url is None and files is None:
            await rooms.ledger.integrate()
        found = await _audited(rooms, source, before, quiet=as_json)
    if state is not None and not found.wrong:
        state.write_text(found.seen.to_json(), "utf-8")
    if as_json:
        print_json(found.to_json())
    else:
        _print(found)
    return 1 if found.wrong else 0


async def _audited(rooms: Rooms, source: Source, before: Seen | None, *, quiet: bool) -> Audit:
    async with rooms.stores.pool.acquire() as connection:
        log = await rooms.ledger.log(connection)
        keys = [NoteKey(log.origin, ED25519, public) for public in await _log_keys(rooms)]
        with import_progress("日志 log", quiet=quiet) as told:

            async def step(done: int, total: int) -> None:
                told(done, total)

            return await audit(source, connection, keys=keys, secret=log.secret, before=before, on_step=step)


async def _log_keys(rooms: Rooms) -> list[bytes]:
    """The log's keys by the region's own newest trust list, former ones too."""
    async with rooms.stores.pool.acquire() as connection:
        newest = await trust_store.newest_list(connection)
    if newest is None:
        return []
    trust = read_trust_list(newest[1], anchors=[rooms.anchor_certificate()], at=rooms.clock())
    return [raw_public_key(each.certificate) for each in trust.trust_list.keys if each.purpose is Purpose.LOG]


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
                content = await answer.content.read(MAX_FILE)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise _missing(name) from error
        if answer.status != 200:  # noqa: PLR2004 - HTTP
            raise _missing(name)
        return content


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
        return
    first = found.first_wrong
    place = "–" if first is None else f"#{first}"
    click.echo(f"✕ 发现 {len(found.wrong)} 处不符，最早的日志序号 {place}")
    click.echo(f"  {len(found.wrong)} findings, the first index is {place}")
    for each in found.wrong:
        zh, en = WORDS[each.what]
        click.echo(f"  {'–' if each.index is None else f'#{each.index}'}  {zh} · {en}  {each.detail}")


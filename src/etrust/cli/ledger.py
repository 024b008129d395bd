"""`etrust ledger`: the transparency log, its proofs, its witnesses and its auditor."""

from pathlib import Path

import click

from etrust.cli.ledger_audit import audit_
from etrust.cli.options import asynchronous, home_option, json_option, print_json
from etrust.credentials.code import decode_code
from etrust.credentials.receipt import MAX_RECEIPT, read_receipt, read_receipt_id
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.ledger.entries import EntryKind, entry_from
from etrust.ledger.notes import Checkpoint, NoteKey
from etrust.ledger.proofs import MAX_TEXT, Proof
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms

MAX_LIST = 16 * 1024 * 1024


@click.group()
def ledger() -> None:
    """透明日志 · The transparency log."""


ledger.add_command(audit_)


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
@click.argument("number")
@click.option("--kind", type=click.Choice([each.value for each in EntryKind]),
              help="记录种类；编号为内部编号 · kind of entry; the number is then the region's own, as the audit tells it")
@click.option("--to", "output", type=click.Path(path_type=Path, dir_okay=False), help="写入文件 · write it to a file")
@asynchronous
async def proof(settings: Settings, *, number: str, kind: str | None, output: Path | None) -> int:
    """证照、回执或信任列表已入日志的证明 · The proof that a license, a receipt or a trust list is in the log."""
    async with open_rooms(settings) as rooms:
        await rooms.ledger.integrate()
        found = await (_proof_of(rooms, number) if kind is None else rooms.ledger.prove(kind, number))
    if found is None:
        click.echo("没有可提供的证明 · there is no proof to give", err=True)
        return 1
    if output is None:
        click.echo(found.text, nl=False)
    else:
        output.write_text(found.text, "utf-8")
    return 0


async def _proof_of(rooms: Rooms, number: str) -> Proof | None:
    """By what the number looks like.

    Raises:
        EtrustError: MALFORMED for what is none of the three, as `LicenseIdentifier.parse`.
    """
    if number.isascii() and number.isdigit():
        return await rooms.ledger.prove(EntryKind.TRUST_LIST, number.lstrip("0"))
    try:
        read_receipt_id(number)
    except EtrustError:
        return await rooms.ledger.prove_license(LicenseIdentifier.parse(number))
    return await rooms.ledger.prove_receipt(number)


@ledger.command("verify-proof")
@click.argument("proof_file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--code", help="证照码的内容 · of a license: the text of its code")
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="回执文件 · of a receipt: its file")
@click.option("--list", "list_file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="信任列表文件 · of a trust list: its file")
@click.option("--key", required=True, help="日志公钥 · the log's key, as etrust ledger show gives it")
@click.option("--witness", multiple=True, help="见证公钥，须全部见证 · keys of witnesses, each of which must have cosigned")
@json_option
@click.pass_context
def verify_proof(
    context: click.Context, *, proof_file: Path, code: str | None, receipt: Path | None, list_file: Path | None, key: str,
    witness: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """离线验证证明 · Verify a proof without any server."""
    found = Proof.parse(_read(proof_file, MAX_TEXT).decode("utf-8", "replace"))
    kind, content = _content(code, receipt, list_file)
    checkpoint = found.shows(entry_from(kind, found.extra, content), NoteKey.parse(key))
    cosigned = found.witnesses([NoteKey.parse(each) for each in witness])
    good = checkpoint is not None and len(cosigned) == len(witness)
    told = {
        "proved": good, "kind": kind.value, "index": found.index, "size": None if checkpoint is None else checkpoint.size,
        "signatures": [each.name for each in found.note.signatures], "witnesses": cosigned,
    }  # fmt: skip
    if as_json:
        print_json(told)
    elif checkpoint is None or not good:
        click.echo("✕ 证明不成立 · not proved" if checkpoint is None else "✕ 缺少见证 · a witness has not cosigned")
    else:
        click.echo(f"✓ 已入日志 · in the log: {checkpoint.origin} #{found.index} / {checkpoint.size}")
        for name in cosigned:
            click.echo(f"  见证 · witnessed by {name}")
    context.exit(0 if good else 1)


def _content(code: str | None, receipt: Path | None, list_file: Path | None) -> tuple[EntryKind, bytes]:
    """What the entry is about, and its content."""
    if [code, receipt, list_file].count(None) != 2:  # noqa: PLR2004 - one of three
        raise click.UsageError("--code、--receipt、--list 三选一 · give one of --code, --receipt, --list")
    if code is not None:
        return EntryKind.LICENSE, decode_code(code)
    if receipt is not None:
        return EntryKind.RECEIPT, read_receipt(_read(receipt, MAX_RECEIPT)).bare
    assert list_file is not None  # noqa: S101 - one of the three is there
    return EntryKind.TRUST_LIST, _read(list_file, MAX_LIST).strip()


def _read(file: Path, limit: int) -> bytes:
    with file.open("rb") as opened:
        return opened.read(limit + 1)


@ledger.command("witness")
@home_option
@json_option
@asynchronous
async def witness(settings: Settings, *, as_json: bool) -> int:
    """见证：谁见证本日志，本地区见证谁，有无分裂视图 · Who witnesses the log, whom this region witnesses, and who was caught."""
    async with open_rooms(settings) as rooms:
        key, desk = await rooms.witness.key(), rooms.witness
        standing, witnessed, alarms = await desk.standing(), await desk.witnessed(), await desk.alarms()
    open_ones = [each for each in alarms if not each.answered]
    if as_json:
        print_json({
            "key": key.text,
            "cosigned_by": [{"region": each.region, "size": each.size, "at": each.signed_at.isoformat()} for each in standing],
            "witnessed": [{"region": each.region, "origin": each.origin, "size": each.size, "at": each.cosigned_at.isoformat()}
                          for each in witnessed],
            "alarms": [{"region": each.region, "origin": each.origin, "size": each.size, "reason": each.reason,
                        "at": each.at.isoformat(), "known": each.known.decode(), "shown": each.shown.decode()}
                       for each in open_ones],
        })  # fmt: skip
        return 1 if open_ones else 0
    click.echo(key.text)
    for row in standing:
        click.echo(f"← {row.region}  {row.size}  {row.signed_at:%Y-%m-%d %H:%M:%S%z}")
    for seen in witnessed:
        click.echo(f"→ {seen.region}  {seen.origin}  {seen.size}  {seen.cosigned_at:%Y-%m-%d %H:%M:%S%z}")
    for alarm in open_ones:
        click.echo(f"✕ {alarm.region}  {alarm.origin}  {alarm.size}  {alarm.reason}  {alarm.at:%Y-%m-%d %H:%M:%S%z}")
    return 1 if open_ones else 0

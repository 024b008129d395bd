"""`etrust documents`: make a license's signed faces, annotated copies, make them in bulk, renew the archive, look them up."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import click

from etrust.cli.licenses import acting, type_of
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.cli.progress import import_progress
from etrust.cli.showing import find_license
from etrust.clock import BEIJING
from etrust.documents import store
from etrust.documents.archive import renew_due
from etrust.documents.register import OWN, DocumentKey, DocumentKind, DocumentRecord
from etrust.licenses.bulk_documents import make_in_bulk
from etrust.licenses.document_copies import CopyRequest, make_copy
from etrust.licenses.documents import make_documents
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.wiring import open_rooms

_FILE = click.Path(path_type=Path, dir_okay=False)
_DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def documents() -> None:
    """证照文书：制作、加注件、批量、归档续期 · Signed faces of licenses as PDF and OFD."""


@documents.command()
@home_option
@json_option
@operator_option
@click.argument("license_", metavar="LICENSE")
@click.option("--pdf", type=_FILE, help="写出 PDF · write the PDF here")
@click.option("--ofd", type=_FILE, help="写出 OFD · write the OFD here")
@asynchronous
async def make(
    settings: Settings, *, as_json: bool, operator: str, license_: str, pdf: Path | None, ofd: Path | None
) -> None:
    """制作（或取回）一份证照的文书：LICENSE 为标识、短号或码 · Make or fetch the documents of a license."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await find_license(connection, license_)
        who = await acting(rooms, connection, operator, found.license_type, found.issuer)
        kinds = _kinds(pdf, ofd)
        records = await make_documents(connection, rooms.documents.making, found, kinds, who=who)
        await _write(connection, records, {DocumentKind.PDF: pdf, DocumentKind.OFD: ofd})
    _print(records, as_json=as_json)


@documents.command()
@home_option
@json_option
@operator_option
@click.argument("license_", metavar="LICENSE")
@click.option("--purpose", required=True, help="用途 · what it is for")
@click.option("--for", "recipient", required=True, help="提供给谁 · who it is made for")
@click.option("--until", type=_DAY, required=True, help="有效期截止 · the last day it may be used")
@click.option("--pdf", type=_FILE, help="写出 PDF · write the PDF here")
@click.option("--ofd", type=_FILE, help="写出 OFD · write the OFD here")
@asynchronous
async def copy(
    settings: Settings, *, as_json: bool, operator: str, license_: str, purpose: str, recipient: str, until: datetime,
    pdf: Path | None, ofd: Path | None,
) -> None:
    """制作加注件：为一次用途而制的副本，带水印、用途与期限 · Make an annotated copy for one use."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await find_license(connection, license_)
        who = await acting(rooms, connection, operator, found.license_type, found.issuer)
        asked = CopyRequest(purpose, recipient, until.date())
        number, records = await make_copy(connection, rooms.documents.making, found, asked, _kinds(pdf, ofd), who=who)
        await _write(connection, records, {DocumentKind.PDF: pdf, DocumentKind.OFD: ofd})
    _print(records, as_json=as_json, number=number)


@documents.command()
@home_option
@json_option
@operator_option
@click.option("--type", "type_name", required=True, help="证照类型 · license type")
@click.option("--body", help="颁发机构代码 · the issuing body")
@click.option("--kind", type=click.Choice(["pdf", "ofd", "both"]), default="both", show_default=True)
@asynchronous
async def bulk(settings: Settings, *, as_json: bool, operator: str, type_name: str, body: str | None, kind: str) -> int:
    """为一类证照批量制作文书，中断后可继续 · Make the documents of all licenses of a type; carries on after a stop."""
    license_type = type_of(type_name)
    kinds = list(DocumentKind) if kind == "both" else [DocumentKind(kind)]
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, connection, operator, license_type.name, body)
        with import_progress(license_type.zh, quiet=as_json) as on_progress:
            report = await make_in_bulk(
                rooms.stores.pool, rooms.documents.making, license_type=license_type.name, body=who.body, kinds=kinds,
                who=who, at_once=settings.document_workers, on_progress=on_progress,
            )  # fmt: skip
    if as_json:
        print_json({"licenses": report.licenses, "made": report.made, "failed": dict(sorted(report.failed.items()))})
    else:
        _print_outcome(f"证照 licenses {report.licenses}，文书 documents {report.made}", report.failed)
    return 1 if report.failed else 0


@documents.command()
@home_option
@json_option
@operator_option
@click.option("--due-before", type=_DAY, help="在此日之前到期的，缺省为今天 · those due before this day; today when left out")
@click.option("--dry-run", is_flag=True, help="只计数 · count only")
@asynchronous
async def renew(
    settings: Settings, *, as_json: bool, operator: str, due_before: datetime | None, dry_run: bool
) -> int:
    """归档续期：为即将到期的文书补加时间戳 · Renew the archive before the last timestamps end."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        account = await rooms.operator(operator)
        now = rooms.clock()
        before = due_before.replace(tzinfo=BEIJING) if due_before else now
        if dry_run:
            counted = await store.counts(connection, before=before, now=now)
            _print_counts(counted["due"], counted["overdue"], as_json=as_json)
            return 0
        with import_progress("归档续期", quiet=as_json) as on_progress:
            report = await renew_due(
                connection, rooms.documents.renewing, before=before, operator=account.username, on_progress=on_progress
            )
    if as_json:
        print_json({"renewed": report.renewed, "busy": report.busy, "failed": dict(sorted(report.failed.items()))})
    else:
        _print_outcome(f"已续期 renewed {report.renewed}", report.failed)
    return 1 if report.failed else 0


@documents.command("list")
@home_option
@json_option
@click.option("--type", "type_name", help="证照类型 · license type")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@asynchronous
async def list_(settings: Settings, *, as_json: bool, type_name: str | None, limit: int) -> None:
    """列出文书，最近的在前 · List documents, the latest first."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        _print(await store.newest(connection, type_name and type_of(type_name).name, limit), as_json=as_json)


@documents.command()
@home_option
@json_option
@click.argument("license_", metavar="LICENSE")
@asynchronous
async def show(settings: Settings, *, as_json: bool, license_: str) -> None:
    """显示一份证照的全部文书与加注件 · Show all documents and annotated copies of a license."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await find_license(connection, license_)
        records = await store.of_license(connection, found.serial, found.version)
        copies = await store.copies_of(connection, found.serial, found.version)
    if as_json:
        told = [
            {"copy": each.copy_no, "number": each.number, "purpose": each.purpose, "recipient": each.recipient,
             "valid_until": each.valid_until.isoformat(), "operator": each.operator}
            for each in copies
        ]  # fmt: skip
        print_json({"documents": [document_json(record) for record in records], "copies": told})
        return
    _print(records, as_json=False)
    for each in copies:
        click.echo(f"加注件 {each.copy_no} {each.number}  {each.purpose}  {each.recipient}  至 until {each.valid_until}")


def document_json(record: DocumentRecord) -> dict[str, object]:
    """A document for programs."""
    return {
        "serial": record.key.serial, "version": record.key.version, "kind": record.key.kind.value, "copy": record.key.copy_no,
        "type": record.license_type, "level": record.level, "revision": record.revision,
        "digest": None if record.digest is None else f"sha256:{record.digest.hex()}", "size": record.size,
        "made_at": _moment(record.made_at), "timestamp_until": _moment(record.timestamp_until), "due_at": _moment(record.due_at),
        "trouble": record.trouble,
    }  # fmt: skip


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _kinds(pdf: Path | None, ofd: Path | None) -> list[DocumentKind]:
    """Those for which a file is named; both when none is."""
    asked = [kind for kind, path in ((DocumentKind.PDF, pdf), (DocumentKind.OFD, ofd)) if path]
    return asked or list(DocumentKind)


async def _write(connection: Connection, records: list[DocumentRecord], paths: dict[DocumentKind, Path | None]) -> None:
    for record in records:
        path, data = paths[record.key.kind], await store.read(connection, record.key)
        if path is not None and data is not None:
            path.write_bytes(data)


def _print(records: list[DocumentRecord], *, as_json: bool, number: str = "") -> None:
    if as_json:
        told: dict[str, object] = {"documents": [document_json(record) for record in records]}
        print_json(told | ({"number": number} if number else {}))
        return
    if number:
        click.echo(f"加注件编号 number of the copy: {number}")
    for record in records:
        click.echo(_line(record.key, record))


def _line(key: DocumentKey, record: DocumentRecord) -> str:
    what = f"{key.kind.value}" + (f" 加注件 copy {key.copy_no}" if key.copy_no != OWN else "")
    if record.digest is None or record.made_at is None:
        return f"… {key.serial}.{key.version:03d} {what}  未制成 not made {record.trouble}"
    due = "" if record.due_at is None else f"  续期 renew by {record.due_at:%Y-%m-%d}"
    return f"✓ {key.serial}.{key.version:03d} {what}  {record.level}  {record.size} B  sha256:{record.digest.hex()[:16]}…{due}"


def _print_outcome(done: str, failed: Mapping[str, int]) -> None:
    click.echo(f"{done}，未成 failed {sum(failed.values())}")
    for reason, count in sorted(failed.items()):
        click.echo(f"  {count:6} {reason}")


def _print_counts(due: int, overdue: int, *, as_json: bool) -> None:
    if as_json:
        print_json({"due": due, "overdue": overdue})
    else:
        click.echo(f"待续期 due {due}，已逾期 overdue {overdue}")

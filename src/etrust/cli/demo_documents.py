"""The demonstration's documents: a license's face as signed PDF and sealed OFD, a copy for one use, and their checks."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import click

from etrust.cli.check import print_verdict
from etrust.cli.licenses import acting
from etrust.clock import official_date
from etrust.documents import store
from etrust.documents.register import DocumentKind, DocumentRecord
from etrust.licenses.document_copies import CopyRequest, make_copy
from etrust.licenses.documents import make_documents
from etrust.licenses.model import StoredLicense
from etrust.verification.model import Status
from etrust.wiring import Rooms


async def write_documents(rooms: Rooms, found: StoredLicense) -> Mapping[str, Path]:
    """Make the documents of a license, and an annotated copy; the files by what they are: pdf, ofd, copy."""
    making = rooms.documents.making
    async with rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, connection, "admin", found.license_type, found.issuer)
        own = await make_documents(connection, making, found, list(DocumentKind), who=who)
        asked = CopyRequest("申请住房公积金贷款", "乌鲁木齐住房公积金管理中心", official_date(rooms.clock()) + timedelta(days=30))
        _, copies = await make_copy(connection, making, found, asked, [DocumentKind.PDF], who=who)
        files = {record.key.kind.value: await _written(rooms, record, found.license_type) for record in own}
        return files | {"copy": await _written(rooms, copies[0], f"{found.license_type}-copy")}


async def check_documents(rooms: Rooms, files: Mapping[str, Path]) -> list[Status]:
    """Check each file as the clerk's page does; what came of each."""
    found = []
    for path in files.values():
        verdict = (await rooms.files.check(path.read_bytes())).verdict
        click.echo(f"   {path.name}")
        print_verdict(verdict)
        found.append(verdict.status)
    return found


async def _written(rooms: Rooms, record: DocumentRecord, name: str) -> Path:
    async with rooms.stores.pool.acquire() as connection:
        data = await store.read(connection, record.key)
    if data is None:
        raise click.ClickException(f"文书未制成 · the document was not made: {record.trouble}")
    path = rooms.home.path / "samples" / f"{name}.{record.key.kind.value}"
    path.write_bytes(data)
    click.echo(f"   {path}  {len(data):,} B  {record.level}")
    return path

"""`/api/v1/licenses/{identifier}/documents` and `/copies`: signed faces, made on demand or found; their bytes."""

from datetime import date

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from etrust.access.model import Scope
from etrust.api.access import provenance, require_key
from etrust.documents import store as document_store
from etrust.documents.register import OWN, DocumentKey, DocumentKind, DocumentRecord
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store
from etrust.licenses.change import not_found
from etrust.licenses.document_copies import MAX_TEXT, CopyRequest, make_copy
from etrust.licenses.documents import make_documents
from etrust.licenses.model import StoredLicense
from etrust.storage.postgres import Connection
from etrust.wiring import ROOMS


class DocumentsRequest(BaseModel):
    """Which documents of a license."""

    model_config = ConfigDict(extra="forbid")
    kinds: list[DocumentKind] = Field(default=list(DocumentKind), min_length=1, max_length=2)


class CopyBody(DocumentsRequest):
    """What an annotated copy (加注件) is for."""

    purpose: str = Field(min_length=1, max_length=MAX_TEXT)
    recipient: str = Field(min_length=1, max_length=MAX_TEXT)
    valid_until: date


async def make(request: web.Request) -> web.Response:
    """The documents of a license of the caller's own body, made where they are not yet."""
    key = await require_key(request, Scope.DOCUMENTS)
    asked = DocumentsRequest.model_validate_json(await request.read() or b"{}")
    rooms = request.app[ROOMS]
    async with rooms.stores.pool.acquire() as connection:
        stored = await _own(connection, request, key.body)
        kinds = list(dict.fromkeys(asked.kinds))
        records = await make_documents(connection, rooms.documents.making, stored, kinds, who=provenance(request, key))
    return web.json_response({"documents": [_shown(stored, record) for record in records]}, status=201)


async def copy(request: web.Request) -> web.Response:
    """A new annotated copy of a license of the caller's own body."""
    key = await require_key(request, Scope.DOCUMENTS)
    asked = CopyBody.model_validate_json(await request.read())
    rooms = request.app[ROOMS]
    async with rooms.stores.pool.acquire() as connection:
        stored = await _own(connection, request, key.body)
        number, records = await make_copy(
            connection, rooms.documents.making, stored, CopyRequest(asked.purpose, asked.recipient, asked.valid_until),
            list(dict.fromkeys(asked.kinds)), who=provenance(request, key),
        )
    shown = {"number": number, "documents": [_shown(stored, record) for record in records]}
    return web.json_response(shown, status=201)


async def send(request: web.Request) -> web.Response:
    """The bytes of a document that was made."""
    key = await require_key(request, Scope.DOCUMENTS)
    kind, number = DocumentKind(request.match_info["kind"]), int(request.match_info.get("copy", OWN))
    async with request.app[ROOMS].stores.pool.acquire() as connection:
        stored = await _own(connection, request, key.body)
        data = await document_store.read(connection, DocumentKey(stored.serial, stored.version, kind, number))
    if data is None:
        raise not_made()
    return document_response(data, kind, stored)


def document_response(data: bytes, kind: DocumentKind, stored: StoredLicense) -> web.Response:
    """A document for download; it is personal and kept by nobody on the way."""
    name = f"{stored.license_type}-{stored.identifier.short}.{kind.value}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return web.Response(body=data, content_type=kind.media_type, headers=headers)


def not_made() -> EtrustError:
    """The answer for a document that is not made yet."""
    return EtrustError(
        Kind.NOT_FOUND, "document_not_made",
        zh="该文书尚未制作，请先请求制作。", en="The document is not made yet; ask for it to be made.",
    )


async def _own(connection: Connection, request: web.Request, body: str) -> StoredLicense:
    identifier = LicenseIdentifier.parse(request.match_info["identifier"])
    stored = await store.find(connection, identifier.serial, identifier.version)
    if stored is None or stored.issuer != body or stored.identifier != identifier:
        raise not_found()
    return stored


def _shown(stored: StoredLicense, record: DocumentRecord) -> dict[str, object]:
    place = "documents" if record.key.copy_no == OWN else f"copies/{record.key.copy_no}"
    return {
        "kind": record.key.kind.value, "level": record.level, "size": record.size,
        "digest": None if record.digest is None else f"sha256:{record.digest.hex()}",
        "made_at": None if record.made_at is None else record.made_at.isoformat(),
        "url": f"/api/v1/licenses/{stored.identifier.text}/{place}/{record.key.kind.value}",
    }  # fmt: skip

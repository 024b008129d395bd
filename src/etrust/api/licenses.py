"""`/api/v1/licenses`: issue one, show one, revoke, suspend, restore."""

from datetime import UTC, datetime

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from etrust.access.model import Scope
from etrust.api.access import provenance, require_key
from etrust.credentials.code import encode_code
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store
from etrust.licenses.change import Ground, change_status, not_found
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Action, StoredLicense
from etrust.licenses.types import LicenseType
from etrust.verification.report import verdict_json
from etrust.wiring import ROOMS, Rooms


class IssueRequest(BaseModel):
    """One license: its type, and its cells under the column names an export file would have."""

    model_config = ConfigDict(extra="forbid")
    type: str = Field(max_length=64)
    record: dict[str, str] = Field(max_length=200)
    replaces: str | None = Field(default=None, max_length=120, description="identifier of the version it replaces")
    legal_basis: str = Field(default="", max_length=200)


class ChangeRequest(BaseModel):
    """Why a status changes."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=200)
    legal_basis: str = Field(min_length=1, max_length=200)
    effective_at: AwareDatetime | None = Field(default=None, gt=datetime(1900, 1, 1, tzinfo=UTC))


async def issue(request: web.Request) -> web.Response:
    """Issue one license; 201 with its identifier and code."""
    key = await require_key(request, Scope.ISSUE)
    asked = IssueRequest.model_validate_json(await request.read())
    rooms = request.app[ROOMS]
    async with rooms.stores.pool.acquire() as connection:
        identifier = await issue_one(
            connection, rooms.issuing, _type(rooms, asked.type), asked.record,
            who=provenance(request, key), replaces=asked.replaces, legal_basis=asked.legal_basis,
        )
        stored = await store.find(connection, identifier.serial, identifier.version)
    if asked.replaces is not None:
        await rooms.announce()
    assert stored is not None  # noqa: S101 - issued a moment ago; this tells the type checker
    return web.json_response(_shown(stored), status=201)


async def show(request: web.Request) -> web.Response:
    """A license of the caller's own body, with the verdict of this moment."""
    key = await require_key(request, Scope.READ)
    rooms = request.app[ROOMS]
    identifier = LicenseIdentifier.parse(request.match_info["identifier"])
    async with rooms.stores.pool.acquire() as connection:
        stored = await store.find(connection, identifier.serial, identifier.version)
    if stored is None or stored.issuer != key.body or stored.identifier != identifier:
        raise not_found()
    shown = _shown(stored)
    verdict = await rooms.check(str(shown["code"]))
    return web.json_response({**shown, "verdict": verdict_json(verdict)})


async def change(request: web.Request) -> web.Response:
    """Revoke, suspend or restore a license of the caller's own body."""
    key = await require_key(request, Scope.STATUS)
    asked = ChangeRequest.model_validate_json(await request.read())
    rooms = request.app[ROOMS]
    identifier = LicenseIdentifier.parse(request.match_info["identifier"])
    async with rooms.stores.pool.acquire() as connection:
        event = await change_status(
            connection, serial=identifier.serial, version=identifier.version,
            action=Action(request.match_info["action"]), ground=Ground(asked.reason, asked.legal_basis),
            who=provenance(request, key), effective_at=asked.effective_at,
        )
    await rooms.announce()
    return web.json_response({
        "identifier": identifier.text, "action": event.action, "effective_at": event.effective_at.isoformat(),
        "recorded_at": event.recorded_at.isoformat(),
    })  # fmt: skip


def _type(rooms: Rooms, name: str) -> LicenseType:
    found = rooms.types.get(name)
    if found is None:
        raise EtrustError(
            Kind.INVALID, "unknown_type", where="type",
            zh=f"没有证照类型“{name[:40]}”。", en=f"There is no license type {name[:40]!r}.",
        )
    return found


def _shown(stored: StoredLicense) -> dict[str, object]:
    return {
        "identifier": stored.identifier.text,
        "short": stored.identifier.short,
        "type": stored.license_type,
        "number": stored.number,
        "code": encode_code(stored.credential),
        "issued_at": stored.signed_at.isoformat(),
    }

"""`/api/v1/objections`: departments' programs object to what a license says, follow the case, give evidence; regions fetch it."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from etrust.access.model import Operator, Scope
from etrust.api.access import require_key
from etrust.api.partner_access import for_partners
from etrust.objections.model import MAX_FILE, MAX_REASON, Objection
from etrust.recognition.model import PartnerCaller
from etrust.wiring import ROOMS
from etrust.wiring.objection_desk import evidence_json


class OpenRequest(BaseModel):
    """What is objected to."""

    model_config = ConfigDict(extra="forbid")
    license: str = Field(min_length=1, max_length=4096, description="identifier, or the text of a code, perhaps another region's")
    field: str = Field(default="", max_length=60, pattern=r"^[a-z_0-9]*$", description="the wrong item; empty: the license")
    claim: str = Field(default="", max_length=MAX_REASON, description="what is right")
    words: str = Field(min_length=1, max_length=MAX_REASON, description="why")


class ReasonRequest(BaseModel):
    """Why an appeal is made."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=MAX_REASON)


async def open_(request: web.Request) -> web.Response:
    """Open a case; one about another region's license is forwarded there."""
    who = await _who(request)
    asked = OpenRequest.model_validate_json(await request.read())
    opened = await request.app[ROOMS].objections.open_by_clerk(
        who, license_=asked.license, field=asked.field, claim=asked.claim, words=asked.words
    )
    return web.json_response(_told(opened), status=201)


async def list_(request: web.Request) -> web.Response:
    """The cases that the caller's account opened, those that are due first."""
    who = await _who(request)
    found = await request.app[ROOMS].objections.opened_by(who)
    return web.json_response({"objections": [_told(each) for each in found]})


async def show(request: web.Request) -> web.Response:
    """A case that the caller's account opened."""
    return web.json_response(_told(await _own(request)))


async def withdraw(request: web.Request) -> web.Response:
    """Take a case back."""
    await request.app[ROOMS].objections.withdraw(await _own(request))
    return web.json_response(_told(await _own(request)))


async def appeal(request: web.Request) -> web.Response:
    """Appeal against a dismissal, once."""
    found = await _own(request)
    asked = ReasonRequest.model_validate_json(await request.read())
    await request.app[ROOMS].objections.appeal(found, asked.reason)
    return web.json_response(_told(await _own(request)))


async def add_evidence(request: web.Request) -> web.Response:
    """Give a file as evidence: its bytes are the body, its name the header X-File-Name (percent-encoded)."""
    found, who = await _own(request), await _who(request)
    content = await request.content.read(MAX_FILE + 1)
    while len(content) <= MAX_FILE and (more := await request.content.read(MAX_FILE + 1 - len(content))):
        content += more
    file = await request.app[ROOMS].objections.add_evidence(
        found, request.headers.get("X-File-Name", "file")[:200], content, given_by=who.username
    )
    return web.json_response({"place": file.place, "media_type": file.media_type, "size": file.size}, status=201)


@for_partners
async def evidence(request: web.Request, caller: PartnerCaller, body: bytes) -> web.Response:  # noqa: ARG001 - nothing is sent with it
    """The evidence of a case that was forwarded to the calling region, sealed to it."""
    rooms = request.app[ROOMS]
    files = await rooms.objections.evidence_for(caller.region, request.match_info["objection"])
    return web.json_response({"sealed": rooms.gate.seal_for(caller.trust, caller.region, evidence_json(files))})


async def _who(request: web.Request) -> Operator:
    key = await require_key(request, Scope.OBJECTIONS)
    return await request.app[ROOMS].operator(key.operator)


async def _own(request: web.Request) -> Objection:
    return await request.app[ROOMS].objections.opened_case(request.match_info["objection"], await _who(request))


def _told(objection: Objection) -> dict[str, object]:
    return {
        "number": objection.number, "license": objection.license, "field": objection.field, "region": objection.region,
        "state": objection.state.value, "charge": objection.charge, "opened_at": objection.opened_at.isoformat(),
        "due": None if objection.due is None else objection.due.isoformat(), "appealed": objection.appealed,
        "events": [
            {"action": each.action.value, "state": each.state.value, "at": each.at.isoformat(), "reason": each.reason}
            for each in objection.events
        ],
    }  # fmt: skip


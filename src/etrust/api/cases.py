"""`/api/v1/cases`: cases (办件) of the caller's body and those below it, and the steps taken in its own."""

from datetime import UTC, datetime
from typing import Annotated

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.matters.case_model import Action, CaseState
from etrust.matters.check_report import case_json
from etrust.wiring import ROOMS

STEPS = "commit|defer|supplement|accept|complete|refuse|withdraw"
MAX_LISTED = 200


class CaseStepRequest(BaseModel):
    """Why a step is taken; for commit, defer and supplement, with which materials."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=200)
    materials: list[Annotated[str, Field(max_length=80)]] = Field(
        default_factory=list, max_length=100, description="keys of materials"
    )


class CaseQuery(BaseModel):
    """Which cases are listed, the latest first."""

    model_config = ConfigDict(extra="forbid")
    matter: str = Field(default="", max_length=31)
    state: CaseState | None = None
    before: AwareDatetime | None = Field(default=None, gt=datetime(2000, 1, 1, tzinfo=UTC))
    limit: int = Field(default=50, ge=1, le=MAX_LISTED)


async def show(request: web.Request) -> web.Response:
    """A case of the caller's body or of one below it."""
    key = await require_key(request, Scope.MATTERS)
    rooms = request.app[ROOMS]
    found = await rooms.matters.case(request.match_info["number"], await rooms.operator(key.operator))
    return web.json_response(case_json(found))


async def list_(request: web.Request) -> web.Response:
    """Cases of the caller's body and of those below it."""
    key = await require_key(request, Scope.MATTERS)
    rooms, asked = request.app[ROOMS], CaseQuery.model_validate(dict(request.query))
    found = await rooms.matters.cases(
        await rooms.operator(key.operator), matter=asked.matter, state="" if asked.state is None else asked.state.value,
        before=asked.before, limit=asked.limit,
    )
    return web.json_response({"cases": [
        {"case_number": number, "state": state, "opened_at": at.isoformat()} for number, state, at in found
    ]})  # fmt: skip


async def overdue(request: web.Request) -> web.Response:
    """What was to be brought (容缺) and is overdue."""
    key = await require_key(request, Scope.MATTERS)
    rooms = request.app[ROOMS]
    found = await rooms.matters.overdue(await rooms.operator(key.operator), MAX_LISTED)
    return web.json_response({"overdue": [
        {"case_number": number, "material": material, "deadline": day.isoformat()} for number, material, day in found
    ]})  # fmt: skip


async def step(request: web.Request) -> web.Response:
    """Take a step; the case after it."""
    key = await require_key(request, Scope.MATTERS)
    asked = CaseStepRequest.model_validate_json(await request.read())
    rooms = request.app[ROOMS]
    found = await rooms.matters.take_step(
        request.match_info["number"], Action(request.match_info["step"]), operator=await rooms.operator(key.operator),
        reason=asked.reason, materials=asked.materials,
    )
    return web.json_response(case_json(found))


async def archive(request: web.Request) -> web.Response:
    """The archive package (单套归档包) of a case of the caller's body or of one below it."""
    key = await require_key(request, Scope.MATTERS)
    rooms, number = request.app[ROOMS], request.match_info["number"]
    content = await rooms.archives.of_case(number, await rooms.operator(key.operator))
    headers = {"Content-Disposition": f'attachment; filename="{number}.zip"', "Cache-Control": "private, no-store"}
    return web.Response(body=content, content_type="application/zip", headers=headers)

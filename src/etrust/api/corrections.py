"""`/api/v1/corrections`: departments' programs report what they found to differ, and follow what becomes of it."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from etrust.access.model import Operator, Scope
from etrust.api.access import require_key
from etrust.errors import EtrustError
from etrust.objections.corrections import MAX_AT_ONCE, MAX_VALUE, Correction, Difference, Taken
from etrust.wiring import ROOMS


class DifferenceRequest(BaseModel):
    """One difference."""

    model_config = ConfigDict(extra="forbid")
    license: str = Field(min_length=1, max_length=120, description="identifier (电子证照标识) of the version that was seen")
    field: str = Field(min_length=1, max_length=60, description="the item, by its English name or as the face has it")
    value: str = Field(min_length=1, max_length=MAX_VALUE, description="what is right")
    observed: str = Field(default="", max_length=MAX_VALUE, description="what the license was seen to say")
    ground: str = Field(default="", max_length=MAX_VALUE, description="how you know, such as another register")
    region: str = Field(default="", pattern=r"^(\d{6})?$", description="whose license it is; empty: this region's")


class ReportRequest(BaseModel):
    """Differences, answered one by one in their order."""

    model_config = ConfigDict(extra="forbid")
    differences: list[DifferenceRequest] = Field(min_length=1, max_length=MAX_AT_ONCE)


async def report(request: web.Request) -> web.Response:
    """Report differences; the same one reported again is the same number, so that a repeat does no harm."""
    who = await _who(request)
    asked = ReportRequest.model_validate_json(await request.read())
    answers = await request.app[ROOMS].corrections.report(
        [Difference(**each.model_dump()) for each in asked.differences], who=who
    )
    return web.json_response({"results": [_answer(each) for each in answers]})


async def list_(request: web.Request) -> web.Response:
    """What the caller's body reported, the latest first."""
    found = await request.app[ROOMS].corrections.reported_by(await _who(request))
    return web.json_response({"corrections": [_told(each) for each in found]})


async def show(request: web.Request) -> web.Response:
    """One difference that the caller's body reported."""
    found = await request.app[ROOMS].corrections.reported(request.match_info["correction"], await _who(request))
    return web.json_response(_told(found))


async def _who(request: web.Request) -> Operator:
    key = await require_key(request, Scope.CORRECTIONS)
    return await request.app[ROOMS].operator(key.operator)


def _answer(answer: Taken | EtrustError) -> dict[str, object]:
    if isinstance(answer, Taken):
        return {"number": answer.number, "state": answer.state.value, "merged": answer.merged}
    return {"code": answer.code, "where": answer.where, "zh": answer.zh, "en": answer.en}


def _told(found: Correction) -> dict[str, object]:
    last = found.last
    return {
        "number": found.number, "license": found.difference.license, "field": found.difference.field, "region": found.region,
        "state": found.state.value, "reported_at": found.at.isoformat(),
        "reason": last.reason if last is not None and last.action in ("accept", "refuse") else "",
        "replaced_by": "" if last is None else last.replaced_by,
    }  # fmt: skip

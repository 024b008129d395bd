"""`GET /api/v1/audit`: the audit trail for a program of the auditor."""

from datetime import timedelta
from typing import Annotated, Literal

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from etrust.access.model import Scope
from etrust.access.trail import PAGE, Source, Wanted, entry_json, place_of, read_place
from etrust.api.access import require_key
from etrust.wiring import ROOMS

_Text = Annotated[str, Field(max_length=200)]


class SearchRequest(BaseModel):
    """Conditions, in the query; left out: thirty days until now."""

    model_config = ConfigDict(extra="forbid")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    operator: _Text = ""
    body: _Text = ""
    action: _Text = ""
    subject: _Text = ""
    ground: Literal["", "consent", "duty"] = ""
    source: Source | None = None
    after: str = Field(default="", max_length=80, description="`next` of the page before")
    limit: int = Field(default=PAGE, ge=1, le=1000)


async def search(request: web.Request) -> web.Response:
    """Entries, the latest first; `next` is the `after` of the next page."""
    key = await require_key(request, Scope.AUDIT)
    rooms = request.app[ROOMS]
    asked = SearchRequest.model_validate(dict(request.query))
    until = asked.until or rooms.clock() + timedelta(seconds=1)
    wanted = Wanted(
        asked.since or until - timedelta(days=30), until, operator=asked.operator, body=asked.body, action=asked.action,
        subject=asked.subject, ground=asked.ground, source=asked.source,
    )  # fmt: skip
    found = await rooms.audit.search(
        wanted, who=await rooms.operator(key.operator), before=read_place(asked.after), limit=asked.limit
    )
    following = place_of(found[-1]) if len(found) == asked.limit else None
    return web.json_response({"entries": [entry_json(each) for each in found], "next": following})

"""Notices over HTTP: what other regions tell, and the inbox of a body for its programs."""

from datetime import datetime

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.api.partner_access import for_partners
from etrust.errors import EtrustError, Kind
from etrust.notices.model import Notice, Recipient, RecipientKind
from etrust.notices.store import Delivery
from etrust.recognition.model import PartnerCaller
from etrust.wiring import ROOMS


class NoticeBody(BaseModel):
    """A notice as a region sends it."""

    model_config = ConfigDict(extra="ignore")
    notice_id: str = Field(pattern=r"^N-[A-Za-z0-9_-]{22}$")
    stream: str = Field(min_length=1, max_length=100, pattern=r"^[!-~]+$")
    number: int = Field(ge=1, le=1_000_000)
    kind: str = Field(min_length=1, max_length=60, pattern=r"^[a-z_.]+$")
    at: AwareDatetime
    content: dict[str, object]


@for_partners
async def arrive(request: web.Request, caller: PartnerCaller, body: bytes) -> web.Response:
    """Take in a notice; the answer says that it arrived, or from which number on it is to be sent."""
    told = NoticeBody.model_validate_json(body)
    rooms = request.app[ROOMS]
    own = Recipient(RecipientKind.REGION, rooms.settings.region)
    notice = Notice(told.notice_id, told.stream, told.number, own, told.kind, told.content, told.at)
    answer, last = await rooms.notices.arrive(caller.region, notice)
    return web.json_response({"answer": answer.value, "last": last})


async def inbox(request: web.Request) -> web.Response:
    """What the caller's body was told, the newest first; ``open=1`` for what was not confirmed, ``before`` for the next page."""
    key = await require_key(request, Scope.NOTICES)
    recipient = Recipient(RecipientKind.BODY, key.body)
    found = await request.app[ROOMS].notices.inbox(
        recipient, only_open=request.query.get("open") == "1", before=_moment(request.query.get("before"))
    )
    return web.json_response({"notices": [_told(each) for each in found]})


async def confirm(request: web.Request) -> web.Response:
    """Say that the body has taken note."""
    key = await require_key(request, Scope.NOTICES)
    recipient = Recipient(RecipientKind.BODY, key.body)
    await request.app[ROOMS].notices.confirm(request.match_info["notice"], recipient, by=f"account:{key.operator}")
    return web.Response(status=204)


def _told(delivery: Delivery) -> dict[str, object]:
    notice = delivery.notice
    return {
        "notice_id": notice.notice_id, "stream": notice.stream, "number": notice.number, "kind": notice.kind,
        "at": notice.at.isoformat(), "content": notice.content,
        "confirmed_at": None if delivery.confirmed_at is None else delivery.confirmed_at.isoformat(),
    }  # fmt: skip


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise EtrustError(
            Kind.INVALID, "bad_time", where="before",
            zh="before 应为带时区的时间，如 2026-11-25T12:00:00+08:00。", en="before is a time with its offset (RFC 3339).",
        )
    return found

"""The auditor's page (审计): who did what, who looked at what, on which ground and why; search and export."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.access.trail import PAGE, Entry, Source, Wanted, place_of, read_place
from etrust.clock import BEIJING, official_date
from etrust.errors import EtrustError, Kind
from etrust.web.forms import read_form
from etrust.web.languages import mark as _
from etrust.web.rendering import render
from etrust.web.seal_forms import Fault, fault_of
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

GROUNDS: Mapping[str, str] = {"consent": _("With the holder's consent"), "duty": _("On duty")}
_NAMES = ("since", "until", "operator", "body", "action", "subject", "ground", "source")
_FIELDS = frozenset({*_NAMES, "reason"})
_DAY = timedelta(days=1)


async def show_audit(request: web.Request) -> web.Response:
    """``GET /audit``: a search by the conditions of the query; without any, the last seven days."""
    auditor = await demand_role(request, Role.AUDITOR)
    asked = {name: request.query.get(name, "").strip()[:200] for name in _NAMES}
    found: list[Entry] = []
    try:
        before = read_place(request.query.get("after", "")[:80])
        found = await request.app[ROOMS].audit.search(_wanted(request, asked), who=auditor, before=before)
    except EtrustError as error:
        return await _page(request, auditor, asked, [], fault_of(request, error, _FIELDS))
    return await _page(request, auditor, asked, found)


async def export(request: web.Request) -> web.StreamResponse:
    """``POST /audit/export``: what the search finds, as CSV; the reason stands in the trail."""
    auditor, form = await demand_role(request, Role.AUDITOR), await read_form(request)
    asked = {name: form.text(name)[:200] for name in _NAMES}
    try:
        demand_token(request, form.text("csrf"))
        pieces = await request.app[ROOMS].audit.export(_wanted(request, asked), form.text("reason"), who=auditor)
    except EtrustError as error:
        return await _page(request, auditor, asked, [], fault_of(request, error, _FIELDS))
    answer = web.StreamResponse(headers={
        "Content-Type": "text/csv; charset=utf-8", "Cache-Control": "private, no-store",
        "Content-Disposition": f'attachment; filename="audit-{official_date(request.app[ROOMS].clock()):%Y%m%d}.csv"',
    })  # fmt: skip
    await answer.prepare(request)
    async for piece in pieces:
        await answer.write(piece)
    await answer.write_eof()
    return answer


def _wanted(request: web.Request, asked: dict[str, str]) -> Wanted:
    today = official_date(request.app[ROOMS].clock())
    asked["until"] = asked["until"] or today.isoformat()
    until = _midnight(asked["until"], "until") + _DAY
    asked["since"] = asked["since"] or (today - 6 * _DAY).isoformat()
    since = _midnight(asked["since"], "since")
    source = next((each for each in Source if each.value == asked["source"]), None)
    ground = asked["ground"] if asked["ground"] in GROUNDS else ""
    return Wanted(since, until, asked["operator"], asked["body"], asked["action"], asked["subject"], ground, source)


def _midnight(text: str, where: str) -> datetime:
    try:
        return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time(), BEIJING)  # noqa: DTZ007 - a day has no zone; the line gives it one
    except ValueError as error:
        raise EtrustError(
            Kind.INVALID, "bad_date", where=where, zh="日期写法应如 2026-11-25。", en="Write a day as 2026-11-25.",
        ) from error


async def _page(
    request: web.Request, auditor: Operator, asked: Mapping[str, str], found: list[Entry], fault: Fault | None = None
) -> web.Response:
    following = place_of(found[-1]) if len(found) == PAGE else ""
    return render(
        request, "audit.html", status=fault.status if fault else 200, operator=auditor, asked=asked, found=found, fault=fault,
        following=following, grounds=GROUNDS, names=await names_of(request, (), {each.body for each in found}),
    )  # fmt: skip

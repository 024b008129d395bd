"""Who looked (用证记录): every look at one's licenses, to read, to take along, and to object to with one tap."""

from aiohttp import hdrs, web

from etrust.onecode.access_export import COLUMNS, MAX_ENTRIES, to_csv, to_json
from etrust.onecode.access_log_model import LogPage
from etrust.web.forms import read_form
from etrust.web.languages import mark as _
from etrust.web.my_objections import ONE_TAP
from etrust.web.my_told import GROUNDS, told_of_fields
from etrust.web.my_visit import show, visit_of
from etrust.web.preferences import preferences_of
from etrust.web.rendering import PAGES, redirect
from etrust.web.security import demand_token
from etrust.web.service_names import Names, names_of
from etrust.wiring import ROOMS
from etrust.wiring.acting_desk import OWN_AFFAIRS, require_own_affairs

_DIGITS = 18
_HEADERS = (
    _("No."), _("Time"), _("Body"), _("Code of the body"), _("Operator"), _("Ground"), _("Matter"), _("Code of the matter"),
    _("Case number"), _("Reason"), _("Legal basis"), _("Licenses"), _("Fields"), _("Outcome"), _("Only named on it"),
    _("Objection"),
)  # fmt: skip
_HEADER_OF = dict(zip(COLUMNS, _HEADERS, strict=True))


async def show_access(request: web.Request) -> web.Response:
    """``GET /my/access``: the latest first; ``?after=`` leads to earlier ones."""
    visit = await visit_of(request)
    if visit.acting.basis not in OWN_AFFAIRS:
        return show(request, "my_not_yours.html", visit)
    page = await request.app[ROOMS].consent.log(visit.acting.subject.key, _after(request))
    return show(
        request, "my_access.html", visit, page=page, names=await _names(request, page), grounds=GROUNDS,
        told={each.number: told_of_fields(request, each.fields) for each in page.entries}, first=not _after(request),
        done=request.query.get("done") == "objection",
    )


async def object_to_look(request: web.Request) -> web.StreamResponse:
    """``POST /my/access/{number}/objection``: one tap; a second one changes nothing."""
    visit = await visit_of(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    rooms, entry = request.app[ROOMS], int(request.match_info["number"])
    taken = await rooms.consent.object(visit.acting, entry=entry)
    await rooms.objections.open_by_holder(
        visit.acting, license_="", entry=entry, body=taken.body, words=ONE_TAP, number=taken.number
    )
    return redirect("/my/objections?done=objection")


async def export(request: web.Request) -> web.Response:
    """``GET /my/access/export.{csv|json}``: at most ten thousand entries; ``?after=`` leads to earlier ones."""
    visit = await visit_of(request)
    require_own_affairs(visit.acting)
    rooms, kind = request.app[ROOMS], request.match_info["kind"]
    page = await rooms.consent.log(visit.acting.subject.key, _after(request), MAX_ENTRIES)
    names = await _names(request, page)
    if kind == "csv":
        translation = request.app[PAGES].translations[preferences_of(request).language.code]
        headers = [translation.gettext(_HEADER_OF[name]) for name in COLUMNS]
        body = to_csv(page.entries, headers=headers, bodies=names.bodies, matters=names.matters)
    else:
        body = to_json(page.entries, at=rooms.clock(), after=page.after, bodies=names.bodies, matters=names.matters)
    return web.Response(
        body=body, content_type="text/csv" if kind == "csv" else "application/json", charset="utf-8",
        headers={hdrs.CONTENT_DISPOSITION: f'attachment; filename="access-log.{kind}"'},
    )


def _after(request: web.Request) -> int:
    asked = request.query.get("after", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _DIGITS else 0


async def _names(request: web.Request, page: LogPage) -> Names:
    return await names_of(request, (each.matter for each in page.entries), (each.body for each in page.entries))

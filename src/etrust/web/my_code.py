"""My one code (我的一码): a code that renews itself, for everything or for one matter, and what became of it."""

from datetime import timedelta

from aiohttp import web
from markupsafe import Markup

from etrust.credentials.qr import svg
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.licenses.types.labels import label_of
from etrust.matters.model import Matter
from etrust.onecode.model import CodeKind
from etrust.onecode.space import MAX_SEARCH
from etrust.web.forms import read_form
from etrust.web.languages import mark as _
from etrust.web.my_license import milliseconds
from etrust.web.my_visit import Visit, show, visit_of
from etrust.web.rendering import redirect
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

MINUTES = {10: _("10 minutes"), 60: _("1 hour"), 1_440: _("1 day")}
"""How long a window may use consent given beforehand."""

_LISTED = 20


async def show_code(request: web.Request) -> web.Response:
    """``GET /my/code``, with ``?matter=`` and ``?grant=`` for one matter."""
    visit = await visit_of(request)
    matter = await _matter(request, request.query.get("matter", "") or visit.acting.matter)
    fresh = await _fresh(request, visit)
    return show(request, "my_code.html", visit, matter=matter, code=fresh, query=request.query_string)


async def show_code_part(request: web.Request) -> web.Response:
    """``GET /my/code/part``: only the code, when the page renews it."""
    visit = await visit_of(request)
    return show(request, "my_code_part.html", visit, code=await _fresh(request, visit), query=request.query_string)


async def show_code_use(request: web.Request) -> web.Response:
    """``GET /my/code/use/{reference}``: where, when and by whom a code was used; 204 as long as it was not."""
    visit = await visit_of(request)
    rooms = request.app[ROOMS]
    use = await rooms.space.code_use(request.match_info["reference"])
    if use is None:
        return web.Response(status=204)
    body = (await rooms.trust.snapshot()).entity(use.body)
    return show(request, "my_code_use.html", visit, use=use, body=body)


async def choose_matter(request: web.Request) -> web.Response:
    """``GET /my/code/matter``: for which matter the code shall be."""
    visit = await visit_of(request)
    text = request.query.get("q", "").strip()[:MAX_SEARCH]
    found = await request.app[ROOMS].catalogue.search(text, limit=_LISTED)
    return show(request, "my_code_matters.html", visit, found=found, text=text)


async def ask_matter(request: web.Request) -> web.Response:
    """``GET /my/code/matter/{code}``: what would be told, to whom, how long."""
    visit = await visit_of(request)
    return await _ask(request, visit, await _known_matter(request))


async def give_consent(request: web.Request) -> web.Response:
    """``POST /my/code/matter/{code}``: consent for one use, and the code for it."""
    visit = await visit_of(request)
    matter = await _known_matter(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    minutes = int(form.text("minutes")) if form.text("minutes") in map(str, MINUTES) else min(MINUTES)
    rooms = request.app[ROOMS]
    grant = await rooms.consent.give(
        visit.acting, matter=matter, until=rooms.clock() + timedelta(minutes=minutes), by_session=visit.session
    )
    return redirect(f"/my/code?matter={matter.code}&grant={grant.id}")


async def _ask(request: web.Request, visit: Visit, matter: Matter) -> web.Response:
    rooms = request.app[ROOMS]
    held = {each.license_type.name: each for each in (await rooms.space.of(visit.acting)).held if not each.is_past}
    return show(
        request, "my_code_matter.html", visit, matter=matter, told=_told(request, visit, matter), held=held, minutes=MINUTES,
        body=(await rooms.trust.snapshot()).entity(matter.body),
    )


def _told(request: web.Request, visit: Visit, matter: Matter) -> list[tuple[LicenseType, list[dict[str, str]]]]:
    """The license types whose fields the matter learns of this holder, each with the labels of those fields."""
    types = request.app[ROOMS].types
    mine = {party.key for party in matter.parties if visit.acting.subject.code_type in party.code_types}
    wanted: dict[str, dict[str, None]] = {}
    for material in matter.materials:
        for demand in material.satisfied_by:
            if demand.party in mine and demand.license_type in types:
                wanted.setdefault(demand.license_type, {}).update(dict.fromkeys(demand.fields))
    return [(types[name], [label_of(types[name], field) for field in fields]) for name, fields in wanted.items()]


async def _fresh(request: web.Request, visit: Visit) -> dict[str, object]:
    """A fresh code with the milliseconds it lives; empty when no code can be made now."""
    rooms = request.app[ROOMS]
    matter, grant = request.query.get("matter", "")[:31], request.query.get("grant", "")[:40]
    kind = CodeKind.MATTER if matter and grant else CodeKind.HOLDER
    try:
        fresh = await rooms.codes.show(
            visit.acting, session=visit.session.digest, kind=kind, matter=matter if grant else "", grant=grant
        )
    except EtrustError as error:
        if error.kind is not Kind.UNAVAILABLE:
            raise
        return {}
    return {
        "picture": Markup(svg(fresh.text)),  # noqa: S704  # drawn by our encoder
        "left": milliseconds(fresh.expires_at, rooms.clock()), "reference": rooms.space.code_reference(fresh.shown.handle),
    }


async def _matter(request: web.Request, code: str) -> Matter | None:
    return await request.app[ROOMS].catalogue.matter(code) if code else None


async def _known_matter(request: web.Request) -> Matter:
    found = await _matter(request, request.match_info["code"])
    if found is None:
        raise EtrustError(
            Kind.NOT_FOUND, "matter_not_found",
            zh="没有这个事项，或它已取消。", en="There is no such matter, or it was withdrawn.",
        )
    return found

"""Letting somebody act (代办, 经办人): what I was offered, for whom I act, whom I let act; taken back with one tap."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from aiohttp import web

from etrust.clock import day_end, official_date
from etrust.errors import EtrustError
from etrust.onecode.delegation_model import DelegationState
from etrust.onecode.model import Basis
from etrust.onecode.space import MAX_SEARCH
from etrust.web.forms import Form, read_form
from etrust.web.languages import mark as _
from etrust.web.my_visit import Visit, show, visit_of
from etrust.web.rendering import redirect
from etrust.web.seal_forms import Fault, fault_of
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.wiring import ROOMS
from etrust.wiring.acting_desk import OWN_AFFAIRS, Shown

STATES = {
    DelegationState.OFFERED: _("Not accepted yet"), DelegationState.IN_FORCE: _("In force"),
    DelegationState.DECLINED: _("Declined"), DelegationState.ENDED: _("Ended"), DelegationState.EXPIRED: _("Run out"),
}  # fmt: skip
DONE = {
    "given": _("It is given. The person finds it under this same menu and can accept it there."),
    "accept": _("You may act now. Choose for whom under “Act for somebody else”."),
    "decline": _("It has ended."), "end": _("It is taken back, from now on."),
}  # fmt: skip
DAYS = {7: _("7 days"), 30: _("30 days"), 90: _("90 days"), 365: _("1 year")}
_GIVERS = {Basis.SELF, Basis.GUARDIAN, Basis.LEGAL_REPRESENTATIVE}
_FIELDS = frozenset({"name", "number", "matters", "until"})
_LISTED = 20
_ALIVE = (DelegationState.OFFERED, DelegationState.IN_FORCE)


async def list_delegations(request: web.Request) -> web.Response:
    """``GET /my/delegations``."""
    visit, desk = await visit_of(request), request.app[ROOMS].consent
    given = await desk.delegations(visit.acting) if visit.acting.basis in OWN_AFFAIRS else []
    received = await desk.entrusted(visit.session)
    return show(
        request, "my_delegations.html", visit, offered=_in(received, (DelegationState.OFFERED,)),
        held=_in(received, (DelegationState.IN_FORCE,)), given=_in(given, _ALIVE),
        over=[each for each in given if each.state not in _ALIVE], may_give=visit.acting.basis in _GIVERS, states=STATES,
        names=await names_of(request, (code for each in [*given, *received] for code in each.delegation.matters), ()),
        done=DONE.get(request.query.get("done", ""), ""),
    )


def _in(found: Iterable[Shown], states: tuple[DelegationState, ...]) -> list[Shown]:
    return [each for each in found if each.state in states]


async def ask_delegation(request: web.Request) -> web.Response:
    """``GET /my/delegations/new``: first the matter (``?q=`` searches), then with ``?matter=`` or ``?all=1`` the form."""
    visit = await visit_of(request)
    if visit.acting.basis not in _GIVERS:
        return show(request, "my_not_yours.html", visit)
    code = request.query.get("matter", "")[:31]
    if code or (request.query.get("all") and visit.acting.subject.is_company):
        return await _ask(request, visit, Form({"matter": code, "days": "7"}))
    text = request.query.get("q", "").strip()[:MAX_SEARCH]
    found = await request.app[ROOMS].catalogue.search(text, limit=_LISTED)
    return show(request, "my_delegation_matters.html", visit, found=found, text=text)


async def give_delegation(request: web.Request) -> web.StreamResponse:
    """``POST /my/delegations/new``."""
    visit, desk = await visit_of(request), request.app[ROOMS].consent
    form = await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        matters = (form.text("matter"),) if form.text("matter") else ()
        await desk.delegate(
            visit.acting, visit.session, name=form.text("name"), number=form.text("number"), matters=matters,
            until=_until(form, official_date(request.app[ROOMS].clock()), visit),
        )
    except EtrustError as error:
        return await _ask(request, visit, form, fault_of(request, error, _FIELDS))
    return redirect("/my/delegations?done=given")


def _until(form: Form, today: date, visit: Visit) -> datetime:
    days = int(form.text("days")) if form.text("days") in map(str, DAYS) else min(DAYS)
    ends = day_end(today + timedelta(days=days))
    return ends if visit.acting.until is None else min(ends, visit.acting.until)


async def _ask(request: web.Request, visit: Visit, form: Form, fault: Fault | None = None) -> web.Response:
    rooms = request.app[ROOMS]
    matter = await rooms.catalogue.matter(form.text("matter")) if form.text("matter") else None
    if matter is None and not visit.acting.subject.is_company:
        return redirect("/my/delegations/new")
    response = show(
        request, "my_delegation_new.html", visit, matter=matter, form=form, fault=fault, days=DAYS,
    )
    if fault is not None:
        response.set_status(fault.status)
    return response


async def settle_delegation(request: web.Request) -> web.StreamResponse:
    """``POST /my/delegations/{id}/{accept|decline|end}``."""
    visit, desk = await visit_of(request), request.app[ROOMS].consent
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    name, step = request.match_info["id"], request.match_info["step"]
    match step:
        case "accept":
            await desk.accept(visit.session, name)
        case "decline":
            await desk.decline(visit.session, name)
        case _:
            await desk.take_back(visit.acting, name)
    return redirect(f"/my/delegations?done={step}")

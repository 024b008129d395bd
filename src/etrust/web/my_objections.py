"""My objections (异议): opened by one tap or with a few words, how they stand in words, evidence, withdrawal and the appeal."""

from collections.abc import Mapping, Sequence
from datetime import date

from aiohttp import web

from etrust.clock import official_date
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.licenses.again import labels
from etrust.licenses.types import LicenseType, by_code
from etrust.objections.model import MAX_FILE, MAX_REASON, OPEN_STATES, Objection, State
from etrust.onecode.access_log_model import Objection as Taken
from etrust.web.forms import Form, read_form, read_upload
from etrust.web.my_visit import Visit, show, visit_of
from etrust.web.objection_words import STATES
from etrust.web.rendering import redirect
from etrust.web.seal_forms import Fault, fault_of
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.wiring import ROOMS
from etrust.wiring.acting_desk import OWN_AFFAIRS, require_own_affairs

ONE_TAP = "持证人一键提出异议，未填写理由。"
"""The words of an objection that was opened by one tap."""
_MAX_IDENTIFIER = 120
_MAX_PARTS = 6
_FIELDS = frozenset({"field", "claim", "reason", "words", "file"})


async def list_objections(request: web.Request) -> web.Response:
    """``GET /my/objections``."""
    visit = await visit_of(request)
    if visit.acting.basis not in OWN_AFFAIRS:
        return show(request, "my_not_yours.html", visit)
    return await _list(request, visit, Form())


async def ask_objection(request: web.Request) -> web.Response:
    """``GET /my/objections/new?license=``: what is wrong with it, and what is right."""
    visit = await visit_of(request)
    if visit.acting.basis not in OWN_AFFAIRS:
        return show(request, "my_not_yours.html", visit)
    return _ask(request, visit, Form({"license": request.query.get("license", "")[:_MAX_IDENTIFIER]}))


async def object_to_license(request: web.Request) -> web.StreamResponse:
    """``POST /my/objections``: to what a license says. With the identifier alone it is the one tap, and again the same case."""
    visit = await visit_of(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    rooms, license_ = request.app[ROOMS], form.text("license")[:_MAX_IDENTIFIER]
    taken = await rooms.consent.object(visit.acting, license_=license_)  # refuses what is not theirs
    try:
        if form.text("words"):
            await rooms.objections.open_by_holder(
                visit.acting, license_=license_, field=form.text("field"), claim=form.text("claim"), words=form.text("words")
            )
        else:
            await rooms.objections.open_by_holder(visit.acting, license_=license_, words=ONE_TAP, number=taken.number)
    except EtrustError as error:
        return _ask(request, visit, form, fault_of(request, error, _FIELDS))
    return redirect("/my/objections?done=objection")


async def take_step(request: web.Request) -> web.StreamResponse:
    """``POST /my/objections/{number}/{step}``: take it back, appeal, or add a file."""
    visit = await visit_of(request)
    require_own_affairs(visit.acting)
    form = Form()
    number, step = request.match_info["number"], request.match_info["step"]
    try:
        form = await (read_upload(request, MAX_FILE, parts=_MAX_PARTS) if step == "evidence" else read_form(request))
        demand_token(request, form.text("csrf"))
        desk = request.app[ROOMS].objections
        objection = await desk.own(number, visit.acting)
        if step == "withdraw":
            await desk.withdraw(objection)
        elif step == "appeal":
            await desk.appeal(objection, form.text("reason"))
        else:
            await desk.add_evidence(objection, form.filename, form.image, given_by="holder")
    except EtrustError as error:
        return await _list(request, visit, form, fault_of(request, error, _FIELDS), at=number)
    return redirect(f"/my/objections?done={step}#yy-{number}")


def _ask(request: web.Request, visit: Visit, form: Form, fault: Fault | None = None) -> web.Response:
    type_ = _type(request, form.text("license"))
    return show(
        request, "my_objection_new.html", visit, status=fault.status if fault else 200, form=form, fault=fault, type=type_,
        labels={} if type_ is None else labels(type_), most=MAX_REASON,
    )  # fmt: skip


async def _list(
    request: web.Request, visit: Visit, form: Form, fault: Fault | None = None, *, at: str = ""
) -> web.Response:
    rooms = request.app[ROOMS]
    cases = await rooms.objections.of_holder(visit.acting)
    known = {case.number for case in cases}
    older = [each for each in await rooms.consent.objections(visit.acting) if each.number not in known]
    today = official_date(rooms.clock())
    return show(
        request, "my_objections.html", visit, status=fault.status if fault else 200, cases=cases, older=older, states=STATES,
        types={number: _type(request, text) for number, text in _licenses(cases, older)}, form=form, fault=fault, at=at,
        labels={each.number: _labels(request, each) for each in cases}, most=MAX_REASON, today=today,
        appealable={each.number for each in cases if _can_appeal(each, today)},
        open_states=OPEN_STATES, done=request.query.get("done", ""),
        names=await names_of(request, (), {*(each.charge for each in cases), *(each.body for each in older)}),
    )  # fmt: skip


def _licenses(cases: Sequence[Objection], older: Sequence[Taken]) -> list[tuple[str, str]]:
    """The license of each case by its number, those taken in before there were cases included."""
    return [(each.number, each.license) for each in cases] + [(each.number, each.license) for each in older]


def _can_appeal(objection: Objection, today: date) -> bool:
    open_until = objection.due is None or today <= objection.due
    return objection.state is State.DISMISSED and not objection.appealed and open_until


def _labels(request: web.Request, objection: Objection) -> Mapping[str, tuple[str, str, str]]:
    type_ = _type(request, objection.license)
    return {} if type_ is None else labels(type_)


def _type(request: web.Request, identifier: str) -> LicenseType | None:
    try:
        code = LicenseIdentifier.parse(identifier).type_code
    except EtrustError:
        return None
    return by_code(request.app[ROOMS].types).get(code)

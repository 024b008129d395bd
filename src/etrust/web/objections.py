"""The case officer's pages (异议办理): cases by deadline, one case with its history and evidence, and its steps."""

from collections.abc import Mapping
from urllib.parse import quote

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.clock import official_date
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.licenses.again import cells_of, labels
from etrust.licenses.model import StoredLicense
from etrust.licenses.types import LicenseType, by_code
from etrust.objections.model import MAX_REASON, EvidenceFile, Objection, Outcome, State
from etrust.objections.review import newest_version
from etrust.recognition.model import PartnerFault
from etrust.web.forms import Form, read_form
from etrust.web.objection_words import ACTIONS, OPENERS, OUTCOMES, STATES, STEPS
from etrust.web.rendering import redirect, render
from etrust.web.seal_forms import Fault, fault_of
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

_FIELDS = frozenset({"reason", "value", "outcome"})


async def list_objections(request: web.Request) -> web.Response:
    """``GET /objections``: what is to be done, the most urgent first; ``all=1`` for everything."""
    officer = await demand_role(request, Role.CASE_OFFICER)
    rooms, every = request.app[ROOMS], request.query.get("all") == "1"
    found = await rooms.objections.queue(officer, states=list(State) if every else None)
    today = official_date(rooms.clock())
    groups = (
        ("late", [each for each in found if each.is_overdue(today)]),
        ("open", [each for each in found if not each.is_overdue(today)]),
    )
    return render(
        request, "objections.html", operator=officer, groups=groups, every=every, states=STATES, types=_types_of(request, found),
        names=await names_of(request, (), (each.charge for each in found)), today=today,
    )  # fmt: skip


async def show_objection(request: web.Request) -> web.Response:
    """``GET /objections/{number}``."""
    return await _show(request, await demand_role(request, Role.CASE_OFFICER), Form())


async def take_step(request: web.Request) -> web.StreamResponse:
    """``POST /objections/{number}/{step}``; a refusal is told in the form, which keeps what was written."""
    officer, number, step = (
        await demand_role(request, Role.CASE_OFFICER),
        request.match_info["number"],
        request.match_info["step"],
    )
    form = await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        await _run(request, officer, number, step, form)
    except EtrustError as error:
        return await _show(request, officer, form, fault_of(request, error, _FIELDS), step=step)
    return redirect(f"/objections/{number}?done={step}")


async def _run(request: web.Request, officer: Operator, number: str, step: str, form: Form) -> None:
    desk, reason = request.app[ROOMS].objections, form.text("reason")
    if step == "accept":
        await desk.accept(number, who=officer)
    elif step == "refuse":
        await desk.refuse(number, reason, who=officer)
    elif step == "propose":
        objection = await desk.find(number, officer)
        outcome = next((each for each in Outcome if each.value == form.text("outcome")), Outcome.STANDS)
        changes = _all_values(form) if not objection.field else {objection.field: form.text("value")}
        changes = {name: value for name, value in changes.items() if value.strip()}
        await desk.propose(
            number, outcome, reason, who=officer, changes=changes if outcome is Outcome.CORRECTED else None
        )
    elif step == "decide":
        await desk.decide(number, who=officer)
    else:
        await desk.send_back(number, reason, who=officer)


def _all_values(form: Form) -> dict[str, str]:
    """The items whose right value was filled in, of a case about the whole license."""
    return {name.removeprefix("value."): value for name, value in form.values.items() if name.startswith("value.")}


async def send_file(request: web.Request) -> web.Response:
    """``GET /objections/{number}/files/{place}``: evidence, always as a download."""
    officer = await demand_role(request, Role.CASE_OFFICER)
    rooms = request.app[ROOMS]
    objection = await rooms.objections.find(request.match_info["number"], officer)
    found = [*await rooms.objections.files(objection), *await _from_elsewhere(request, objection)]
    place = int(request.match_info["place"])
    if not 1 <= place <= len(found):
        raise web.HTTPNotFound
    file, content = found[place - 1]
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}", "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }  # fmt: skip
    return web.Response(body=content, content_type=file.media_type, headers=headers)


async def _from_elsewhere(request: web.Request, objection: Objection) -> list[tuple[EvidenceFile, bytes]]:
    try:
        return list(await request.app[ROOMS].objections.fetch_evidence(objection))
    except (PartnerFault, EtrustError):
        return []


async def _show(
    request: web.Request, officer: Operator, form: Form, fault: Fault | None = None, *, step: str = ""
) -> web.Response:
    rooms = request.app[ROOMS]
    objection = await rooms.objections.find(request.match_info["number"], officer)
    stored, type_ = await _license_of(request, objection)
    files = [each for each, _ in [*await rooms.objections.files(objection), *await _from_elsewhere(request, objection)]]
    bodies = {objection.charge, objection.issuer, *(each.body for each in objection.events)}
    proposal = objection.proposal()
    return render(
        request, "objection.html", status=fault.status if fault else 200, operator=officer, each=objection, form=form,
        fault=fault, tried=step, states=STATES, actions=ACTIONS, outcomes=OUTCOMES, openers=OPENERS, type=type_, files=files,
        steps=STEPS.get(objection.state, ()) if objection.region == rooms.settings.region else (),
        labels={} if type_ is None else labels(type_),
        now_values={} if stored is None or type_ is None else cells_of(type_, stored),
        proposed=await rooms.objections.proposed_changes(objection), proposal=proposal,
        own_proposal=proposal is not None and proposal.operator == officer.username, today=official_date(rooms.clock()),
        names=await names_of(request, (), bodies), done=request.query.get("done", ""), most=MAX_REASON,
    )  # fmt: skip


async def _license_of(request: web.Request, objection: Objection) -> tuple[StoredLicense | None, LicenseType | None]:
    rooms = request.app[ROOMS]
    type_ = _types_of(request, [objection]).get(objection.number)
    if type_ is None or objection.region != rooms.settings.region:
        return None, type_
    async with rooms.stores.pool.acquire() as connection:
        return await newest_version(connection, objection.license), type_


def _types_of(request: web.Request, found: list[Objection]) -> Mapping[str, LicenseType]:
    """The license type of each case, by its number; those about a look have none."""
    known, types = by_code(request.app[ROOMS].types), {}
    for each in found:
        try:
            code = LicenseIdentifier.parse(each.license).type_code
        except EtrustError:
            continue
        if code in known:
            types[each.number] = known[code]
    return types

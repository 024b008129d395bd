"""Steps of a case at the desk, one tap each: commitment, deferral, paper seen, accept, complete, refuse."""

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.matters.case_model import Action, Case
from etrust.matters.model import Matter
from etrust.web.desk import desk_page, no_such_matter, told_with
from etrust.web.desk_cards import card_of_case, view_of_case
from etrust.web.desk_panel import empty_panel
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import read_form
from etrust.web.rendering import is_partial, render
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

STEPS = {
    Action.COMMIT: "申请人已阅读承诺书并当场承诺", Action.DEFER: "申请人申请容缺受理", Action.SUPPLEMENT: "窗口已核对纸质材料",
    Action.ACCEPT: "材料符合要求，予以受理", Action.COMPLETE: "办结", Action.REFUSE: "",
}  # fmt: skip
"""The steps the desk offers, and the reason that is recorded where the clerk gives none."""

RATED = frozenset({Action.ACCEPT, Action.COMPLETE, Action.REFUSE})
"""Steps after which the service can be rated."""

_BESIDE = {Kind.INVALID, Kind.CONFLICT, Kind.FORBIDDEN}


async def take_step(request: web.Request) -> web.Response:
    """``POST /desk/cases/{number}/{action}``; what is refused is said on the card, which stays."""
    operator = await demand_role(request, Role.CLERK)
    rooms, number = request.app[ROOMS], request.match_info["number"]
    action, fault, status = Action(request.match_info["action"]), "", 200
    form = await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        materials = (form.text("material"),) if form.text("material") else ()
        reason = form.text("reason") or STEPS[action]
        await rooms.matters.take_step(number, action, operator=operator, reason=reason, materials=materials)
    except EtrustError as error:
        if error.kind not in _BESIDE:
            raise
        fault, status = spoken(request, error), int(STATUSES[error.kind])
    case = await rooms.matters.case(number, operator=operator)
    matter = await rooms.catalogue.matter_version(case.matter, case.version)
    if matter is None:
        raise no_such_matter()
    if action in RATED and not fault:
        await rooms.counter.invite(case_number=number, step=len(case.events), matter=case.matter, body=operator.body)
    return _answer(request, case, matter, operator, fault, status)


def _answer(request: web.Request, case: Case, matter: Matter, operator: Operator, fault: str, status: int) -> web.Response:
    if is_partial(request):
        return render(
            request, "desk_case.html", status=status, operator=operator, case=view_of_case(case, matter), fault=fault,
            **told_with(request),
        )
    return desk_page(request, matter, empty_panel(matter), (card_of_case(case, matter),), operator=operator, status=status)

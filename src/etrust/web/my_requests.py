"""What a window asks right now: what it would learn, for which matter, how long; yes or no with one tap."""

from aiohttp import web

from etrust.errors import EtrustError, Kind
from etrust.onecode.consent_model import ANSWERED_LIFETIME, RequestState
from etrust.web.forms import read_form
from etrust.web.languages import mark as _
from etrust.web.my_told import told_of_needs
from etrust.web.my_visit import Visit, show, visit_of
from etrust.web.rendering import is_partial, redirect
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.wiring import ROOMS

STATES = {
    RequestState.AGREED: _("You agreed"), RequestState.REFUSED: _("You refused"),
    RequestState.EXPIRED: _("Not answered in time"),
}  # fmt: skip


async def list_requests(request: web.Request) -> web.Response:
    """``GET /my/requests``: what waits for an answer, and what was answered since the sign-in."""
    return await _show(request, await visit_of(request), "my_requests.html")


async def show_requests_part(request: web.Request) -> web.Response:
    """``GET /my/requests/part``: only what waits; 204 when nothing does."""
    visit = await visit_of(request)
    waiting = [each for each in await request.app[ROOMS].consent.requests(visit.session) if each.state is RequestState.PENDING]
    if not waiting:
        return web.Response(status=204)
    return await _show(request, visit, "my_request_part.html")


async def answer_request(request: web.Request) -> web.StreamResponse:
    """``POST /my/requests/{id}``: ``agree`` is ``yes`` or ``no``; anything else is neither."""
    visit = await visit_of(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    said = form.text("agree")
    if said not in ("yes", "no"):
        raise EtrustError(Kind.INVALID, "bad_answer", zh="请选择同意或不同意。", en="Choose to agree or not to.")
    await request.app[ROOMS].consent.answer(request.match_info["id"], visit.session, said == "yes")
    if is_partial(request):
        return await _show(request, visit, "my_request_part.html", answered=said)
    return redirect("/my/requests")


async def _show(request: web.Request, visit: Visit, template: str, answered: str = "") -> web.Response:
    asked = await request.app[ROOMS].consent.requests(visit.session)
    return show(
        request, template, visit, waiting=[each for each in asked if each.state is RequestState.PENDING],
        over=[each for each in asked if each.state is not RequestState.PENDING], states=STATES, answered=answered,
        told={each.id: told_of_needs(request, each.needs) for each in asked},
        names=await names_of(request, (each.matter for each in asked), (each.body for each in asked)),
        minutes=int(ANSWERED_LIFETIME.total_seconds() // 60),
    )

"""What I agreed to: to whom, for which matter, how often it was used; taken back with one tap."""

from datetime import datetime

from aiohttp import web

from etrust.onecode.consent_model import GrantState
from etrust.web.forms import read_form
from etrust.web.languages import mark as _
from etrust.web.my_told import told_of_needs
from etrust.web.my_visit import show, visit_of
from etrust.web.rendering import redirect
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.wiring import ROOMS
from etrust.wiring.acting_desk import OWN_AFFAIRS
from etrust.wiring.consent_desk import SHOWN

STATES = {
    GrantState.OPEN: _("Can be used"), GrantState.USED_UP: _("Used up"), GrantState.EXPIRED: _("Run out"),
    GrantState.REVOKED: _("Taken back"),
}  # fmt: skip
_MAX_MOMENT = 40


async def list_grants(request: web.Request) -> web.Response:
    """``GET /my/grants``: those that can still be used first; ``?before=`` leads to earlier ones."""
    visit, rooms = await visit_of(request), request.app[ROOMS]
    if visit.acting.basis not in OWN_AFFAIRS:
        return show(request, "my_not_yours.html", visit)
    grants = await rooms.consent.grants(visit.acting, before=_before(request))
    at = rooms.clock()
    still = [each for each in grants if each.state(at) is GrantState.OPEN]
    return show(
        request, "my_grants.html", visit, open=still, over=[each for each in grants if each not in still], states=STATES, at=at,
        told={each.id: told_of_needs(request, each.needs) for each in grants},
        names=await names_of(request, (each.matter for each in grants), (each.body for each in grants)),
        further=grants[-1].given_at.isoformat() if len(grants) == SHOWN else "", done=request.query.get("done") == "revoked",
    )


async def revoke_grant(request: web.Request) -> web.StreamResponse:
    """``POST /my/grants/{id}/end``."""
    visit = await visit_of(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    await request.app[ROOMS].consent.revoke(visit.acting, request.match_info["id"])
    return redirect("/my/grants?done=revoked")


def _before(request: web.Request) -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.query.get("before", "")[:_MAX_MOMENT].replace(" ", "+"))
    except ValueError:
        return None
    return moment if moment.tzinfo else None

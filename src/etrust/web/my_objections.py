"""My objections (异议): taken in by one tap on a look or a license, with a number and where they went."""

from aiohttp import web

from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.licenses.types import LicenseType, by_code
from etrust.onecode.access_log_model import Objection
from etrust.web.forms import read_form
from etrust.web.my_visit import show, visit_of
from etrust.web.rendering import redirect
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.wiring import ROOMS
from etrust.wiring.acting_desk import OWN_AFFAIRS

_MAX_IDENTIFIER = 120


async def list_objections(request: web.Request) -> web.Response:
    """``GET /my/objections``."""
    visit = await visit_of(request)
    if visit.acting.basis not in OWN_AFFAIRS:
        return show(request, "my_not_yours.html", visit)
    found = await request.app[ROOMS].consent.objections(visit.acting)
    return show(
        request, "my_objections.html", visit, objections=found, names=await names_of(request, (), (each.body for each in found)),
        types={each.number: _type_of(request, each) for each in found}, done=request.query.get("done") == "objection",
    )


async def object_to_license(request: web.Request) -> web.StreamResponse:
    """``POST /my/objections``: to what a license says; field ``license`` is its identifier."""
    visit = await visit_of(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    await request.app[ROOMS].consent.object(visit.acting, license_=form.text("license")[:_MAX_IDENTIFIER])
    return redirect("/my/objections?done=objection")


def _type_of(request: web.Request, objection: Objection) -> LicenseType | None:
    try:
        code = LicenseIdentifier.parse(objection.license).type_code
    except EtrustError:
        return None
    return by_code(request.app[ROOMS].types).get(code)

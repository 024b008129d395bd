"""For whom the visitor acts (切换办理身份): chosen from what holds now, and checked anew at every request."""

from aiohttp import web

from etrust.web.forms import read_form
from etrust.web.my_visit import show, visit_of
from etrust.web.rendering import redirect
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.wiring import ROOMS


async def ask_acting(request: web.Request) -> web.Response:
    """``GET /my/acting``: everybody the person may act for, and why."""
    visit = await visit_of(request)
    names = await names_of(request, (each.matter for each in visit.actings if each.matter), ())
    return show(request, "my_acting.html", visit, names=names)


async def choose_acting(request: web.Request) -> web.StreamResponse:
    """``POST /my/acting``: a choice that does not stand (any more) is oneself."""
    visit = await visit_of(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    chosen = next((each.choice for each in visit.actings if each.choice == form.text("acting_for")), "")
    await request.app[ROOMS].people.act_for(visit.session, chosen)
    return redirect("/my")

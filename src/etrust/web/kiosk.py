"""The kiosk (自助终端): three large steps for a passer-by, and nothing left of them when they go.

The one page never changes its address; its stages are parts fetched into it, which only its own script may ask for. The
kiosk asks for no field of any license, only whether it is there, so there is little to be forgotten in the first place.
"""

import asyncio
from http import HTTPStatus

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.credentials.image import read_codes
from etrust.credentials.online_code import read_online_code
from etrust.errors import EtrustError, Kind
from etrust.matters.check_model import CheckState, MatterCheck, MatterQuestion
from etrust.onecode.model import Ground
from etrust.web.desk import no_such_matter, told_with, wanted_matter
from etrust.web.desk_cards import card_of
from etrust.web.desk_panel import Panel, filled_panel
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import MAX_FRAME, Form, read_bounded, read_form
from etrust.web.rate import LEVELS
from etrust.web.rendering import is_partial, redirect, render
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

IDLE_SECONDS = 60
"""Without a touch for so long, the kiosk asks whether anybody is there."""

LEAVING_SECONDS = 20
"""And after so many more it forgets."""

_REASON = "自助终端预检"


async def show_kiosk(request: web.Request) -> web.Response:
    """``GET /kiosk``: the page as everybody finds it."""
    await demand_role(request, Role.KIOSK)
    begun = bool(request.query.get("begin"))
    return render(request, "kiosk.html", idle=IDLE_SECONDS, leaving=LEAVING_SECONDS, begun=begun)


async def show_themes(request: web.Request) -> web.StreamResponse:
    """``GET /kiosk/themes``: step one, what it is about."""
    await demand_role(request, Role.KIOSK)
    if not is_partial(request):
        return redirect("/kiosk")
    themes = await request.app[ROOMS].catalogue.themes()
    return render(request, "kiosk_themes.html", themes=[each for each in themes if each.matters])


async def show_theme(request: web.Request) -> web.StreamResponse:
    """``GET /kiosk/themes/{theme}``: step one, which matter."""
    await demand_role(request, Role.KIOSK)
    if not is_partial(request):
        return redirect("/kiosk")
    found = await request.app[ROOMS].catalogue.search("", theme=request.match_info["theme"])
    return render(request, "kiosk_matters.html", matters=[each for each in found if Ground.CONSENT in each.grounds])


async def show_scan(request: web.Request) -> web.StreamResponse:
    """``GET /kiosk/matters/{matter}``: step two, the code."""
    await demand_role(request, Role.KIOSK)
    if not is_partial(request):
        return redirect("/kiosk")
    matter = await wanted_matter(request)
    return _scan(request, filled_panel(matter, Form(), ""))


async def scan(request: web.Request) -> web.Response:
    """``POST /kiosk/matters/{matter}``: the next code; the check when all are there."""
    operator = await demand_role(request, Role.KIOSK)
    matter = await wanted_matter(request)
    form = Form()
    try:
        form = await read_form(request)
        demand_token(request, form.text("csrf"))
        panel = filled_panel(matter, form, _presented(form))
        if panel.missing:
            return _scan(request, panel)
        return await _checked(request, panel, operator)
    except EtrustError as error:
        if error.kind is Kind.UNAUTHENTICATED:
            raise
        return _scan(request, filled_panel(matter, Form(), ""), error)


async def follow(request: web.Request) -> web.StreamResponse:
    """``GET /kiosk/checks/{check}``: whether the phone has answered; 204 as long as it has not."""
    operator = await demand_role(request, Role.KIOSK)
    if not is_partial(request):
        return redirect("/kiosk")
    rooms = request.app[ROOMS]
    try:
        check = await rooms.matters.continue_check(request.match_info["check"], operator=operator)
    except EtrustError as error:
        return render(request, "kiosk_over.html", status=STATUSES[error.kind], fault=spoken(request, error))
    if check.state is CheckState.CONSENT_NEEDED:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    return await _result(request, check, operator)


async def read_frame(request: web.Request) -> web.Response:
    """``POST /kiosk/frame``: the code in one camera frame as JSON, or 204 when there is none."""
    await demand_role(request, Role.KIOSK)
    demand_token(request, request.headers.get("X-CSRF-Token", ""))
    codes = await asyncio.to_thread(read_codes, await read_bounded(request, MAX_FRAME))
    return web.json_response({"text": codes[0]}) if codes else web.Response(status=HTTPStatus.NO_CONTENT)


async def forget(request: web.Request) -> web.Response:
    """``POST /kiosk/reset``: tells the browser to clear what it may have kept; the sign-in of the device stays."""
    await demand_role(request, Role.KIOSK)
    headers = {"Clear-Site-Data": '"cache", "storage"'}
    return web.Response(status=HTTPStatus.NO_CONTENT, headers=headers)


async def _checked(request: web.Request, panel: Panel, operator: Operator) -> web.Response:
    question = MatterQuestion(
        matter=panel.matter.code, codes=panel.codes, operator=operator, ground=Ground.CONSENT, reason=_REASON,
        fields={material.key: () for material in panel.matter.materials},
    )  # of every license only whether it is there
    check = await request.app[ROOMS].matters.check(question)
    if check.state is CheckState.DONE:  # consent was given beforehand, in the code
        return await _result(request, check, operator)
    return render(request, "kiosk_waits.html", check=check, matter=panel.matter)


async def _result(request: web.Request, check: MatterCheck, operator: Operator) -> web.Response:
    rooms = request.app[ROOMS]
    matter = await rooms.catalogue.matter_version(check.matter, check.version)
    if matter is None:
        raise no_such_matter()
    rating = await rooms.counter.invite(
        case_number=check.case_number, step=check.step, matter=check.matter, body=operator.body
    )
    return render(
        request, "kiosk_result.html", card=card_of(check, matter, rooms.types), matter=matter, rating=rating, levels=LEVELS,
        at=rooms.clock(), body=operator.body_name, **told_with(request),
    )


def _presented(form: Form) -> str:
    """The code, which must be an online one: what is printed proves nobody's presence at night."""
    text = form.text("presented")
    read_online_code(text)
    return text


def _scan(request: web.Request, panel: Panel, error: EtrustError | None = None) -> web.Response:
    status = HTTPStatus.OK if error is None else STATUSES[error.kind]
    return render(request, "kiosk_scan.html", status=int(status), panel=panel, fault=spoken(request, error))

"""The clerk's check page (查验台): a code, an identifier or a picture in, the verdict card out."""

import asyncio
from http import HTTPStatus

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.credentials.image import read_codes
from etrust.errors import EtrustError, Kind
from etrust.verification.pictures import one_code
from etrust.web.card import card_of
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import MAX_FRAME, Form, read_bounded, read_form
from etrust.web.rendering import is_partial, render
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

_SHOWN_AGAIN = {Kind.MALFORMED, Kind.INVALID, Kind.NOT_FOUND, Kind.TOO_LARGE, Kind.RATE_LIMITED}


async def show_check(request: web.Request) -> web.Response:
    """``GET /check``."""
    operator = await demand_role(request, Role.CLERK)
    return render(request, "check.html", operator=operator, card=None, notice="", presented="")


async def check(request: web.Request) -> web.Response:
    """``POST /check``; what cannot be checked is answered beside the form, which keeps what was typed."""
    operator = await demand_role(request, Role.CLERK)
    form = Form()
    try:
        form = await read_form(request)
        demand_token(request, form.text("csrf"))
        presented = await _presented(form)
        verdict = await request.app[ROOMS].check(presented, actor=operator)
    except EtrustError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        return _show(
            request,
            operator,
            status=STATUSES[error.kind],
            card=None,
            notice=spoken(request, error),
            presented=form.text("presented"),
        )
    return _show(request, operator, card=card_of(verdict), notice="", presented="")


async def check_frame(request: web.Request) -> web.Response:
    """``POST /check/frame``: the code in one camera frame as JSON, or 204 when there is none."""
    await demand_role(request, Role.CLERK)
    demand_token(request, request.headers.get("X-CSRF-Token", ""))
    frame = await read_bounded(request, MAX_FRAME)
    codes = await asyncio.to_thread(read_codes, frame)
    if not codes:
        return web.Response(status=HTTPStatus.NO_CONTENT)
    return web.json_response({"text": codes[0]})


async def _presented(form: Form) -> str:
    """The text to check: what was typed or scanned, else the one license code in the picture."""
    if form.image:
        return one_code(await asyncio.to_thread(read_codes, form.image))
    return _required(form.text("presented"))


def _required(presented: str) -> str:
    if not presented:
        raise EtrustError(
            Kind.INVALID,
            "nothing_presented",
            zh="还没有内容。请先扫码、粘贴或输入证照号码。",
            en="Nothing yet. Scan, paste or type a license code first.",
        )
    return presented


def _show(
    request: web.Request, operator: Operator, *, status: int = HTTPStatus.OK, **context: object
) -> web.Response:
    template = "check_result.html" if is_partial(request) else "check.html"
    return render(request, template, status=status, operator=operator, **context)

"""The public page (公众核验): is this genuine and in force, and nothing more."""

import asyncio
from http import HTTPStatus

from aiohttp import web

from etrust.credentials.image import read_codes
from etrust.errors import EtrustError, Kind
from etrust.verification.pictures import one_code
from etrust.web.address import client_address
from etrust.web.card import Card, card_of
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import Form, read_form
from etrust.web.rendering import is_partial, render
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

_SHOWN_AGAIN = {Kind.MALFORMED, Kind.INVALID, Kind.TOO_LARGE, Kind.RATE_LIMITED}
_PICTURES = 2  # read at a time: a stranger's picture costs far more than a stranger's text
_READING = asyncio.Semaphore(_PICTURES)


async def show_verify(request: web.Request) -> web.Response:
    """``GET /verify``; nothing is ever taken from its address, which browsers and proxies keep."""
    return render(request, "verify.html", card=None, notice="")


async def verify(request: web.Request) -> web.Response:
    """``POST /verify``; the form never shows again what was typed, for the next visitor may be another."""
    try:
        form = await read_form(request)
        demand_token(request, form.text("csrf"))
        verdict = await request.app[ROOMS].counter.public_check(await _presented(form), client=client_address(request))
    except EtrustError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        return _show(request, status=STATUSES[error.kind], card=None, notice=spoken(request, error))
    return _show(request, card=card_of(verdict), notice="")


async def _presented(form: Form) -> str:
    if form.image:
        async with _READING:
            return one_code(await asyncio.to_thread(read_codes, form.image))
    if not form.text("presented"):
        raise EtrustError(
            Kind.INVALID, "no_code_presented",
            zh="还没有内容。请先扫描二维码，或粘贴码的内容。", en="Nothing yet. Scan a code, or paste its text.",
        )
    return form.text("presented")


def _show(request: web.Request, *, card: Card | None, notice: str, status: int = HTTPStatus.OK) -> web.Response:
    template = "verify_result.html" if is_partial(request) else "verify.html"
    return render(request, template, status=status, card=card, notice=notice)

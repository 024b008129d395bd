"""Signing in and out of the officials' pages."""

from aiohttp import web

from etrust.access.sessions import KIOSK_LIFETIME, is_kiosk
from etrust.errors import EtrustError, Kind
from etrust.web.address import client_address
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import read_form
from etrust.web.rendering import redirect, render
from etrust.web.security import demand_token
from etrust.web.sessions import drop_session, home_of, inner_path, keep_session, session_token, signed_in
from etrust.wiring import ROOMS

_ASK_AGAIN = {Kind.UNAUTHENTICATED, Kind.RATE_LIMITED, Kind.FORBIDDEN}


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """``GET /signin``; who is signed in already goes straight on."""
    wanted, operator = request.query.get("next", ""), await signed_in(request)
    if operator is not None:
        return redirect(inner_path(wanted) if wanted else home_of(operator))
    return render(request, "signin.html", next=inner_path(wanted) if wanted else "", username="", fault="")


async def sign_in(request: web.Request) -> web.StreamResponse:
    """``POST /signin``; a failed try keeps the name and says what is wrong."""
    form = await read_form(request)
    wanted, username = form.text("next"), form.text("username")[:100]
    try:
        demand_token(request, form.text("csrf"))
        token = await request.app[ROOMS].sign_in(
            username,
            form.values.get("password", ""),
            client=client_address(request),
        )
    except EtrustError as error:
        if error.kind not in _ASK_AGAIN:
            raise
        status = STATUSES[error.kind]
        return render(
            request,
            "signin.html",
            status=status,
            next=inner_path(wanted) if wanted else "",
            username=username,
            fault=spoken(request, error),
        )
    operator = await request.app[ROOMS].operator_of(token)
    response = redirect(inner_path(wanted) if wanted else home_of(operator))
    lasting = int(KIOSK_LIFETIME.total_seconds()) if operator is not None and is_kiosk(operator) else None
    keep_session(request, response, token, lasting=lasting)
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """``POST /signout``."""
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    await request.app[ROOMS].sign_out(session_token(request))
    response = redirect("/")
    drop_session(request, response)
    return response

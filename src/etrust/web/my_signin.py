"""Holders sign in and out: to the region's identity platform, and back."""

from http import HTTPStatus
from urllib.parse import urlsplit

from aiohttp import web

from etrust.errors import EtrustError, Kind
from etrust.web.address import client_address
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import read_form
from etrust.web.my_session import cookie_name, drop_holder, holder_token, keep_holder, my_path, signed_in_person
from etrust.web.origin import own_origin
from etrust.web.preferences import preferences_of
from etrust.web.rendering import redirect, render
from etrust.web.security import demand_token
from etrust.wiring import ROOMS
from etrust.wiring.people_desk import SIGN_IN_LASTS, new_browser_secret

_BROWSER = "etrust_signin"
_MAX_SECRET = 64
_SAID_ON_PAGE = {Kind.FORBIDDEN, Kind.UNAVAILABLE, Kind.UNTRUSTED, Kind.INVALID, Kind.RATE_LIMITED}


async def show_sign_in(request: web.Request) -> web.StreamResponse:
    """``GET /my/signin``; who is signed in already goes straight on."""
    wanted = my_path(request.query.get("next", ""))
    if await signed_in_person(request) is not None:
        return redirect(wanted)
    return _page(request, wanted, signed_out=request.query.get("out") == "1")


async def sign_in(request: web.Request) -> web.StreamResponse:
    """``POST /my/signin``: on to the identity platform, over a page that says so.

    Not by a redirection: browsers hold those against ``form-action``, along the whole way the platform may send them.
    """
    form = await read_form(request)
    wanted, fresh = my_path(form.text("next")), form.text("fresh") == "1"
    browser = _browser_secret(request) or new_browser_secret()
    try:
        demand_token(request, form.text("csrf"))
        address = await request.app[ROOMS].people.begin(
            browser=browser, redirect_uri=f"{own_origin(request)}/my/callback", wanted=wanted, fresh=fresh,
            client=client_address(request), language=preferences_of(request).language.tag,
        )  # fmt: skip
    except EtrustError as error:
        return _failed(request, error, wanted)
    response = _onward(request, address, leaving=False)
    _keep_browser_secret(request, response, browser)
    return response


async def arrive(request: web.Request) -> web.StreamResponse:
    """``GET /my/callback``: the way back from the identity platform."""
    people = request.app[ROOMS].people
    answer = {name: request.query[name] for name in ("state", "code", "error", "iss") if name in request.query}
    try:
        arrival = await people.arrive(answer, browser=_browser_secret(request))
    except EtrustError as error:
        return _failed(request, error, "/my")
    before = holder_token(request)
    if before:
        await people.sign_out(before)
    response = redirect(my_path(arrival.wanted))
    keep_holder(request, response, arrival.opened.token)
    return response


async def sign_out(request: web.Request) -> web.StreamResponse:
    """``POST /my/signout``: here, and at the identity platform where it offers that."""
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    people = request.app[ROOMS].people
    await people.sign_out(holder_token(request))
    address = await people.end_address(f"{own_origin(request)}/my/signin")
    response = _onward(request, address, leaving=True) if address else redirect("/my/signin?out=1")
    drop_holder(request, response)
    return response


def _page(
    request: web.Request, wanted: str, *, status: int = HTTPStatus.OK, fault: str = "", detail: str = "", signed_out: bool = False
) -> web.Response:
    platform = request.app[ROOMS].people.platform
    host = "" if platform is None else urlsplit(platform.client.issuer).netloc
    return render(
        request, "my_signin.html", status=status, next=wanted, host=host, fault=fault, detail=detail, signed_out=signed_out
    )


def _failed(request: web.Request, error: EtrustError, wanted: str) -> web.Response:
    if error.kind not in _SAID_ON_PAGE:
        raise error
    missing = error.where if error.code == "claims_missing" else ""
    return _page(request, wanted, status=STATUSES[error.kind], fault=spoken(request, error), detail=missing)


def _onward(request: web.Request, address: str, *, leaving: bool) -> web.Response:
    return render(request, "my_onward.html", address=address, host=urlsplit(address).netloc, leaving=leaving)


def _browser_secret(request: web.Request) -> str:
    secure = request.app[ROOMS].settings.secure_cookies
    secret = request.cookies.get(cookie_name(secure=secure, name=_BROWSER), "")
    return secret if len(secret) <= _MAX_SECRET else ""


def _keep_browser_secret(request: web.Request, response: web.StreamResponse, secret: str) -> None:
    secure = request.app[ROOMS].settings.secure_cookies
    response.set_cookie(
        cookie_name(secure=secure, name=_BROWSER), secret, max_age=int(SIGN_IN_LASTS.total_seconds()), httponly=True,
        samesite="Lax", secure=secure, path="/",
    )

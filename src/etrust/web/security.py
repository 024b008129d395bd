"""What protects the pages: headers on every answer, and forms that only our own pages can send."""

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from etrust.errors import EtrustError, Kind
from etrust.web.my_session import holder_token
from etrust.web.sessions import session_token
from etrust.wiring import ROOMS

_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # same-origin, not no-referrer: the latter makes browsers send "Origin: null" with our own forms
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), screen-wake-lock=(self), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
_SEED_COOKIE = "form"
_SEED = web.RequestKey("form_seed", str)


def protect(response: web.StreamResponse, *, secure: bool) -> None:
    """Put the security headers on an answer; pages are never kept by a cache."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault(hdrs.CACHE_CONTROL, "no-store")
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")


def form_token(request: web.Request) -> str:
    """The token our forms carry, bound to a cookie of this browser and to its session."""
    seed = request.cookies.get(_seed_cookie(request)) or request.get(_SEED) or secrets.token_urlsafe(24)
    request[_SEED] = seed
    # A holder's session comes along from other sites too (Lax), an operator's does not: each kind of page is bound to its own.
    session = holder_token(request) if request.path.startswith("/my") else session_token(request)
    return hmac.new(seed.encode(), session.encode(), hashlib.sha256).hexdigest()


def keep_form_seed(request: web.Request, response: web.StreamResponse) -> None:
    """Give the browser the cookie that its forms will be held against, when a page made one."""
    seed, name = request.get(_SEED), _seed_cookie(request)
    if seed and request.cookies.get(name) != seed:
        secure = request.app[ROOMS].settings.secure_cookies
        response.set_cookie(name, seed, httponly=True, samesite="Strict", secure=secure, path="/")


def demand_same_origin(request: web.Request) -> None:
    """Refuse a changing request that the browser says comes from another site.

    Raises:
        EtrustError: FORBIDDEN ``cross_site``.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        raise _forged("cross_site")
    origin = request.headers.get(hdrs.ORIGIN)
    if origin is None:
        return
    ours = {request.host, urlsplit(request.app[ROOMS].settings.public_url).netloc}
    if urlsplit(origin).netloc not in ours:
        raise _forged("cross_site")


def demand_token(request: web.Request, presented: str) -> None:
    """Refuse a form without the token of this browser and session.

    Raises:
        EtrustError: FORBIDDEN ``form_expired``.
    """
    known = request.cookies.get(_seed_cookie(request), "")
    if not known or not hmac.compare_digest(form_token(request).encode(), presented.encode()):
        raise _forged("form_expired")


def _seed_cookie(request: web.Request) -> str:
    return f"__Host-{_SEED_COOKIE}" if request.app[ROOMS].settings.secure_cookies else _SEED_COOKIE


def _forged(code: str) -> EtrustError:
    return EtrustError(
        Kind.FORBIDDEN,
        code,
        zh="页面已过期或请求来自别的网站。请回到本系统的页面，刷新后再试。",
        en="The page is out of date or the request came from another site. Reload it and try again.",
    )

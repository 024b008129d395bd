"""Who sits in front of the page: the session cookie and the operator behind it."""

from urllib.parse import quote

from aiohttp import web

from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.access.sessions import is_kiosk
from etrust.errors import EtrustError, Kind
from etrust.wiring import ROOMS

_NAME = "etrust"
_MAX_TOKEN = 256  # characters; longer cookies are not ours


def cookie_name(*, secure: bool) -> str:
    """``__Host-`` binds the cookie to this host, but browsers accept it over HTTPS only."""
    return f"__Host-{_NAME}" if secure else _NAME


def session_token(request: web.Request) -> str:
    """The opaque session token of a request, empty when there is none."""
    token = request.cookies.get(cookie_name(secure=request.app[ROOMS].settings.secure_cookies), "")
    return token if len(token) <= _MAX_TOKEN else ""


def keep_session(request: web.Request, response: web.StreamResponse, token: str, *, lasting: int | None = None) -> None:
    """Hand the session token to the browser until it is closed, or for so many seconds: a kiosk starts anew by itself."""
    secure = request.app[ROOMS].settings.secure_cookies
    response.set_cookie(
        cookie_name(secure=secure),
        token,
        max_age=lasting,
        httponly=True,
        samesite="Strict",
        secure=secure,
        path="/",
    )


def drop_session(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session token back from the browser."""
    secure = request.app[ROOMS].settings.secure_cookies
    response.del_cookie(
        cookie_name(secure=secure),
        httponly=True,
        samesite="Strict",
        secure=secure,
        path="/",
    )


async def signed_in(request: web.Request) -> Operator | None:
    """The operator of the session, None when nobody is signed in."""
    token = session_token(request)
    return await request.app[ROOMS].operator_of(token) if token else None


async def demand_role(request: web.Request, role: Role, *others: Role) -> Operator:
    """The signed-in operator, who must have the role, or one of the others.

    Raises:
        EtrustError: UNAUTHENTICATED, which the pages answer with the sign-in page; FORBIDDEN ``no_role``.
    """
    operator = await demand_operator(request)
    if not operator.roles.intersection(others):
        require_role(operator, role)
    return operator


async def demand_operator(request: web.Request) -> Operator:
    """The signed-in operator, whatever the roles.

    Raises:
        EtrustError: UNAUTHENTICATED.
    """
    operator = await signed_in(request)
    if operator is None:
        raise EtrustError(
            Kind.UNAUTHENTICATED,
            "sign_in_first",
            zh="请先登录。",
            en="Please sign in first.",
        )
    return operator


def sign_in_address(request: web.Request) -> str:
    """The sign-in page that leads back to where the visitor wanted to go."""
    wanted = request.path if request.method == "GET" else "/check"
    return f"/signin?next={quote(wanted, safe='/')}"


_HOMES = (
    (Role.SEAL_OFFICER, "/seals"), (Role.CASE_OFFICER, "/objections"), (Role.TRUST_OFFICER, "/trust"), (Role.AUDITOR, "/audit"),
    (Role.SUPERVISOR, "/ratings/follow-ups"),
)  # fmt: skip


def home_of(operator: Operator | None) -> str:
    """The page on which an operator's work begins."""
    if operator is not None and is_kiosk(operator):
        return "/kiosk"
    for role, page in _HOMES:
        if operator is not None and role in operator.roles and Role.CLERK not in operator.roles:
            return page
    return "/check"


def inner_path(wanted: str) -> str:
    """A path on this site to go to next; anything else becomes the check page."""
    good = (
        wanted.startswith("/")
        and not wanted.startswith(("//", "/\\"))
        and wanted.isascii()
        and wanted.isprintable()
    )
    return wanted if good else "/check"

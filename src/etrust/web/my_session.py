"""Who sits in front of a holder's page: a cookie of its own, never an operator's."""

from urllib.parse import quote

from aiohttp import web

from etrust.access.person_model import HolderSession
from etrust.access.persons import LIFETIME
from etrust.errors import EtrustError, Kind
from etrust.wiring import ROOMS

_NAME = "etrust_holder"
_MAX_TOKEN = 64  # characters; longer cookies are not ours
_MAX_ADDRESS = 512
SESSION = web.RequestKey("holder_session", HolderSession)


def cookie_name(*, secure: bool, name: str = _NAME) -> str:
    """``__Host-`` binds the cookie to this host, but browsers accept it over HTTPS only."""
    return f"__Host-{name}" if secure else name


def holder_token(request: web.Request) -> str:
    """The opaque session token of a holder, empty when there is none."""
    token = request.cookies.get(cookie_name(secure=request.app[ROOMS].settings.secure_cookies), "")
    return token if len(token) <= _MAX_TOKEN else ""


def keep_holder(request: web.Request, response: web.StreamResponse, token: str) -> None:
    """Hand the session token to the browser.

    Lax, because the way back from the identity platform begins at another site; what changes something is a POST.
    """
    secure = request.app[ROOMS].settings.secure_cookies
    response.set_cookie(
        cookie_name(secure=secure), token, max_age=int(LIFETIME.total_seconds()), httponly=True, samesite="Lax",
        secure=secure, path="/",
    )


def drop_holder(request: web.Request, response: web.StreamResponse) -> None:
    """Take the session token back from the browser."""
    secure = request.app[ROOMS].settings.secure_cookies
    response.del_cookie(cookie_name(secure=secure), httponly=True, samesite="Lax", secure=secure, path="/")


async def signed_in_person(request: web.Request) -> HolderSession | None:
    """The session of the holder, None when nobody is signed in."""
    token = holder_token(request)
    return await request.app[ROOMS].people.session(token) if token else None


async def require_person(request: web.Request) -> HolderSession:
    """The session of the holder.

    Raises:
        EtrustError: UNAUTHENTICATED ``sign_in_as_holder``, which the pages answer with the holders' sign-in page.
    """
    session = await signed_in_person(request)
    if session is None:
        raise EtrustError(
            Kind.UNAUTHENTICATED, "sign_in_as_holder", zh="请先登录。", en="Please sign in first.",
            where=f"/my/signin?next={quote(wanted_page(request), safe='')}",
        )
    return session


async def require_strong(request: web.Request, session: HolderSession) -> None:
    """Return quietly when a passkey was used a moment ago.

    Raises:
        EtrustError: UNAUTHENTICATED ``passkey_needed``, which the pages answer with the page that asks for it.
    """
    if session.is_strong(request.app[ROOMS].clock()):
        return
    raise EtrustError(
        Kind.UNAUTHENTICATED, "passkey_needed",
        zh="查看此证照须再用通行密钥确认一次。", en="This license needs your passkey once more.",
        where=f"/my/passkeys/confirm?next={quote(wanted_page(request), safe='')}",
    )


def wanted_page(request: web.Request) -> str:
    """The holder's page to come back to: the one that was asked for, when it can be asked for again."""
    address = request.path_qs if request.method == "GET" and "HX-Request" not in request.headers else request.path
    return my_path(address if request.method == "GET" else "/my")


def my_path(wanted: str) -> str:
    """A holder's page on this site to go on to; anything else becomes ``/my``."""
    good = (
        (wanted == "/my" or wanted.startswith(("/my/", "/my?")))
        and len(wanted) <= _MAX_ADDRESS
        and wanted.isascii()
        and wanted.isprintable()
        and "\\" not in wanted
        and ".." not in wanted
        and not wanted.startswith(("/my/signin", "/my/signout", "/my/callback"))
    )
    return wanted if good else "/my"

"""Where this deployment is reached: what the identity platform sends browsers back to, and what passkeys are bound to."""

from aiohttp import web
from yarl import URL

from etrust.settings import EXAMPLE_URL, is_loopback
from etrust.wiring import ROOMS


def own_origin(request: web.Request) -> str:
    """Scheme, host and port of `public_url`.

    A trial has no address of its own yet (`public_url` unset): there it is the one in the visitor's address bar, if that is
    this very machine. What a visitor writes into ``Host`` counts nowhere else.
    """
    configured = request.app[ROOMS].settings.public_url
    if configured == EXAMPLE_URL and request.scheme == "http" and is_loopback(request.url.host or ""):
        return str(request.url.origin())
    return str(URL(configured).origin())


def own_host(request: web.Request) -> str:
    """The host of `own_origin`: the relying party of passkeys."""
    return URL(own_origin(request)).host or ""

"""Where a visitor comes from, as far as our own proxies can be believed."""

from aiohttp import web

from etrust.wiring import ROOMS

_MAX_ADDRESS = 64


def client_address(request: web.Request) -> str:
    """The visitor's address: the one that connects, or what the outermost trusted proxy saw (`trusted_proxies`).

    Whatever stands further left in ``X-Forwarded-For`` came from the visitor and proves nothing.
    """
    hops = request.app[ROOMS].settings.trusted_proxies
    told = [each.strip() for line in request.headers.getall("X-Forwarded-For", []) for each in line.split(",")]
    if not 0 < hops <= len(told):
        return request.remote or ""
    return told[-hops][:_MAX_ADDRESS]

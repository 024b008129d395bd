"""`/api/v1/receipts`: signed receipts (查验回执) of the caller's body and those below it, as COSE and as PDF."""

from aiohttp import web

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.wiring import ROOMS

_PRIVATE = {"Cache-Control": "private, no-store"}


async def cose(request: web.Request) -> web.Response:
    """The signed record, with its timestamp."""
    key = await require_key(request, Scope.MATTERS)
    content = await request.app[ROOMS].receipts.cose(request.match_info["receipt"], body=key.body)
    return web.Response(body=content, content_type="application/cose", headers=_PRIVATE)


async def pdf(request: web.Request) -> web.Response:
    """The page that shows it, signed for the long term, the record inside."""
    key = await require_key(request, Scope.MATTERS)
    content = await request.app[ROOMS].receipts.pdf(request.match_info["receipt"], body=key.body)
    return web.Response(body=content, content_type="application/pdf", headers=_PRIVATE)

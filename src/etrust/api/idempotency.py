"""Idempotency-Key for programs: a POST that is sent again under the same key is answered again and not done again.

Kept for a day by the API key that asked, sealed by the name itself. A refusal is not kept: nothing was done. Streams and
uploads in parts are left out; they change nothing that could not be repeated. So are checks of a matter, whose own record of
the key goes on where the first try stopped.
"""

from aiohttp import web
from aiohttp.typedefs import Handler

from etrust.api.access import KEY_RING
from etrust.api.partner_access import is_partner, once


@web.middleware
async def repeatable(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a repeated question with the answer it had."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if not _is_asked_for(request) or scheme.lower() != "bearer" or is_partner(request):
        return await handler(request)
    key = await request.app[KEY_RING].find(text.strip())

    async def work() -> web.Response:
        answer = await handler(request)
        assert isinstance(answer, web.Response)  # noqa: S101 - what every handler of JSON gives
        return answer

    return await once(request, f"key:{key.key_id}", await request.read(), work)


_OWN = frozenset({"matter_check", "matter_check_on"})
"""Routes that keep their keys themselves."""


def _is_asked_for(request: web.Request) -> bool:
    plain = request.method == "POST" and request.path.startswith("/api/v1/") and request.content_type == "application/json"
    return plain and "Idempotency-Key" in request.headers and request.match_info.route.name not in _OWN

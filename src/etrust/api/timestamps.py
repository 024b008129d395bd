"""`POST /tsa`: the timestamp service over HTTP (RFC 3161, section 3.4). A refusal is an answer, not an error."""

from aiohttp import web

from etrust.errors import EtrustError, Kind
from etrust.trust.stamp_requests import MAX_REQUEST
from etrust.wiring import ROOMS

QUERY_TYPE, REPLY_TYPE = "application/timestamp-query", "application/timestamp-reply"


async def stamp(request: web.Request) -> web.Response:
    """A timestamp over a digest."""
    if request.content_type != QUERY_TYPE:
        raise EtrustError(
            Kind.INVALID, "not_a_timestamp_query", where="Content-Type",
            zh=f"请求类型须为 {QUERY_TYPE}。", en=f"Send a TimeStampReq as {QUERY_TYPE}.",
        )
    data = await _bounded(request)
    answer = await request.app[ROOMS].timestamps.respond(data)
    return web.Response(body=answer, content_type=REPLY_TYPE, headers={"Cache-Control": "no-store"})


async def _bounded(request: web.Request) -> bytes:
    """The body, or so much of it that the reader sees it is too long."""
    data = b""
    while len(data) <= MAX_REQUEST and (chunk := await request.content.read(MAX_REQUEST + 1)):
        data += chunk
    return data

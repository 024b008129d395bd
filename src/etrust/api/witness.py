"""`POST /log/add-checkpoint`: this region witnesses the logs of its partners (C2SP tlog-witness)."""

from aiohttp import web

from etrust.errors import EtrustError
from etrust.ledger.witness import HTTP_STATUS, MAX_REQUEST, Outcome
from etrust.wiring import ROOMS


async def add_checkpoint(request: web.Request) -> web.Response:
    """The cosignature on a checkpoint, or why there is none, in the words of the protocol: a status, sometimes a size."""
    try:
        found = await request.app[ROOMS].witness.cosign(await _bounded(request))
    except EtrustError as error:
        if error.code != "bad_note":
            raise
        return web.Response(status=400, text=f"{error.en}\n")
    if found.signature is not None:
        return web.Response(text=found.signature.line, content_type="text/plain")
    if found.outcome in {Outcome.OTHER_SIZE, Outcome.SPLIT_VIEW}:
        return web.Response(status=409, text=f"{found.size}\n", content_type="text/x.tlog.size")
    return web.Response(status=HTTP_STATUS[found.outcome], text=f"{found.outcome}\n")


async def _bounded(request: web.Request) -> bytes:
    """The body, or so much of it that the reader sees it is too long."""
    data = b""
    while len(data) <= MAX_REQUEST and (chunk := await request.content.read(MAX_REQUEST + 1)):
        data += chunk
    return data

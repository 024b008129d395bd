"""`/livez` and `/readyz`, for whatever watches the process."""

from aiohttp import web

from etrust.wiring import ROOMS


async def live(_: web.Request) -> web.Response:
    """The process answers."""
    return web.json_response({"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """Both stores answer and a trust list is in force; 503 otherwise, saying which part is missing."""
    rooms = request.app[ROOMS]
    parts = await rooms.health()
    return web.json_response({"status": _word(parts), "parts": parts},
                             status=200 if parts["database"] and parts["trust_list"] else 503)  # fmt: skip


def _word(parts: dict[str, bool]) -> str:
    """Without Redis all goes on, only slower."""
    if all(parts.values()):
        return "ok"
    return "degraded" if parts["database"] and parts["trust_list"] else "unavailable"

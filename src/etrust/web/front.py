"""The front page: what this is and where to go; and the files the pages link to."""

from aiohttp import hdrs, web

from etrust.web.rendering import PAGES, render
from etrust.web.sessions import signed_in


async def show_front(request: web.Request) -> web.Response:
    """``GET /``."""
    return render(request, "front.html", operator=await signed_in(request))


async def send_asset(request: web.Request) -> web.Response:
    """``GET /static/{digest}/{name}``."""
    accepted = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
    return request.app[PAGES].assets.answer(
        request.match_info["digest"],
        request.match_info["name"],
        gzip_accepted=accepted,
    )

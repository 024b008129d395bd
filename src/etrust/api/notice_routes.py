"""The paths of notices."""

from aiohttp import web

from etrust.api import notices

_NOTICE = "{notice:N-[A-Za-z0-9_-]{22}}"

NOTICE_ROUTES: list[web.RouteDef] = [
    web.post("/api/v1/recognition/notices", notices.arrive, name="notice_arrival"),
    web.get("/api/v1/notices", notices.inbox, name="notices"),
    web.post(f"/api/v1/notices/{_NOTICE}/confirmation", notices.confirm, name="notice_confirmation"),
]

"""The addresses of the notice pages."""

from aiohttp import web

from etrust.web import notices

_NOTICE = "{notice:N-[A-Za-z0-9_-]{22}}"

NOTICE_PAGES: list[web.RouteDef] = [
    web.get("/notices", notices.show_unconfirmed),
    web.get("/notices/inbox", notices.show_inbox),
    web.post(f"/notices/{_NOTICE}/confirm", notices.confirm),
    web.post(f"/notices/{_NOTICE}/resend", notices.resend),
    web.get("/my/notices", notices.show_mine),
]

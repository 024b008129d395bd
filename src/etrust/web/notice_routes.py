"""The addresses of the notice pages."""

from aiohttp import web

NOTICE_PAGES: list[web.RouteDef] = []

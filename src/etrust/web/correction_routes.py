"""The addresses of the correction pages."""

from aiohttp import web

CORRECTION_PAGES: list[web.RouteDef] = []

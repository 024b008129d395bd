"""The addresses of the objection pages."""

from aiohttp import web

OBJECTION_PAGES: list[web.RouteDef] = []

"""The addresses of the region pages."""

from aiohttp import web

REGION_PAGES: list[web.RouteDef] = []

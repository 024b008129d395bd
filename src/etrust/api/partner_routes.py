"""The paths of the API's partner part."""

from aiohttp import web

PARTNER_ROUTES: list[web.RouteDef] = []

"""The paths of the API's objection part."""

from aiohttp import web

OBJECTION_ROUTES: list[web.RouteDef] = []

"""The paths of the API's correction part."""

from aiohttp import web

CORRECTION_ROUTES: list[web.RouteDef] = []

"""The paths of the API's trust part."""

from aiohttp import web

TRUST_ROUTES: list[web.RouteDef] = []

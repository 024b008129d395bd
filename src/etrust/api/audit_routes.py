"""The paths of the API's audit part."""

from aiohttp import web

AUDIT_ROUTES: list[web.RouteDef] = []

"""The paths of the API's list part."""

from aiohttp import web

LIST_ROUTES: list[web.RouteDef] = []

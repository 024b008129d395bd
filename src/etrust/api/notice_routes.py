"""The paths of the API's notice part."""

from aiohttp import web

NOTICE_ROUTES: list[web.RouteDef] = []

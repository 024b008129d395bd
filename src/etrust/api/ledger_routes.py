"""The paths of the API's ledger part."""

from aiohttp import web

LEDGER_ROUTES: list[web.RouteDef] = []

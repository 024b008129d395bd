"""The addresses of the ledger pages."""

from aiohttp import web

LEDGER_PAGES: list[web.RouteDef] = []

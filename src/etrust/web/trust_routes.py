"""The addresses of the trust pages."""

from aiohttp import web

TRUST_PAGES: list[web.RouteDef] = []

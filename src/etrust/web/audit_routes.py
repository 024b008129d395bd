"""The addresses of the audit pages."""

from aiohttp import web

AUDIT_PAGES: list[web.RouteDef] = []

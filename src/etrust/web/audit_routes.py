"""The addresses of the audit pages."""

from aiohttp import web

from etrust.web import audit

AUDIT_PAGES: list[web.RouteDef] = [web.get("/audit", audit.show_audit), web.post("/audit/export", audit.export)]

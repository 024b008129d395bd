"""The path of the audit trail."""

from aiohttp import web

from etrust.api import audit

AUDIT_ROUTES: list[web.RouteDef] = [web.get("/api/v1/audit", audit.search, name="audit")]

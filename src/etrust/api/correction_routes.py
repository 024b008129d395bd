"""The paths of error correction."""

from aiohttp import web

from etrust.api import corrections

CORRECTION_ROUTES: list[web.RouteDef] = [
    web.post("/api/v1/corrections", corrections.report, name="correction_report"),
    web.get("/api/v1/corrections", corrections.list_, name="corrections"),
    web.get("/api/v1/corrections/{correction:JC[0-9]{8}-[0-9A-Z]{8}}", corrections.show, name="correction"),
]

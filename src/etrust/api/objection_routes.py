"""The paths of objections."""

from aiohttp import web

from etrust.api import objections

_CASE = "{objection:YY[0-9]{8}-[0-9A-Z]{8}}"

OBJECTION_ROUTES: list[web.RouteDef] = [
    web.post("/api/v1/objections", objections.open_, name="objection_open"),
    web.get("/api/v1/objections", objections.list_, name="objections"),
    web.get(f"/api/v1/objections/{_CASE}", objections.show, name="objection"),
    web.post(f"/api/v1/objections/{_CASE}/withdraw", objections.withdraw, name="objection_withdraw"),
    web.post(f"/api/v1/objections/{_CASE}/appeal", objections.appeal, name="objection_appeal"),
    web.post(f"/api/v1/objections/{_CASE}/files", objections.add_evidence, name="objection_file"),
    web.get(f"/api/v1/recognition/objections/{_CASE}/files", objections.evidence, name="objection_evidence"),
]

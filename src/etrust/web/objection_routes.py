"""The addresses of the objection pages."""

from aiohttp import web

from etrust.web import objections

_CASE = "/objections/{number:YY[0-9]{8}-[0-9A-Z]{8}}"

OBJECTION_PAGES: list[web.RouteDef] = [
    web.get("/objections", objections.list_objections),
    web.get(_CASE, objections.show_objection),
    web.get(_CASE + "/files/{place:[0-9]{1,2}}", objections.send_file),
    web.post(_CASE + "/{step:accept|refuse|propose|decide|send-back}", objections.take_step),
]

"""The addresses of the correction pages."""

from aiohttp import web

from etrust.web import corrections

CORRECTION_PAGES: list[web.RouteDef] = [
    web.get("/corrections", corrections.show_corrections),
    web.post("/corrections/{step:propose|agree|send_back|refuse}", corrections.decide),
]

"""The addresses of the ledger pages."""

from aiohttp import web

from etrust.web import ledger

LEDGER_PAGES: list[web.RouteDef] = [
    web.get("/log", ledger.show_log),
    web.post("/log", ledger.look_up),
]

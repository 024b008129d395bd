"""The paths of the transparency log."""

from aiohttp import web

from etrust.api import ledger, witness

LEDGER_ROUTES: list[web.RouteDef] = [
    web.get("/log/checkpoint", ledger.checkpoint, name="log_checkpoint"),
    web.get("/log/tile/{tile:[0-9a-z./]{1,48}}", ledger.tile, name="log_tile"),
    web.post("/log/add-checkpoint", witness.add_checkpoint, name="log_add_checkpoint"),
    web.get("/log/consistency", ledger.consistency, name="log_consistency"),
    web.get(r"/log/proof/license/{identifier:[^/]{1,120}}", ledger.license_proof, name="log_license_proof"),
    web.get(r"/log/proof/trust-list/{sequence:\d{1,18}}", ledger.list_proof, name="log_list_proof"),
    web.get("/log/proof/receipt/{receipt:[0-9A-Za-z-]{1,40}}", ledger.receipt_proof, name="log_receipt_proof"),
]

"""`/metrics`: what an operator watches, in the text format of Prometheus. Counts only; nothing here is about a person."""

from aiohttp import web

from etrust.wiring import ROOMS

_HELP = {
    "documents_made": "Documents in the register.",
    "documents_open": "Documents asked for and not made.",
    "documents_due": "Documents whose archive renewal is due.",
    "documents_overdue": "Documents whose last timestamp has ended.",
    "documents_trouble": "Documents whose last making or renewal failed.",
}


async def metrics(request: web.Request) -> web.Response:
    """The gauges of this moment, or of ten seconds ago at most."""
    counted = await request.app[ROOMS].documents.counts()
    lines = []
    for name, told in _HELP.items():
        lines += [f"# HELP etrust_{name} {told}", f"# TYPE etrust_{name} gauge"]
        lines.append(f"etrust_{name} {counted[name.removeprefix('documents_')]}")
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", headers={"Cache-Control": "no-store"})

"""The paths of the transparency log, for `/openapi.json`."""

from etrust.api.openapi_cases import Operation

_SIZES = [
    {"name": name, "in": "query", "required": True, "schema": {"type": "integer", "minimum": 0}} for name in ("old", "new")
]  # fmt: skip


def ledger_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """

    def of(name: str, pattern: str) -> list[dict[str, object]]:
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}]

    proof = {"200": "a tlog-proof (C2SP), text"}
    return {
        "/log/checkpoint": {"get": operation("the newest checkpoint (C2SP tlog-checkpoint)", None, {"200": "a signed note"})},
        "/log/tile/{tile}": {
            "parameters": of("tile", "^[0-9a-z./]{1,48}$"),
            "get": operation("a tile or entry bundle (C2SP tlog-tiles)", None, {"200": "bytes that never change"}),
        },
        "/log/add-checkpoint": {
            "post": operation(
                "cosign a partner's checkpoint (C2SP tlog-witness)", None, {"200": "a cosignature", "409": "a size"}
            ),
        },
        "/log/consistency": {
            "parameters": _SIZES, "get": operation("a consistency proof", None, {"200": "hashes in base64, one a line"}),
        },
        "/log/proof/license/{identifier}": {
            "parameters": of("identifier", "^[^/]{1,120}$"), "get": operation("a license's entry", None, proof),
        },
        "/log/proof/trust-list/{sequence}": {
            "parameters": of("sequence", "^[0-9]{1,18}$"), "get": operation("a trust list's entry", None, proof),
        },
        "/log/proof/receipt/{receipt}": {
            "parameters": of("receipt", "^[0-9A-Za-z-]{1,40}$"), "get": operation("a receipt's entry", None, proof),
        },
    }  # fmt: skip

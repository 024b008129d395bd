"""The paths of older trust lists, for `/openapi.json`."""

from etrust.api.openapi_cases import Operation


def trust_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """

    def of(name: str, pattern: str) -> list[dict[str, object]]:
        return [{"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}]

    told = {"200": "the list as it was signed, JSON or CBOR by Accept", "404": "there was none"}
    base = "/.well-known/etrust/trust-lists"
    return {
        "/.well-known/etrust/lists": {"get": operation("the signed page of the newest files of all lists", None, {"200": "JWS"})},
        "/lists/{digest}": {
            "parameters": of("digest", "^[0-9a-f]{64}$"),
            "get": operation("a file of a list by its SHA-256", None, {"200": "its bytes", "404": "there is none"}),
        },
        f"{base}/{{sequence}}": {
            "parameters": of("sequence", "^[1-9][0-9]{0,17}$"), "get": operation("a trust list by its number", None, told),
        },
        f"{base}/sha256/{{digest}}": {
            "parameters": of("digest", "^[0-9a-f]{64}$"), "get": operation("the trust list that a verdict names", None, told),
        },
    }  # fmt: skip

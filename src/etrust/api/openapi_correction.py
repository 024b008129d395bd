"""The paths of error correction, for `/openapi.json`."""

from etrust.api.openapi_cases import Operation

_NUMBER = {
    "name": "correction", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^JC[0-9]{8}-[0-9A-Z]{8}$"},
}  # fmt: skip


def correction_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """
    return {
        "/api/v1/corrections": {
            "post": operation("report what you found to differ", None, {"200": "an answer for each difference"}),
            "get": operation("what your body reported", None, {"200": "the differences"}),
        },
        "/api/v1/corrections/{correction}": {
            "parameters": [_NUMBER], "get": operation("what became of a difference", None, {"200": "the difference"}),
        },
    }  # fmt: skip

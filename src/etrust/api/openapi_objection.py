"""The paths of objections, for `/openapi.json`."""

from etrust.api.openapi_cases import Operation

_CASE = {"name": "objection", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^YY[0-9]{8}-[0-9A-Z]{8}$"}}


def objection_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """
    case = "/api/v1/objections/{objection}"
    return {
        "/api/v1/objections": {
            "post": operation("object to what a license says", None, {"201": "the case"}),
            "get": operation("the cases you opened", None, {"200": "the cases"}),
        },
        case: {"parameters": [_CASE], "get": operation("how a case stands", None, {"200": "the case"})},
        f"{case}/withdraw": {"parameters": [_CASE], "post": operation("take a case back", None, {"200": "the case"})},
        f"{case}/appeal": {"parameters": [_CASE], "post": operation("appeal against a dismissal", None, {"200": "the case"})},
        f"{case}/files": {"parameters": [_CASE], "post": operation("give a file as evidence", None, {"201": "it is kept"})},
        "/api/v1/recognition/objections/{objection}/files": {
            "parameters": [_CASE], "get": operation("evidence of a case forwarded to you, sealed", None, {"200": "sealed"}),
        },
    }  # fmt: skip

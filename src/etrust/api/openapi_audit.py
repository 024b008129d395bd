"""The path of the audit trail, for `/openapi.json`."""

from etrust.api.openapi_cases import Operation

_QUERY = [
    {"name": name, "in": "query", "schema": {"type": "string"}}
    for name in ("since", "until", "operator", "body", "action", "subject", "ground", "source", "after", "limit")
]


def audit_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """
    return {
        "/api/v1/audit": {
            "parameters": _QUERY,
            "get": operation("the audit trail, the latest entries first", None, {"200": "entries and `next`"}),
        },
    }  # fmt: skip

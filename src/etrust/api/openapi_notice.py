"""The paths of notices, for `/openapi.json`."""

from etrust.api.openapi_cases import Operation

_NOTICE = {"name": "notice", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^N-[A-Za-z0-9_-]{22}$"}}
_QUERY = [
    {"name": "open", "in": "query", "schema": {"enum": ["1"]}},
    {"name": "before", "in": "query", "schema": {"type": "string", "format": "date-time"}},
]  # fmt: skip


def notice_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """
    return {
        "/api/v1/recognition/notices": {"post": operation("a notice of another region, signed", None, {"200": "it arrived"})},
        "/api/v1/notices": {"parameters": _QUERY, "get": operation("what your body was told", None, {"200": "the notices"})},
        "/api/v1/notices/{notice}/confirmation": {
            "parameters": [_NOTICE], "post": operation("take note of a notice", None, {"204": "noted"}),
        },
    }  # fmt: skip

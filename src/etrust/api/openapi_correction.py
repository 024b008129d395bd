"""The paths of the correction part, for `/openapi.json`."""

from etrust.api.openapi_cases import Operation


def correction_paths(operation: Operation) -> dict[str, object]:  # noqa: ARG001 - takes it when there is something to describe
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """
    return {}

"""Which bodies are above and below one another (机构层级). Pure."""

from collections.abc import Sequence

from etrust.access.model import Body


def chain(bodies: Sequence[Body], code: str) -> list[str]:
    """A body and every one above it, itself first."""
    parents = {each.code: each.parent for each in bodies}
    found: list[str] = []
    at: str | None = code
    while at is not None and at not in found:
        found.append(at)
        at = parents.get(at)
    return found


def bodies_below(bodies: Sequence[Body], code: str) -> list[str]:
    """A body and every one below it."""
    return [each.code for each in bodies if code in chain(bodies, each.code)]

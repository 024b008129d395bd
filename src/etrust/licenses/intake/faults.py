"""The refusal of a whole file."""

from etrust.errors import EtrustError, Kind


def unreadable(code: str, where: str, zh: str, en: str) -> EtrustError:
    """A file that cannot be read as a table; `where` is its name, or its name and line."""
    return EtrustError(Kind.MALFORMED, code, where=where, zh=zh, en=en)

"""The one error family: every failure a person or a program meets has a kind, a code and words in two languages."""

import logging
import traceback
from enum import StrEnum


class Kind(StrEnum):
    """What sort of failure it is; `api.problems` maps each kind to one HTTP status."""

    MALFORMED = "malformed"  # the input cannot be read
    INVALID = "invalid"  # readable, but a rule forbids it
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    TOO_LARGE = "too_large"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"  # a store or a file is out of reach; trying later may help
    UNTRUSTED = "untrusted"  # a signature, certificate or list that must not be relied on


class EtrustError(Exception):
    """A failure that says what is wrong, where, and what to do, in Chinese and in English.

    Args:
        kind: the sort of failure.
        code: a stable snake_case reason for programs, such as ``bad_check_character``.
        zh: one sentence in Chinese for the person in front of the screen.
        en: the same sentence in English.
        where: the place it concerns (a field, a file, a line), empty when it is plain.
    """

    def __init__(self, kind: Kind, code: str, *, zh: str, en: str, where: str = "") -> None:
        super().__init__(f"{code}: {en}" + (f" [{where}]" if where else ""))
        self.kind = kind
        self.code = code
        self.zh = zh
        self.en = en
        self.where = where


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log an unexpected failure: its kind and where it happened, never its words, which can hold a person's data."""
    frames = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected failure %s: %s\n%s", what, type(error).__name__, frames)

"""States of a license and the port through which a verifier asks for them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Protocol, Self

from etrust.errors import EtrustError, Kind


class State(IntEnum):
    """The two bits of a status list (Token Status List, section 7.1; 3 is application-specific)."""

    VALID = 0
    REVOKED = 1
    SUSPENDED = 2
    UNDER_OBJECTION = 3


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The state of one license.

    Attributes:
        state: the two bits.
        reason: why, where that is known ("superseded" tells a replaced version from a revoked one); else empty.
        since: since when, where that is known.
        digest: ``sha256:…`` of the list or history the answer rests on.
    """

    state: State
    reason: str
    since: datetime | None
    digest: str


class StatusSnapshot(Protocol):
    """The status of licenses as known at one point.

    Promise: `lookup` answers from what is at hand, without network or database, or raises `StatusUnknown`; it never
    guesses. Bitmaps in memory, a recorded history, and signed lists from a file all keep it.
    """

    def lookup(self, uri: str, index: int, at: datetime) -> StatusAnswer:
        """The state of index `index` of list `uri` at a moment."""


class StatusUnknown(EtrustError):  # noqa: N818 - it is an answer, not a mistake
    """The status cannot be had; whoever asked must not treat the license as valid."""

    @classmethod
    def missing(cls, uri: str) -> Self:
        """There is no such list here."""
        return cls._of("status_list_missing", "缺少状态列表。", "The status list is not at hand.", uri)

    @classmethod
    def expired(cls, uri: str) -> Self:
        """The list's own time is over, or has not begun at the moment asked about."""
        return cls._of("status_list_expired", "状态列表不在其有效时间内。", "The status list does not speak of that time.", uri)

    @classmethod
    def out_of_range(cls, uri: str) -> Self:
        """The list has no such index."""
        return cls._of("index_out_of_range", "状态列表中没有该序号。", "The status list has no such index.", uri)

    @classmethod
    def unreachable(cls, uri: str) -> Self:
        """The store with the status is out of reach."""
        return cls._of("store_unavailable", "暂时无法连接登记库。", "The store cannot be reached at the moment.", uri)

    @classmethod
    def _of(cls, code: str, zh: str, en: str, uri: str) -> Self:
        return cls(Kind.UNAVAILABLE, code, zh=zh, en=en, where=uri[:200])

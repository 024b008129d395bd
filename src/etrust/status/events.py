"""One change of a license's status, with the time it holds from and the time it was known. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StatusEvent:
    """A row of the status history; `seq` grows by one with every change in the region (0: not yet given)."""

    seq: int
    serial: str
    version: int
    list_no: int
    list_index: int
    state: int
    action: str
    reason: str
    legal_basis: str
    operator: str
    body: str
    effective_at: datetime
    recorded_at: datetime


def latest(events: Iterable[StatusEvent], *, at: datetime, known_at: datetime) -> StatusEvent | None:
    """The event in force at a moment, as known at another: the last one recorded by then and effective by then."""
    known = [event for event in events if event.recorded_at <= known_at and event.effective_at <= at]
    return known[-1] if known else None

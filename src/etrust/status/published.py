"""Whether a published status list says what the history says: for auditors, who believe neither. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from etrust.status.bits import Bitmap
from etrust.status.model import State

GRACE = timedelta(seconds=10)
"""A change recorded so shortly before a list was signed may be in it or not."""

Change = tuple[int, int, int, datetime]
"""Number, index in the list, state and time of recording of a change."""


def contradictions(bitmap: Bitmap, history: Iterable[Change], issued_at: datetime) -> list[tuple[int | None, int]]:
    """Where a list differs from the history: number of the change that it should show (None: there was none), and index.

    Args:
        history: the changes of that list, in order.
        issued_at: when the list was signed.
    """
    settled: dict[int, tuple[int | None, int]] = {}
    allowed: dict[int, set[int]] = {}
    for seq, index, state, recorded_at in history:
        if recorded_at <= issued_at - GRACE:
            settled[index] = (seq, state)
        elif recorded_at <= issued_at + GRACE:
            allowed.setdefault(index, set()).add(state)
    found: list[tuple[int | None, int]] = []
    for index in range(len(bitmap)):
        change, state = settled.get(index, (None, State.VALID))
        if bitmap.get(index) not in (state, *allowed.get(index, ())):
            found.append((change, index))
    beyond = [(seq, index) for index, (seq, state) in settled.items() if index >= len(bitmap) and state != State.VALID]
    return [*found, *beyond]

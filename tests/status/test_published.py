"""A published status list is held against the history: what was silently undone, or done to a list alone, is named."""

from datetime import UTC, datetime, timedelta

from etrust.status.bits import Bitmap
from etrust.status.model import State
from etrust.status.published import GRACE, Change, contradictions

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
LONG_AGO, JUST_NOW = NOW - timedelta(days=9), NOW - GRACE / 2
HISTORY: list[Change] = [
    (1, 5, State.SUSPENDED, LONG_AGO), (2, 5, State.VALID, LONG_AGO), (3, 7, State.REVOKED, LONG_AGO), (4, 9, State.REVOKED, JUST_NOW),
]  # fmt: skip


def listed(states: dict[int, State]) -> Bitmap:
    bitmap = Bitmap(16)
    for index, state in states.items():
        bitmap.set(index, state)
    return bitmap


def test_what_the_history_says_is_no_contradiction() -> None:
    assert contradictions(listed({7: State.REVOKED}), HISTORY, NOW) == []
    assert contradictions(listed({7: State.REVOKED, 9: State.REVOKED}), HISTORY, NOW) == []  # a change of just now may be in it


def test_every_other_state_is_named() -> None:
    assert contradictions(listed({}), HISTORY, NOW) == [(3, 7)]  # un-revoked
    assert contradictions(listed({7: State.REVOKED, 5: State.SUSPENDED}), HISTORY, NOW) == [(2, 5)]
    assert contradictions(listed({7: State.REVOKED, 1: State.REVOKED}), HISTORY, NOW) == [(None, 1)]
    assert contradictions(listed({7: State.REVOKED}), HISTORY, NOW + timedelta(minutes=1)) == [(4, 9)]
    assert contradictions(Bitmap(4), HISTORY, NOW) == [(3, 7)]  # the list is cut off

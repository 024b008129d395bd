"""Leaves a partner alone that failed again and again, so that no counter waits for it each time. Pure."""

from datetime import datetime, timedelta

FAILURES = 3
"""So many failures in a row open the breaker."""
PAUSE = timedelta(seconds=30)
"""How long it stays open; then one question tries again."""


class Breaker:
    """Of one partner, in one process."""

    def __init__(self) -> None:
        self._failures = 0
        self._open_until: datetime | None = None

    def lets_through(self, at: datetime) -> bool:
        """Whether to ask now; after a pause one question goes through, and decides."""
        if self._open_until is None:
            return True
        if at < self._open_until:
            return False
        self._open_until = at + PAUSE  # whoever comes while that one is under way waits for the next pause
        return True

    def is_open(self, at: datetime) -> bool:
        """Whether the partner is left alone at that moment; changes nothing."""
        return self._open_until is not None and at < self._open_until

    def failed(self, at: datetime) -> None:
        """The partner did not answer as it should."""
        self._failures += 1
        if self._failures >= FAILURES:
            self._open_until = at + PAUSE

    def answered(self) -> None:
        """It did."""
        self._failures, self._open_until = 0, None

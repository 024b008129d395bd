"""What this process counted of checks since it started, for `/metrics`. Figures only."""

import contextlib
from collections import Counter
from collections.abc import Iterator

from etrust.errors import EtrustError
from etrust.matters.check_model import MatterCheck


class MatterCounts:
    """Checks done, outcomes of materials, refusals by reason, and checks that had to wait for consent."""

    def __init__(self) -> None:
        self.checks = 0
        self.waits = 0
        self.outcomes: Counter[str] = Counter()
        self.reasons: Counter[str] = Counter()

    def done(self, check: MatterCheck) -> None:
        """Count a check and what it said of each material."""
        self.checks += 1
        self.outcomes.update(each.outcome.value for each in check.materials)

    def waited(self) -> None:
        """Count a check that waits for consent."""
        self.waits += 1

    @contextlib.contextmanager
    def refusals(self) -> Iterator[None]:
        """Count what is refused within."""
        try:
            yield
        except EtrustError as error:
            self.reasons[error.code] += 1
            raise

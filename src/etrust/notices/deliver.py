"""When an undelivered notice is tried again. Pure."""

import random
from datetime import datetime, timedelta

FIRST, LONGEST = timedelta(seconds=2), timedelta(minutes=15)
PATIENCE = timedelta(days=30)
"""A recipient that is away for so long must be told in another way; the notice stays on the list of the unconfirmed."""
AT_ONCE = 16
"""Deliveries under way at once in one process."""
LEASE = timedelta(seconds=60)
"""How long a delivery that was begun is left to whoever began it; a process that died loses it after that."""


def next_try(posted: datetime, attempts: int, at: datetime) -> datetime | None:
    """When to try again after so many tries; None when it is no use any more.

    The wait doubles up to `LONGEST`, and is drawn from its upper half, so that many do not come at the same moment.
    """
    if at - posted >= PATIENCE:
        return None
    wait = min(LONGEST, FIRST * (1 << min(max(attempts - 1, 0), 20)))
    return at + wait * random.uniform(0.5, 1.0)  # noqa: S311 - spreading load is no secret

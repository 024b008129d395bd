"""Work in the background that ends when it is told to."""

import asyncio
from collections.abc import Iterable

_PATIENCE_SECONDS = 0.5


async def end(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until every one of them has ended; what they raised is dropped.

    Once is not enough: a connection to a store that is cancelled just while it opens may turn the cancellation into an
    error of its own, which a loop that survives lost connections takes for one. Then nobody would ever end it.
    """
    open_tasks = set(tasks)
    while open_tasks:
        for task in open_tasks:
            task.cancel()
        ended, open_tasks = await asyncio.wait(open_tasks, timeout=_PATIENCE_SECONDS)
        await asyncio.gather(*ended, return_exceptions=True)

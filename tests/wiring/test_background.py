"""Work in the background ends when it is told to, even when the first word is lost."""

import asyncio
import contextlib

from etrust.wiring.background import end


async def stubborn(words: list[str], lost: int) -> None:
    """Take the first cancellations for lost connections, as a store's client may."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            words.append("told")
            if len(words) > lost:
                raise


async def test_a_lost_cancellation_is_repeated() -> None:
    words: list[str] = []
    task = asyncio.create_task(stubborn(words, lost=1))
    await asyncio.sleep(0)
    await end([task])
    assert task.cancelled()
    assert words == ["told", "told"]


async def test_what_a_task_raises_on_its_way_out_is_dropped() -> None:
    async def failing() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        raise OSError("gone")

    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await end([task])
    assert isinstance(task.exception(), OSError)


async def test_nothing_to_end() -> None:
    await end([])
    assert asyncio.current_task() is not None

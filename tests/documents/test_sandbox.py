"""Workers that read files: bounded in time and memory, without network, replaced when they were killed."""

import asyncio
import os

import pytest

from etrust.documents.sandbox import open_sandbox
from etrust.documents.sandbox_frames import Message
from etrust.errors import EtrustError

TARGET = "tests.documents.sandbox_jobs:answer"


@pytest.fixture(autouse=True)
def _find_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers import the jobs below from the tests."""
    monkeypatch.setenv("PYTHONPATH", os.getcwd())  # noqa: PTH109 - a string is wanted


async def code_of(sandbox, do: str) -> str:  # type: ignore[no-untyped-def]
    """The word a job ends in."""
    with pytest.raises(EtrustError) as caught:
        await sandbox.run(Message({"do": do}))
    return caught.value.code


async def test_an_answer_comes_back_with_its_bytes() -> None:
    """Plain data and bytes, both ways, one job after the other in the same process."""
    async with open_sandbox(TARGET) as sandbox:
        first = await sandbox.run(Message({"do": "echo"}, (b"a\0b", b"")))
        second = await sandbox.run(Message({"do": "echo"}, (b"x" * 3_000_000,)))
    assert first.parts == (b"a\0b", b"")
    assert len(second.parts[0]) == 3_000_000
    assert first.data["process"] == second.data["process"]


@pytest.mark.parametrize(
    ("do", "word"),
    [("sleep", "too_slow"), ("spin", "too_slow"), ("eat", "too_large"), ("eat slowly", "too_large"), ("dig", "too_complex"), ("die", "too_complex")],
)
async def test_a_job_that_is_too_much_ends_in_a_word_and_the_next_one_runs(do: str, word: str) -> None:
    """And whatever it was doing is gone with its process."""
    async with open_sandbox(TARGET) as sandbox:
        before = (await sandbox.run(Message({"do": "echo"}))).data["process"]
        assert await code_of(sandbox, do) == word
        after = (await sandbox.run(Message({"do": "echo"}))).data["process"]
    assert before != after
    with pytest.raises(ProcessLookupError):
        os.kill(int(before), 0)


async def test_there_is_no_network_and_no_other_program() -> None:
    """Whatever a file makes its reader do."""
    async with open_sandbox(TARGET) as sandbox:
        told = {do: (await sandbox.run(Message({"do": do}))).data["refused"] for do in ("connect", "resolve", "start", "write")}
    assert told == {"connect": True, "resolve": True, "start": True, "write": True}


async def test_what_waits_is_bounded() -> None:
    """Beyond the queue a caller is told to come back, at once."""
    async with open_sandbox(TARGET) as sandbox:
        asked = [asyncio.create_task(sandbox.run(Message({"do": "echo"}))) for _ in range(20)]
        found = await asyncio.gather(*asked, return_exceptions=True)
    refused = [each for each in found if isinstance(each, EtrustError)]
    assert [each.code for each in refused] == ["too_many_checks"] * 4
    assert sum(isinstance(each, Message) for each in found) == 16


async def test_a_worker_that_cannot_start_is_told() -> None:
    """Such as after a broken installation."""
    async with open_sandbox("etrust.no_such_module:answer") as sandbox:
        assert await code_of(sandbox, "echo") == "no_sandbox"


async def test_a_cancelled_caller_leaves_a_worker_for_the_next() -> None:
    """Its half-done job is not answered to somebody else."""
    async with open_sandbox(TARGET) as sandbox:
        asked = asyncio.create_task(sandbox.run(Message({"do": "sleep"})))
        await asyncio.sleep(0.3)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
        assert (await sandbox.run(Message({"do": "echo"}, (b"mine",)))).parts == (b"mine",)


def test_only_messages_are_read() -> None:
    """What a worker taken over by a file may answer."""
    good = Message({"a": 1}, (b"xy",)).encode()
    assert Message.decode(good[8:-2], good[-2:]).parts == (b"xy",)
    for head, body in ((b"[]", b""), (b"{}", b""), (b'{"parts": [-1, 1]}', b""), (b'{"parts": [3]}', b"xy"), (b"\xff", b""), (b"[" * 100_000, b"")):
        with pytest.raises(EtrustError, match="bad_frame"):
            Message.decode(head, body)

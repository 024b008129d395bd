"""Messages to a sandboxed worker and back: one JSON object and any number of byte strings.

Never a pickle: a file may have taken over the worker, and what it answers must not be able to run.
"""

import asyncio
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import BinaryIO

from etrust.errors import EtrustError, Kind

MAX_FRAME = 96 * 1024 * 1024
_LENGTH = struct.Struct(">II")
_PARTS = "parts"


@dataclass(frozen=True, slots=True)
class Message:
    """Plain data and the bytes that go with it."""

    data: Mapping[str, object]
    parts: tuple[bytes, ...] = field(default=(), repr=False)

    def encode(self) -> bytes:
        """The message as one frame: two lengths, the JSON, the bytes."""
        head = json.dumps({**self.data, _PARTS: [len(each) for each in self.parts]}).encode()
        body = b"".join(self.parts)
        return _LENGTH.pack(len(head), len(body)) + head + body

    @classmethod
    def decode(cls, head: bytes, body: bytes) -> "Message":
        """A message from the two pieces of a frame.

        Raises:
            EtrustError: ``bad_frame``.
        """
        try:
            data = json.loads(head)
            lengths = data.pop(_PARTS)
            if any(type(each) is not int or each < 0 for each in lengths) or sum(lengths) != len(body):
                raise bad_frame()
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise bad_frame() from error
        return cls(data, tuple(body[end - length : end] for end, length in zip(accumulate(lengths), lengths, strict=True)))


def write_frame(stream: BinaryIO, message: Message) -> None:
    """Write a message and see it off."""
    stream.write(message.encode())
    stream.flush()


def read_frame(stream: BinaryIO) -> Message | None:
    """The next message; None when the other side has closed."""
    lengths = stream.read(_LENGTH.size)
    if len(lengths) < _LENGTH.size:
        return None
    head, body = _lengths(lengths)
    return Message.decode(stream.read(head), stream.read(body))


async def receive_frame(stream: asyncio.StreamReader) -> Message:
    """The next message of a worker.

    Raises:
        EtrustError: ``bad_frame``.
        asyncio.IncompleteReadError: the worker has died.
    """
    head, body = _lengths(await stream.readexactly(_LENGTH.size))
    return Message.decode(await stream.readexactly(head), await stream.readexactly(body))


def _lengths(data: bytes) -> tuple[int, int]:
    head, body = _LENGTH.unpack(data)
    if head + body > MAX_FRAME:
        raise bad_frame()
    return head, body


def bad_frame() -> EtrustError:
    """What is said of an answer that cannot be read."""
    return EtrustError(
        Kind.MALFORMED, "bad_frame", zh="查验进程的答复无法读取。", en="The answer of the checking process cannot be read."
    )

"""Messages between this process and its workers: a length, then the message. Both ends are this program."""

import pickle
import struct
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from etrust.documents.jobs import Asked, Job
from etrust.errors import EtrustError, Kind
from etrust.signing.files import KeyFolder

LENGTH = struct.Struct(">I")
MAX_FRAME = 128 * 2**20


@dataclass(frozen=True, slots=True)
class Start:
    """The first message to a worker: where the keys are."""

    keys: KeyFolder


@dataclass(frozen=True, slots=True)
class Question:
    """A worker asks; the next message to it is `Answer` or `Trouble`."""

    what: Asked
    digest: bytes
    detail: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Bytes that were asked for, or the document that was made."""

    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An `EtrustError` on its way to the other process."""

    kind: Kind
    code: str
    zh: str
    en: str
    where: str

    @classmethod
    def of(cls, error: EtrustError) -> "Trouble":
        """The error as a message."""
        return cls(error.kind, error.code, error.zh, error.en, error.where)

    def error(self) -> EtrustError:
        """The message as the error it was."""
        return EtrustError(self.kind, self.code, zh=self.zh, en=self.en, where=self.where)


Message = Start | Job | Question | Answer | Trouble


def pack(message: Message) -> bytes:
    """A message with its length before it."""
    body = pickle.dumps(message)
    return LENGTH.pack(len(body)) + body


def unpack(body: bytes) -> Any:
    """The message out of its bytes."""
    return pickle.loads(body)  # noqa: S301 - from our own process, through a pipe nobody else has


def receive(stream: BinaryIO) -> Any:
    """The next message of a stream; None at its end."""
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    body = stream.read(LENGTH.unpack(head)[0])
    return unpack(body)

"""What an audit knows from before, and what it comes to (日志审计). Pure."""

import json
from dataclasses import dataclass, field
from typing import Any, Self

from etrust.errors import EtrustError, Kind
from etrust.ledger import merkle
from etrust.ledger.merkle import HASH_BYTES, Place
from etrust.ledger.notes import Checkpoint, Note
from etrust.ledger.proofs import HEADER, Proof

MAX_FILE = 1024 * 1024
"""Bytes of a file with a state of the log."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that does not hold.

    Attributes:
        index: of the entry; None for what has none. Where only roots tell, the first that can be wrong.
    """

    index: int | None
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was audited: the log up to a size, by the roots of its complete subtrees.

    Attributes:
        finished: False for an audit that was stopped; it is gone on from there.
    """

    origin: str
    size: int
    peaks: tuple[bytes, ...]
    finished: bool = True

    @property
    def root(self) -> bytes:
        """The root at that size."""
        known = self.places
        return merkle.root(self.size, lambda level, index: known[level, index])

    @property
    def places(self) -> dict[Place, bytes]:
        """The roots of its complete subtrees by level and index, from left to right."""
        return dict(zip(merkle.peaks(self.size), self.peaks, strict=True))

    def to_json(self) -> str:
        """As a state file."""
        told = {"origin": self.origin, "size": self.size, "peaks": [each.hex() for each in self.peaks], "finished": self.finished}
        return json.dumps(told, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a state file.

        Raises:
            EtrustError: ``bad_state``.
        """
        try:
            found = json.loads(text)
            size, seen = int(found["size"]), tuple(bytes.fromhex(each) for each in found["peaks"])
            if not 0 <= size < 1 << 63 or len(seen) != len(merkle.peaks(size)) or any(len(each) != HASH_BYTES for each in seen):
                raise _bad_state()
            return cls(str(found["origin"]), size, seen, bool(found.get("finished", True)))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise _bad_state() from error


@dataclass(frozen=True, slots=True)
class Known:
    """A state of the log from earlier, which the one of now has to have grown from.

    Attributes:
        where: what it is known from, such as the name of a file.
        note: the signed checkpoint, None for what an auditor itself has seen.
        seen: with the roots of subtrees, where they are known.
        own: it comes from the region itself, so it tells nothing against a region that made all anew.
    """

    origin: str
    size: int
    root: bytes
    where: str
    note: Note | None = None
    seen: Seen | None = None
    own: bool = False

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """Read a state file of an audit, a checkpoint, or a proof with its checkpoint (tlog-proof).

        Raises:
            EtrustError: ``bad_state``, ``bad_note``.
        """
        if text.lstrip().startswith("{"):
            seen = Seen.from_json(text)
            return cls(seen.origin, seen.size, seen.root, where, seen=seen)
        note = Proof.parse(text).note if text.startswith(HEADER) else Note.parse(text.encode())
        checkpoint = Checkpoint.parse(note.text)
        return cls(checkpoint.origin, checkpoint.size, checkpoint.root, where, note=note)


@dataclass(slots=True)
class Audit:
    """What an audit came to.

    Attributes:
        seen: up to where the log was re-hashed; what the next audit goes on from.
        good: the largest size at which the root was compared and held: with states from elsewhere, and (``True``) the region's.
    """

    size: int
    seen: Seen
    good: dict[bool, int] = field(default_factory=lambda: {False: 0, True: 0})
    differs: set[bool] = field(default_factory=set)
    entries: int = 0
    compared: int = 0
    waiting: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def first_wrong(self) -> int | None:
        """The first index that is wrong."""
        return min((each.index for each in self.wrong if each.index is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "origin": self.seen.origin, "size": self.size, "root": self.seen.root.hex() if self.seen.size else "",
            "entries": self.entries, "compared": self.compared, "waiting": self.waiting, "first_wrong": self.first_wrong,
            "wrong": [{"index": each.index, "what": each.what, "detail": each.detail} for each in self.wrong],
        }  # fmt: skip


def _bad_state() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_state", where="--state",
        zh="状态文件无法读取；如需从头审计，请换一个文件名。",
        en="The state file cannot be read; to begin anew, name another file.",
    )

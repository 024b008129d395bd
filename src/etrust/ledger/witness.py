"""Witnessing logs of others (C2SP tlog-witness): a checkpoint is cosigned when the log has only grown since the last one.

The rules are pure; `witness_desk` brings keys and the last checkpoint, and keeps what was cosigned before it is given away.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from etrust.ledger.merkle import EMPTY_ROOT, MAX_PROOF, check_consistency
from etrust.ledger.notes import Checkpoint, Note, NoteKey, bad_note, read_hash

MAX_REQUEST = 64 * 1024
_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Asking:
    """What a log asks: to cosign a checkpoint that grew from `old` entries, with the proof for it."""

    old: int
    proof: tuple[bytes, ...]
    note: Note
    checkpoint: Checkpoint

    @property
    def body(self) -> bytes:
        """The body of the request."""
        hashes = "".join(f"{base64.b64encode(each).decode()}\n" for each in self.proof)
        return f"old {self.old}\n{hashes}\n".encode() + self.note.data

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read the body of a request.

        Raises:
            EtrustError: ``bad_note``.
        """
        if len(body) > MAX_REQUEST:
            raise bad_note("too large")
        head, gap, rest = body.partition(b"\n\n")
        try:
            first, *hashes = head.decode("ascii").split("\n")
        except UnicodeDecodeError as error:
            raise bad_note("not of this form") from error
        digits = first.removeprefix("old ")
        if not gap or not first.startswith("old ") or not digits.isdigit() or len(digits) > _DIGITS or len(hashes) >= MAX_PROOF:
            raise bad_note("not of this form")
        if digits != str(int(digits)):
            raise bad_note("the old size is not a number")
        note = Note.parse(rest)
        return cls(int(digits), tuple(map(read_hash, hashes)), note, Checkpoint.parse(note.text))


class Outcome(StrEnum):
    """What a witness says."""

    GOOD = "good"
    UNKNOWN_LOG = "unknown_log"
    BAD_SIGNATURE = "bad_signature"
    BAD_SIZE = "bad_size"  # the old size is larger than the new one
    OTHER_SIZE = "other_size"  # the old size is not that of the last cosigned checkpoint
    SPLIT_VIEW = "split_view"  # the same size with another root, signed by the log: proof that it shows two histories
    BAD_PROOF = "bad_proof"  # the log did not grow from the checkpoint cosigned before, or does not show it


HTTP_STATUS = {
    Outcome.GOOD: 200, Outcome.UNKNOWN_LOG: 404, Outcome.BAD_SIGNATURE: 403, Outcome.BAD_SIZE: 400, Outcome.OTHER_SIZE: 409,
    Outcome.SPLIT_VIEW: 409, Outcome.BAD_PROOF: 422,
}  # fmt: skip
"""The answers of tlog-witness."""


def signed_by_any(asking: Asking, publics: Sequence[bytes], kind: int) -> bool:
    """Whether one of the keys of a log signed the checkpoint under its origin."""
    return any(asking.note.signed_by(NoteKey(asking.checkpoint.origin, kind, each)) for each in publics)


def judge(asking: Asking, last: Checkpoint | None) -> Outcome:
    """Whether to cosign a checkpoint whose signature is the log's.

    Args:
        last: the checkpoint cosigned before, None for the first.
    """
    new, known = asking.checkpoint, 0 if last is None else last.size
    if asking.old > new.size:
        return Outcome.BAD_SIZE
    if asking.old != known:
        return Outcome.OTHER_SIZE
    if last is not None and new.size == known and new.root != last.root:
        return Outcome.SPLIT_VIEW
    root = EMPTY_ROOT if last is None else last.root
    has_its_root = new.size > 0 or new.root == EMPTY_ROOT
    grown = has_its_root and check_consistency(known, root, new.size, new.root, asking.proof)
    return Outcome.GOOD if grown else Outcome.BAD_PROOF


def contradicts(new: Checkpoint, kept: Checkpoint | None) -> bool:
    """Whether a log signed another root for a size that it had cosigned before, whatever else it asks: it shows two histories."""
    return kept is not None and (kept.origin, kept.size) == (new.origin, new.size) and kept.root != new.root

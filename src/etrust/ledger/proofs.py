"""Proofs that stand alone (C2SP tlog-proof): an entry is in a log, under a checkpoint that its log and witnesses signed. Pure."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from etrust.ledger.merkle import MAX_PROOF, check_inclusion, leaf_hash
from etrust.ledger.notes import MAX_NOTE, Checkpoint, Note, NoteKey, bad_note, read_hash

HEADER = "c2sp.org/tlog-proof@v1"
MAX_EXTRA = 1024
MAX_TEXT = MAX_NOTE + 8 * 1024
_DIGITS = 19


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof of inclusion.

    Attributes:
        index: of the entry, from 0.
        hashes: of the inclusion proof, from the leaf upwards.
        note: the checkpoint as it was signed.
        extra: what opens the entry, here its salt; not authenticated by the format.
    """

    index: int
    hashes: tuple[bytes, ...]
    note: Note
    extra: bytes = b""

    @property
    def text(self) -> str:
        """The proof as text, such as stands in a ``.tlog-proof`` file."""
        lines = [HEADER]
        if self.extra:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines += [f"index {self.index}", *(base64.b64encode(each).decode() for each in self.hashes), "", ""]
        return "\n".join(lines) + self.note.data.decode()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a proof; nothing in it is judged.

        Raises:
            EtrustError: ``bad_note``.
        """
        head, gap, checkpoint = text.partition("\n\n")
        lines = head.split("\n")
        if len(text) > MAX_TEXT or not gap or lines[0] != HEADER or len(lines) > MAX_PROOF + 3:
            raise bad_note("not a proof of this kind")
        extra = _extra(lines.pop(1)) if len(lines) > 1 and lines[1].startswith("extra ") else b""
        if len(lines) < len(("header", "index")):
            raise bad_note("a proof names no index")
        hashes = tuple(map(read_hash, lines[2:]))
        return cls(_index(lines[1]), hashes, Note.parse(checkpoint.encode()), extra)

    def shows(self, entry: bytes, log: NoteKey) -> Checkpoint | None:
        """The checkpoint under which the entry is proved to be in the log, None when it is not."""
        if not self.note.signed_by(log):
            return None
        checkpoint = Checkpoint.parse(self.note.text)
        good = checkpoint.origin == log.name and check_inclusion(
            leaf_hash(entry), self.index, checkpoint.size, self.hashes, checkpoint.root
        )
        return checkpoint if good else None

    def witnesses(self, keys: Sequence[NoteKey]) -> list[str]:
        """The names of those witnesses that cosigned its checkpoint."""
        return [key.name for key in keys if self.note.cosigned_by(key) is not None]


def _extra(line: str) -> bytes:
    try:
        found = base64.b64decode(line.removeprefix("extra "), validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_note("extra data are not base64") from error
    if not 0 < len(found) <= MAX_EXTRA:
        raise bad_note("extra data are missing or too long")
    return found


def _index(line: str) -> int:
    digits = line.removeprefix("index ")
    if not line.startswith("index ") or not digits.isascii() or not digits.isdigit() or len(digits) > _DIGITS:
        raise bad_note("the index is not a number")
    if digits != "0" and digits.startswith("0"):
        raise bad_note("the index is not a number")
    return int(digits)

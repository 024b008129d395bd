"""Checkpoints as signed notes: C2SP signed-note, tlog-checkpoint and tlog-cosignature. Pure.

A note is a text, a blank line and signature lines. A checkpoint's text has the origin of the log, its size and its root. The
log signs with Ed25519 (type 0x01); a witness cosigns with a time (cosignature/v1, type 0x04).
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from etrust.errors import EtrustError, Kind
from etrust.ledger.merkle import HASH_BYTES
from etrust.signing.model import SIGNATURE_LENGTH, Signer

ED25519, COSIGNATURE = 0x01, 0x04
MAX_NOTE = 16 * 1024
"""Bytes of a note."""
MAX_SIGNATURES = 32
MAX_SIZE = 2**63 - 1
_KEY_ID_BYTES, _TIME_BYTES, _KEY_BYTES = 4, 8, 32
_DASH = "— "


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that signs notes under a name (vkey)."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that a signature line names it by; they may collide, so every key with them is tried."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes((self.kind,)) + self.public).digest()[:_KEY_ID_BYTES]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a key as programs exchange it.

        Raises:
            EtrustError: ``bad_note``.
        """
        name, *rest = text.split("+", 2)
        try:
            raw = base64.b64decode(rest[1], validate=True)
            found = cls(name, raw[0], raw[1:])
        except (IndexError, ValueError, binascii.Error) as error:
            raise bad_note("not a key of notes") from error
        if rest[0] != found.id.hex() or len(found.public) != _KEY_BYTES or not name:
            raise bad_note("not a key of notes")
        return found

    @property
    def text(self) -> str:
        """As programs exchange it: ``name+hash+key``."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes((self.kind,)) + self.public).decode()}"


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line, unjudged."""

    name: str
    key_id: bytes
    signature: bytes

    @property
    def line(self) -> str:
        """The line."""
        return f"{_DASH}{self.name} {base64.b64encode(self.key_id + self.signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart; nothing in it is judged. `text` ends with a newline."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a note.

        Raises:
            EtrustError: ``bad_note``.
        """
        try:
            whole = data.decode() if len(data) <= MAX_NOTE else ""
        except UnicodeDecodeError as error:
            raise bad_note("not UTF-8") from error
        text, gap, rest = whole.rpartition("\n\n")
        if not gap or not rest.endswith("\n") or any(character < " " and character != "\n" for character in whole):
            raise bad_note("no signatures, or characters that cannot be")
        lines = rest[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise bad_note("too many signatures")
        return cls(text + "\n", tuple(map(_signature_line, lines)))

    @property
    def data(self) -> bytes:
        """The bytes of the note."""
        return f"{self.text}\n{''.join(each.line for each in self.signatures)}".encode()

    def signed_by(self, key: NoteKey) -> bool:
        """Whether the log's key signed it."""
        return any(_verifies(key, each.signature, self.text.encode()) for each in self._of(key) if key.kind == ED25519)

    def cosigned_by(self, key: NoteKey) -> int | None:
        """The latest time (seconds since 1970) at which a witness cosigned it, None when it did not."""
        if key.kind != COSIGNATURE:
            return None
        times = [
            int.from_bytes(each.signature[:_TIME_BYTES], "big") for each in self._of(key)
            if _verifies(key, each.signature[_TIME_BYTES:], cosigned(self.text, each.signature[:_TIME_BYTES]))
        ]  # fmt: skip
        return max(times, default=None)

    def _of(self, key: NoteKey) -> list[NoteSignature]:
        return [each for each in self.signatures if each.name == key.name and each.key_id == key.id]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its origin, how many entries it has, and the root over them."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text of its note."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text of a note as a checkpoint; further lines are let be.

        Raises:
            EtrustError: ``bad_note``.
        """
        lines = text.split("\n")
        if len(lines) < len(("origin", "size", "root", "")) or lines[-1] or not all(lines[:-1]):
            raise bad_note("the text is not that of a checkpoint")
        size = lines[1]
        if not (size.isascii() and size.isdigit()) or (size != "0" and size.startswith("0")) or int(size[:20]) > MAX_SIZE:
            raise bad_note("the size is not a number")
        if len(size) > len(str(MAX_SIZE)):
            raise bad_note("the size is not a number")
        return cls(lines[0], int(size), read_hash(lines[2]))


def read_hash(text: str) -> bytes:
    """A hash in base64.

    Raises:
        EtrustError: ``bad_note``.
    """
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_note("a hash is not base64") from error
    if len(found) != HASH_BYTES or base64.b64encode(found).decode() != text:
        raise bad_note("a hash does not have 32 bytes")
    return found


def sign(checkpoint: Checkpoint, signer: Signer, public: bytes) -> Note:
    """The checkpoint signed by its log; the name of the key is the origin.

    Args:
        public: the 32 bytes of the signer's Ed25519 public key.
    """
    key = NoteKey(checkpoint.origin, ED25519, public)
    return Note(checkpoint.text, (NoteSignature(key.name, key.id, signer.sign(checkpoint.text.encode())),))


def cosign(note: Note, name: str, signer: Signer, public: bytes, *, seconds: int) -> NoteSignature:
    """A witness's cosignature on a note.

    Args:
        name: of the witness.
        seconds: since 1970; when the witness saw that the log had only grown.
    """
    key, moment = NoteKey(name, COSIGNATURE, public), seconds.to_bytes(_TIME_BYTES, "big")
    return NoteSignature(name, key.id, moment + signer.sign(cosigned(note.text, moment)))


def cosigned(text: str, moment: bytes) -> bytes:
    """What a cosignature is over (tlog-cosignature)."""
    return f"cosignature/v1\ntime {int.from_bytes(moment, 'big')}\n{text}".encode()


def with_signatures(note: Note, more: Sequence[NoteSignature]) -> Note:
    """The note with further signatures."""
    return Note(note.text, (*note.signatures, *more))


def bad_note(why: str) -> EtrustError:
    """The refusal of a note, checkpoint or proof that is not of its form."""
    return EtrustError(
        Kind.MALFORMED, "bad_note", zh="日志检查点或证明的格式不正确。", en=f"Not a checkpoint or proof of a log: {why}."
    )


def _signature_line(line: str) -> NoteSignature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not name or not space or "+" in name or any(map(str.isspace, name)):
        raise bad_note("a signature line is broken")
    try:
        found = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError) as error:
        raise bad_note("a signature is not base64") from error
    if len(found) <= _KEY_ID_BYTES:
        raise bad_note("a signature is too short")
    return NoteSignature(name, found[:_KEY_ID_BYTES], found[_KEY_ID_BYTES:])


def _verifies(key: NoteKey, signature: bytes, data: bytes) -> bool:
    if len(signature) != SIGNATURE_LENGTH:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True

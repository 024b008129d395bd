"""Entries of the log: kinds, and what stands in one. Pure.

An entry is a CBOR array ``[1, kind, time, digest]`` in deterministic encoding: the time in whole seconds, the digest
SHA-256 over a salt of 16 bytes and the content. The content is what the region signed or recorded; it never stands in the log.
The salt follows from a secret of the region, kind and subject, and is told in a proof only, so nobody can try contents.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self

import cbor2

from etrust.errors import EtrustError
from etrust.ledger.notes import bad_note
from etrust.signing import cose

VERSION = 1
SALT_BYTES = 16
_DIGEST_BYTES = 32
_PARTS = 4
_SECONDS_BYTES = 8


class EntryKind(StrEnum):
    """What an entry is about; in brackets what its content is."""

    LICENSE = "license"  # 签发 [the credential: tagged COSE_Sign1 with an empty unprotected header]
    STATUS = "status"  # 状态变更 [the recorded event, see `record`]
    SEAL_STEP = "seal_step"  # 印章的申请、审核、启用、停用、注销 [the recorded step]
    SEAL = "seal"  # 制章 [the seal data, DER]
    SEAL_USE = "seal_use"  # 用印 [the recorded use]
    TRUST_LIST = "trust_list"  # 信任列表 [the signed list]
    RECEIPT = "receipt"  # 查验回执 [COSE_Sign1 with an empty unprotected header]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an entry is about, in the region's own numbering, with its content and time."""

    kind: EntryKind
    name: str
    content: bytes
    at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry read back."""

    kind: str
    seconds: int
    digest: bytes

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read an entry.

        Raises:
            EtrustError: ``bad_note``.
        """
        try:
            found = cose.strict_loads(data)
        except EtrustError as error:
            raise bad_note("an entry is not CBOR") from error
        if not isinstance(found, list) or len(found) != _PARTS or found[0] != VERSION:
            raise bad_note("an entry is of another version")
        _, kind, seconds, digest = found
        if not (isinstance(kind, str) and isinstance(seconds, int) and isinstance(digest, bytes)):
            raise bad_note("an entry has another form")
        if len(digest) != _DIGEST_BYTES:
            raise bad_note("an entry has no digest")
        return cls(kind, seconds, digest)


def entry_of(subject: Subject, secret: bytes) -> bytes:
    """The bytes of an entry."""
    digest = content_digest(salt_of(secret, subject.kind, subject.name), subject.content)
    return cbor2.dumps([VERSION, subject.kind.value, int(subject.at.timestamp()), digest], canonical=True)


def salt_of(secret: bytes, kind: str, name: str) -> bytes:
    """The salt of an entry."""
    return hmac.digest(secret, f"{kind}\0{name}".encode(), "sha256")[:SALT_BYTES]


def content_digest(salt: bytes, content: bytes) -> bytes:
    """The digest in an entry."""
    return hashlib.sha256(salt + content).digest()


def opening(entry: bytes, secret: bytes, kind: str, name: str) -> bytes:
    """What opens an entry to whoever has the content: the salt and the seconds (eight bytes, big-endian)."""
    return salt_of(secret, kind, name) + Entry.parse(entry).seconds.to_bytes(_SECONDS_BYTES, "big")


def entry_from(kind: str, opened: bytes, content: bytes) -> bytes:
    """The bytes of an entry, made anew from its opening and the content.

    Raises:
        EtrustError: ``bad_note``: it is no opening.
    """
    if len(opened) != SALT_BYTES + _SECONDS_BYTES:
        raise bad_note("what opens the entry has another length")
    salt, seconds = opened[:SALT_BYTES], int.from_bytes(opened[SALT_BYTES:], "big")
    return cbor2.dumps([VERSION, kind, seconds, content_digest(salt, content)], canonical=True)


def record(*parts: object) -> bytes:
    """A recorded row as bytes: a deterministic CBOR array of texts, numbers, bytes and times (RFC 3339, UTC)."""
    return cbor2.dumps([_plain(part) for part in parts], canonical=True)


def _plain(part: object) -> object:
    return part.astimezone(UTC).isoformat() if isinstance(part, datetime) else part

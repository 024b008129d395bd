"""The register of documents: which there are, of which license, how they stand. Pure."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

OWN = 0
"""The copy number of a license's own document."""


class DocumentKind(StrEnum):
    """The two forms of a document."""

    PDF = "pdf"
    OFD = "ofd"

    @property
    def media_type(self) -> str:
        """As HTTP and attachments name it."""
        return {DocumentKind.PDF: "application/pdf", DocumentKind.OFD: "application/ofd"}[self]


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """Which document: of which license version, in which form, and which annotated copy (0: none)."""

    serial: str
    version: int
    kind: DocumentKind
    copy_no: int = OWN


@dataclass(frozen=True, slots=True)
class Revision:
    """What making or renewing a document adds to the register.

    Attributes:
        level: B-B to B-LTA, or SES.
        digest: SHA-256 of the whole document; `size` its bytes.
        added: what this revision adds to the bytes of the one before.
        timestamp_until: end of the last timestamp's certificate.
        due_at: when to renew, None for never.
        seal_use: number in the log of seal uses.
    """

    level: str
    digest: bytes
    size: int
    added: bytes = field(repr=False)
    made_at: datetime
    operator: str
    timestamp_until: datetime | None = None
    due_at: datetime | None = None
    seal_use: int | None = None


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document as it stands now; `revision` 0 was asked for and is not made yet."""

    key: DocumentKey
    license_type: str
    body: str
    operator: str
    asked_at: datetime
    revision: int
    due_at: datetime | None
    trouble: str
    level: str | None
    digest: bytes | None
    size: int | None
    made_at: datetime | None
    timestamp_until: datetime | None

    @property
    def is_made(self) -> bool:
        """Whether there are bytes."""
        return self.revision > 0


@dataclass(frozen=True, slots=True)
class CopyRecord:
    """What an annotated copy (加注件) was made for; fields as in `documents.model.Annotation`."""

    serial: str
    version: int
    copy_no: int
    number: str
    purpose: str
    recipient: str
    valid_until: date
    operator: str
    asked_at: datetime

"""What `etrust verify` was asked about a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileQuestion:
    """A file to check, and what to check it by.

    Attributes:
        anchors: certificates that count (PEM or DER); the region's own when none are given.
        crls: revocation lists at hand.
        document: what a seal signature's digest is over.
        report: where the ETSI report in XML is to be written.
    """

    data: bytes
    at: datetime | None = None
    anchors: Sequence[Path] = ()
    crls: Sequence[Path] = ()
    document: Path | None = None
    report: Path | None = None
    offline: bool = False

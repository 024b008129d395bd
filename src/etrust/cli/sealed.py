"""What `etrust verify` does with files that carry seals: no store and no server, only the anchors at hand."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from etrust.clock import system_clock
from etrust.settings import Settings
from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.x509 import Certificate, read_certificates
from etrust.verification.model import Verdict
from etrust.verification.seals import verify_seal_file


def check_sealed(
    settings: Settings, data: bytes, kind: str, *, at: datetime | None, anchors: Sequence[Path], crls: Sequence[Path],
    document: Path | None,
) -> Verdict:
    """The verdict on a seal, a seal signature or an OFD file.

    Args:
        anchors: certificates that count (PEM or DER); the region's own when none are given.
        crls: revocation lists at hand.
        document: what a seal signature's digest is over.

    Raises:
        EtrustError: an anchor or a list cannot be read.
    """
    lists = [each for path in crls for each in read_crls(path.read_bytes())]
    ground = Ground(_anchors(settings, anchors), at or system_clock(), crls=CrlSet(lists))
    return verify_seal_file(data, kind, ground=ground, document=document.read_bytes() if document else None)


def _anchors(settings: Settings, named: Sequence[Path]) -> tuple[Certificate, ...]:
    if named:
        return tuple(each for path in named for each in read_certificates(path.read_bytes()))
    from etrust.wiring.home import Home  # noqa: PLC0415 - a check with no server should not wait for the loading of one

    home = Home.of(settings)
    return read_certificates(home.anchor_certificate()) if home.is_founded else ()

"""How long a signed document stands: the levels of PAdES, and when its archive is to be renewed. Loads no reader or writer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from etrust.trust.x509 import read_certificate

MARGIN = timedelta(days=180)
"""A document is due this long before its last timestamp's certificate ends: time for two attempts and a holiday."""


class Level(StrEnum):
    """How long a signature can be verified, each level holding the one before (ETSI EN 319 142-1)."""

    B_B = "B-B"
    B_T = "B-T"
    B_LT = "B-LT"
    B_LTA = "B-LTA"

    @property
    def tokens(self) -> int:
        """How many timestamps signing at this level takes."""
        return (0, 1, 1, 2)[list(Level).index(self)]


@dataclass(frozen=True, slots=True)
class SignatureWords:
    """What the signature dictionary tells a person: why, where and who."""

    reason: str
    location: str
    name: str


def renewal_due(certificate: bytes) -> datetime:
    """When a document stamped with this certificate (DER) is to be renewed."""
    return read_certificate(certificate).not_after - MARGIN

"""What a document that was read holds and says, whatever its form: plain records. Loads no reader."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """One attached file: its name and its bytes."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Signatory:
    """Who signed, and when: as stated by himself, and as proven by a timestamp; with the reason given in words.

    `body` is the code of the body the certificate was issued for, empty when it does not say.
    """

    name: str
    body: str
    certificate: bytes
    stated: datetime | None
    proven: datetime | None
    reason: str = ""


class Indication(NamedTuple):
    """Overall word and sub-indication of one signature, as `etrust.verification` found them."""

    overall: str
    sub_indication: str

"""What tests of consent work with: a matter's terms, people who act, a use that fits."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from etrust.onecode.consent_model import Need, Terms
from etrust.onecode.model import Acting, Basis, Ground, Subject, Use
from etrust.storage.postgres import Connection

COUNTY, STATION, TOWN = "11653121MB1A0009XQ", "12653121MB1A0011X3", "11653121MB1A0010X5"
ELSEWHERE = "11650000MB1A0002XR"
MATTER, OTHER_MATTER = "11653121MB1A0009XQ4000100010001", "11653121MB1A0009XQ4000100010002"
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
BOTH = frozenset(Ground)
NEEDS = (Need("marriage_certificate", ("number", "holder_b_name"), "marriage", "applicant"),)


def terms(matter: str = MATTER, version: int = 1, grounds: frozenset[Ground] = BOTH) -> Terms:
    """A matter of the sample region's county."""
    return Terms(matter, version, COUNTY, grounds, NEEDS)


def somebody(basis: Basis = Basis.SELF, **more: object) -> Acting:
    """A holder nobody has seen before, and who acts for it."""
    subject = Subject(secrets.token_bytes(16), "古丽", "653121199001010021", "111")
    return Acting(subject, secrets.token_hex(16), basis, **more)  # type: ignore[arg-type]


@dataclass
class Stage:
    """A moment that moves, and what stands or not."""

    now: datetime = NOON
    fallen: set[str] = field(default_factory=set)

    def forward(self, length: timedelta) -> None:
        """Let time pass."""
        self.now += length

    async def stands(self, _: Connection, reference: str) -> bool:
        """Whether what a right rested on still stands."""
        return reference not in self.fallen


def a_use(**changes: object) -> Use:
    """A clerk of the station below the county uses licenses for the matter."""
    said: dict[str, object] = {
        "ground": Ground.CONSENT, "matter": MATTER, "case_number": MATTER + "202611250001", "operator": "clerk",
        "body": STATION, "reason": "办理新生儿出生一件事", "legal_basis": "",
    }
    return Use(**{**said, **changes})  # type: ignore[arg-type]

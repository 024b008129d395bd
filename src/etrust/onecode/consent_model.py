"""What a holder agreed to and what an official took on duty: bound, counted, ending. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from etrust.onecode.model import Ground

REQUEST_LIFETIME = timedelta(minutes=5)
"""How long a consent request waits on the holder's phone."""

ANSWERED_LIFETIME = timedelta(minutes=30)
"""How long consent given at the counter lasts: one sitting."""

MAX_LIFETIME = timedelta(days=30)
"""How long consent given beforehand lasts at most."""

MAX_USES = 20
MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Need:
    """What of one license type is told: names of fields, never values.

    Attributes:
        material: key of the material it is for.
        party: whose license it is.
    """

    license_type: str
    fields: tuple[str, ...]
    material: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a matter would learn, in one version of it: what the holder is shown and agrees to.

    Attributes:
        body: who handles the matter (实施主体).
        grounds: which grounds of use it allows.
    """

    matter: str
    version: int
    body: str
    grounds: frozenset[Ground]
    needs: tuple[Need, ...]


class GrantState(StrEnum):
    """How a grant stands; it is worked out, never kept."""

    OPEN = "open"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to use a holder's licenses.

    Attributes:
        id: ``G-`` and 22 random characters.
        subject_key: whose licenses.
        case_number: empty when it was given beforehand; its first use then binds it.
        operator: empty when it was given beforehand.
        body: who may use it; for consent given beforehand, its windows below it too.
        uses: how many there may be; `used`: how many there were.
        given_by: the person who agreed; empty for duty.
        basis: why that person could; `reference`: what that rests on.
        request: the request it answered, empty for others.
    """

    id: str
    subject_key: bytes
    ground: Ground
    matter: str
    version: int
    case_number: str
    operator: str
    body: str
    reason: str
    legal_basis: str
    needs: tuple[Need, ...]
    uses: int
    given_by: str
    basis: str
    reference: str
    request: str
    given_at: datetime
    expires_at: datetime
    used: int = 0
    revoked_at: datetime | None = None

    def state(self, at: datetime) -> GrantState:
        """How it stands at a moment."""
        if self.revoked_at is not None and self.revoked_at <= at:
            return GrantState.REVOKED
        if self.used >= self.uses:
            return GrantState.USED_UP
        return GrantState.OPEN if at < self.expires_at else GrantState.EXPIRED


class RequestState(StrEnum):
    """How a consent request stands."""

    PENDING = "pending"
    AGREED = "agreed"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class ConsentRequest:
    """A clerk's question to the holder who stands at the counter.

    Attributes:
        id: ``R-`` and 22 random characters.
        session: digest of the session that showed the code; nobody else can answer.
        person: who showed it.
        grant: the grant that the answer gave, empty when none.
        answered: True agreed, False refused, None not answered.
        seen_at: the moment its state speaks of.
    """

    id: str
    subject_key: bytes
    session: bytes
    person: str
    matter: str
    version: int
    case_number: str
    operator: str
    body: str
    reason: str
    needs: tuple[Need, ...]
    asked_at: datetime
    expires_at: datetime
    seen_at: datetime
    answered: bool | None = None
    grant: str = ""

    @property
    def state(self) -> RequestState:
        """How it stands."""
        if self.answered is not None:
            return RequestState.AGREED if self.answered else RequestState.REFUSED
        return RequestState.PENDING if self.seen_at < self.expires_at else RequestState.EXPIRED


def needs_to_json(needs: Sequence[Need]) -> list[list[object]]:
    """As kept: license type, fields, material, party."""
    return [[each.license_type, list(each.fields), each.material, each.party] for each in needs]


def needs_from_json(kept: Sequence[Sequence[Any]]) -> tuple[Need, ...]:
    """The other way round."""
    return tuple(Need(name, tuple(fields), material, party) for name, fields, material, party in kept)

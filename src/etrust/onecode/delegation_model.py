"""代办 and 经办人: one person acts for another in one matter, or for a company. Pure."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etrust.licenses.model import Holder
from etrust.licenses.types import mask_number

MAX_LIFETIME = timedelta(days=366)
MAX_NAME = 60
MAX_MATTERS = 50
MAX_A_DAY = 20
"""How many people a holder or a company may name in a day: nobody tries out numbers this way."""

ADULT = 18
_NONCE = 12
_MONTHS_END = 28


class DelegationKind(StrEnum):
    """Who is let act."""

    DELEGATE = "delegate"  # 代办人, in one matter
    STAFF = "staff"  # 经办人 of a company, in named matters or all


class DelegationState(StrEnum):
    """How it stands; worked out, never kept."""

    OFFERED = "offered"
    IN_FORCE = "in_force"
    DECLINED = "declined"
    ENDED = "ended"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Named:
    """The names in a delegation, kept sealed.

    Attributes:
        name: of who may act, as the giver typed it; `number` masked.
        giver: who gave it; its right to give is made out anew each time.
    """

    name: str
    number: str
    giver: Holder


@dataclass(frozen=True, slots=True)
class Delegation:
    """One person let act for a holder.

    Attributes:
        id: ``D-`` and 22 random characters.
        matters: implementation codes; empty means all, for staff only.
        by_delegate: ended (or declined) by who was let act.
    """

    id: str
    kind: DelegationKind
    subject_key: bytes
    giver_key: bytes
    delegate_key: bytes
    matters: tuple[str, ...]
    sealed: bytes
    given_at: datetime
    until: datetime
    accepted_at: datetime | None = None
    ended_at: datetime | None = None
    by_delegate: bool = False

    def state(self, at: datetime) -> DelegationState:
        """How it stands at a moment."""
        if self.ended_at is not None:
            declined = self.by_delegate and self.accepted_at is None
            return DelegationState.DECLINED if declined else DelegationState.ENDED
        if at >= self.until:
            return DelegationState.EXPIRED
        return DelegationState.OFFERED if self.accepted_at is None else DelegationState.IN_FORCE


class NameBox:
    """Seals the names in delegations under the region's secret: whoever reads the table reads nobody's name."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(hashlib.blake2b(secret, person=b"delegations", digest_size=32).digest())

    def seal(self, identifier: str, *, name: str, number: str, giver: Holder) -> bytes:
        """The names of one delegation, bound to its id."""
        told = json.dumps([name, mask_number(number), giver.name, giver.code, giver.code_type], ensure_ascii=False)
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, told.encode(), identifier.encode())

    def open(self, delegation: Delegation) -> Named | None:
        """The names in a delegation, None when they were not sealed here for it."""
        sealed = delegation.sealed
        try:
            told = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], delegation.id.encode())
            name, number, *giver = json.loads(told)
            return Named(name, number, Holder(*giver))
        except (InvalidTag, ValueError, TypeError):
            return None


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for blanks and the sign between the parts of a name (间隔号)."""
    return bool(_plain(one)) and _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join("·" if sign in "•・‧∙." else sign for sign in name if not sign.isspace()).casefold()


def coming_of_age(born: date) -> date:
    """The 18th birthday. For one born on 29 February it is the 28th: the month's last day (民法典, article 202)."""
    try:
        return born.replace(year=born.year + ADULT)
    except ValueError:
        return date(born.year + ADULT, born.month, _MONTHS_END)


def birth_date_of(citizen_number: str) -> date | None:
    """The date of birth in a citizen number."""
    try:
        return date.fromisoformat(f"{citizen_number[6:10]}-{citizen_number[10:12]}-{citizen_number[12:14]}")
    except ValueError:
        return None

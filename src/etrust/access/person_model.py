"""People as the identity platform vouches for them, and their sessions. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Position(StrEnum):
    """What a person is in a company."""

    LEGAL_REPRESENTATIVE = "legal_representative"  # 法定代表人
    STAFF = "staff"  # 经办人


@dataclass(frozen=True, slots=True)
class CompanyRole:
    """A company the platform says a person belongs to.

    Attributes:
        code: unified social credit code.
        role: what the person is in it.
    """

    code: str
    name: str
    role: Position


@dataclass(frozen=True, slots=True)
class Person:
    """A person who holds licenses.

    Attributes:
        id: 32 hexadecimal characters, random: the only thing of a person that may stand in logs.
        code: citizen number or what else the platform knows the person by.
        code_type: 持证主体代码类型 (GB/T 36903), 111 for a citizen number.
        companies: what the platform said at the last sign-in.
    """

    id: str
    name: str = field(repr=False)
    code: str = field(repr=False)
    code_type: str
    companies: tuple[CompanyRole, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the platform says about who signs in; `sub` is the platform's own name for the person."""

    issuer: str
    sub: str = field(repr=False)
    name: str = field(repr=False)
    code: str = field(repr=False)
    code_type: str
    companies: tuple[CompanyRole, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class HolderSession:
    """A person in front of the pages.

    Attributes:
        digest: SHA-256 of the token; the token itself is kept nowhere.
        strong_until: until when a passkey that was used opens sensitive licenses.
        acting_for: for whom the person acts, as `/my/acting` wrote it; empty for oneself.
        fresh_until: until when passkeys may be made and removed without one.
    """

    person: Person
    digest: bytes
    signed_in_at: datetime
    expires_at: datetime
    strong_until: datetime | None = None
    acting_for: str = ""
    fresh_until: datetime | None = None

    def is_strong(self, at: datetime) -> bool:
        """Whether a passkey was used a moment ago."""
        return self.strong_until is not None and at < self.strong_until

    def is_fresh(self, at: datetime) -> bool:
        """Whether the platform asked who it is a moment ago."""
        return self.fresh_until is not None and at < self.fresh_until

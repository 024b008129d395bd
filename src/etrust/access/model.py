"""Bodies, mandates and those who act for them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an operator may do."""

    CLERK = "clerk"  # check what is presented
    ISSUER = "issuer"  # issue licenses and change their status
    ADMIN = "admin"  # keys, links and accounts
    SEAL_OFFICER = "seal_officer"  # 印章管理员: applies for seals, reviews, makes, freezes and cancels them


class Scope(StrEnum):
    """What a program's key may do."""

    CHECK = "checks"
    ISSUE = "licenses:issue"
    READ = "licenses:read"
    STATUS = "licenses:status"
    DOCUMENTS = "documents"  # license faces as PDF and OFD
    SEALS = "seals:use"  # put a seal under a digest


@dataclass(frozen=True, slots=True)
class Body:
    """An authority (机构); `level` runs 1 to 5 for 区 地 县 乡 村."""

    code: str
    name_zh: str
    name_ug: str
    name_en: str
    level: int
    division: str
    parent: str | None


@dataclass(frozen=True, slots=True)
class Mandate:
    """The right of a body to issue one license type in a period."""

    body: str
    license_type: str
    valid_from: datetime
    valid_until: datetime | None

    def covers(self, at: datetime) -> bool:
        """Whether the mandate is in force at that moment."""
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


@dataclass(frozen=True, slots=True)
class Operator:
    """A person who acts for a body."""

    username: str
    name: str
    body: str
    body_name: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A program's key as it is known after a successful check."""

    key_id: str
    operator: str
    body: str
    scopes: frozenset[str]
    expires_at: datetime

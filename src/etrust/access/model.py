"""Bodies, mandates and those who act for them. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What an operator may do."""

    CLERK = "clerk"  # check what is presented
    ISSUER = "issuer"  # issue licenses and change their status
    ADMIN = "admin"  # keys, links and accounts
    MATTER_OFFICER = "matter_officer"  # 事项管理员: keeps the catalogue of matters
    SUPERVISOR = "supervisor"  # 好差评监督员: reads the words of ratings of its body, and follows up on bad ones
    KIOSK = "kiosk"  # 自助终端: a device in the hall, not a person
    SEAL_OFFICER = "seal_officer"  # 印章管理员: applies for seals, reviews, makes, freezes and cancels them
    TRUST_OFFICER = "trust_officer"  # 信任管理员: trust list, partner regions and agreements
    CASE_OFFICER = "case_officer"  # 异议办理员: objections and corrections
    SECURITY = "security"  # 安全管理员: accounts, their roles, the keys of programs
    AUDITOR = "auditor"  # 审计员: reads the audit trail and the log, and changes nothing


class Scope(StrEnum):
    """What a program's key may do."""

    CHECK = "checks"
    ISSUE = "licenses:issue"
    READ = "licenses:read"
    STATUS = "licenses:status"
    DOCUMENTS = "documents"  # license faces as PDF and OFD
    SEALS = "seals:use"  # put a seal under a digest
    MATTERS = "matters:check"  # check what a matter needs, and the cases and receipts of it
    CODES = "codes"  # redeem the codes that holders show, and reconcile those scanned without a network
    RECOGNITION = "recognition"  # another region that asks for licenses of this one
    OBJECTIONS = "objections"  # open objections and follow them
    CORRECTIONS = "corrections"  # 纠错: tell the issuer what is wrong in the data it shares
    NOTICES = "notices"  # read and confirm what the body was told, and say where to tell it
    AUDIT = "audit:read"  # the audit trail


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

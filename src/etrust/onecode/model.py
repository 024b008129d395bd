"""What a holder shows, on what ground it may be used, and who acts for whom. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Ground(StrEnum):
    """The two legal grounds for using a license (用证)."""

    CONSENT = "consent"  # 持证人授权
    DUTY = "duty"  # 依职能用证


class Basis(StrEnum):
    """Why a person may act for a holder."""

    SELF = "self"  # 本人
    LEGAL_REPRESENTATIVE = "legal_representative"  # 法定代表人
    STAFF = "staff"  # 经授权的经办人
    GUARDIAN = "guardian"  # 监护人
    DELEGATE = "delegate"  # 代办人, for one matter


@dataclass(frozen=True, slots=True)
class Subject:
    """A holder as the one code knows it.

    Attributes:
        key: the 16 bytes under which the holder's licenses are found (`Numbering.holder`).
        name: as the identity platform or the license has it.
        code: citizen number, USCC, …
        code_type: 持证主体代码类型 (GB/T 36903): 111, 001, …
    """

    key: bytes
    name: str
    code: str
    code_type: str

    @property
    def is_company(self) -> bool:
        """Whether it is an organisation."""
        return self.code_type in ("001", "099")


@dataclass(frozen=True, slots=True)
class Acting:
    """A subject, the person who acts for it, and why.

    Attributes:
        person: id of the person who acts; the subject's own for `Basis.SELF`.
        matter: the one matter a delegate may act in, or staff whom the company named for it; empty: in all.
        until: when the right ends, None when it does not end by itself.
        reference: what it rests on: id of a delegation, or identifier of a license.
    """

    subject: Subject
    person: str
    basis: Basis
    matter: str = ""
    until: datetime | None = None
    reference: str = ""

    @property
    def choice(self) -> str:
        """What a session keeps of it (`HolderSession.acting_for`): empty for oneself, else 32 characters that name nobody."""
        if self.basis is Basis.SELF:
            return ""
        named = b"\0".join((self.subject.key, self.basis.value.encode(), self.matter.encode()))
        return hashlib.blake2b(named, person=b"acting for", digest_size=16).hexdigest()

    @property
    def limited(self) -> bool:
        """Whether it is for one matter only: then nothing is shown but what that matter needs."""
        return self.matter != ""


class CodeKind(StrEnum):
    """What an online code stands for."""

    HOLDER = "holder"  # 一码: all that the holder has; the matter decides what of it is told
    LICENSE = "license"  # one license
    MATTER = "matter"  # one matter, consent given beforehand


@dataclass(frozen=True, slots=True)
class Shown:
    """What a handle stands for, as long as it lives.

    Attributes:
        handle: 16 random bytes.
        acting: whose code it is and who shows it.
        session: digest of the session that shows it.
        identifier: the license, for `CodeKind.LICENSE`.
        matter: the matter, for `CodeKind.MATTER`.
        grant: the consent given beforehand, for `CodeKind.MATTER`.
    """

    handle: bytes
    kind: CodeKind
    acting: Acting
    session: bytes
    issued_at: datetime
    expires_at: datetime
    identifier: str = ""
    matter: str = ""
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """One use of a holder's licenses: what every grant is bound to.

    Attributes:
        ground: consent or duty.
        matter: implementation code, 31 characters.
        case_number: 办件编码, 43 characters.
        operator: who asks.
        body: whom the operator acts for.
        reason: 申请事由, at most 200 characters; for duty, with the legal basis.
    """

    ground: Ground
    matter: str
    case_number: str
    operator: str
    body: str
    reason: str
    legal_basis: str = ""

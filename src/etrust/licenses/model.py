"""What a license is: the frozen records that pass between reading, issuing and showing. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from etrust.credentials.credential import assemble
from etrust.ids import LicenseIdentifier


@dataclass(frozen=True, slots=True)
class Holder:
    """One holder (持证主体) of a license.

    `code_type` is the three-digit 持证主体代码类型 of GB/T 36903: 001 USCC, 111 citizen number, and so on.
    """

    name: str
    code: str
    code_type: str


@dataclass(frozen=True, slots=True)
class Record:
    """The content of a license to be issued, normalized and judged good (GB/T 36903 elements).

    Attributes:
        number: the printed number 证照编号, unique per type and issuer.
        holders: in the order of the type's face.
        issued_on: 颁发日期.
        valid_from: 有效期起始; never None, falls back to the issue date.
        valid_until: 有效期截止, inclusive; None means 长期, without end.
        issuing_authority: the name printed as 颁发机构.
        fields: the type's own fields by English name, dates as YYYY-MM-DD; only non-empty ones.
        extension: unknown columns of the source, kept as they came (扩展业务信息).
    """

    number: str
    holders: tuple[Holder, ...]
    issued_on: date
    valid_from: date
    valid_until: date | None
    issuing_authority: str
    fields: Mapping[str, str] = field(default_factory=dict)
    extension: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reject:
    """Why one row of a file is not issued: a stable reason code and a sentence in Chinese."""

    row: int
    reason: str
    explanation: str
    original: tuple[str, ...]


class Action(StrEnum):
    """What can be done to an issued license; the value is stored and shown."""

    REVOKE = "revoke"  # 撤销, 注销, 吊销
    SUSPEND = "suspend"  # 暂扣
    RESTORE = "restore"  # 暂扣发还
    SUPERSEDE = "supersede"  # 延续, 变更: replaced by the next version
    OBJECT = "object"  # 异议: somebody objects, and the type's policy says that checks tell so
    CLEAR = "clear"  # 异议不成立: the objection is decided, the license stands


@dataclass(frozen=True, slots=True)
class Provenance:
    """Who acts: the operator, the body acted for, and the moment."""

    operator: str
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredLicense:
    """An issued version as the store has it, with the two parts and the signature of its credential."""

    serial: str
    version: int
    license_type: str
    type_code: str
    issuer: str
    number: str
    issued_on: date
    valid_from: date
    valid_until: date | None
    issuing_authority: str
    holders: list[list[str]]
    fields: dict[str, str]
    list_no: int
    list_index: int
    status_uri: str
    protected: bytes
    payload: bytes
    signature: bytes
    signed_at: datetime

    @property
    def identifier(self) -> LicenseIdentifier:
        """Its identifier (电子证照标识)."""
        return LicenseIdentifier.make(self.type_code, self.issuer, self.serial, self.version)

    @property
    def credential(self) -> bytes:
        """Its credential, put together from the parts kept."""
        return assemble(self.protected, self.payload, self.signature)

"""What a region answers, typed. Fields that a newer server adds are left aside."""

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


class _Told(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Ground(StrEnum):
    """On what ground a license is used (用证依据)."""

    CONSENT = "consent"  # 持证人授权
    DUTY = "duty"  # 依职能用证


class Use(BaseModel):
    """What a license is used for; nothing is told without.

    Attributes:
        matter: implementation code, 31 characters.
        case_number: 办件编码, 43 characters.
        operator: who asks, as the caller's own system names them.
        body: whom the operator acts for, 18 characters.
        reason: 申请事由, at most 200 characters.
        legal_basis: needed on duty.
        grant: the holder's consent, for the operations of GB/T 36906.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    ground: Ground
    matter: str
    case_number: str
    operator: str
    body: str
    reason: str
    legal_basis: str = ""
    grant: str = ""


class Finding(_Told):
    """One step of a check."""

    step: str
    outcome: Literal["passed", "failed", "unknown", "skipped"]
    reason: str = ""
    detail: str = ""


class Verdict(_Told):
    """What a check came to.

    Attributes:
        verdict: ``TOTAL-PASSED`` only for what is genuine and in force now.
        status: one of the twelve states.
        license: what the code discloses, None of what is not genuine.
        evidence: digests of the lists it rests on, and the agreement for another region's license.
    """

    verdict: Literal["TOTAL-PASSED", "TOTAL-FAILED", "INDETERMINATE"]
    sub_indication: str = ""
    status: str
    kind: str = ""
    at: AwareDatetime
    findings: tuple[Finding, ...] = ()
    evidence: dict[str, Any] = {}
    license: dict[str, Any] | None = None

    @property
    def is_good(self) -> bool:
        """Whether it may be relied on."""
        return self.verdict == "TOTAL-PASSED"


class Checked(_Told):
    """One line of a batch, in the order of what was asked.

    Attributes:
        line: its number, from 1.
        id: as the caller gave it.
        error: ``bad_line`` for one that could not be read.
        identifier: of the license; only where the answers are brief.
        full: the whole verdict; None where the answers are brief.
    """

    line: int
    id: str = ""
    verdict: str
    status: str
    error: str = ""
    identifier: str = ""
    full: Verdict | None = None

    @property
    def is_good(self) -> bool:
        """Whether it may be relied on."""
        return self.verdict == "TOTAL-PASSED"


class Totals(_Told):
    """The last line of a batch, to be reconciled with what was asked.

    Attributes:
        by_status: how many lines came to each of the twelve states.
    """

    lines: int
    by_status: dict[str, int] = {}


class License(_Told):
    """A license of the caller's own body.

    Attributes:
        code: the text of its QR code.
    """

    identifier: str
    short: str
    type: str
    number: str
    code: str
    issued_at: AwareDatetime
    verdict: Verdict | None = None


class StatusChange(_Told):
    """A status change that is kept and published."""

    identifier: str
    action: str
    effective_at: AwareDatetime
    recorded_at: AwareDatetime


class Difference(BaseModel):
    """A datum that differs from what the caller knows (纠错).

    Attributes:
        license: identifier of the version that was seen.
        field: by its English name, or as the face has it.
        value: what is right; `observed` what the license says; `ground` how the caller knows.
        region: whose license it is; empty: the region that is called.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    license: str
    field: str
    value: str
    observed: str = ""
    ground: str = ""
    region: str = ""


class Taken(_Told):
    """What became of one difference: a number and a state, or a code that says why it was not taken."""

    number: str = ""
    state: str = ""
    merged: bool = False
    code: str = ""
    where: str = ""
    zh: str = ""
    en: str = ""


class Notice(_Told):
    """What a body was told."""

    notice_id: str
    stream: str
    number: int
    kind: str
    at: AwareDatetime
    content: dict[str, Any]
    confirmed_at: AwareDatetime | None = None


class Metadata(_Told):
    """What queryCertInfo tells of a license (GB/T 36906)."""

    identifier: str
    type_code: Annotated[str, Field(alias="typeCode")]
    type_name: Annotated[str, Field(alias="typeName")]
    issuer: str
    issuing_authority: Annotated[str, Field(alias="issuingAuthority")]
    holders: tuple[dict[str, str], ...]
    issued_on: Annotated[str, Field(alias="issuedOn")]
    valid_from: Annotated[str, Field(alias="validFrom")]
    valid_until: Annotated[str | None, Field(alias="validUntil")]
    version: int
    status: str


class Compared(_Told):
    """What verifyCertInfo (查验) tells."""

    result: Literal["match", "mismatch"]
    fields: dict[str, bool]

    @property
    def matches(self) -> bool:
        """Whether everything that was claimed is so."""
        return self.result == "match"


class Download(_Told):
    """A link for one download."""

    identifier: str
    token: str
    kind: str
    expires_at: Annotated[AwareDatetime, Field(alias="expiresAt")]

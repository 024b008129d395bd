"""Electronic seals (电子印章) as a body has them: kinds, the steps of their life, and what each state allows. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Self

from etrust.access.model import Operator
from etrust.ses.model import Generation

MAX_YEARS = 5
"""A seal lives no longer than the certificate of its key."""


class SealKind(StrEnum):
    """What a seal is for (印章类型); the value is stored."""

    OFFICIAL = "official"  # 单位专用章, 公章
    FINANCE = "finance"  # 财务专用章
    INVOICE = "invoice"  # 税务、发票专用章
    CONTRACT = "contract"  # 合同专用章
    PERSONAL = "personal"  # 法定代表人名章
    LICENSE = "license"  # 业务专用章 such as 证照专用章


class Shape(StrEnum):
    """The outline of a seal."""

    ROUND = "round"
    OVAL = "oval"
    SQUARE = "square"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What every seal of one kind has in common.

    Attributes:
        number: the type in the seal data (01 单位专用章 to 05 法定代表人名章, 99 其他).
        inscription_zh: the line below the star when the application names none.
        width: millimeters of the printed picture.
    """

    number: int
    zh: str
    ug: str
    en: str
    inscription_zh: str
    shape: Shape
    width: int
    height: int


KINDS: Mapping[SealKind, KindFacts] = {
    SealKind.OFFICIAL: KindFacts(1, "单位专用章", "ئورۇن تامغىسى", "official seal", "", Shape.ROUND, 42, 42),
    SealKind.FINANCE: KindFacts(2, "财务专用章", "مالىيە تامغىسى", "finance seal", "财务专用章", Shape.ROUND, 38, 38),
    SealKind.INVOICE: KindFacts(3, "发票专用章", "تالون تامغىسى", "invoice seal", "发票专用章", Shape.OVAL, 40, 30),
    SealKind.CONTRACT: KindFacts(4, "合同专用章", "توختام تامغىسى", "contract seal", "合同专用章", Shape.ROUND, 38, 38),
    SealKind.PERSONAL: KindFacts(5, "法定代表人名章", "قانۇنىي ۋەكىل تامغىسى", "personal seal", "", Shape.SQUARE, 20, 20),
    SealKind.LICENSE: KindFacts(99, "证照专用章", "كىنىشكا تامغىسى", "license seal", "证照专用章", Shape.ROUND, 42, 42),
}
"""The customary sizes; type numbers 01 to 05 and 99 as in public implementations of the standard."""


class SealState(StrEnum):
    """How far a seal has come; the value is stored and shown."""

    APPLIED = "applied"  # 已申请，待审核
    REJECTED = "rejected"  # 审核未通过
    APPROVED = "approved"  # 审核通过，待制作
    MAKING = "making"  # 制作中: what is to be signed is recorded, the signature is not
    MADE = "made"  # 已制作，待备案
    RECORDED = "recorded"  # 已备案，待交付启用
    ACTIVE = "active"  # 在用
    FROZEN = "frozen"  # 冻结
    LOST = "lost"  # 挂失
    SUPERSEDED = "superseded"  # 已由新印章替代
    CANCELED = "canceled"  # 已注销


class Action(StrEnum):
    """What can be done to a seal; the value is stored and shown."""

    APPLY = "apply"  # 申请
    APPROVE = "approve"  # 审核通过
    REJECT = "reject"  # 审核不通过
    PREPARE = "prepare"  # 制作: the intent, before the maker's key is used
    MAKE = "make"  # 制作完成
    FILE_RECORD = "file_record"  # 备案
    ACTIVATE = "activate"  # 交付启用
    FREEZE = "freeze"  # 冻结
    REPORT_LOST = "report_lost"  # 挂失
    PROPOSE_RESTORE = "propose_restore"  # 申请解冻
    RESTORE = "restore"  # 解冻
    SUPERSEDE = "supersede"  # 变更: a new seal took its place
    CANCEL = "cancel"  # 注销


_S, _A = SealState, Action
TRANSITIONS: Mapping[tuple[SealState, Action], SealState] = {
    (_S.APPLIED, _A.APPROVE): _S.APPROVED,
    (_S.APPLIED, _A.REJECT): _S.REJECTED,
    (_S.APPROVED, _A.PREPARE): _S.MAKING,
    (_S.MAKING, _A.MAKE): _S.MADE,
    (_S.MADE, _A.FILE_RECORD): _S.RECORDED,
    (_S.RECORDED, _A.ACTIVATE): _S.ACTIVE,
    (_S.ACTIVE, _A.FREEZE): _S.FROZEN,
    (_S.ACTIVE, _A.REPORT_LOST): _S.LOST,
    (_S.FROZEN, _A.REPORT_LOST): _S.LOST,
    (_S.FROZEN, _A.PROPOSE_RESTORE): _S.FROZEN,
    (_S.FROZEN, _A.RESTORE): _S.ACTIVE,
    (_S.LOST, _A.PROPOSE_RESTORE): _S.LOST,
    (_S.LOST, _A.RESTORE): _S.ACTIVE,
    **{(state, _A.SUPERSEDE): _S.SUPERSEDED for state in (_S.ACTIVE, _S.FROZEN, _S.LOST)},
    **{
        (state, _A.CANCEL): _S.CANCELED
        for state in (_S.APPLIED, _S.APPROVED, _S.MAKING, _S.MADE, _S.RECORDED, _S.ACTIVE, _S.FROZEN, _S.LOST)
    },
}
"""What each state allows; what is not here is refused. Nothing leads out of rejected, superseded and canceled."""

NOT_BY: Mapping[Action, frozenset[Action]] = {
    Action.APPROVE: frozenset({Action.APPLY}),
    Action.REJECT: frozenset({Action.APPLY}),
    Action.ACTIVATE: frozenset({Action.PREPARE, Action.MAKE, Action.FILE_RECORD}),
    Action.RESTORE: frozenset({Action.PROPOSE_RESTORE}),
}
"""Two people (双人): an action must be another person's than those that did these before."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a step is taken; auditors see both, and both must be given."""

    reason: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: the operator, the body acted for, the roles held, and the moment."""

    operator: str
    body: str
    roles: frozenset[str]
    at: datetime

    @classmethod
    def of(cls, operator: Operator, at: datetime) -> Self:
        """An account acting for its own body."""
        return cls(operator.username, operator.body, operator.roles, at)


@dataclass(frozen=True, slots=True)
class Application:
    """What a body asks for (印章申请).

    Attributes:
        body: whose seal it will be.
        name_zh: the name in the ring, for a personal seal the person's name.
        name_ug: the Uyghur line, empty when none is asked for.
        inscription: the line below the star; the kind's own when left out.
        license_types: the license types it may be put on; empty for a seal without that limit.
        years: from making until the end of its validity.
        generation: V4 or V5.
        code: 印章编码 where the public security authority has given one already.
        replaces: the code of the seal whose place it takes when it is put into use.
    """

    body: str
    kind: SealKind
    name_zh: str
    name_ug: str = ""
    inscription: str = ""
    license_types: tuple[str, ...] = ()
    years: int = MAX_YEARS
    generation: Generation = Generation.V5
    code: str | None = None
    replaces: str | None = None

    @property
    def facts(self) -> KindFacts:
        """What all seals of its kind share."""
        return KINDS[self.kind]

    @property
    def title(self) -> str:
        """印章名称 as it stands in the seal data: ring and inscription."""
        return self.name_zh + (self.inscription or self.facts.inscription_zh)


@dataclass(frozen=True, slots=True)
class SealEvent:
    """One step of a seal's life; `step` counts from 1, `state` is the one it led to."""

    code: str
    step: int
    action: Action
    state: SealState
    operator: str
    body: str
    reason: str
    legal_basis: str
    at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class SealRecord:
    """A seal as it stands now.

    Attributes:
        state: where the last step has led.
        since: when that was.
        record_number: 备案编号, empty before it was recorded.
        valid_from: of the seal data, None before it was made.
        certificate: the signer's certificate (DER), None before it was made.
    """

    code: str
    application: Application
    applied_at: datetime
    state: SealState
    since: datetime
    record_number: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    certificate: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Making:
    """What was recorded before the maker's key is used (制作): the bytes to be signed, and the signer named in them."""

    code: str
    key_name: str
    certificate: bytes = field(repr=False)
    info: bytes = field(repr=False)
    valid_from: datetime
    valid_until: datetime


class GranteeKind(StrEnum):
    """To whom a right of use is given."""

    OPERATOR = "operator"  # one account
    ROLE = "role"  # everybody in the seal's body with that role
    BODY = "body"  # whoever acts for a body, programs included


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to use one seal (用印授权).

    Attributes:
        license_types: only for these; empty for any.
        matters: only for these matters (事项编码); empty for any.
        valid_until: the first moment at which it is over; None while the seal lives.
        ended_at: when it was taken back.
    """

    grant_id: int
    code: str
    kind: GranteeKind
    grantee: str
    license_types: tuple[str, ...]
    matters: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime | None
    given_by: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a seal is put under: the license type or the matter, and the document's number (证照标识, 办件编码)."""

    license_type: str = ""
    matter: str = ""
    document: str = ""


@dataclass(frozen=True, slots=True)
class UseRecord:
    """One use (用印记录) as it is logged before the key is used; `signed_at` is None when a crash came in between."""

    use_id: int
    code: str
    digest: bytes
    purpose: Purpose
    operator: str
    body: str
    grant_id: int
    at: datetime
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A right of use to be given; fields as in `Grant`."""

    kind: GranteeKind
    grantee: str
    license_types: tuple[str, ...] = ()
    matters: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def covers(grant: Grant, *, seal_body: str, who: Actor, purpose: Purpose) -> bool:
    """Whether a right lets this actor use its seal for this purpose at the actor's moment.

    A limit that is given must be met: a right for certain license types does not cover a use that names none. Who gave a
    right does not use the seal by it, whether it names him, his role or his body: a right takes two people.
    """
    return (
        grant.valid_from <= who.at
        and grant.given_by != who.operator
        and all(end is None or who.at < end for end in (grant.valid_until, grant.ended_at))
        and is_grantee(grant, seal_body, who)
        and (not grant.license_types or purpose.license_type in grant.license_types)
        and (not grant.matters or purpose.matter in grant.matters)
    )


def is_grantee(grant: Grant, seal_body: str, who: Actor) -> bool:
    """Whether a right was given to this actor, whatever its limits."""
    match grant.kind:
        case GranteeKind.OPERATOR:
            return grant.grantee == who.operator
        case GranteeKind.ROLE:
            return grant.grantee in who.roles and who.body == seal_body
        case GranteeKind.BODY:
            return grant.grantee == who.body

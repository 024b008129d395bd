"""Cases (办件): their numbers, the steps of their life, and what each state allows. Pure."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from etrust.access.model import Operator
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.matters.model import Outcome, Words

NUMBER_LENGTH = 43
MATTER_LENGTH = 31
MAX_SERIAL = 9999
_NUMBER = re.compile(r"([0-9A-Z]{31})([0-9]{8})([0-9]{4})", re.ASCII)


class CaseState(StrEnum):
    """How far a case has come; the value is stored and shown."""

    OPEN = "open"  # 收件: being checked
    ACCEPTED = "accepted"  # 受理
    LACKING = "lacking"  # 容缺受理: accepted, some materials are still to be brought
    SUPPLEMENTED = "supplemented"  # 已补正
    COMPLETED = "completed"  # 办结
    REFUSED = "refused"  # 不予受理
    WITHDRAWN = "withdrawn"  # 撤回


class Action(StrEnum):
    """What can be done to a case; the value is stored and shown."""

    OPEN = "open"  # 收件
    CHECK = "check"  # 查验
    COMMIT = "commit"  # 告知承诺
    DEFER = "defer"  # 容缺
    SUPPLEMENT = "supplement"  # 补交: brought on paper, and seen
    ACCEPT = "accept"  # 受理, or 容缺受理 where something is still to be brought
    COMPLETE = "complete"  # 办结
    REFUSE = "refuse"  # 不予受理
    WITHDRAW = "withdraw"  # 撤回


_S, _A = CaseState, Action
TRANSITIONS: Mapping[tuple[CaseState | None, Action], CaseState] = {
    (None, _A.OPEN): _S.OPEN,
    **{(state, _A.CHECK): state for state in (_S.OPEN, _S.ACCEPTED, _S.LACKING, _S.SUPPLEMENTED)},
    (_S.OPEN, _A.COMMIT): _S.OPEN,
    (_S.OPEN, _A.DEFER): _S.OPEN,
    (_S.OPEN, _A.SUPPLEMENT): _S.OPEN,
    (_S.OPEN, _A.ACCEPT): _S.ACCEPTED,
    (_S.LACKING, _A.SUPPLEMENT): _S.LACKING,
    (_S.OPEN, _A.REFUSE): _S.REFUSED,
    (_S.LACKING, _A.REFUSE): _S.REFUSED,
    (_S.ACCEPTED, _A.COMPLETE): _S.COMPLETED,
    (_S.SUPPLEMENTED, _A.COMPLETE): _S.COMPLETED,
    **{(state, _A.WITHDRAW): _S.WITHDRAWN for state in (_S.OPEN, _S.ACCEPTED, _S.LACKING, _S.SUPPLEMENTED)},
}
"""What each state allows; what is not here is refused. Nothing leads out of completed, refused and withdrawn.

Two of them end elsewhere by what the materials say (`settled`): accepting with something deferred leads to lacking, and
in lacking the check or supplement that brings the last missing piece leads to supplemented.
"""

CLOSED = frozenset({CaseState.COMPLETED, CaseState.REFUSED, CaseState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class CaseActor:
    """Who acts on a case, for which body, and when."""

    operator: str
    body: str
    at: datetime

    @classmethod
    def of(cls, operator: Operator, at: datetime) -> "CaseActor":
        """An account acting for its own body."""
        return cls(operator.username, operator.body, at)


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """One step of a case's life; `step` counts from 1, `state` is the one it led to."""

    number: str
    step: int
    action: Action
    state: CaseState
    operator: str
    body: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class CaseMaterial:
    """How one material of a case stands.

    Attributes:
        step: that led to it.
        version: of the matter, whose text a commitment agreed to.
        license: identifier of the license it rests on, empty when none.
        fields: names of what was told; the values are not kept.
        evidence: digests of the lists it rests on.
        commitment: ``sha256:…`` of the text agreed to, empty when none.
        deadline: the last day on which it may be brought, None when it is not deferred.
    """

    material: str
    step: int
    outcome: Outcome
    found: Outcome
    reason: str
    version: int
    party: str = ""
    license: str = ""
    region: str = ""
    fields: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    commitment: str = ""
    deadline: date | None = None


@dataclass(frozen=True, slots=True)
class CaseCheck:
    """One scan of a case, as it is kept: `parties` are keys of parties and the consent each gave, empty on duty."""

    check_id: str
    step: int
    ground: str
    reason: str
    legal_basis: str
    operator: str
    body: str
    trust_lists: tuple[str, ...]
    status_lists: tuple[str, ...]
    at: datetime
    parties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Case:
    """A case as it stands now; `materials` by key, each as the latest step left it."""

    number: str
    matter: str
    version: int
    body: str
    operator: str
    opened_at: datetime
    events: tuple[CaseEvent, ...]
    materials: Mapping[str, CaseMaterial]
    checks: tuple[CaseCheck, ...]

    @property
    def state(self) -> CaseState:
        """Where the last step has led."""
        return self.events[-1].state

    @property
    def current_version(self) -> int:
        """The version of the matter that the latest check went by; the one it was opened under before the first."""
        return max((each.version for each in self.materials.values()), default=self.version)

    @property
    def deferred(self) -> tuple[CaseMaterial, ...]:
        """What is still to be brought."""
        return tuple(each for each in self.materials.values() if each.outcome is Outcome.DEFERRED)

    def is_overdue(self, at: datetime) -> bool:
        """Whether something that was to be brought by now is still missing."""
        today = official_date(at)
        return self.state is CaseState.LACKING and any(
            each.deadline is not None and each.deadline < today for each in self.deferred
        )


def case_number(matter: str, day: date, serial: int) -> str:
    """办件编码: the matter's code, the day of acceptance and four digits of a serial."""
    return f"{matter}{day:%Y%m%d}{serial:04d}"


def check_number(number: str, matter: str) -> None:
    """Return quietly for a number that has the form of a case of this matter.

    Raises:
        EtrustError: ``bad_case_number``; ``case_of_other_matter``.
    """
    match = _NUMBER.fullmatch(number)
    if match is None or not _is_day(match[2]):
        raise EtrustError(
            Kind.INVALID, "bad_case_number", where="case_number",
            zh=f"办件编码应为 {NUMBER_LENGTH} 位：事项实施编码、日期与四位流水号。",
            en=f"A case number has {NUMBER_LENGTH} characters: the matter's code, a day and a serial of four digits.",
        )
    if match[1] != matter:
        raise EtrustError(
            Kind.INVALID, "case_of_other_matter", where="case_number",
            zh="此办件编码属于另一事项，请核对。", en="This case number belongs to another matter.",
        )


def deadline_of(days: int, at: datetime) -> date:
    """The last day on which a deferred material may be brought: so many calendar days on, until that day's end in Beijing."""
    return official_date(at) + timedelta(days=days)


def commitment_digest(text: Words) -> str:
    """What is kept of the text an applicant agreed to, beside the matter's version that has it."""
    told = f"{text.zh}\0{text.ug}\0{text.en}".encode()
    return f"sha256:{hashlib.sha256(told).hexdigest()}"


def settled(state: CaseState, action: Action, outcomes: Mapping[str, Outcome]) -> CaseState:
    """Where a step leads once the materials are counted; see `TRANSITIONS`."""
    waits = Outcome.DEFERRED in outcomes.values()
    if action is Action.ACCEPT and waits:
        return CaseState.LACKING
    if state is CaseState.LACKING and action in (Action.CHECK, Action.SUPPLEMENT) and not waits:
        return CaseState.SUPPLEMENTED
    return state


def _is_day(text: str) -> bool:
    try:
        date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return False
    return True

"""Objections (异议): what they are about, the steps they go through, and by when. Pure.

提出 → 受理 → (转送签发机构) → 核查 → 维持, 更正 or 撤销, by a second person → 通知 → 归档; one appeal (复核) at the body above.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

MAX_REASON = 500
MAX_FILES = 5
MAX_FILE = 5 * 1024 * 1024
MAX_CHANGES = 20


class Opener(StrEnum):
    """Who objects."""

    HOLDER = "holder"
    CLERK = "clerk"  # 窗口 or a department's program
    REGION = "region"  # another region, whose case is linked


class Outcome(StrEnum):
    """What a review came to."""

    STANDS = "dismissed"  # 维持: the license stands
    CORRECTED = "corrected"  # 更正
    REVOKED = "revoked"  # 撤销


class State(StrEnum):
    """Where a case stands; the value is stored and shown."""

    RECEIVED = "received"  # 已提出, 待受理
    REFUSED = "refused"  # 不予受理
    FORWARDED = "forwarded"  # 已转送签发地区
    REVIEW = "review"  # 核查中
    PROPOSED = "proposed"  # 已核查, 待复核
    DISMISSED = "dismissed"  # 维持
    CORRECTED = "corrected"  # 更正
    REVOKED = "revoked"  # 撤销
    WITHDRAWN = "withdrawn"  # 撤回
    ARCHIVED = "archived"  # 归档


class Action(StrEnum):
    """A step; the value is stored."""

    OPEN = "open"
    ACCEPT = "accept"
    REFUSE = "refuse"
    FORWARD = "forward"
    PROPOSE = "propose"
    SEND_BACK = "send_back"
    DISMISS = "dismiss"
    CORRECT = "correct"
    REVOKE = "revoke"
    APPEAL = "appeal"
    WITHDRAW = "withdraw"
    ESCALATE = "escalate"
    PROGRESS = "progress"  # the region that has the case says how it stands there
    ARCHIVE = "archive"


DECIDED = frozenset({State.DISMISSED, State.CORRECTED, State.REVOKED})
OPEN_STATES = frozenset({State.RECEIVED, State.FORWARDED, State.REVIEW, State.PROPOSED})
"""States in which somebody still has to act."""

TRANSITIONS: Mapping[tuple[State | None, Action], State] = {
    (None, Action.OPEN): State.RECEIVED,
    (State.RECEIVED, Action.ACCEPT): State.REVIEW,
    (State.RECEIVED, Action.REFUSE): State.REFUSED,
    (State.RECEIVED, Action.FORWARD): State.FORWARDED,
    (State.RECEIVED, Action.WITHDRAW): State.WITHDRAWN,
    (State.FORWARDED, Action.PROGRESS): State.FORWARDED,
    (State.FORWARDED, Action.WITHDRAW): State.WITHDRAWN,
    (State.FORWARDED, Action.REFUSE): State.REFUSED,
    (State.FORWARDED, Action.DISMISS): State.DISMISSED,
    (State.FORWARDED, Action.CORRECT): State.CORRECTED,
    (State.FORWARDED, Action.REVOKE): State.REVOKED,
    (State.REVIEW, Action.PROPOSE): State.PROPOSED,
    (State.REVIEW, Action.WITHDRAW): State.WITHDRAWN,
    (State.PROPOSED, Action.SEND_BACK): State.REVIEW,
    (State.PROPOSED, Action.DISMISS): State.DISMISSED,
    (State.PROPOSED, Action.CORRECT): State.CORRECTED,
    (State.PROPOSED, Action.REVOKE): State.REVOKED,
    (State.DISMISSED, Action.APPEAL): State.REVIEW,
    (State.REFUSED, Action.ARCHIVE): State.ARCHIVED,
    (State.WITHDRAWN, Action.ARCHIVE): State.ARCHIVED,
    (State.DISMISSED, Action.ARCHIVE): State.ARCHIVED,
    (State.CORRECTED, Action.ARCHIVE): State.ARCHIVED,
    (State.REVOKED, Action.ARCHIVE): State.ARCHIVED,
}
"""What each state allows; `ESCALATE` leaves every open state as it is."""

DECIDING: Mapping[Outcome, Action] = {
    Outcome.STANDS: Action.DISMISS, Outcome.CORRECTED: Action.CORRECT, Outcome.REVOKED: Action.REVOKE,
}  # fmt: skip

DAYS: Mapping[State, int] = {State.RECEIVED: 2, State.FORWARDED: 20, State.REVIEW: 10, State.PROPOSED: 3}
"""Working days by which the next step is due, by state."""
APPEAL_DAYS = 10
"""Working days in which a dismissal may be appealed; then the case is archived."""


def following(state: State | None, action: Action, *, appealed: bool) -> State | None:
    """The state after a step, None when the state does not allow it. An appeal is made once."""
    if action is Action.ESCALATE:
        return state if state in OPEN_STATES else None
    if action is Action.APPEAL and appealed:
        return None
    return TRANSITIONS.get((state, action))


@dataclass(frozen=True, slots=True)
class Event:
    """A step that was taken.

    Attributes:
        operator: account, or ``holder`` or a region.
        body: whom the operator acts for; the body in charge afterwards is `charge`.
        due: the day by which the next step is to be taken, None when none is.
        outcome: what was proposed or decided.
    """

    step: int
    action: Action
    state: State
    operator: str
    body: str
    charge: str
    reason: str
    at: datetime
    due: date | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class Objection:
    """A case.

    Attributes:
        number: ``YY20261125-ABCDEFGH``.
        license: 电子证照标识; empty for an objection to a look.
        entry: number in the access log of the look objected to, 0 for a license.
        field: which cell is wrong; empty for the whole license.
        opener_name: account of a clerk, person of a holder, division of a region.
        subject_key: of the holder who objects, empty otherwise.
        issuer: the body that issued the license, or that looked.
        region: whose license it is.
        linked: number of the case in the region that sent it, or to which it went.
        claim: what the opener says is right; opened from its seal.
    """

    number: str
    license: str
    entry: int
    field: str
    opener: Opener
    opener_name: str
    subject_key: bytes
    issuer: str
    region: str
    linked: str
    opened_at: datetime
    claim: str = ""
    words: str = ""
    events: tuple[Event, ...] = ()

    @property
    def last(self) -> Event:
        """The last step."""
        return self.events[-1]

    @property
    def state(self) -> State:
        """Where it stands."""
        return self.last.state

    @property
    def charge(self) -> str:
        """The body in charge."""
        return self.last.charge

    @property
    def due(self) -> date | None:
        """By when the next step is to be taken."""
        return next((each.due for each in reversed(self.events) if each.action is not Action.ESCALATE), None)

    @property
    def appealed(self) -> bool:
        """Whether the one appeal was made."""
        return any(each.action is Action.APPEAL for each in self.events)

    def is_overdue(self, today: date) -> bool:
        """Whether somebody should have acted before today."""
        return self.state in OPEN_STATES and self.due is not None and self.due < today

    def proposal(self) -> Event | None:
        """The proposal that waits for a second person."""
        if self.state is not State.PROPOSED:
            return None
        return next(each for each in reversed(self.events) if each.action is Action.PROPOSE)


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that was given as evidence; its content is sealed."""

    place: int
    name: str
    media_type: str
    size: int
    digest: bytes
    given_by: str
    at: datetime

"""What states, steps and outcomes of an objection are called on pages, and what happens next."""

from collections.abc import Mapping
from dataclasses import dataclass

from etrust.objections.model import Action, Opener, Outcome, State
from etrust.web.languages import mark as _


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state: its name, its tone, and what happens next as the one who objected hears it."""

    label: str
    tone: str
    next: str


STATES: Mapping[State, StateWords] = {
    State.RECEIVED: StateWords(_("Received"), "wait", _("The body in charge decides whether it takes the case up.")),
    State.REFUSED: StateWords(_("Not taken up"), "over", _("The reason stands below.")),
    State.FORWARDED: StateWords(
        _("Sent to the other region"), "wait", _("The region that issued the license handles it and tells us.")
    ),
    State.REVIEW: StateWords(_("Under review"), "wait", _("The body in charge compares it with its records.")),
    State.PROPOSED: StateWords(
        _("Waiting for a second officer"), "wait", _("A second officer looks at what the first one found.")
    ),
    State.DISMISSED: StateWords(_("The license stands"), "over", _("You can appeal once; the body above then looks at it anew.")),
    State.CORRECTED: StateWords(
        _("Corrected"), "good", _("A new version was issued. Everybody who relied on the old one is told.")
    ),
    State.REVOKED: StateWords(_("License revoked"), "bad", _("Everybody who relied on it is told.")),
    State.WITHDRAWN: StateWords(_("Withdrawn"), "over", _("Nothing more happens.")),
    State.ARCHIVED: StateWords(_("Archived"), "over", _("The case is closed for good.")),
}  # fmt: skip

ACTIONS: Mapping[Action, str] = {
    Action.OPEN: _("Objection opened"), Action.ACCEPT: _("Taken up"), Action.REFUSE: _("Not taken up"),
    Action.FORWARD: _("Sent to the region that issued the license"), Action.PROPOSE: _("Finding proposed"),
    Action.SEND_BACK: _("Sent back for another review"), Action.DISMISS: _("Decided: the license stands"),
    Action.CORRECT: _("Decided: corrected"), Action.REVOKE: _("Decided: revoked"), Action.APPEAL: _("Appealed"),
    Action.WITHDRAW: _("Withdrawn"), Action.ESCALATE: _("Overdue: the body above was told"),
    Action.PROGRESS: _("News from the other region"), Action.ARCHIVE: _("Archived"),
}  # fmt: skip

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.STANDS: _("The license stands"), Outcome.CORRECTED: _("Correct the license"),
    Outcome.REVOKED: _("Revoke the license"),
}  # fmt: skip

OPENERS: Mapping[Opener, str] = {
    Opener.HOLDER: _("The holder"), Opener.CLERK: _("A clerk or a department"), Opener.REGION: _("Another region"),
}  # fmt: skip

STEPS: Mapping[State, tuple[str, ...]] = {
    State.RECEIVED: ("accept", "refuse"), State.REVIEW: ("propose",), State.PROPOSED: ("decide", "send-back"),
}  # fmt: skip
"""What an officer can do in a state."""

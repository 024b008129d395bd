"""What the desk and the kiosk say of each material: a word, a shape, a color, and what to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from etrust.matters.model import Outcome
from etrust.web.languages import mark as _


@dataclass(frozen=True, slots=True)
class OutcomeWords:
    """An outcome in words; ``do`` speaks to the clerk, ``holder`` to the person at a kiosk."""

    tone: str
    word: str
    do: str
    holder: str


OUTCOMES: Mapping[Outcome, OutcomeWords] = {
    Outcome.SATISFIED: OutcomeWords(
        "good", _("There"),
        _("Nothing to bring: the license is in force."),
        _("You need not bring it."),
    ),
    Outcome.COMMITTED: OutcomeWords(
        "good", _("Commitment given"),
        _("The applicant's commitment stands for it."),
        _("Your commitment stands for it."),
    ),
    Outcome.BROUGHT: OutcomeWords(
        "good", _("Seen on paper"),
        _("You have seen it on paper."),
        _("You have shown it on paper."),
    ),
    Outcome.DEFERRED: OutcomeWords(
        "unsure", _("To be brought later"),
        _("Tell the applicant the day by which it must be here."),
        _("Bring it by the day shown."),
    ),
    Outcome.NOT_NEEDED: OutcomeWords(
        "skipped", _("Not needed"),
        _("It is not required and not there."),
        _("You do not need it."),
    ),
    Outcome.MISSING: OutcomeWords(
        "bad", _("Missing"),
        _("Let the applicant bring it, or have it issued first."),
        _("Bring it to the window, or have it issued first."),
    ),
    Outcome.NOT_YET_VALID: OutcomeWords(
        "bad", _("Not yet in force"),
        _("It counts when its period has begun."),
        _("Come back when its period has begun."),
    ),
    Outcome.EXPIRED: OutcomeWords(
        "bad", _("Expired"),
        _("The applicant can have it renewed by whoever issued it."),
        _("Have it renewed by whoever issued it."),
    ),
    Outcome.REVOKED: OutcomeWords(
        "bad", _("Revoked"),
        _("Do not accept it, on paper neither. The applicant can turn to whoever issued it."),
        _("It was revoked. Ask whoever issued it."),
    ),
    Outcome.SUSPENDED: OutcomeWords(
        "bad", _("Suspended"),
        _("Do not accept it until whoever issued it has restored it."),
        _("It is suspended. Ask whoever issued it."),
    ),
    Outcome.UNDER_OBJECTION: OutcomeWords(
        "unsure", _("Under objection"),
        _("Ask whoever issued it before you rely on it."),
        _("It is being examined. Ask at the window."),
    ),
    Outcome.COMMITMENT_POSSIBLE: OutcomeWords(
        "unsure", _("Not there"),
        _("A commitment may stand for it: read it with the applicant."),
        _("At the window your commitment may stand for it."),
    ),
    Outcome.DEFERRAL_POSSIBLE: OutcomeWords(
        "unsure", _("Not there"),
        _("It may be brought later."),
        _("At the window you may promise to bring it later."),
    ),
    Outcome.UNKNOWN: OutcomeWords(
        "unsure", _("Cannot be told now"),
        _("A register is out of reach. Check again in a moment; until then it does not count."),
        _("It cannot be told at the moment. Try again later."),
    ),
}

STATES: Mapping[str, str] = {
    "open": _("Being checked"), "accepted": _("Accepted"), "lacking": _("Accepted, some materials to be brought"),
    "supplemented": _("Everything brought"), "completed": _("Completed"), "refused": _("Refused"), "withdrawn": _("Withdrawn"),
}
"""Case states in words."""

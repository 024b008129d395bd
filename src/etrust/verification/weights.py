"""What a finding does to the verdict on a file: reason by reason, the gravest decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etrust.verification.judgment import INDICATIONS
from etrust.verification.model import Finding, Outcome, Overall, Status

_PRESENT = "now."


@dataclass(frozen=True, slots=True)
class Weight:
    """A status, the overall word and the sub-indication that go with it."""

    status: Status
    overall: Overall
    indication: str


NOTHING = Weight(Status.VALID, Overall.PASSED, "")


def failing(status: Status, indication: str = "") -> Weight:
    """A reason that fails what was presented."""
    return Weight(status, Overall.FAILED, indication or INDICATIONS[status][1])


def leaving_open(status: Status, indication: str = "") -> Weight:
    """A reason that leaves it undecided."""
    return Weight(status, Overall.INDETERMINATE, indication or INDICATIONS[status][1])


# A reason nobody entered in a table still never passes.
_OTHERWISE = {
    Outcome.FAILED: failing(Status.BAD_SIGNATURE, "SIG_CONSTRAINTS_FAILURE"), Outcome.UNKNOWN: leaving_open(Status.UNKNOWN),
}  # fmt: skip
_RANK = {status: rank for rank, status in enumerate(INDICATIONS)}


def by_reason(weights: Mapping[Weight, str]) -> dict[str, Weight]:
    """A table by reason from one by weight."""
    return {reason: weight for weight, reasons in weights.items() for reason in reasons.split()}


def weight_of(finding: Finding, table: Mapping[str, Weight], notes: frozenset[str] = frozenset()) -> Weight:
    """What a finding weighs; passed and skipped steps, those about the present, and unknown ones of ``notes`` nothing."""
    if _PRESENT in finding.step or finding.outcome not in _OTHERWISE:
        return NOTHING
    if finding.outcome is Outcome.UNKNOWN and finding.reason in notes:
        return NOTHING
    weight = table.get(finding.reason, _OTHERWISE[finding.outcome])
    if finding.outcome is Outcome.FAILED and weight.overall is not Overall.FAILED:
        return _OTHERWISE[Outcome.FAILED]
    return weight


def gravest(weights: Sequence[Weight]) -> Weight:
    """The one that decides."""
    return min(weights, key=lambda each: (_RANK[each.status], each.overall is not Overall.FAILED), default=NOTHING)

"""Agreements with partner regions (互认协议): what of theirs counts here, when, for what and under which duties. Pure.

Without an agreement in force a license of another region counts for nothing here, however genuine it is. An agreement is
proposed by one officer and approved by another; it is never changed, only replaced or ended.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from etrust.verification.judgment import judge
from etrust.verification.model import Finding, Outcome, Overall, Status, Verdict
from etrust.verification.verify import Step

ALL = "*"
STEP = "recognition"
"""The finding by which a verdict names its agreement."""


class AgreementState(StrEnum):
    """Where an agreement stands; the value is shown."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    OVER = "over"  # its time is over, it was ended, or another took its place
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Agreement:
    """An agreement.

    Attributes:
        number: ``HR-620000-2026-0001``.
        types: 21-character type codes that count, ``*`` for every one.
        seals: kinds of seal that count, ``*`` for every one.
        matters: implementation codes it is good for; none: every matter, and checks outside of matters.
        max_list_age: an older status list does not count.
        consent_only: what is found counts on the holder's consent only, not on duty.
        online_status: only a status list that could be had a moment ago counts, not one kept from before.
        receipt_owed: a license counts only in a matter that leaves a receipt (查验回执), not in a mere check.
        replaces: the agreement that ends when this one begins.
        approved_at: by a second officer; None while only proposed.
        ended_at: by an officer, or because another took its place.
    """

    number: str
    region: str
    types: frozenset[str]
    seals: frozenset[str]
    matters: frozenset[str]
    max_list_age: timedelta
    consent_only: bool
    valid_from: datetime
    valid_until: datetime
    replaces: str | None
    document: str
    reason: str
    legal_basis: str
    proposed_by: str
    proposed_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    refused_at: datetime | None = None
    ended_at: datetime | None = None
    online_status: bool = False
    receipt_owed: bool = False

    def state(self, at: datetime) -> AgreementState:
        """Where it stands at a moment."""
        if self.refused_at is not None:
            return AgreementState.REFUSED
        if self.approved_at is None:
            return AgreementState.PROPOSED
        if at >= self.valid_until or (self.ended_at is not None and at >= self.ended_at):
            return AgreementState.OVER
        return AgreementState.NOT_YET if at < max(self.valid_from, self.approved_at) else AgreementState.IN_FORCE

    def covers_type(self, type_code: str) -> bool:
        """Whether licenses of a type count."""
        return ALL in self.types or type_code in self.types

    def covers_seal(self, kind: str) -> bool:
        """Whether seals of a kind count."""
        return ALL in self.seals or kind in self.seals

    def covers_matter(self, matter: str) -> bool:
        """Whether it is good for a matter; the empty text is a check outside of any."""
        return not self.matters or matter in self.matters


def agreement_for(
    agreements: Iterable[Agreement], *, region: str, type_code: str, matter: str, at: datetime, on_duty: bool = False
) -> Agreement | None:
    """The agreement by which a license of a region counts here, the latest of those in force; None without one."""
    return _latest(
        each for each in agreements
        if each.region == region and each.state(at) is AgreementState.IN_FORCE and each.covers_type(type_code)
        and each.covers_matter(matter) and not (on_duty and each.consent_only)
    )  # fmt: skip


def agreement_for_seals(agreements: Iterable[Agreement], *, region: str, kind: str, at: datetime) -> Agreement | None:
    """The agreement by which a seal of a region counts here; ``kind`` is empty where it cannot be told."""
    return _latest(
        each for each in agreements
        if each.region == region and each.state(at) is AgreementState.IN_FORCE and each.seals
        and (not kind or each.covers_seal(kind))
    )  # fmt: skip


def _latest(found: Iterable[Agreement]) -> Agreement | None:
    return max(found, key=lambda each: (each.valid_from, each.number), default=None)


def agreement_with(agreements: Iterable[Agreement], *, region: str, at: datetime) -> Agreement | None:
    """Any agreement in force with a region, for what is neither a license nor sealed: a receipt, a plain document."""
    return _latest(each for each in agreements if each.region == region and each.state(at) is AgreementState.IN_FORCE)


@dataclass(frozen=True, slots=True)
class Footing:
    """What a verdict on something of another region rests on.

    Attributes:
        list_age: age of the status list, None where there is none.
        is_current: whether that list could be had now; False for one kept from before.
        matter: what it is presented for; empty outside of any matter.
    """

    list_age: timedelta | None = None
    is_current: bool = True
    matter: str = ""


def recognised(verdict: Verdict, agreement: Agreement | None, footing: Footing | None = None) -> Verdict:
    """The verdict on something of another region, as it counts here: it names the agreement, or says that there is none.

    A verdict that is not good for another reason keeps that reason; only a good one loses its word. Reasons: ``no_agreement``;
    ``list_too_old``, ``list_not_current``, ``receipt_owed`` where a duty of the agreement is not met (all unknown).
    """
    return recognised_by(verdict, [agreement], footing)


def recognised_by(verdict: Verdict, agreements: Sequence[Agreement | None], footing: Footing | None = None) -> Verdict:
    """The same where several agreements are needed: one for the license in a document, others for the seals on it."""
    found = [each for each in agreements if each is not None]
    if len(found) < len(agreements) or not found:
        return _not_counting(verdict, Finding(STEP, Outcome.UNKNOWN, "no_agreement"))
    numbers = ", ".join(sorted({each.number for each in found}))
    named = replace(verdict, evidence={**verdict.evidence, "agreement": numbers})
    for each in found:
        reason = _unmet(each, footing or Footing())
        if reason:
            return _not_counting(named, Finding(STEP, Outcome.UNKNOWN, reason, each.number))
    return replace(named, findings=(*verdict.findings, Finding(STEP, Outcome.PASSED, detail=numbers)))


def _unmet(agreement: Agreement, footing: Footing) -> str:
    """The duty that is not met; empty when all are."""
    if footing.list_age is not None and footing.list_age > agreement.max_list_age:
        return "list_too_old"
    if agreement.online_status and not footing.is_current:
        return "list_not_current"
    return "receipt_owed" if agreement.receipt_owed and not footing.matter else ""


def _not_counting(verdict: Verdict, finding: Finding) -> Verdict:
    if verdict.verdict is not Overall.PASSED:
        return replace(verdict, findings=(*verdict.findings, finding))
    steps = [*(Step(each) for each in verdict.findings), Step(finding, Status.UNKNOWN)]
    return judge(steps, at=verdict.at, evidence=verdict.evidence, license=verdict.license, kind=verdict.kind)

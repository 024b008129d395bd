"""Judges what a party holds against what a matter demands, and decides each material. Pure.

The verdicts are the pure verifier's; here they become the words of a check. What cannot be known is `Outcome.UNKNOWN`,
never satisfied (design law 2).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from etrust.credentials.credential import parse
from etrust.errors import EtrustError
from etrust.matters.case_model import CaseMaterial, deadline_of
from etrust.matters.check_model import MaterialResult, Substitute
from etrust.matters.check_store import Candidate
from etrust.matters.model import Demand, Material, Outcome
from etrust.status.model import StatusSnapshot
from etrust.trust.model import TrustSnapshot
from etrust.verification.model import Outcome as StepOutcome
from etrust.verification.model import Status, Verdict
from etrust.verification.verify import Names, unreadable, verify_parsed

_WORDS: Mapping[Status, Outcome] = {
    Status.VALID: Outcome.SATISFIED,
    Status.NOT_YET_VALID: Outcome.NOT_YET_VALID,
    Status.EXPIRED: Outcome.EXPIRED,
    Status.REVOKED: Outcome.REVOKED,
    Status.SUPERSEDED: Outcome.REVOKED,  # and its new version is another's, or not signed yet
    Status.SUSPENDED: Outcome.SUSPENDED,
    Status.UNDER_OBJECTION: Outcome.UNDER_OBJECTION,
}
"""What a verdict is called in a check; every other status is unknown."""

_ORDER = (
    Outcome.SATISFIED, Outcome.UNKNOWN, Outcome.UNDER_OBJECTION, Outcome.SUSPENDED, Outcome.NOT_YET_VALID, Outcome.EXPIRED,
    Outcome.REVOKED, Outcome.MISSING,
)  # fmt: skip
"""Which of several findings is told: the one nearest to being good; what is unknown might be."""
_RANK = {outcome: rank for rank, outcome in enumerate(_ORDER)}

_NO_COMMITMENT = frozenset({Outcome.REVOKED, Outcome.SUSPENDED, Outcome.UNDER_OBJECTION, Outcome.NOT_YET_VALID})
"""A promise cannot stand against what the register says."""

_NO_PAPER = frozenset({Outcome.REVOKED, Outcome.SUSPENDED, Outcome.UNDER_OBJECTION})
"""Nor can a sheet of paper."""

_CHOSEN: Mapping[Substitute, Outcome] = {
    Substitute.PAPER: Outcome.BROUGHT, Substitute.COMMITMENT: Outcome.COMMITTED, Substitute.DEFERRAL: Outcome.DEFERRED,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sight:
    """What was found for one demand, or for a whole material.

    Attributes:
        candidate: the license in this region's store that it is, None for another region's and when nothing was found.
        text: of the credential that another region gave, empty for a license of this region.
    """

    outcome: Outcome
    reason: str = ""
    party: str = ""
    license_type: str = ""
    identifier: str = ""
    region: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict)
    demand: Demand | None = None
    candidate: Candidate | None = None
    text: str = field(default="", repr=False)


MISSING = Sight(Outcome.MISSING, "no_license")


@dataclass(frozen=True, slots=True)
class Judging:
    """What licenses are judged with: trust list and status lists at hand, the names of types, the moment, the region."""

    trust: TrustSnapshot
    status: StatusSnapshot
    at: datetime
    types: Names
    region: str

    def see(self, candidate: Candidate) -> Sight:
        """What one license is worth now."""
        try:
            verdict = verify_parsed(
                parse(candidate.credential), trust=self.trust, status=self.status, at=self.at, types=self.types,
                proven=candidate.signed_at,
            )
        except EtrustError as error:
            verdict = unreadable(error, self.at)
        return sight_of(
            verdict, license_type=candidate.license_type, identifier=candidate.identifier, region=self.region,
            candidate=candidate,
        )


def sight_of(
    verdict: Verdict, *, license_type: str, identifier: str, region: str, candidate: Candidate | None = None, text: str = ""
) -> Sight:
    """A verdict in the words of a check."""
    outcome = _WORDS.get(verdict.status, Outcome.UNKNOWN)
    return Sight(
        outcome, "" if outcome is Outcome.SATISFIED else _why(verdict), license_type=license_type, identifier=identifier,
        region=region, evidence=verdict.evidence, candidate=candidate, text=text,
    )


def _why(verdict: Verdict) -> str:
    against = [each for each in verdict.findings if each.outcome in (StepOutcome.FAILED, StepOutcome.UNKNOWN)]
    reasons = [each.reason for each in against if each.reason]
    return reasons[0] if reasons else verdict.status.value


def best(sights: Iterable[Sight]) -> Sight:
    """The best of several licenses of one type: in force before all others, then the newest."""
    return min(sights, key=lambda each: (_RANK[each.outcome], *_newest(each)), default=MISSING)


def _newest(sight: Sight) -> tuple[int, float]:
    if sight.candidate is None:
        return (0, 0.0)
    return (-sight.candidate.issued_on.toordinal(), -sight.candidate.signed_at.timestamp())


Answers = Mapping[tuple[str, str], Sight]
"""What was found, by party and license type."""


def look(material: Material, answers: Answers, parties: frozenset[str], today: date) -> Sight:
    """What a material's demands find: the first satisfied one in the order of preference, else the nearest to being good.

    Args:
        parties: whose codes were scanned.
    """
    sights = [_meet(demand, answers, parties, today) for demand in material.satisfied_by]
    for sight in sights:
        if sight.outcome is Outcome.SATISFIED:
            return sight
    if not sights:
        return Sight(Outcome.MISSING, "paper_only")
    return min(sights, key=lambda each: _RANK[each.outcome])


def _meet(demand: Demand, answers: Answers, parties: frozenset[str], today: date) -> Sight:
    if demand.party not in parties:
        return Sight(Outcome.MISSING, "party_absent", demand=demand)
    if demand.since is not None and today < demand.since:
        return Sight(Outcome.MISSING, "not_by_license_yet", demand=demand)
    found = answers.get((demand.party, demand.license_type), MISSING)
    return replace(found, demand=demand, party=demand.party if found.identifier else "")


@dataclass(frozen=True, slots=True)
class Choices:
    """What the applicant chose for materials whose license cannot be relied on: keys of materials."""

    commitments: frozenset[str] = frozenset()
    deferrals: frozenset[str] = frozenset()
    papers: frozenset[str] = frozenset()

    def of(self, key: str) -> Substitute | None:
        """What was chosen for a material; paper that is here goes before a promise, and a promise before a delay."""
        for chosen, keys in (
            (Substitute.PAPER, self.papers), (Substitute.COMMITMENT, self.commitments), (Substitute.DEFERRAL, self.deferrals),
        ):  # fmt: skip
            if key in keys:
                return chosen
        return None


def substitutes(material: Material, found: Outcome) -> tuple[Substitute, ...]:
    """What may stand for a material's license, as the register has it."""
    allowed = []
    if material.commitment is not None and found not in _NO_COMMITMENT:
        allowed.append(Substitute.COMMITMENT)
    if material.deferral_days is not None:
        allowed.append(Substitute.DEFERRAL)
    if found not in _NO_PAPER:
        allowed.append(Substitute.PAPER)
    return tuple(allowed)


def decide(material: Material, sight: Sight, chosen: Substitute | None, at: datetime, *, absent: bool = False) -> MaterialResult:
    """What the case goes on with for one material.

    Args:
        absent: every party whose license would do is optional and did not come.
    """
    result = MaterialResult(
        material.key, sight.outcome, sight.outcome, sight.reason, party=sight.party, license_type=sight.license_type,
        identifier=sight.identifier, region=sight.region, evidence=sight.evidence,
    )
    if sight.outcome is Outcome.SATISFIED:
        return result
    if absent or not material.required:
        # Of a license that is not needed nothing is told, not even that there is one which is not good.
        return MaterialResult(material.key, Outcome.NOT_NEEDED, Outcome.MISSING, "party_absent" if absent else "optional")
    may = substitutes(material, sight.outcome)
    if chosen is not None and chosen in may:
        return substituted(replace(result, may=may), material, chosen, at)
    if chosen is not None:
        return replace(result, may=may, reason="substitute_not_allowed")
    return replace(result, may=may, outcome=_possible(sight.outcome, may))


def substituted(result: MaterialResult, material: Material, chosen: Substitute, at: datetime) -> MaterialResult:
    """A material for which something else stands now."""
    deferred = chosen is Substitute.DEFERRAL and material.deferral_days is not None
    return replace(
        result, outcome=_CHOSEN[chosen], commitment=material.commitment if chosen is Substitute.COMMITMENT else None,
        deadline=deadline_of(material.deferral_days or 0, at) if deferred else None,
    )


def _possible(found: Outcome, may: Sequence[Substitute]) -> Outcome:
    """Only a license that is not there at all is called replaceable; of others it must be told why they are not good."""
    if found is Outcome.MISSING and Substitute.COMMITMENT in may:
        return Outcome.COMMITMENT_POSSIBLE
    if found is Outcome.MISSING and Substitute.DEFERRAL in may:
        return Outcome.DEFERRAL_POSSIBLE
    return found


def merge(result: MaterialResult, before: CaseMaterial | None, material: Material) -> MaterialResult:
    """A result as the case's earlier steps leave it: what the applicant chose stays until a license makes it needless.

    A deferral keeps its first deadline. A commitment ends when the register contradicts it. What an earlier scan of
    somebody satisfied is not undone by a later scan to which that party did not come.
    """
    if before is None or result.outcome is Outcome.SATISFIED:
        return result
    if result.reason == "party_absent" and before.outcome is Outcome.SATISFIED:
        return replace(
            result, outcome=before.outcome, found=before.found, reason="satisfied_before", party=before.party,
            identifier=before.license, region=before.region,
        )
    if before.outcome is Outcome.DEFERRED and result.outcome not in (Outcome.BROUGHT, Outcome.COMMITTED):
        return replace(result, outcome=Outcome.DEFERRED, deadline=before.deadline)
    if before.outcome is Outcome.BROUGHT and result.found not in _NO_PAPER:
        return replace(result, outcome=Outcome.BROUGHT)
    if before.outcome is Outcome.COMMITTED and result.found not in _NO_COMMITMENT:
        return replace(result, outcome=Outcome.COMMITTED, commitment=material.commitment)
    return result


def is_absent(material: Material, parties: frozenset[str], optional: frozenset[str]) -> bool:
    """Whether all that would do is of optional parties that did not come."""
    asked = {demand.party for demand in material.satisfied_by}
    return bool(asked) and not asked & parties and asked <= optional


"""From separate findings to the overall word: which status outranks which, and what ETSI EN 319 102-1 calls it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from etrust.verification.model import Finding, Overall, Status, Verdict

INDICATIONS: Mapping[Status, tuple[Overall, str]] = {
    Status.MALFORMED: (Overall.FAILED, "FORMAT_FAILURE"),
    Status.BAD_SIGNATURE: (Overall.FAILED, "SIG_CRYPTO_FAILURE"),
    Status.UNKNOWN_ISSUER: (Overall.INDETERMINATE, "NO_CERTIFICATE_CHAIN_FOUND"),
    Status.REVOKED: (Overall.FAILED, "REVOKED"),
    Status.SUPERSEDED: (Overall.FAILED, "SUPERSEDED"),
    Status.SUSPENDED: (Overall.FAILED, "SUSPENDED"),
    Status.EXPIRED: (Overall.FAILED, "EXPIRED"),
    Status.NOT_YET_VALID: (Overall.FAILED, "NOT_YET_VALID"),
    Status.ALREADY_USED: (Overall.FAILED, "ALREADY_USED"),
    Status.UNKNOWN: (Overall.INDETERMINATE, "TRY_LATER"),
    Status.UNDER_OBJECTION: (Overall.INDETERMINATE, "UNDER_OBJECTION"),
    Status.VALID: (Overall.PASSED, ""),
}
"""The overall word and sub-indication of every status, the gravest status first."""

_SHARPER = {
    "type_not_entitled": "SIG_CONSTRAINTS_FAILURE",
    "key_of_another_body": "SIG_CONSTRAINTS_FAILURE",
    "key_not_in_force_when_issued": "OUT_OF_BOUNDS_NO_POE",
    "key_compromised": "OUT_OF_BOUNDS_NO_POE",
    "matter_needed": "MATTER_NEEDED",
    "no_agreement": "NO_AGREEMENT",
    "list_too_old": "OUT_OF_DATE_LIST",
}
_RANK = {status: rank for rank, status in enumerate(INDICATIONS)}


class Judged(Protocol):
    """What `judge` needs of a step."""

    @property
    def finding(self) -> Finding:
        """What was found."""

    @property
    def status(self) -> Status | None:
        """The status it forces."""


def judge(
    steps: Sequence[Judged], *, at: datetime, evidence: Mapping[str, str], license: Mapping[str, object] | None,  # noqa: A002 - the public name
    kind: str = "credential",
) -> Verdict:
    """The verdict of all steps: the gravest status decides, every finding stays."""
    forced = [step.status for step in steps if step.status is not None]
    status = min(forced, key=_RANK.__getitem__, default=Status.VALID)
    overall, sub_indication = INDICATIONS[status]
    for step in steps:
        if step.status == status:
            sub_indication = _SHARPER.get(step.finding.reason, sub_indication)
    return Verdict(
        verdict=overall, sub_indication=sub_indication, status=status, kind=kind, at=at,
        findings=tuple(step.finding for step in steps), evidence=evidence, license=license,
    )

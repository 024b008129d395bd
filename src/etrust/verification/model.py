"""The verdict (查验结论): never a boolean. Pure data, in the words of ETSI EN 319 102-1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from etrust.trust.findings import Finding, Outcome

__all__ = ["Finding", "Outcome", "Overall", "Status", "Verdict"]


class Overall(StrEnum):
    """The overall word of a verdict."""

    PASSED = "TOTAL-PASSED"
    INDETERMINATE = "INDETERMINATE"
    FAILED = "TOTAL-FAILED"


class Status(StrEnum):
    """The twelve states whoever verifies must be able to tell apart."""

    VALID = "valid"
    NOT_YET_VALID = "not_yet_valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    UNDER_OBJECTION = "under_objection"
    SUPERSEDED = "superseded"
    UNKNOWN_ISSUER = "unknown_issuer"
    BAD_SIGNATURE = "bad_signature"
    MALFORMED = "malformed"
    ALREADY_USED = "already_used"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one check, with all it rests on.

    Attributes:
        verdict: the overall word.
        sub_indication: the ETSI sub-indication, empty when passed.
        status: one of the twelve states.
        kind: what was presented (credential, …).
        at: the moment the verdict speaks of.
        findings: every step, in order.
        evidence: digests (``sha256:…``) of the ``trust_list`` and ``status_list`` it rests on.
        license: what may be disclosed, None when nothing may.
    """

    verdict: Overall
    sub_indication: str
    status: Status
    kind: str
    at: datetime
    findings: tuple[Finding, ...]
    evidence: Mapping[str, str] = field(default_factory=dict)
    license: Mapping[str, object] | None = None

"""What a check found, step by step. The rooms below `verification` answer in findings, never in a boolean."""

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How one step ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """One step: what was looked at, how it ended, a reason code, and a detail for the curious.

    A passed step may carry a reason too: a note, such as a certificate that was revoked after it signed.
    """

    step: str
    outcome: Outcome
    reason: str = ""
    detail: str = ""


def passed(step: str, note: str = "", detail: str = "") -> Finding:
    """A step that ended well."""
    return Finding(step, Outcome.PASSED, note, detail)


def failed(step: str, reason: str, detail: str = "") -> Finding:
    """A step that ended badly."""
    return Finding(step, Outcome.FAILED, reason, detail)


def unknown(step: str, reason: str, detail: str = "") -> Finding:
    """A step that cannot be answered with what is at hand."""
    return Finding(step, Outcome.UNKNOWN, reason, detail)


def skipped(step: str, reason: str, detail: str = "") -> Finding:
    """A step that does not arise here, or whose ground is missing."""
    return Finding(step, Outcome.SKIPPED, reason, detail)

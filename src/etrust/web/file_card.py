"""The report on a file: verdict first, then who signed what and until when, then every finding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from etrust.documents.reading import Signatory
from etrust.verification.model import Finding, Outcome, Overall, Status, Verdict
from etrust.verification.report import only_reason
from etrust.web.card import OUTCOMES, REASONS, RECOGNITION, SHARPER, TONES, Words, card_of
from etrust.web.file_words import COPY_WORDS, FILE_REASONS, FILE_STEPS, FILE_WORDS, NO_FILE_WORDS, SOUND_FILE_WORDS
from etrust.web.languages import mark as _
from etrust.wiring.file_checks import FileReport

KINDS: Mapping[str, str] = {
    "pdf": _("PDF file"), "ofd": _("OFD file"), "seal": _("Electronic seal"), "seal_signature": _("Seal signature"),
    "credential": _("License code"), "receipt": _("Receipt of a check"),
    "archive": _("Archive package of a case"), "file": _("File"),
}  # fmt: skip
PARTS: Mapping[str, str] = {"now": _("today"), "seal": _("seal"), "license": _("license"), "copy": _("copy")}
_FILE_EVIDENCE: Mapping[str, str] = {
    "anchors": _("Trusted anchors"), "trust_list": _("Trust list"), "status_list": _("Status list"),
    "agreement": _("Agreement"),
    "region": _("Region"),
}  # fmt: skip


_NAMED = frozenset({Status.BAD_SIGNATURE, Status.MALFORMED, Status.UNKNOWN})
"""Statuses that say too little: the first reason that weighs is said instead."""


@dataclass(frozen=True, slots=True)
class FileStep:
    """One finding as it is shown; `number` of the signature it is about (0 for the whole file), and which part of it."""

    number: int
    part: str
    name: str
    tone: str
    outcome: str
    reason: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class FileCard:
    """A report with the words the templates show for it.

    Attributes:
        kind: what the file is.
        copy: purpose, recipient and end of an annotated copy, from its findings.
        today: what speaks against it today, though it was in order when it was signed.
    """

    verdict: Verdict
    kind: str
    tone: str
    word: str
    words: Words
    signatories: tuple[Signatory, ...]
    copy: Mapping[str, str]
    today: tuple[FileStep, ...]
    steps: tuple[FileStep, ...]
    evidence: tuple[tuple[str, str], ...]

    @property
    def at(self) -> datetime:
        """The moment it speaks of."""
        return self.verdict.at


def file_card_of(report: FileReport) -> FileCard:
    """Choose the words of a report."""
    verdict = report.verdict
    tone, word = TONES[verdict.verdict]
    kind, words = _kind_and_words(report)
    steps = tuple(_step(finding) for finding in verdict.findings)
    return FileCard(
        verdict, KINDS[kind], tone, word, words, report.found.signatories, _copy(verdict.findings),
        tuple(each for each in steps if each.part == PARTS["now"] and each.tone == OUTCOMES[Outcome.FAILED][0]), steps,
        tuple((_FILE_EVIDENCE.get(name, name), digest) for name, digest in verdict.evidence.items()),
    )  # fmt: skip


def _kind_and_words(report: FileReport) -> tuple[str, Words]:
    """What the file is, and the sentences on it; a text that holds no code is no license code but some file."""
    kind, verdict = report.found.kind, report.verdict
    if kind != "credential":
        return kind, _words(verdict)
    if any(each.reason == "not_a_code" for each in verdict.findings):
        return "file", NO_FILE_WORDS
    return kind, card_of(verdict).words


def _words(verdict: Verdict) -> Words:
    alone = only_reason(verdict)
    if alone in SOUND_FILE_WORDS:
        return SOUND_FILE_WORDS[alone]
    if verdict.status is Status.VALID and _copy(verdict.findings):
        return COPY_WORDS
    against = [each.reason for each in verdict.findings if each.step == RECOGNITION and each.outcome is Outcome.UNKNOWN]
    if verdict.status is Status.UNKNOWN and against and against[0] in SHARPER:
        return SHARPER[against[0]]
    words = FILE_WORDS[verdict.status]
    if verdict.status not in _NAMED:
        return words
    telling = {Outcome.FAILED} if verdict.verdict is Overall.FAILED else {Outcome.FAILED, Outcome.UNKNOWN}
    named = [
        FILE_REASONS[each.reason] for each in verdict.findings
        if each.outcome in telling and each.reason in FILE_REASONS and "now" not in each.step.split(".")
    ]  # fmt: skip
    return replace(words, why=named[0]) if named else words


def _copy(findings: Sequence[Finding]) -> dict[str, str]:
    return {each.step.removeprefix("copy."): each.detail for each in findings if each.step.startswith("copy.")}


def _step(finding: Finding) -> FileStep:
    tone, outcome = OUTCOMES[finding.outcome]
    first, _dot, rest = finding.step.partition(".")
    number, path = (int(first), rest) if first.isdecimal() else (0, finding.step)
    *parts, last = path.split(".")
    reason = FILE_REASONS.get(finding.reason) or REASONS.get(finding.reason, "")
    return FileStep(
        number, PARTS.get(parts[-1], parts[-1]) if parts else "", FILE_STEPS.get(last, last), tone, outcome, reason,
        finding.reason, finding.detail,
    )  # fmt: skip

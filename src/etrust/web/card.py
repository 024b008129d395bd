"""The verdict card (查验结论): one verdict in the words, shape and colour a clerk acts on.

Every word here is a message of the gettext catalogues; templates translate them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from etrust.verification.model import Finding, Outcome, Overall, Status, Verdict
from etrust.web.languages import mark as _


@dataclass(frozen=True, slots=True)
class Words:
    """What a status is called, why it is so, and what to do now."""

    label: str
    why: str
    do: str


TONES: Mapping[Overall, tuple[str, str]] = {
    Overall.PASSED: ("good", _("Valid")),
    Overall.INDETERMINATE: ("unsure", _("Cannot be determined")),
    Overall.FAILED: ("bad", _("Not valid")),
}
"""The tone (which decides shape and colour) and the word of each overall verdict."""

WORDS: Mapping[Status, Words] = {
    Status.VALID: Words(
        _("In force"),
        _("The license is genuine and in force."),
        _("You can accept it. Check that the name belongs to the person in front of you."),
    ),
    Status.NOT_YET_VALID: Words(
        _("Not yet in force"),
        _("The license is genuine, but its period has not begun."),
        _("Do not accept it before the first day of its period."),
    ),
    Status.EXPIRED: Words(
        _("Expired"),
        _("The license is genuine, but its period has ended."),
        _("Do not accept it. The holder can have it renewed by the issuing authority."),
    ),
    Status.REVOKED: Words(
        _("Revoked"),
        _("The issuing authority has revoked this license."),
        _("Do not accept it. A holder who disagrees can turn to the issuing authority."),
    ),
    Status.SUSPENDED: Words(
        _("Suspended"),
        _("The issuing authority has suspended this license for now."),
        _("Do not accept it until the issuing authority has restored it."),
    ),
    Status.UNDER_OBJECTION: Words(
        _("Under objection"),
        _("An objection against this license is being examined."),
        _("Ask the issuing authority before you rely on it."),
    ),
    Status.SUPERSEDED: Words(
        _("Replaced"),
        _("A newer version has replaced this license."),
        _("Ask the holder to show the newest version."),
    ),
    Status.UNKNOWN_ISSUER: Words(
        _("Unknown issuer"),
        _("Whoever signed this license is not on the trust list."),
        _("Do not rely on it. Verify it in another way, or ask your supervisor."),
    ),
    Status.BAD_SIGNATURE: Words(
        _("Bad signature"),
        _("The content does not match its signature: it was changed or forged."),
        _("Do not accept it. Report it to your supervisor."),
    ),
    Status.MALFORMED: Words(
        _("Unreadable"),
        _("This is not a license code, or a part of it is missing."),
        _("Scan again. If it stays so, ask the holder to open the license anew."),
    ),
    Status.ALREADY_USED: Words(
        _("Already used"),
        _("This code has been used once and cannot be used again."),
        _("Ask the holder to show a fresh code."),
    ),
    Status.UNKNOWN: Words(
        _("Status unknown"),
        _("Whether the license is in force cannot be found out at the moment."),
        _("Try again in a moment. Until then do not treat it as valid."),
    ),
}

OUTCOMES: Mapping[Outcome, tuple[str, str]] = {
    Outcome.PASSED: ("good", _("passed")),
    Outcome.FAILED: ("bad", _("failed")),
    Outcome.UNKNOWN: ("unsure", _("unknown")),
    Outcome.SKIPPED: ("skipped", _("skipped")),
}

STEPS: Mapping[str, str] = {
    "format": _("Code can be read"),
    "lookup": _("Record found"),
    "issuer": _("Issuer is on the trust list"),
    "signature": _("Signature"),
    "entitlement": _("Key may sign this license"),
    "validity": _("Period of validity"),
    "status": _("Status"),
    "freshness": _("Code made within the last minute"),
    "use": _("Code not used before"),
    "matter": _("Matter"),
    "recognition": _("Recognized by agreement"),
}
"""Steps of a check by the names `verification` gives them; a step not named here is shown by its own name."""

REASONS: Mapping[str, str] = {
    "not_a_code": _("This is another kind of code, not a license code."),
    "truncated": _("The end of the code is missing."),
    "too_long": _("The text is too long for a license code."),
    "inflated": _("The code unpacks to more than a license can hold."),
    "bad_identifier": _("The number does not have the form of a license number."),
    "bad_check_character": _("A character of the number is wrong: the check character does not fit."),
    "not_found": _("No license with this number is known here."),
    "store_unavailable": _("The register is out of reach at the moment."),
    "unknown_key": _("The signing key is not on the trust list."),
    "bad_signature": _("The signature does not fit the content."),
    "algorithm_not_of_key": _("The algorithm is not the one the trust list gives for the key."),
    "key_of_another_body": _("The key belongs to another body than the issuer named."),
    "type_not_entitled": _("The key may not sign licenses of this type."),
    "key_not_in_force_when_issued": _("The key was not in force when the license was issued."),
    "key_compromised": _("The key is in other hands; what it signed cannot be relied on."),
    "issued_later": _("The license says it was issued in the future."),
    "not_yet_valid": _("The period has not begun."),
    "expired": _("The period has ended."),
    "suspended": _("Suspended by the issuing authority."),
    "under_objection": _("An objection is being examined."),
    "superseded": _("Replaced by a newer version."),
    "revoked": _("Revoked by the issuing authority."),
    "status_list_missing": _("The status list is missing."),
    "status_list_expired": _("The status list is out of date."),
    "status_list_untrusted": _("The status list is not signed by a trusted key."),
    "index_out_of_range": _("The status list has no such entry."),
    "code_used": _("This code has been used once and cannot be used again."),
    "code_expired": _("The code is older than a minute."),
    "code_ended": _("The holder has shown newer codes or signed out."),
    "code_of_other_region": _("The code was made by another region."),
    "told_later": _("Checked without the network; whether it was used is told later."),
    "matter_needed": _("The code is genuine. What it may be used for depends on the matter."),
    "redis_unavailable": _("Codes cannot be redeemed at the moment."),
    "bad_online_code": _("This is another kind of code, not a license code."),
    "code_not_valid": _("The code is unknown, was used before, or is older than a minute."),
    "code_for_windows": _("This code is for government windows; no one else can read it."),
    "no_agreement": _("There is no agreement with that region by which this counts here."),
    "list_too_old": _("The region's status list is older than the agreement allows."),
    "list_not_current": _("The agreement asks for the status of this very moment, and the region cannot be reached."),
    "receipt_owed": _("By the agreement it counts only in a matter that leaves a receipt."),
    "use_known_elsewhere": _("Whether this code was used before, only its own region knows."),
    "partner_unreachable": _("The region cannot be reached at the moment, and no list of it is at hand."),
    "partner_slow": _("The region did not answer in time, and no list of it is at hand."),
    "partner_resting": _("The region failed again and again and is left alone for a while."),
    "expired_list": _("The trust list of the region is out of date."),
    "untrusted_list": _("The trust list of the region is not signed by the anchor that was agreed on."),
    "maker_not_listed": _("The region does not list whoever made this seal."),
    "signer_not_listed": _("The region does not list the key that signed this."),
    "signer_of_no_body": _("Whoever sealed this is no body of that region."),
}
"""Reason codes in words; a reason not named here is shown by its code alone."""

SHARPER: Mapping[str, Words] = {
    "not_found": Words(
        _("Not found"),
        _("No license with this number is known here."),
        _("Compare the number with what the holder shows, or scan the code instead."),
    ),
    "bad_check_character": Words(
        _("Number mistyped"),
        _("A character of the number is wrong: the check character does not fit."),
        _("Compare the number with what the holder shows, or scan the code instead."),
    ),
    "not_a_code": Words(
        _("Not a license code"),
        _("This is another kind of code, not a license code."),
        _("Ask the holder to open the page of the license and show the code there."),
    ),
    "code_used": Words(
        _("Already used"),
        _("This code has been used once and cannot be used again."),
        _("Ask the holder to show a fresh code."),
    ),
    "code_expired": Words(
        _("Code too old"),
        _("The code is older than a minute."),
        _("Ask the holder to show a fresh code."),
    ),
    "code_ended": Words(
        _("Code too old"),
        _("The holder has shown newer codes or signed out."),
        _("Ask the holder to show a fresh code."),
    ),
    "code_of_other_region": Words(
        _("Code of another region"),
        _("The code was made by another region."),
        _("Ask the holder for the code of the one license instead."),
    ),
    "matter_needed": Words(
        _("Choose the matter"),
        _("The code is genuine. What it may be used for depends on the matter."),
        _("Open the matter on the desk and scan a fresh code there."),
    ),
    "redis_unavailable": Words(
        _("Cannot be redeemed now"),
        _("Codes cannot be redeemed at the moment."),
        _("Try again in a moment, or ask for the code of the one license."),
    ),
    "code_not_valid": Words(
        _("Code not valid"),
        _("The code is unknown, was used before, or is older than a minute."),
        _("Ask the holder to show a fresh code."),
    ),
    "code_for_windows": Words(
        _("Code for government windows"),
        _("This code is for government windows; no one else can read it."),
        _("Ask the holder to show the code of the one license you need to see."),
    ),
    "no_agreement": Words(
        _("Not recognized here"),
        _("It is genuine, but there is no agreement with its region by which it counts here."),
        _("Do not accept it. Ask for another proof, or ask your supervisor."),
    ),
    "list_too_old": Words(
        _("Status too old"),
        _("The region's status list is older than the agreement allows."),
        _("Try again in a moment. Until then do not treat it as valid."),
    ),
    "list_not_current": Words(
        _("Status not of now"),
        _("The agreement asks for the status of this very moment, and the region cannot be reached."),
        _("Try again in a moment. Until then do not treat it as valid."),
    ),
    "receipt_owed": Words(
        _("Only in a matter"),
        _("By the agreement it counts only in a matter that leaves a receipt."),
        _("Open the matter on the desk and present it there."),
    ),
    "use_known_elsewhere": Words(
        _("Code of another region"),
        _("Whether this code was used before, only its own region knows."),
        _("Ask the holder for the code of the one license instead."),
    ),
}
"""Words that say more than the status alone, by the reason of a finding."""

_SINCE = "since "
"""How `verification` begins the detail of a status that began at a moment."""

EVIDENCE: Mapping[str, str] = {
    "trust_list": _("Trust list"), "status_list": _("Status list"), "agreement": _("Agreement"),
    "region": _("Region"),
}  # fmt: skip
RECOGNITION = "recognition"


@dataclass(frozen=True, slots=True)
class Step:
    """One finding as it is shown: its name, tone and outcome, the reason in words, code and detail."""

    name: str
    tone: str
    outcome: str
    reason: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Card:
    """A verdict with the words the templates show for it; ``since`` is when a status that is not in force began."""

    verdict: Verdict
    tone: str
    word: str
    words: Words
    since: datetime | None
    steps: tuple[Step, ...]
    evidence: tuple[tuple[str, str], ...]


def card_of(verdict: Verdict) -> Card:
    """Choose the words of a verdict."""
    tone, word = TONES[verdict.verdict]
    sharper = [
        SHARPER[finding.reason] for finding in verdict.findings
        # That it would not count here either says nothing where it is not good at all.
        if finding.reason in SHARPER and (finding.step != RECOGNITION or verdict.status is Status.UNKNOWN)
    ]  # fmt: skip
    words = sharper[0] if sharper else WORDS[verdict.status]
    evidence = tuple((EVIDENCE.get(name, name), digest) for name, digest in verdict.evidence.items())
    steps = tuple(_step(finding) for finding in verdict.findings)
    return Card(verdict, tone, word, words, _since(verdict), steps, evidence)


def _since(verdict: Verdict) -> datetime | None:
    for finding in verdict.findings:
        if finding.step in ("status", "use") and finding.detail.startswith(_SINCE):
            return datetime.fromisoformat(finding.detail.removeprefix(_SINCE))
    return None


def _step(finding: Finding) -> Step:
    tone, outcome = OUTCOMES[finding.outcome]
    name, reason = STEPS.get(finding.step, finding.step), REASONS.get(finding.reason, "")
    detail = "" if finding.detail.startswith(_SINCE) else finding.detail  # stands above, in local time
    return Step(name, tone, outcome, reason, finding.reason, detail)

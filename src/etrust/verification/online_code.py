"""Judges an online code (一码) by a trust snapshot and a time alone: who made it, and whether it is fresh.

Whether it was used before cannot be seen in it: the region's own service tells that (`etrust.onecode.redeem`), and a
counter without a network has its scans reconciled later. The step ``use`` says which of the two a verdict rests on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.credentials.online_code import CodeFor, CodeState, OnlineCode, read_online_code
from etrust.errors import EtrustError
from etrust.signing.model import Algorithm
from etrust.signing.verify import VerifyKey
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot
from etrust.verification.disclosure import HOLDER_NAME, type_names
from etrust.verification.judgment import judge
from etrust.verification.model import Finding, Outcome, Status, Verdict
from etrust.verification.report import SENTENCES as LICENSE_SENTENCES
from etrust.verification.verify import Names, Step

CODE = "code"
"""The kind of a verdict on an online code."""

CLOCK_SKEW = timedelta(seconds=10)
"""How far a counter's clock may be from the region's."""

_STATES = {
    CodeState.VALID: None, CodeState.REVOKED: Status.REVOKED, CodeState.SUSPENDED: Status.SUSPENDED,
    CodeState.UNDER_OBJECTION: Status.UNDER_OBJECTION, CodeState.EXPIRED: Status.EXPIRED,
    CodeState.NOT_YET_VALID: Status.NOT_YET_VALID, CodeState.SUPERSEDED: Status.SUPERSEDED, CodeState.UNKNOWN: Status.UNKNOWN,
}  # fmt: skip
SENTENCES: Mapping[Status, tuple[str, str]] = {
    **LICENSE_SENTENCES,
    Status.EXPIRED: ("此码或其证照已过期，请持证人刷新后再出示。", "The code or its license has expired; ask for a fresh code."),
    Status.NOT_YET_VALID: ("此码的签发时间晚于现在，请核对时钟。", "The code was made later than now; compare the clocks."),
    Status.UNKNOWN_ISSUER: ("此码不是本地区签发的，不得采信。", "This code was not made by the region; do not rely on it."),
    Status.MALFORMED: ("这不是可识别的一码，请重新扫描。", "This is no readable code of a holder; please scan it again."),
    Status.UNKNOWN: ("码是真实的，须选定事项后使用。", "The code is genuine; choose the matter it is to be used for."),
}
"""One sentence in Chinese and English for every status of an online code."""

NOT_REDEEMED = Step(Finding("use", Outcome.SKIPPED, "told_later"))
"""The step of a check without a network."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What can be said of a code by itself.

    Attributes:
        steps: format, issuer, signature, entitlement, freshness.
        genuine: the region itself made it, whatever its age.
    """

    code: OnlineCode
    steps: tuple[Step, ...]
    genuine: bool

    @property
    def reason(self) -> str:
        """Why it is not good, empty when it is genuine and fresh."""
        return next((step.finding.reason for step in self.steps if step.status is not None), "")


def verify_online_code(
    presented: str, *, trust: TrustSnapshot, at: datetime, types: Names, use: Step = NOT_REDEEMED
) -> Verdict:
    """Judge the text of a code at a moment, as a counter without a network does.

    Args:
        presented: what a scanner read; bounded by `read_online_code`.
        trust: the trust list of the region that made the code, already verified.
        at: the moment it was scanned.
        types: the license types by type code, to name what is disclosed.
        use: what can be said of whether it was used before.
    """
    try:
        code = read_online_code(presented)
    except EtrustError as error:
        return unreadable_code(error, at)
    return verdict_of(judge_online_code(code, trust=trust, at=at), trust=trust, at=at, types=types, use=use)


def judge_online_code(code: OnlineCode, *, trust: TrustSnapshot, at: datetime) -> Judged:
    """Signature, region and freshness of a code taken apart already."""
    key, signature = _check_signature(code, trust)
    readable = Step(Finding("format", Outcome.PASSED))
    if key is None:
        return Judged(code, (readable, *signature, _skipped("entitlement"), _skipped("freshness")), genuine=False)
    entitlement = _check_entitlement(code, key, trust)
    steps = (readable, *signature, entitlement, _check_freshness(code, at))
    return Judged(code, steps, genuine=entitlement.status is None)


def verdict_of(
    judged: Judged, *, trust: TrustSnapshot, at: datetime, types: Names, use: Step = NOT_REDEEMED
) -> Verdict:
    """The verdict on a code alone; a license in it is told as it stood when the code was made.

    Args:
        use: whether it was redeemed, and with what result.
    """
    claims = judged.code.claims
    steps = [*judged.steps, use]
    if claims.kind is CodeFor.LICENSE:
        steps.append(_license_step(claims.state))
    else:
        steps.append(Step(Finding("matter", Outcome.UNKNOWN, "matter_needed", claims.matter), Status.UNKNOWN))
    good = all(step.status is None for step in steps[: len(judged.steps) + 1])
    told = _disclose(judged.code, types) if good else None
    return judge(steps, at=at, evidence={"trust_list": trust.digest}, license=told, kind=CODE)


def unreadable_code(error: EtrustError, at: datetime) -> Verdict:
    """The verdict on something that is no readable code, with the reason why."""
    step = Step(Finding("format", Outcome.FAILED, error.code, error.en), Status.MALFORMED)
    later = [_skipped(name) for name in ("issuer", "signature", "entitlement", "freshness", "use")]
    return judge([step, *later], at=at, evidence={}, license=None, kind=CODE)


def is_genuine_and_fresh(verdict: Verdict) -> bool:
    """Whether a code was made by the region and is fresh: what a counter without a network may go on with."""
    passed = {finding.step for finding in verdict.findings if finding.outcome is Outcome.PASSED}
    return verdict.kind == CODE and {"format", "issuer", "signature", "entitlement", "freshness"} <= passed


def _check_signature(code: OnlineCode, trust: TrustSnapshot) -> tuple[KeyEntry | None, list[Step]]:
    """The key that verifies the signature, tried among all the trust list has under the kid for codes."""
    candidates = trust.keys_for(code.kid, Purpose.CODE)
    if not candidates:
        issuer = Finding("issuer", Outcome.UNKNOWN, "unknown_key", f"kid {code.kid.hex()}")
        return None, [Step(issuer, Status.UNKNOWN_ISSUER), _skipped("signature")]
    known = Step(Finding("issuer", Outcome.PASSED, detail=f"kid {code.kid.hex()}"))
    reason = "bad_signature"
    for entry in candidates:
        if code.algorithm_header is not None and Algorithm.of_cose(code.algorithm_header) is not entry.algorithm:
            reason = "algorithm_not_of_key"
            continue
        try:
            VerifyKey.from_certificate(entry.certificate, entry.algorithm).check(code.signature, code.to_be_signed)
        except EtrustError:
            continue
        return entry, [known, Step(Finding("signature", Outcome.PASSED, detail=entry.algorithm.value))]
    return None, [known, Step(Finding("signature", Outcome.FAILED, reason), Status.BAD_SIGNATURE)]


def _check_entitlement(code: OnlineCode, key: KeyEntry, trust: TrustSnapshot) -> Step:
    """Whether the key may sign this code: region, period of use and compromise come from the trust list alone."""
    claims, reason = code.claims, ""
    if not claims.region == trust.trust_list.region == key.body:
        reason = "code_of_other_region"
    elif not key.valid_from <= claims.issued_at < key.valid_until:
        reason = "key_not_in_force_when_issued"
    elif key.compromised_since is not None:
        reason = "key_compromised"
    if not reason:
        return Step(Finding("entitlement", Outcome.PASSED))
    return Step(Finding("entitlement", Outcome.FAILED, reason), Status.UNKNOWN_ISSUER)


def _check_freshness(code: OnlineCode, at: datetime) -> Step:
    claims = code.claims
    if at < claims.issued_at - CLOCK_SKEW:
        return Step(Finding("freshness", Outcome.FAILED, "issued_later", claims.issued_at.isoformat()), Status.NOT_YET_VALID)
    if at >= claims.expires_at + CLOCK_SKEW:
        return Step(Finding("freshness", Outcome.FAILED, "code_expired", claims.expires_at.isoformat()), Status.EXPIRED)
    return Step(Finding("freshness", Outcome.PASSED))


def _license_step(state: CodeState) -> Step:
    status = _STATES[state]
    if status is None:
        return Step(Finding("status", Outcome.PASSED))
    outcome = Outcome.UNKNOWN if status in (Status.UNKNOWN, Status.UNDER_OBJECTION) else Outcome.FAILED
    return Step(Finding("status", outcome, status.value), status)


def _disclose(code: OnlineCode, types: Names) -> dict[str, object]:
    """The `license` part of a verdict: for a code without a license, the name alone."""
    claims = code.claims
    zh, ug, en = HOLDER_NAME
    told: dict[str, object] = {
        "type": "", "fields": [{"name": "holder_name", "zh": zh, "ug": ug, "en": en, "value": claims.name}],
        "issued_at": claims.issued_at.isoformat(), "matter": claims.matter,
    }  # fmt: skip
    if claims.kind is CodeFor.LICENSE:
        found = types.get(claims.type_code)
        told["type"] = found.name if found else claims.type_code
        told["type_names"] = type_names(found, claims.type_code)
        told["short"] = "-".join(claims.short[place : place + 4] for place in range(0, len(claims.short), 4))
    return told


def _skipped(step: str) -> Step:
    return Step(Finding(step, Outcome.SKIPPED))

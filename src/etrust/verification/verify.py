"""The verifier: presented text, a trust snapshot, a status snapshot and a time in; a verdict out. No network, no database.

Online, offline, partner and archive checks are this one function with different snapshots (design law 3).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.credentials.code import decode_code
from etrust.credentials.credential import parse
from etrust.credentials.model import Credential
from etrust.errors import EtrustError
from etrust.licenses.types import LicenseType
from etrust.signing.model import Algorithm
from etrust.signing.verify import VerifyKey
from etrust.status.model import State, StatusAnswer, StatusSnapshot, StatusUnknown
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot
from etrust.verification.disclosure import disclose
from etrust.verification.judgment import judge
from etrust.verification.model import Finding, Outcome, Status, Verdict

CLOCK_SKEW = timedelta(seconds=60)
"""How far ahead of the verifier's clock an issuing time may be."""

Names = Mapping[str, LicenseType]
"""License types by 21-character type code."""


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one step: its finding, and the status it forces (None when it forces nothing)."""

    finding: Finding
    status: Status | None = None


_PASSED = {step: Step(Finding(step, Outcome.PASSED)) for step in ("format", "entitlement", "validity", "status")}


def verify(
    presented: str, *, trust: TrustSnapshot, status: StatusSnapshot, at: datetime, types: Names,
    known_at: datetime | None = None,
) -> Verdict:
    """Judge the text of a code at a moment.

    Args:
        presented: the text a scanner read; bounded by `decode_code`.
        trust: the region's trust list, already verified.
        status: where the status of a license is looked up.
        at: the moment the verdict speaks of.
        types: the license types by type code, to name what is disclosed.
        known_at: only what was known by then counts; `at` when left out. A register answers later about an earlier day,
            so a license prepared after `at` can have been in force at `at`, but not one prepared after `known_at`.
    """
    try:
        raw = decode_code(presented)
    except EtrustError as error:
        return unreadable(error, at)
    return verify_credential(raw, trust=trust, status=status, at=at, known_at=known_at, types=types)


def verify_credential(
    raw: bytes, *, trust: TrustSnapshot, status: StatusSnapshot, at: datetime, types: Names,
    known_at: datetime | None = None,
) -> Verdict:
    """Judge the bytes of a credential (CWT in COSE_Sign1) at a moment; see `verify`."""
    try:
        credential = parse(raw)
    except EtrustError as error:
        return unreadable(error, at)
    return verify_parsed(credential, trust=trust, status=status, at=at, known_at=known_at, types=types)


def verify_parsed(
    credential: Credential, *, trust: TrustSnapshot, status: StatusSnapshot, at: datetime, types: Names,
    known_at: datetime | None = None, proven: datetime | None = None,
) -> Verdict:
    """Judge a credential taken apart already; see `verify`.

    Args:
        proven: by then this very credential existed, by the region's own record or other proof; None when only its signer
            says so. It decides about credentials whose key was compromised later.
    """
    key, signature = _check_signature(credential, trust)
    evidence = {"trust_list": trust.digest}
    steps = [_PASSED["format"], *signature]
    if key is None:
        steps += [_skipped(name) for name in ("entitlement", "validity", "status")]
        return judge(steps, at=at, evidence=evidence, license=None)
    steps += [_check_entitlement(credential, key, proven), _check_validity(credential, at, known_at or at)]
    steps.append(_check_status(credential, status, at, evidence))
    return judge(steps, at=at, evidence=evidence, license=disclose(credential.claims, trust, types))


def unreadable(error: EtrustError, at: datetime) -> Verdict:
    """The verdict on something that is no readable code, with the reason why."""
    step = Step(Finding("format", Outcome.FAILED, error.code, error.en), Status.MALFORMED)
    later = [_skipped(name) for name in ("issuer", "signature", "entitlement", "validity", "status")]
    return judge([step, *later], at=at, evidence={}, license=None)


def _skipped(step: str) -> Step:
    return Step(Finding(step, Outcome.SKIPPED))


def _check_signature(credential: Credential, trust: TrustSnapshot) -> tuple[KeyEntry | None, list[Step]]:
    """The key that verifies the signature, tried among all the trust list has under the kid."""
    candidates = trust.keys_for(credential.kid, Purpose.CREDENTIAL)
    if not candidates:
        issuer = Finding("issuer", Outcome.UNKNOWN, "unknown_key", f"kid {credential.kid.hex()}")
        return None, [Step(issuer, Status.UNKNOWN_ISSUER), _skipped("signature")]
    known = Step(Finding("issuer", Outcome.PASSED, detail=f"kid {credential.kid.hex()}"))
    reason = "bad_signature"
    for entry in candidates:
        named = credential.algorithm_header
        if named is not None and Algorithm.of_cose(named) is not entry.algorithm:
            reason = "algorithm_not_of_key"
            continue
        try:
            VerifyKey.from_certificate(entry.certificate, entry.algorithm).check(
                credential.signature, credential.to_be_signed
            )
        except EtrustError:
            continue
        return entry, [known, Step(Finding("signature", Outcome.PASSED, detail=entry.algorithm.value))]
    return None, [known, Step(Finding("signature", Outcome.FAILED, reason), Status.BAD_SIGNATURE)]


def _check_entitlement(credential: Credential, key: KeyEntry, proven: datetime | None) -> Step:
    """Whether the key may sign this license: body, type, period of use and compromise come from the trust list alone."""
    claims = credential.claims
    reason = ""
    if claims.identifier.issuer_code != key.body:
        reason = "key_of_another_body"
    elif claims.identifier.type_code not in key.license_types:
        reason = "type_not_entitled"
    elif not key.valid_from <= claims.issued_at < key.valid_until:
        reason = "key_not_in_force_when_issued"
    elif key.compromised_since is not None and (proven is None or proven >= key.compromised_since):
        # The issuing time inside the token is the signer's word, and the signer's key is in other hands: only proof from
        # elsewhere that the credential is older than the compromise lets it count.
        reason = "key_compromised"
    if not reason:
        return _PASSED["entitlement"]
    return Step(Finding("entitlement", Outcome.FAILED, reason), Status.UNKNOWN_ISSUER)


def _check_validity(credential: Credential, at: datetime, known_at: datetime) -> Step:
    claims = credential.claims
    if claims.issued_at > known_at + CLOCK_SKEW:
        return Step(Finding("validity", Outcome.FAILED, "issued_later", claims.issued_at.isoformat()), Status.NOT_YET_VALID)
    if claims.not_before is not None and at < claims.not_before:
        return Step(Finding("validity", Outcome.FAILED, "not_yet_valid", claims.not_before.isoformat()), Status.NOT_YET_VALID)
    if claims.expires is not None and at >= claims.expires:
        return Step(Finding("validity", Outcome.FAILED, "expired", claims.expires.isoformat()), Status.EXPIRED)
    return _PASSED["validity"]


def _check_status(credential: Credential, status: StatusSnapshot, at: datetime, evidence: dict[str, str]) -> Step:
    claims = credential.claims
    try:
        answer = status.lookup(claims.status_uri, claims.status_index, at)
    except StatusUnknown as error:
        return Step(Finding("status", Outcome.UNKNOWN, error.code, error.en), Status.UNKNOWN)
    evidence["status_list"] = answer.digest
    return _status_step(answer)


def _status_step(answer: StatusAnswer) -> Step:
    since = "" if answer.since is None else f"since {answer.since.isoformat()}"
    if answer.state == State.VALID:
        return _PASSED["status"]
    if answer.state == State.SUSPENDED:
        return Step(Finding("status", Outcome.FAILED, "suspended", since), Status.SUSPENDED)
    if answer.state == State.UNDER_OBJECTION:
        return Step(Finding("status", Outcome.UNKNOWN, "under_objection", since), Status.UNDER_OBJECTION)
    if answer.reason == "superseded":
        return Step(Finding("status", Outcome.FAILED, "superseded", since), Status.SUPERSEDED)
    return Step(Finding("status", Outcome.FAILED, "revoked", since), Status.REVOKED)

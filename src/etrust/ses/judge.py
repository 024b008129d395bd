"""Seals and seal signatures judged: the steps of GB/T 38540-2020 and GM/T 0031-2025, each a finding of its own.

No step is left out because an earlier one failed, as long as it can still be answered. Two answers are kept apart: the
steps without prefix say whether it is sound and was valid at the time of signing; steps named ``now.…`` say how things
stand at present.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from etrust.errors import EtrustError
from etrust.ses.model import Extension, Generation, Seal, SealSignature
from etrust.signing import digests, sm2
from etrust.trust.chains import Chain, Ground, check_chain, check_key_usage, check_revocation, check_validity
from etrust.trust.findings import Finding, Outcome, failed, passed, skipped, unknown
from etrust.trust.timestamps import judge_token
from etrust.trust.x509 import DOCUMENT_SIGNING, TIME_STAMPING, Certificate, is_sm2, read_certificate

PICTURES = frozenset({"PNG", "JPG", "JPEG", "GIF", "BMP", "SVG", "OFD"})
MAX_MILLIMETERS = 500
CLOCK_SKEW = timedelta(seconds=60)
"""How far a signer's clock may be ahead of a timestamp, or of the reader's."""


@dataclass(frozen=True, slots=True)
class Document:
    """What a seal signature stands on.

    Attributes:
        data: the bytes its digest is over; None when they are not at hand.
        paths: the ways to write where they lie in their package; empty when there is no package.
    """

    data: bytes | None = None
    paths: frozenset[str] = frozenset()


def judge_seal(seal: Seal, *, at: datetime, ground: Ground, prefix: str = "") -> list[Finding]:
    """All steps for a seal as of a moment: 1 format, 2 and 3 and 4 the maker, 5 validity, 6 timestamp."""
    maker = _read(seal.maker_certificate)
    return [
        check_format(f"{prefix}format", seal),
        _extensions(f"{prefix}extensions", seal.extensions),
        _signature(f"{prefix}maker_signature", maker, seal.algorithm, seal.signature, seal.signed),
        _entitled(f"{prefix}maker_entitled", seal, maker),
        *_maker(prefix, seal, maker, at, ground),
        _validity(f"{prefix}validity", seal, at),
        *_seal_timestamp(f"{prefix}timestamp", seal, ground),
    ]


def check_format(step: str, seal: Seal) -> Finding:
    """Step 1: header, period, list of signers and picture are such as the standard has them."""
    properties, picture = seal.properties, seal.picture
    problems = {
        "bad_header": seal.header_id != "ES",
        "unknown_version": seal.generation is not Generation.V1 and seal.version != seal.generation,
        "bad_period": properties.valid_from > properties.valid_until,
        "no_signers": not (properties.certificates or properties.digests),
        "bad_picture": picture.type.upper() not in PICTURES or not picture.data
        or not (0 < picture.width <= MAX_MILLIMETERS and 0 < picture.height <= MAX_MILLIMETERS),
    }  # fmt: skip
    found = [reason for reason, wrong in problems.items() if wrong]
    return failed(step, found[0], ", ".join(found)) if found else passed(step, detail=f"V{seal.generation}")


def judge_signature(signature: SealSignature, document: Document, *, ground: Ground) -> list[Finding]:
    """All steps for a seal signature: a to f, the match of signer and seal, the timestamps; then how things stand now."""
    signer = _read(signature.signer_certificate)
    timed, time = _signing_time(signature, ground)
    timestamp, proven = _signature_timestamp(signature, time, ground)
    chain = _chain("signer_chain", signer, time or ground.now, ground)
    return [
        _signature_format(signature),
        _extensions("extensions", signature.extensions),
        _signature("signature", signer, signature.algorithm, signature.signature, signature.signed),
        chain.finding,
        _usage("signer_key_usage", signer),
        *timed,
        *_signer_at(signer, chain, time, proven, ground),
        check_listed("signer_in_seal", signature),
        _property_info(signature, document),
        _document_digest(signature, document),
        *judge_seal(signature.seal, at=time or ground.now, ground=ground, prefix="seal."),
        *timestamp,
        *_now(signature, signer, ground),
    ]


def seal_now(seal: Seal, ground: Ground) -> list[Finding]:
    """How a seal stands at present, apart from whether it is sound."""
    maker = _read(seal.maker_certificate)
    chain = _chain("now.maker_chain", maker, ground.now, ground)
    return [
        _validity("now.seal_validity", seal, ground.now),
        _certificate_validity("now.maker_validity", maker, ground.now),
        check_revocation("now.maker_revocation", chain, at=ground.now, ground=ground),
        unknown("now.register", "no_register", "whether the seal was frozen or cancelled is known to its register only"),
    ]


def _now(signature: SealSignature, signer: Certificate | EtrustError, ground: Ground) -> list[Finding]:
    chain = _chain("now.signer_chain", signer, ground.now, ground)
    return [
        _certificate_validity("now.signer_validity", signer, ground.now),
        check_revocation("now.signer_revocation", chain, at=ground.now, ground=ground),
        *seal_now(signature.seal, ground),
    ]


def _read(data: bytes) -> Certificate | EtrustError:
    try:
        return read_certificate(data)
    except EtrustError as error:
        return error


def _signature(
    step: str, certificate: Certificate | EtrustError, algorithm: str, signature: bytes, signed: bytes
) -> Finding:
    """Steps 2 and b: the signature over the received bytes."""
    if isinstance(certificate, EtrustError):
        return failed(step, "bad_certificate", certificate.en)
    try:
        certificate.check(algorithm, signature, signed)
    except EtrustError as error:
        if error.code == "sm2_unavailable":
            return unknown(step, error.code, error.en)
        return failed(step, error.code, algorithm)
    return passed(step, detail=certificate.name)


def _chain(step: str, certificate: Certificate | EtrustError, at: datetime, ground: Ground) -> Chain:
    if isinstance(certificate, EtrustError):
        return Chain(failed(step, "bad_certificate", certificate.en))
    return check_chain(step, certificate, at=at, ground=ground)


def _usage(step: str, certificate: Certificate | EtrustError) -> Finding:
    return _without(step) if isinstance(certificate, EtrustError) else check_key_usage(step, certificate)


def _certificate_validity(step: str, certificate: Certificate | EtrustError, at: datetime) -> Finding:
    return _without(step) if isinstance(certificate, EtrustError) else check_validity(step, certificate, at)


def _without(step: str) -> Finding:
    return skipped(step, "bad_certificate")


def _extensions(step: str, extensions: tuple[Extension, ...]) -> Finding:
    """No extension is understood by name yet; one that is critical must therefore be refused."""
    critical = [each.oid for each in extensions if each.critical]
    return failed(step, "critical_extension", ", ".join(critical)) if critical else passed(step)


def _entitled(step: str, seal: Seal, maker: Certificate | EtrustError) -> Finding:
    """Step 3, V5 only: the seal was made within the maker's certificate."""
    if seal.generation is not Generation.V5:
        return skipped(step, "v5_only")
    found = _certificate_validity(step, maker, seal.properties.created)
    return replace(found, reason="made_outside_certificate") if found.outcome is Outcome.FAILED else found


def _maker(
    prefix: str, seal: Seal, maker: Certificate | EtrustError, at: datetime, ground: Ground
) -> tuple[Finding, ...]:
    """Step 4: the maker's certificate. In V5 what ended after the seal was made is a note, in V4 and V1 a failure."""
    created = seal.properties.created
    is_v5 = seal.generation is Generation.V5
    chain = _chain(f"{prefix}maker_chain", maker, created if is_v5 else at, ground)
    validity = _certificate_validity(f"{prefix}maker_validity", maker, at)
    revocation = check_revocation(f"{prefix}maker_revocation", chain, at=at, ground=ground)
    if is_v5:
        validity = _noted(validity, _certificate_validity(validity.step, maker, created))
        revocation = _noted(revocation, check_revocation(revocation.step, chain, at=created, ground=ground))
    return chain.finding, _maker_usage(f"{prefix}maker_key_usage", maker), validity, revocation


_OTHER_TRADES = frozenset({TIME_STAMPING, DOCUMENT_SIGNING})


def _maker_usage(step: str, maker: Certificate | EtrustError) -> Finding:
    """Whether the maker may sign, and is not a signer or a timestamp service: else whoever holds a seal could make others."""
    found = _usage(step, maker)
    purposes = None if isinstance(maker, EtrustError) else maker.extensions.purposes
    if found.outcome is Outcome.PASSED and purposes and purposes <= _OTHER_TRADES:
        return failed(step, "key_usage", "for documents or timestamps, not for making seals")
    return found


def _noted(now: Finding, then: Finding) -> Finding:
    """A failure now that was none when the seal was made, as a note."""
    if now.outcome is Outcome.FAILED and then.outcome is not Outcome.FAILED:
        return replace(now, outcome=then.outcome, reason=then.reason if then.outcome is Outcome.UNKNOWN else now.reason)
    return now


def _validity(step: str, seal: Seal, at: datetime) -> Finding:
    """Step 5, and of f: the moment lies within validStart..validEnd."""
    properties = seal.properties
    period = f"{properties.valid_from.isoformat()} to {properties.valid_until.isoformat()}"
    if at < properties.valid_from:
        return failed(step, "seal_not_yet_valid", period)
    return failed(step, "seal_expired", period) if at > properties.valid_until else passed(step, detail=period)


def _seal_timestamp(step: str, seal: Seal, ground: Ground) -> list[Finding]:
    """Step 6, V5: the token over the maker's signature; the seal was not made after it."""
    if seal.timestamp is None:
        return [skipped(step, "no_timestamp")]
    judged = judge_token(step, seal.timestamp, over=seal.signature, ground=ground)
    if judged.time is not None and seal.properties.created > judged.time:
        return [failed(step, "created_after_timestamp", judged.time.isoformat()), *judged.findings[1:]]
    return list(judged.findings)


def _signature_format(signature: SealSignature) -> Finding:
    """Step a: the version is one of its shape's."""
    allowed = signature.generation is Generation.V1 or signature.version in (Generation.V4, Generation.V5)
    detail = f"V{signature.generation}, version {signature.version}"
    return passed("format", detail=detail) if allowed else failed("format", "unknown_version", detail)


def _signing_time(signature: SealSignature, ground: Ground) -> tuple[list[Finding], datetime | None]:
    """The time of signing as stated; V1 may carry a token instead."""
    step, time = "signing_time", signature.time
    if time is None:
        judged = judge_token(step, signature.time_token or b"", over=signature.digest, ground=ground)
        return list(judged.findings), judged.time
    if time > ground.now + CLOCK_SKEW:
        return [failed(step, "signed_in_future", time.isoformat())], time
    return [passed(step, "stated_by_signer", time.isoformat())], time


def _signer_at(
    signer: Certificate | EtrustError, chain: Chain, time: datetime | None, proven: datetime | None, ground: Ground
) -> tuple[Finding, Finding]:
    """Step d: the signer's certificate was in force and not revoked when it signed; revoked later is a note."""
    if time is None:
        return skipped("signer_validity", "no_signing_time"), skipped("signer_revocation", "no_signing_time")
    validity = _certificate_validity("signer_validity", signer, time)
    return validity, check_revocation("signer_revocation", chain, at=time, ground=ground, proven=proven)


def check_listed(step: str, signature: SealSignature) -> Finding:
    """The signer's certificate, or its digest, is in the seal's list."""
    properties, certificate = signature.seal.properties, signature.signer_certificate
    if certificate in properties.certificates:
        return passed(step, detail="certificate")
    known = [each for each in properties.digests if digests.is_known(each.algorithm)]
    if any(digests.digest(each.algorithm, [certificate]) == each.value for each in known):
        return passed(step, detail="digest")
    if len(known) < len(properties.digests):
        return unknown(step, "unknown_digest", ", ".join(sorted({each.algorithm for each in properties.digests})))
    return failed(step, "signer_not_in_seal")


def _property_info(signature: SealSignature, document: Document) -> Finding:
    """Step e: the range that was digested is the file the signature is found at."""
    if not document.paths:
        return skipped("property_info", "no_package", signature.property_info[:200])
    if signature.property_info in document.paths:
        return passed("property_info", detail=signature.property_info[:200])
    return failed("property_info", "digest_of_another_file", signature.property_info[:200])


def _document_digest(signature: SealSignature, document: Document) -> Finding:
    """Step e: the digest over that range. With an SM2 key it is SM3, otherwise SHA-256."""
    if document.data is None:
        return unknown("document_digest", "document_missing", signature.property_info[:200])
    if digests.digest(_digest_of(signature), [document.data]) != signature.digest:
        return failed("document_digest", "document_changed", signature.property_info[:200])
    return passed("document_digest", detail=signature.property_info[:200])


def _digest_of(signature: SealSignature) -> str:
    try:
        return sm2.SM3 if is_sm2(read_certificate(signature.signer_certificate).spki) else digests.SHA256
    except EtrustError:
        return sm2.SM3


def _signature_timestamp(
    signature: SealSignature, time: datetime | None, ground: Ground
) -> tuple[list[Finding], datetime | None]:
    """The token over the signature, when there is one, and the time it proves."""
    if signature.timestamp is None:
        return [skipped("timestamp", "no_timestamp")], None
    judged = judge_token("timestamp", signature.timestamp, over=signature.signature, ground=ground)
    if judged.time is not None and time is not None and time > judged.time + CLOCK_SKEW:
        return [failed("timestamp", "signed_after_timestamp", judged.time.isoformat()), *judged.findings[1:]], None
    return list(judged.findings), judged.time

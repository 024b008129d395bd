"""The steps for each signature and timestamp in a PDF, and what the timestamps prove about the signatures before them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import cms, x509
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from etrust.documents.pdf_bytes import range_problem
from etrust.documents.pdf_changes import READ_ERRORS, check_changes
from etrust.documents.pdf_cms import ERRORS, Signed, Token, algorithms, check_integrity, hashed, open_signed, said
from etrust.documents.pdf_reader import Field, Pdf, ranges
from etrust.documents.pdf_trust import SKEW, Judge, body_of, key_usage, name_of, period
from etrust.documents.reading import Signatory
from etrust.trust.findings import Finding, Outcome, failed, passed, skipped, unknown

_ANY = (*READ_ERRORS, *ERRORS)
MAX_TOKENS = 8
_COVERED = (SignatureCoverageLevel.ENTIRE_REVISION, SignatureCoverageLevel.ENTIRE_FILE)


@dataclass(frozen=True, slots=True)
class Judged:
    """One field with its findings; ``proves`` is the time a trusted document timestamp gives to everything before it."""

    findings: tuple[Finding, ...]
    signatory: Signatory | None = None
    proves: datetime | None = None


def judge_fields(pdf: Pdf, judge: Judge, now: datetime) -> list[Judged]:
    """Judge all fields, the last first: what it proves decides as of when the earlier ones are judged."""
    found: list[Judged] = []
    proven: datetime | None = None
    for each in reversed(pdf.fields):
        judged = _Field(pdf, each, judge, now, proven).judge()
        if judged.proves is not None:
            proven = judged.proves if proven is None else min(proven, judged.proves)
        found.append(judged)
    return found[::-1]


@dataclass(frozen=True, slots=True)
class _Field:
    """One field under judgment; ``proven`` is when later timestamps prove that it was there."""

    pdf: Pdf
    field: Field
    judge_: Judge
    now: datetime
    proven: datetime | None

    def judge(self) -> Judged:
        """All steps."""
        signature = self.field.signature
        if signature is None:
            return Judged((failed("format", self.field.reason, self.field.detail),))
        about_bytes = self._bytes(signature)
        if self.field.is_timestamp:
            return self._timestamp(signature, about_bytes)
        return self._signature(signature, about_bytes)

    def _bytes(self, signature: EmbeddedPdfSignature) -> list[Finding]:
        """Format, the range signed, and whether the document changed since."""
        problem = range_problem(self.pdf.data, list(ranges(signature)), signature.pkcs7_content)
        form = passed("format", detail=str(signature.sig_object.get("/SubFilter", ""))[1:60])
        if problem:
            return [form, failed("byte_range", *problem), skipped("changes", problem[0])]
        try:
            signature.compute_integrity_info()
            if signature.coverage not in _COVERED:
                return [form, failed("byte_range", "revision_not_covered"), check_changes("changes", signature)]
            return [form, passed("byte_range"), check_changes("changes", signature)]
        except _ANY as error:
            return [form, passed("byte_range"), failed("changes", "bad_revision", said(error))]

    def _signature(self, signature: EmbeddedPdfSignature, about_bytes: list[Finding]) -> Judged:
        try:
            signed = open_signed(signature.signed_data)
            digest = signature.compute_digest()
        except _ANY as error:
            return Judged((*about_bytes, failed("signature", "bad_signature_structure", said(error))))
        whole = check_integrity("document_digest", "signature", signed, "data", digest, "document_changed")
        stamps, proven = self._signature_timestamps(signed)
        stated = _stated(signature)
        findings = (
            *about_bytes, *whole, algorithms("algorithm", signed),
            *self._signer(signed.signer, stated, proven),
            self._signing_time(stated, proven), *stamps,
            *self._present(signed.signer),
        )  # fmt: skip
        return Judged(findings, _signatory(signature, signed, stated, proven))

    def _signer(self, signer: x509.Certificate, stated: datetime | None, proven: datetime | None) -> list[Finding]:
        """Chain, use, validity and revocation of the signer, at the moment proven, or now."""
        at = proven or self.now
        revocation = self.judge_.revocation("signer_revocation", signer, at)
        revoked = self.judge_.revoked(signer, at)
        if revoked is not None and stated is not None and stated < revoked.since:
            revocation = unknown("signer_revocation", "revoked_no_proof", f"since {revoked.since.isoformat()}")
        elif revoked is None and revocation.outcome is Outcome.PASSED:
            later = self.judge_.revoked(signer, self.now)
            if later is not None:
                revocation = passed("signer_revocation", "revoked_later", f"since {later.since.isoformat()}")
        return [
            self.judge_.chain("signer_chain", signer, at), key_usage("signer_key_usage", signer),
            _validity("signer_validity", signer, at, stated), revocation,
        ]  # fmt: skip

    def _signing_time(self, stated: datetime | None, proven: datetime | None) -> Finding:
        if stated is not None and stated > (proven or self.now) + SKEW:
            reason = "signed_after_timestamp" if proven else "signed_in_future"
            return failed("signing_time", reason, stated.isoformat())
        if proven is not None:
            return passed("signing_time", "proven_by_timestamp", proven.isoformat())
        return passed("signing_time", "stated_by_signer", stated.isoformat() if stated else "")

    def _signature_timestamps(self, signed: Signed) -> tuple[list[Finding], datetime | None]:
        """The tokens over the signature's value; the earliest that can be trusted proves its time."""
        findings: list[Finding] = []
        proven = self.proven
        value = signed.info["signature"].native
        try:
            tokens = list(extract_tst_data_iter(signed.info, signed=False))[:MAX_TOKENS]
        except _ANY as error:
            return [failed("timestamp", "timestamp_malformed", said(error))], proven
        for each in tokens:
            found, time = self._token("timestamp", each, lambda algorithm: hashed(algorithm, value))
            findings += found
            if time is not None:
                proven = time if proven is None else min(time, proven)
        return findings or [skipped("timestamp", "no_timestamp")], proven

    def _timestamp(self, signature: EmbeddedPdfSignature, about_bytes: list[Finding]) -> Judged:
        findings, time = self._token("document_timestamp", signature.signed_data, signature.compute_digest)
        sound = all(each.outcome is Outcome.PASSED for each in about_bytes)
        if self.field.is_visible:
            findings.append(failed("appearance", "visible_timestamp"))
        return Judged((*about_bytes, *findings), proves=time if sound else None)

    def _token(self, step: str, data: cms.SignedData, over: Callable[[str], bytes]) -> tuple[list[Finding], datetime | None]:
        """A token and its time, when it can be trusted: its certificate then, and up to the next proof."""
        try:
            token = Token.read(data)
        except _ANY as error:
            return [failed(step, "timestamp_malformed", said(error))], None
        whole = token.check(step, over)
        if whole.outcome is not Outcome.PASSED:
            return [whole], None
        if token.time > self.now + SKEW:
            return [failed(step, "timestamp_in_future", token.time.isoformat())], None
        signer, revocation = token.signed.signer, f"{step}_revocation"
        checks = [
            key_usage(step, signer, stamps=True), self.judge_.chain(step, signer, token.time),
            _validity(step, signer, token.time, None), _validity(step, signer, self.proven or self.now, None),
            self.judge_.revocation(revocation, signer, token.time), self._not_compromised(revocation, signer),
        ]  # fmt: skip
        doubts = [each for each in checks if each.outcome is not Outcome.PASSED]
        told = f"{token.time.isoformat()} {name_of(signer)}"
        if doubts:
            return [unknown(step, "timestamp_not_trusted", f"{told}: {doubts[0].reason} {doubts[0].detail}"[:300])], None
        return [passed(step, detail=told), passed(revocation)], token.time

    def _not_compromised(self, step: str, signer: x509.Certificate) -> Finding:
        """A key in other hands can stamp any time it likes, so what it says counts only with a proof from before."""
        revoked = self.judge_.revoked(signer, self.now)
        if revoked is not None and revoked.compromised and (self.proven is None or self.proven >= revoked.since):
            return unknown(step, "key_compromised", revoked.since.isoformat())
        return passed(step)

    def _present(self, signer: x509.Certificate) -> list[Finding]:
        """How the signer's certificate stands today."""
        return [
            _validity("now.signer_validity", signer, self.now, self.now),
            self.judge_.revocation("now.signer_revocation", signer, self.now),
        ]


def _validity(step: str, certificate: x509.Certificate, at: datetime, stated: datetime | None) -> Finding:
    """Whether a moment lies in its validity.

    Reasons: ``certificate_not_yet_valid``; ``certificate_expired`` when the signer himself says that he signed later, else
    ``expired_no_proof`` (both unknown: a proof of an earlier time may turn up).
    """
    if at < certificate.not_valid_before - SKEW:
        return failed(step, "certificate_not_yet_valid", period(certificate))
    if at > certificate.not_valid_after:
        late = stated is not None and stated > certificate.not_valid_after
        return unknown(step, "certificate_expired" if late else "expired_no_proof", period(certificate))
    return passed(step, detail=period(certificate))


def _stated(signature: EmbeddedPdfSignature) -> datetime | None:
    try:
        found = signature.self_reported_timestamp
    except _ANY:
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


def _signatory(
    signature: EmbeddedPdfSignature, signed: Signed, stated: datetime | None, proven: datetime | None
) -> Signatory:
    reason = str(signature.sig_object.get("/Reason", ""))[:300]
    return Signatory(name_of(signed.signer), body_of(signed.signer), signed.signer.dump(), stated, proven, reason)

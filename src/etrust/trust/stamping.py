"""The region's timestamp authority (时间戳服务): RFC 3161 tokens with P-256 and SHA-256, or SM2 and SM3 as GM/T 0033 has them.

The signer's certificate is bound by ESSCertIDv2 (RFC 5816). Making a token is pure: time and serial number are arguments,
so that worker processes can stamp with numbers reserved for them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from etrust.errors import EtrustError, Kind
from etrust.signing import der, digests, sm2
from etrust.signing.encoding import algorithm_identifier, der_signature
from etrust.signing.model import Algorithm, Signer
from etrust.trust import writing
from etrust.trust.chains import check_key_usage
from etrust.trust.findings import Outcome
from etrust.trust.stamp_requests import StampRequest, granted, imprint_of, read_request, refusal, unaccepted_policy
from etrust.trust.x509 import read_certificate

_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _MESSAGE_DIGEST = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4"
_SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.47"
_BY_ISSUER_AND_SERIAL = 1
_DIRECTORY_NAME = 4


@dataclass(frozen=True, slots=True)
class _Suite:
    """What differs between the two kinds of token: RFC 5652 and GM/T 0010 number SignedData differently."""

    digest: str
    signed_data: str
    version: int


_SUITES = {
    Algorithm.ES256: _Suite(digests.SHA256, "1.2.840.113549.1.7.2", 3),
    Algorithm.RS256: _Suite(digests.SHA256, "1.2.840.113549.1.7.2", 3),
    Algorithm.SM2: _Suite(sm2.SM3, "1.2.156.10197.6.1.4.2.2", 1),
}


@dataclass(frozen=True, slots=True)
class TimestampAuthority:
    """One signer of timestamps.

    Attributes:
        signer: P-256 or SM2, its certificate for timestamps and nothing else.
        policy: OID of the rules it follows.
        accuracy: how far the stated time is from the true one at most; whole seconds count.

    Raises:
        EtrustError: ``not_for_timestamps``: its certificate is for something else.
    """

    signer: Signer
    policy: str
    accuracy: timedelta
    _parts: "_Parts" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_parts", _Parts.of(self.signer, self.policy, self.accuracy))

    def token(
        self, imprint: bytes, imprint_oid: str, *, at: datetime, serial: int, nonce: int | None = None, certificate: bool = True
    ) -> bytes:
        """A TimeStampToken over a digest, DER.

        Args:
            imprint: the digest.
            imprint_oid: its algorithm.
            at: the time; told in whole seconds.
            serial: a number out of `reserve_serials`.
            certificate: whether the token carries its signer's certificate.

        Raises:
            EtrustError: ``stamp_algorithm``, ``stamp_format``.
        """
        asked = StampRequest(imprint_of(imprint, imprint_oid), imprint_oid, nonce=nonce, certificate=certificate)
        return self.token_for(asked, at=at, serial=serial)

    def tokens(self, imprints: Sequence[tuple[bytes, str]], *, at: datetime, serials: Sequence[int]) -> list[bytes]:
        """A token for each digest and its algorithm, all of one moment."""
        pairs = zip(imprints, serials, strict=True)
        return [self.token(imprint, oid, at=at, serial=serial) for (imprint, oid), serial in pairs]

    def respond(self, request: bytes, *, at: datetime, serial: int, problem: EtrustError | None = None) -> bytes:
        """The answer (TimeStampResp) to a request, both DER.

        Args:
            problem: why no time can be told now, such as ``clock_unsure``.
        """
        try:
            asked = self.accept(read_request(request))
        except EtrustError as error:
            return refusal(error)
        if problem is not None:
            return refusal(problem)
        return granted(self.token_for(asked, at=at, serial=serial))

    def accept(self, request: StampRequest) -> StampRequest:
        """The request, when it is one for this authority.

        Raises:
            EtrustError: ``stamp_policy``.
        """
        if request.policy not in (None, self.policy):
            raise unaccepted_policy(request.policy or "")
        return request

    def token_for(self, request: StampRequest, *, at: datetime, serial: int) -> bytes:
        """The token for a request that was accepted."""
        parts = self._parts
        info = writing.sequence(
            der.write_integer(1), parts.policy, request.imprint, der.write_integer(serial), writing.general_time(at),
            parts.accuracy, b"" if request.nonce is None else writing.integer(request.nonce),
        )  # fmt: skip
        attributes = writing.set_of(
            parts.content_type, _attribute(_MESSAGE_DIGEST, der.write(der.OCTETS, digests.digest(parts.suite.digest, [info]))),
            parts.signing_certificate,
        )  # fmt: skip
        signature = der.write(der.OCTETS, der_signature(self.signer, attributes))
        signer_info = writing.sequence(
            parts.signer_head, bytes((der.context(0),)) + attributes[1:], parts.signature_algorithm, signature
        )
        content = writing.sequence(der.write_oid(_TST_INFO), der.write(der.context(0), der.write(der.OCTETS, info)))
        return parts.wrapped(content, signer_info, certificate=request.certificate)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is the same in every token of a signer, written once."""

    suite: _Suite
    policy: bytes
    accuracy: bytes
    content_type: bytes
    signing_certificate: bytes
    signer_head: bytes
    signature_algorithm: bytes
    digest_algorithm: bytes
    certificate: bytes

    @classmethod
    def of(cls, signer: Signer, policy: str, accuracy: timedelta) -> "_Parts":
        suite, own = _SUITES.get(signer.algorithm), read_certificate(signer.certificate)
        usable = check_key_usage("usage", own, timestamps=True).outcome is Outcome.PASSED
        if suite is None or not usable:
            raise EtrustError(
                Kind.FORBIDDEN, "not_for_timestamps", where=own.name,
                zh=f"证书“{own.name}”不能用于签发时间戳。", en=f"The certificate {own.name!r} is not for timestamps.",
            )
        digest_algorithm = writing.sequence(der.write_oid(suite.digest))
        by = writing.sequence(own.issuer, der.write_integer(own.serial))
        return cls(
            suite=suite, policy=der.write_oid(policy), accuracy=_accuracy(accuracy),
            content_type=_attribute(_CONTENT_TYPE, der.write_oid(_TST_INFO)),
            signing_certificate=_attribute(_SIGNING_CERTIFICATE, _certificate_id(suite, signer.certificate)),
            signer_head=der.write_integer(_BY_ISSUER_AND_SERIAL) + by + digest_algorithm,
            signature_algorithm=algorithm_identifier(signer.algorithm), digest_algorithm=digest_algorithm,
            certificate=signer.certificate,
        )  # fmt: skip

    def wrapped(self, content: bytes, signer_info: bytes, *, certificate: bool) -> bytes:
        """ContentInfo around SignedData."""
        signed = writing.sequence(
            der.write_integer(self.suite.version), der.write(der.SET, self.digest_algorithm), content,
            der.write(der.context(0), self.certificate) if certificate else b"", der.write(der.SET, signer_info),
        )  # fmt: skip
        return writing.sequence(der.write_oid(self.suite.signed_data), der.write(der.context(0), signed))


def _attribute(oid: str, value: bytes) -> bytes:
    return writing.sequence(der.write_oid(oid), der.write(der.SET, value))


def _certificate_id(suite: _Suite, certificate: bytes) -> bytes:
    """SigningCertificateV2 with one ESSCertIDv2; SHA-256 is its default and is not written (RFC 5035, section 3)."""
    if suite.digest == digests.SHA256:
        named = der.write(der.OCTETS, hashlib.sha256(certificate).digest())
    else:
        named = writing.sequence(der.write_oid(suite.digest)) + der.write(
            der.OCTETS, digests.digest(suite.digest, [certificate])
        )
    own = read_certificate(certificate)
    name = der.write(der.context(_DIRECTORY_NAME), own.issuer)
    by = writing.sequence(writing.sequence(name), der.write_integer(own.serial))
    return writing.sequence(writing.sequence(writing.sequence(named, by)))


def _accuracy(accuracy: timedelta) -> bytes:
    seconds, millis = divmod(round(accuracy / timedelta(milliseconds=1)), 1000)
    return writing.sequence(
        der.write_integer(seconds) if seconds else b"",
        der.write(der.context(0, constructed=False), der.write_integer(millis)[2:]) if millis else b"",
    )

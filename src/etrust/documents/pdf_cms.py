"""CMS inside PDF: whether a signature or a timestamp token is whole, and by which algorithms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509
from cryptography.hazmat.primitives import hashes
from pyhanko.sign.general import SignedDataCerts, extract_signer_info
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import extract_certs_for_validation, validate_sig_integrity
from pyhanko_certvalidator.util import get_pyca_cryptography_hash

from etrust.trust.findings import Finding, failed, passed, unknown

_WEAK = frozenset({"md2", "md5", "sha1"})
_MIN_RSA, _MIN_EC = 2048, 256
ERRORS = (SignatureValidationError, ValueError, TypeError, KeyError, AttributeError, NotImplementedError, AssertionError)
"""What pyHanko and asn1crypto raise on structures that are not what they claim; a judge answers, whatever comes."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A CMS structure whose signer is known."""

    data: cms.SignedData
    info: cms.SignerInfo
    certificates: SignedDataCerts

    @property
    def signer(self) -> x509.Certificate:
        """The signer's certificate."""
        return self.certificates.signer_cert

    @property
    def digest(self) -> str:
        """Name of the digest algorithm."""
        return str(self.info["digest_algorithm"]["algorithm"].native)


def open_signed(data: cms.SignedData) -> Signed:
    """Find the one signer and his certificate.

    Raises:
        one of `ERRORS`.
    """
    if len(data["signer_infos"]) != 1:
        raise ValueError(f"{len(data['signer_infos'])} signers, one is needed")
    return Signed(data, extract_signer_info(data), extract_certs_for_validation(data))


def check_integrity(
    digest_step: str, step: str, signed: Signed, content: str, digest: bytes, reason: str
) -> tuple[Finding, Finding]:
    """Whether the digest stated is the one of the bytes (else ``reason``), and whether the signer signed it."""
    try:
        intact, valid = validate_sig_integrity(signed.info, signed.signer, content, digest)
    except ERRORS as error:
        broken = failed(step, "bad_signature_structure", said(error))
        return unknown(digest_step, "bad_signature_structure"), broken
    return (
        passed(digest_step, detail=signed.digest) if intact else failed(digest_step, reason),
        passed(step) if valid else failed(step, "bad_signature"),
    )


def algorithms(step: str, signed: Signed) -> Finding:
    """Whether algorithms and key are strong enough: ``weak_digest``, ``weak_key`` (both unknown: they prove nothing today)."""
    key = signed.signer.public_key
    name, bits = key.algorithm, key.bit_size
    told = f"{signed.digest}, {name} {bits}"
    if signed.digest in _WEAK or _digest_of_signature(signed.info) in _WEAK:
        return unknown(step, "weak_digest", told)
    if (name in ("rsa", "rsassa_pss") and bits < _MIN_RSA) or (name == "ec" and bits < _MIN_EC) or name == "dsa":
        return unknown(step, "weak_key", told)
    return passed(step, detail=told)


def _digest_of_signature(info: cms.SignerInfo) -> str:
    try:
        return str(info["signature_algorithm"].hash_algo)
    except ValueError:
        return ""


@dataclass(frozen=True, slots=True)
class Token:
    """A timestamp token: who signed it, when, and over which digest."""

    signed: Signed
    time: datetime
    algorithm: str
    imprint: bytes

    @classmethod
    def read(cls, data: cms.SignedData) -> "Token":
        """Take a token apart.

        Raises:
            one of `ERRORS`.
        """
        content = data["encap_content_info"]
        if content["content_type"].native != "tst_info":
            raise ValueError("its content is no TSTInfo")
        said = content["content"].parsed
        imprint = said["message_imprint"]
        algorithm = str(imprint["hash_algorithm"]["algorithm"].native)
        return cls(open_signed(data), said["gen_time"].native, algorithm, imprint["hashed_message"].native)

    def content_digest(self) -> bytes:
        """The digest its signature must state."""
        return hashed(self.signed.digest, self.signed.data["encap_content_info"]["content"].contents)

    def check(self, step: str, over: Callable[[str], bytes]) -> Finding:
        """Whether the token is whole and over the bytes: the reasons of `etrust.trust.timestamps`."""
        try:
            if self.algorithm in _WEAK:
                return unknown(step, "weak_digest", self.algorithm)
            if over(self.algorithm) != self.imprint:
                return failed(step, "timestamp_of_other_bytes", self.algorithm)
            intact, valid = validate_sig_integrity(self.signed.info, self.signed.signer, "tst_info", self.content_digest())
        except ERRORS as error:
            return failed(step, "timestamp_malformed", said(error))
        if not (intact and valid):
            return failed(step, "timestamp_signature")
        return algorithms(step, self.signed)


def hashed(algorithm: str, data: bytes) -> bytes:
    """The digest of some bytes by an algorithm's name."""
    digest = hashes.Hash(get_pyca_cryptography_hash(algorithm))
    digest.update(data)
    return digest.finalize()


def said(error: Exception) -> str:
    """An error's words, bounded."""
    return " ".join(f"{error}".split())[:200] or type(error).__name__

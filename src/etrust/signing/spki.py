"""Public keys as X.509 carries them (SubjectPublicKeyInfo, RFC 5280, section 4.1), taken out of certificates of any kind.

`cryptography` cannot read a certificate with an SM2 key, so the structure is walked here.
"""

from functools import lru_cache

from etrust.errors import EtrustError, Kind
from etrust.signing import der, sm2
from etrust.signing.model import Algorithm

_P256 = der.write(der.SEQUENCE, der.write_oid(sm2.EC_PUBLIC_KEY), der.write_oid("1.2.840.10045.3.1.7"))
_ED25519 = der.write(der.SEQUENCE, der.write_oid("1.3.101.112"))
_RSA = der.write(der.SEQUENCE, der.write_oid("1.2.840.113549.1.1.1"), der.write(der.NULL))
_ALGORITHMS = {
    _P256: Algorithm.ES256, _ED25519: Algorithm.EDDSA, _RSA: Algorithm.RS256, sm2.ALGORITHM: Algorithm.SM2,
}  # fmt: skip


@lru_cache(maxsize=512)
def certificate_spki(certificate: bytes) -> bytes:
    """The SubjectPublicKeyInfo of a certificate, both DER.

    Raises:
        EtrustError: ``bad_certificate``.
    """
    try:
        fields = der.read(certificate).fields().take(der.SEQUENCE).fields()
        fields.explicit(0)
        fields.take(der.INTEGER)
        for _ in ("signature algorithm", "issuer", "validity", "subject"):
            fields.take(der.SEQUENCE)
        return fields.take(der.SEQUENCE).encoded
    except EtrustError as error:
        raise bad_certificate("unreadable") from error


def algorithm_of_spki(spki: bytes) -> Algorithm:
    """The algorithm a key signs with, from the kind of the key.

    Raises:
        EtrustError: ``bad_der``; ``unknown_key_kind``: none of P-256, Ed25519, RSA and SM2.
    """
    found = _ALGORITHMS.get(der.read(spki).fields().take(der.SEQUENCE).encoded)
    if found is None:
        raise EtrustError(
            Kind.UNTRUSTED, "unknown_key_kind",
            zh="密钥种类不受支持，须为 SM2、P-256、Ed25519 或 RSA。",
            en="The key is of a kind not in use here; it must be SM2, P-256, Ed25519 or RSA.",
        )
    return found


def bad_certificate(why: str) -> EtrustError:
    """The error of a certificate that cannot be used, with the reason in English."""
    return EtrustError(
        Kind.UNTRUSTED, "bad_certificate", zh="证书无法使用。", en=f"The certificate cannot be used: {why}."
    )

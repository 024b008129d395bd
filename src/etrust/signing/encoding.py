"""Signatures as X.509, CMS and the seal structures carry them: the algorithm's identifier and the signature in DER."""

from etrust.signing import der, sm2
from etrust.signing.model import SIGNATURE_LENGTH, Algorithm, Signer

_WITH_NULL = {Algorithm.RS256}  # RFC 4055, section 5: the parameters are there, and NULL


def algorithm_identifier(algorithm: Algorithm) -> bytes:
    """The AlgorithmIdentifier, DER."""
    parameters = der.write(der.NULL) if algorithm in _WITH_NULL else b""
    return der.write(der.SEQUENCE, der.write_oid(algorithm.oid), parameters)


def der_signature(signer: Signer, data: bytes) -> bytes:
    """A signature over the bytes as X.509 and CMS carry it: SEQUENCE { r, s } for ES256 and SM2, raw for the others."""
    return der_raw(signer.algorithm, signer.sign(data))


def der_raw(algorithm: Algorithm, raw: bytes) -> bytes:
    """A raw signature as X.509 and CMS carry it."""
    return _two_numbers(raw) if algorithm in (Algorithm.ES256, Algorithm.SM2) else raw


def _two_numbers(raw: bytes) -> bytes:
    if len(raw) != SIGNATURE_LENGTH:
        raise sm2.bad_key("a signature of another length")
    half = SIGNATURE_LENGTH // 2
    return der.write(der.SEQUENCE, *(der.write_integer(int.from_bytes(part, "big")) for part in (raw[:half], raw[half:])))

"""X.509 certificates (RFC 5280) as others issue them, with SM2 keys too: read leniently, kept byte-exact.

`cryptography` refuses what real certificates carry (SM2 keys, a FALSE written out), so the structure is read here. P-256
and RSA signatures are verified by `cryptography`, SM2 by `etrust.signing.sm2`; the algorithm must fit the key.
"""

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from etrust.errors import EtrustError, Kind
from etrust.signing import der, sm2

MAX_CERTIFICATE = 64 * 1024
MIN_RSA_BITS = 2048
BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE = "2.5.29.19", "2.5.29.15", "2.5.29.37"
SUBJECT_KEY_ID, AUTHORITY_KEY_ID = "2.5.29.14", "2.5.29.35"
CRL_POINTS = "2.5.29.31"
_READ = frozenset({BASIC_CONSTRAINTS, KEY_USAGE, EXTENDED_KEY_USAGE, SUBJECT_KEY_ID, AUTHORITY_KEY_ID})
_UNDERSTOOD = _READ | {CRL_POINTS, "2.5.29.17"}  # other names of the subject, which no rule here looks at
_COMMON_NAME, _ORGANIZATION, _ORGANIZATION_ID = "2.5.4.3", "2.5.4.10", "2.5.4.97"
_BMP = 0x1E
_URI = der.context(6, constructed=False)
_SM2_NAMES = frozenset({sm2.WITH_SM3, "1.2.156.10197.1.301.1"})
_ECDSA = {"1.2.840.10045.4.3.2": hashes.SHA256(), "1.2.840.10045.4.3.3": hashes.SHA384()}
_RSA = {
    "1.2.840.113549.1.1.11": hashes.SHA256(), "1.2.840.113549.1.1.12": hashes.SHA384(),
    "1.2.840.113549.1.1.13": hashes.SHA512(),
}  # fmt: skip
DIGITAL_SIGNATURE, CONTENT_COMMITMENT, KEY_CERT_SIGN, CRL_SIGN = 1 << 0, 1 << 1, 1 << 5, 1 << 6
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the extensions of a certificate say.

    Attributes:
        key_usage: named bits of keyUsage, None when the certificate does not say.
        purposes: extended key usages, None when it does not say.
        authority: whether it may issue certificates.
        path_length: how many authorities may stand below it.
        key_id: the id it gives its own key.
        issuer_key_id: the id of its issuer's key.
        unknown_critical: OIDs of critical extensions that are not understood.
        crl_points: addresses of the revocation lists of its issuer that answer for it; empty when it names none.
    """

    key_usage: int | None = None
    purposes: frozenset[str] | None = None
    authority: bool = False
    path_length: int | None = None
    key_id: bytes | None = None
    issuer_key_id: bytes | None = None
    unknown_critical: tuple[str, ...] = ()
    crl_points: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The parts of a certificate that judging needs.

    Attributes:
        encoded: the certificate as received.
        signed: the part its issuer signed.
        algorithm: what the issuer signed with, as an OID.
        issuer: the issuer's name, DER.
        subject: its own name, DER.
        spki: its public key, SubjectPublicKeyInfo.
    """

    encoded: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    algorithm: str
    signature: bytes = field(repr=False)
    serial: int
    issuer: bytes
    subject: bytes
    not_before: datetime
    not_after: datetime
    spki: bytes
    extensions: Extensions

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the certificate, in hexadecimal."""
        return hashlib.sha256(self.encoded).hexdigest()

    @property
    def name(self) -> str:
        """The common name of the subject, or its organization."""
        return name_of(self.subject)

    @property
    def is_self_issued(self) -> bool:
        """Whether issuer and subject are one."""
        return same_name(self.issuer, self.subject)

    def check(self, algorithm: str, signature: bytes, data: bytes) -> None:
        """Return quietly when its key made the signature over the bytes.

        Raises:
            EtrustError: ``bad_signature``; ``algorithm_not_of_key``; ``bad_key``; ``sm2_unavailable``.
        """
        check_signature(self.spki, algorithm, signature, data)


@lru_cache(maxsize=512)
def read_certificate(data: bytes) -> Certificate:
    """A certificate from its DER bytes.

    Raises:
        EtrustError: ``bad_certificate``, with the reason why.
    """
    try:
        if len(data) > MAX_CERTIFICATE:
            raise der.bad_der("too large", MAX_CERTIFICATE)
        return _certificate(data)
    except EtrustError as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_certificate", where=error.where,
            zh="证书无法读取，不是有效的 X.509 证书。", en=f"The certificate cannot be read. {error.en}",
        ) from error


def read_certificates(data: bytes) -> tuple[Certificate, ...]:
    """All certificates of a file: PEM blocks one after the other, or one certificate in DER.

    Raises:
        EtrustError: ``bad_certificate``.
    """
    return tuple(read_certificate(each) for each in pem_or_der(data, b"CERTIFICATE"))


def pem_or_der(data: bytes, label: bytes) -> list[bytes]:
    """The DER contents of a file that holds PEM blocks with this label, or is DER itself."""
    blocks = re.findall(rb"-----BEGIN %b-----([A-Za-z0-9+/=\s]+)-----END %b-----" % (label, label), data)
    try:
        return [binascii.a2b_base64(block) for block in blocks] or [data]
    except binascii.Error:
        return [data]


def _certificate(data: bytes) -> Certificate:
    outer = der.read(data).fields()
    body, algorithm, signature = outer.take(der.SEQUENCE), outer.take(der.SEQUENCE), outer.take(der.BITS)
    outer.end()
    fields = body.fields()
    fields.explicit(0)
    serial = int.from_bytes(fields.take(der.INTEGER).content, "big", signed=True)
    inner_algorithm = fields.take(der.SEQUENCE)
    issuer, validity, subject = (fields.take(der.SEQUENCE) for _ in range(3))
    spki = fields.take(der.SEQUENCE)
    for unique_id in (1, 2):
        fields.maybe(der.context(unique_id, constructed=False))
    extensions = fields.explicit(3)
    fields.end()
    if inner_algorithm.encoded != algorithm.encoded:
        raise der.bad_der("the algorithm inside is another than outside", inner_algorithm.start)
    not_before, not_after = _validity(validity)
    for name in (issuer, subject):
        _comparable(name.encoded)  # a name that cannot be compared is refused here, not later
    return Certificate(
        encoded=data, signed=body.encoded, algorithm=algorithm_of(algorithm), signature=signature.bits(),
        serial=serial, issuer=issuer.encoded, subject=subject.encoded, not_before=not_before, not_after=not_after,
        spki=spki.encoded, extensions=_extensions(extensions),
    )  # fmt: skip


def _validity(element: der.Element) -> tuple[datetime, datetime]:
    fields = element.fields()
    not_before, not_after = fields.take().time(), fields.take().time()
    fields.end()
    return not_before, not_after


def _extensions(element: der.Element | None) -> Extensions:
    found: dict[str, der.Element] = {}
    unknown: list[str] = []
    for each in element.children() if element else []:
        oid, critical, value = extension(each)
        if oid in found:
            raise der.bad_der("an extension stands twice", each.start)
        found[oid] = value
        if critical and oid not in _UNDERSTOOD:
            unknown.append(oid)
    return _understood(found, tuple(unknown))


def algorithm_of(element: der.Element) -> str:
    """The OID of an AlgorithmIdentifier whose parameters are absent or NULL."""
    fields = element.fields()
    oid, parameters = fields.take().oid(), fields.maybe(der.NULL)
    fields.end()
    if parameters is not None and parameters.content:
        raise der.bad_der("parameters where none belong", parameters.start)
    return oid


def extension(element: der.Element) -> tuple[str, bool, der.Element]:
    """OID, whether critical, and value of one Extension (also the ExtData of seals)."""
    fields = element.fields()
    oid, critical, value = fields.take().oid(), fields.flag(), fields.take(der.OCTETS)
    fields.end()
    return oid, critical, value


def _understood(found: Mapping[str, der.Element], unknown: tuple[str, ...]) -> Extensions:
    inside = {oid: der.read(found[oid].content) for oid in found.keys() & _READ}
    authority, path_length = _basic_constraints(inside.get(BASIC_CONSTRAINTS))
    usage, purposes = inside.get(KEY_USAGE), inside.get(EXTENDED_KEY_USAGE)
    key_id, issuer_key = inside.get(SUBJECT_KEY_ID), inside.get(AUTHORITY_KEY_ID)
    issuer_key_id = issuer_key.fields().maybe(der.context(0, constructed=False)) if issuer_key else None
    return Extensions(
        key_usage=usage.flags() if usage else None,
        purposes=frozenset(each.oid() for each in purposes.children()) if purposes else None,
        authority=authority, path_length=path_length, key_id=key_id.octets() if key_id else None,
        issuer_key_id=issuer_key_id.content if issuer_key_id else None, unknown_critical=unknown,
        crl_points=_points(found[CRL_POINTS].content) if CRL_POINTS in found else frozenset(),
    )  # fmt: skip


def _points(content: bytes) -> frozenset[str]:
    try:
        return frozenset(uri for each in der.read(content).children() for uri in _point(each))
    except EtrustError:
        return frozenset()  # a certificate is judged by more than where its lists are


def _point(element: der.Element) -> frozenset[str]:
    """The addresses of one DistributionPoint; of one that gives only some reasons, or lists of another issuer, none."""
    fields = element.fields()
    where = fields.explicit(0)
    return frozenset() if where is None or len(fields) else addresses(where)


def addresses(name: der.Element) -> frozenset[str]:
    """The URIs of a DistributionPointName; one relative to its issuer has none."""
    if name.tag != der.context(0):
        return frozenset()
    return frozenset(each.content.decode("latin-1") for each in name.children() if each.tag == _URI)


def _basic_constraints(element: der.Element | None) -> tuple[bool, int | None]:
    if element is None:
        return False, None
    fields = element.fields()
    authority, length = fields.flag(), fields.maybe(der.INTEGER)
    return authority, None if length is None else length.integer()


def same_name(one: bytes, other: bytes) -> bool:
    """Whether two Names are one (RFC 5280, section 7.1): string types, case and spacing do not count."""
    try:
        return one == other or _comparable(one) == _comparable(other)
    except EtrustError:
        return False


@lru_cache(maxsize=512)
def _comparable(name: bytes) -> tuple[object, ...]:
    return tuple(
        tuple(sorted((oid, " ".join(text.casefold().split())) for oid, text in group)) for group in _name_parts(name)
    )


def _name_parts(name: bytes) -> list[list[tuple[str, str]]]:
    return [[_name_part(pair.fields()) for pair in group.children()] for group in der.read(name).children()]


def _name_part(fields: der.Fields) -> tuple[str, str]:
    oid = fields.take().oid()
    value = fields.take()
    encoding = {_BMP: "utf-16-be", der.UTF8: "utf-8"}.get(value.tag)
    # Other types count by their bytes: latin-1 maps each to one character and loses none.
    return oid, value.content.decode(encoding or "latin-1", "surrogateescape" if encoding != "utf-16-be" else "replace")


def name_of(name: bytes) -> str:
    """The common name in a Name, else its organization, else its digest; for people, never for comparing."""
    try:
        found = dict(part for group in _name_parts(name) for part in group)
    except EtrustError:
        found = {}
    text = found.get(_COMMON_NAME) or found.get(_ORGANIZATION) or hashlib.sha256(name).hexdigest()[:16]
    return "".join(character for character in text if character.isprintable())[:200]


def organization_id(name: bytes) -> str:
    """The code of the body in a Name (organizationIdentifier, X.520), empty when it does not say or says it twice."""
    try:
        found = [text for group in _name_parts(name) for oid, text in group if oid == _ORGANIZATION_ID]
    except EtrustError:
        return ""
    return found[0][:64] if len(found) == 1 else ""


def check_signature(spki: bytes, algorithm: str, signature: bytes, data: bytes) -> None:
    """Return quietly when the key made the signature; the algorithm named must be one of the key's.

    Raises:
        EtrustError: ``bad_signature``; ``algorithm_not_of_key``; ``bad_key``; ``sm2_unavailable``.
    """
    key = _public_key(spki)
    if isinstance(key, sm2.PublicKey):
        if algorithm not in _SM2_NAMES:
            raise _not_of_key(algorithm)
        key.check(signature, data)
        return
    try:
        if isinstance(key, rsa.RSAPublicKey) and algorithm in _RSA:
            key.verify(signature, data, padding.PKCS1v15(), _RSA[algorithm])
        elif isinstance(key, ec.EllipticCurvePublicKey) and algorithm in _ECDSA:
            key.verify(signature, data, ec.ECDSA(_ECDSA[algorithm]))
        else:
            raise _not_of_key(algorithm)
    except InvalidSignature:
        raise EtrustError(
            Kind.UNTRUSTED, "bad_signature",
            zh="签名不正确：内容被改动或系伪造。", en="The signature is wrong: the content was altered or forged.",
        ) from None


@lru_cache(maxsize=512)
def _public_key(spki: bytes) -> sm2.PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey:
    if is_sm2(spki):
        return sm2.PublicKey.from_spki(spki)
    try:
        key = load_der_public_key(spki)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _bad_key("unreadable, or of an unknown kind") from error
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= MIN_RSA_BITS:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in ("secp256r1", "secp384r1"):
        return key
    raise _bad_key("neither SM2 nor P-256, P-384 or RSA with 2048 bits or more")


def is_sm2(spki: bytes) -> bool:
    """Whether a SubjectPublicKeyInfo names the SM2 curve."""
    return der.read(spki).fields().take(der.SEQUENCE).encoded == sm2.ALGORITHM


def _not_of_key(algorithm: str) -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "algorithm_not_of_key", where=algorithm,
        zh="签名算法与密钥不符。", en="The signature algorithm named is not one of the key's, or is not accepted.",
    )


def _bad_key(why: str) -> EtrustError:
    return EtrustError(Kind.UNTRUSTED, "bad_key", zh="证书的公钥不可使用。", en=f"The public key cannot be used: {why}.")

"""Holds a certificate against its profile and RFC 5280 before the authority signs it, as boulder does.

The body is signed with a key made on the spot and thrown away, and read back by `cryptography`, which shares no code with
the writer. A body that fails never meets the authority's key.
"""

import warnings
from collections.abc import Iterator

from cryptography import x509 as independent
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from cryptography.x509 import oid

from etrust.errors import EtrustError, Kind
from etrust.signing import private_keys, sm2
from etrust.signing.model import Algorithm
from etrust.signing.private_keys import MIN_RSA_BITS
from etrust.signing.spki import algorithm_of_spki
from etrust.trust import x509
from etrust.trust.certificates import (
    AUTHORITY_ACCESS,
    CertificateRequest,
    FreshKey,
    Issuer,
    key_id_of,
    sign_body,
    years_after,
)
from etrust.trust.profiles import KEY_USAGES, Profile, profile_of
from etrust.trust.writing import MAX_COMMON_NAME

_MAX_SERIAL_BITS = 159  # 20 octets, never negative: RFC 5280, section 4.1.2.2
_MIN_SERIAL_BITS = 64
Found = Iterator[str]
# RFC 5280 limits a common name to 64 characters; `cryptography` counts bytes, of which a Chinese character has three.
warnings.filterwarnings("ignore", "Attribute's length must be", UserWarning, __name__)


def lint(body: bytes, request: CertificateRequest, issuer: Issuer) -> None:
    """Return quietly when a body may be signed.

    Raises:
        EtrustError: ``certificate_lint``, with everything that is wrong.
    """
    thrown_away = FreshKey.of(private_keys.generate(issuer.algorithm))
    problems = problems_of(sign_body(body, thrown_away), request, issuer)
    if problems:
        raise EtrustError(
            Kind.INVALID, "certificate_lint", where=request.profile,
            zh=f"证书不符合模板“{request.profile}”，未签发：{'；'.join(problems)}。",
            en=f"The certificate does not fit profile {request.profile} and was not signed: {'; '.join(problems)}.",
        )


def problems_of(certificate: bytes, request: CertificateRequest, issuer: Issuer) -> tuple[str, ...]:
    """Everything in a certificate that is not as its request, its profile and RFC 5280 want it."""
    try:
        ours = x509.read_certificate(certificate)
        theirs = independent.load_der_x509_certificate(certificate)
        profile = profile_of(request.profile)
        rules = (_head, _names, _times, _key, _extensions)
        return tuple(problem for rule in rules for problem in rule(_Look(theirs, ours, request, issuer, profile)))
    except (ValueError, EtrustError, independent.DuplicateExtension) as error:
        return (f"it cannot be read: {error}",)


class _Look:
    """One certificate under two readers, with what it should be."""

    __slots__ = ("issuer", "ours", "profile", "request", "theirs")

    def __init__(
        self, theirs: independent.Certificate, ours: x509.Certificate, request: CertificateRequest, issuer: Issuer,
        profile: Profile,
    ) -> None:
        self.theirs, self.ours, self.request, self.issuer, self.profile = theirs, ours, request, issuer, profile


def _head(look: _Look) -> Found:
    serial = look.theirs.serial_number
    if look.theirs.version is not independent.Version.v3:
        yield "not version 3"
    if serial != look.request.serial or serial != look.ours.serial:
        yield "another serial number than the one recorded"
    if not _MIN_SERIAL_BITS <= serial.bit_length() <= _MAX_SERIAL_BITS:
        yield f"a serial number of {serial.bit_length()} bits, which is not 64 to 159"
    if look.theirs.signature_algorithm_oid.dotted_string != look.issuer.algorithm.oid:
        yield "a signature algorithm that is not the authority's"


def _names(look: _Look) -> Found:
    if look.theirs.issuer.public_bytes() != look.issuer.name or look.ours.issuer != look.issuer.name:
        yield "the issuer is not the authority's subject, byte for byte"
    wanted = {
        independent.NameOID.COMMON_NAME: look.request.subject_name[:MAX_COMMON_NAME],
        independent.NameOID.ORGANIZATION_IDENTIFIER: look.request.body,
    }
    if {each.oid: each.value for each in look.theirs.subject} != {kind: text for kind, text in wanted.items() if text}:
        yield "the subject is not common name and body as asked for"
    if not look.request.subject_name.strip() or not look.request.subject_name.isprintable():
        yield "the common name is empty or holds characters that do not print"


def _times(look: _Look) -> Found:
    start, end = look.theirs.not_valid_before_utc, look.theirs.not_valid_after_utc
    if (start, end) != (look.ours.not_before, look.ours.not_after):
        yield "two readers see two validities"
    if (start, end) != (look.request.not_before, look.request.not_after):
        yield "another validity than asked for, or not in whole seconds"
    if not start < end:
        yield "it ends before it begins"
    if end > years_after(start, look.profile.years):
        yield f"good for more than the {look.profile.years} years of its profile"
    if end > look.issuer.not_after:
        yield "good for longer than its authority"


def _key(look: _Look) -> Found:
    algorithm = _algorithm_of(look.request.spki)
    if algorithm not in look.profile.algorithms:
        yield f"a key for {algorithm}, which the profile does not allow"
    if look.ours.spki != look.request.spki:
        yield "another key than asked for"
    if look.request.spki == look.issuer.spki and not look.profile.ca:
        yield "the key of its own authority"


def _algorithm_of(spki: bytes) -> Algorithm:
    """What a public key is for; a point that is not on its curve, or an RSA key too short, is refused."""
    algorithm = algorithm_of_spki(spki)
    if algorithm is Algorithm.SM2:
        sm2.PublicKey.from_spki(spki)
        return algorithm
    key = load_der_public_key(spki)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        raise ValueError(f"RSA with fewer than {MIN_RSA_BITS} bits")
    return algorithm


def _extensions(look: _Look) -> Found:
    wanted = dict(_wanted(look))
    found = {each.oid.dotted_string: (each.critical, each.value) for each in look.theirs.extensions}
    for name in sorted(wanted.keys() | found.keys()):
        if name not in found:
            yield f"extension {name} is missing"
        elif name not in wanted:
            yield f"extension {name} does not belong there"
        elif found[name] != wanted[name]:
            yield f"extension {name} is not as the profile has it: {found[name][1]}"


def _wanted(look: _Look) -> Iterator[tuple[str, tuple[bool, independent.ExtensionType]]]:
    profile, request = look.profile, look.request
    yield x509.BASIC_CONSTRAINTS, (True, independent.BasicConstraints(profile.ca, profile.path_length))
    usages = {name: name in profile.key_usage for name in KEY_USAGES}
    yield x509.KEY_USAGE, (True, independent.KeyUsage(**usages))
    yield x509.SUBJECT_KEY_ID, (False, independent.SubjectKeyIdentifier(key_id_of(request.spki)))
    if look.issuer.spki != request.spki:
        yield x509.AUTHORITY_KEY_ID, (False, independent.AuthorityKeyIdentifier(look.issuer.key_id, None, None))
    if profile.purposes:
        purposes = independent.ExtendedKeyUsage([independent.ObjectIdentifier(each) for each in profile.purposes])
        yield x509.EXTENDED_KEY_USAGE, (profile.extended_key_usage_critical, purposes)
    if request.crl_point:
        point = independent.DistributionPoint([_uri(request.crl_point)], None, None, None)
        yield x509.CRL_POINTS, (False, independent.CRLDistributionPoints([point]))
    if request.authority_url:
        method = oid.AuthorityInformationAccessOID.CA_ISSUERS
        described = independent.AccessDescription(method, _uri(request.authority_url))
        yield AUTHORITY_ACCESS, (False, independent.AuthorityInformationAccess([described]))


def _uri(text: str) -> independent.UniformResourceIdentifier:
    return independent.UniformResourceIdentifier(text)

"""Certificates inside PDF signatures held against a reader's anchors, through pyHanko's path validation, offline.

PyHanko and not `etrust.trust.chains`, because files of other makers bring what only it understands: OCSP answers, RSA-PSS,
name constraints, P-521. Every question is a finding of its own, and revocation information is always required.
"""

from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar, cast

from asn1crypto import cms, crl, ocsp, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.policy_decl import (
    NO_REVOCATION,
    REQUIRE_REVINFO,
    CertRevTrustPolicy,
    RevocationCheckingPolicy,
)

from etrust.trust.chains import Ground
from etrust.trust.findings import Finding, failed, passed, unknown

_Result = TypeVar("_Result")
SKEW = timedelta(seconds=60)
MAX_EVIDENCE = 256
"""Certificates, lists and answers that are looked at in one file."""
MAX_ADDRESSES = 16
_TIMESTAMPS = {"time_stamping"}
_SIGNING = {"digital_signature", "non_repudiation"}
_OTHER_TRADES = {"time_stamping", "ocsp_signing", "code_signing", "server_auth"}
"""Who may do only these signs no documents; of all else readers differ, and RFC 9336 is young."""


@dataclass(slots=True)
class Evidence:
    """Certificates and revocation information at hand: the reader's, and what the file brings."""

    ground: Ground
    certificates: list[x509.Certificate] = field(default_factory=list)
    crls: list[crl.CertificateList] = field(default_factory=list)
    ocsps: list[ocsp.OCSPResponse] = field(default_factory=list)

    @classmethod
    def of(cls, ground: Ground) -> "Evidence":
        """What the reader rests on."""
        evidence = cls(ground)
        evidence.add(
            [x509.Certificate.load(each.encoded) for each in ground.others],
            [crl.CertificateList.load(each.encoded) for each in ground.crls.lists],
        )
        return evidence

    def list_addresses(self) -> tuple[str, ...]:
        """Where the certificates at hand say that their revocation lists are."""
        found = [url for each in self.certificates for point in each.crl_distribution_points for url in [point.url] if url]
        return tuple(dict.fromkeys(map(str, found)))[:MAX_ADDRESSES]

    def anchors(self, at: datetime) -> list[x509.Certificate]:
        """The anchors relied upon at a moment."""
        counting = [each for each in self.ground.anchors if self.ground.relies_on(each, at)]
        return [x509.Certificate.load(each.encoded) for each in counting]

    def relied_upon(self, at: datetime) -> list[x509.Certificate]:
        """The certificates at hand that may stand between at a moment: one the reader gave up, the file may bring again."""
        periods = self.ground.periods
        ended = {name for name, period in periods.items() if not period.covers(at)}
        return [each for each in self.certificates if each.sha256.hex() not in ended]

    def add(
        self, certificates: Iterable[x509.Certificate] = (), crls: Iterable[crl.CertificateList] = (),
        ocsps: Iterable[ocsp.OCSPResponse] = (),
    ) -> None:  # fmt: skip
        """Take in more, each once, within `MAX_EVIDENCE`; lists from the future are not believed."""
        believed = [each for each in crls if each["tbs_cert_list"]["this_update"].native <= self.ground.now + SKEW]
        whole = [each for each in certificates if _is_whole(each)]
        pairs = ((self.certificates, whole), (self.crls, believed), (self.ocsps, ocsps))
        for kept, more in pairs:
            known = {each.dump() for each in kept}
            for each in more:
                if each.dump() not in known and len(kept) < MAX_EVIDENCE:
                    kept.append(each)
                    known.add(each.dump())


def _is_whole(certificate: x509.Certificate) -> bool:
    """Whether what a path is built of can be read: parts are parsed only when they are asked for, deep in the building."""
    try:
        _ = (certificate.public_key.native, certificate.issuer.hashable, certificate.subject.hashable)
        _ = (certificate["tbs_certificate"]["validity"].native, certificate.critical_extensions)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Revocation:
    """When and why a certificate of a chain was revoked."""

    since: datetime
    compromised: bool


class Judge:
    """Answers questions about certificates as of any moment, by the same evidence."""

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._known: dict[tuple[bytes, datetime, bool], Exception | str] = {}

    def chain(self, step: str, certificate: x509.Certificate, at: datetime) -> Finding:
        """Whether a chain leads to an anchor at a moment: ``no_chain`` (unknown), ``chain_not_valid``, ``weak_digest``."""
        found = self._path(certificate, at, revocation=False)
        if isinstance(found, str):
            return passed(step, detail=found)
        if isinstance(found, errors.PathBuildingError):
            return unknown(step, "no_chain", _said(found))
        if isinstance(found, errors.DisallowedAlgorithmError):
            return unknown(step, "weak_digest", _said(found))
        return failed(step, "chain_not_valid", _said(found))

    def revocation(self, step: str, certificate: x509.Certificate, at: datetime) -> Finding:
        """Whether the certificate or an authority was revoked at a moment.

        Reasons: ``certificate_revoked``, ``no_chain``, ``no_crl`` and ``crl_outdated`` (unknown).
        """
        found = self._path(certificate, at, revocation=True)
        if isinstance(found, str):
            return passed(step)
        if isinstance(found, errors.RevokedError):
            return failed(step, "certificate_revoked", f"{name_of(certificate)} since {found.revocation_dt.isoformat()}")
        if isinstance(found, errors.StaleRevinfoError):
            return unknown(step, "crl_outdated", _said(found))
        if isinstance(found, errors.InsufficientRevinfoError):
            return unknown(step, "no_crl", _said(found))
        return unknown(step, "no_chain", _said(found))

    def revoked(self, certificate: x509.Certificate, at: datetime) -> Revocation | None:
        """The revocation known at a moment, None when there is none."""
        found = self._path(certificate, at, revocation=True)
        if not isinstance(found, errors.RevokedError):
            return None
        return Revocation(found.revocation_dt, found.reason.native in ("key_compromise", "ca_compromise"))

    def _path(self, certificate: x509.Certificate, at: datetime, *, revocation: bool) -> Exception | str:
        key = (certificate.dump(), at, revocation)
        if key not in self._known:
            self._known[key] = finish(self._build(certificate, at, REQUIRE_REVINFO if revocation else NO_REVOCATION))
        return self._known[key]

    async def _build(
        self, certificate: x509.Certificate, at: datetime, policy: RevocationCheckingPolicy
    ) -> Exception | str:
        held, needed = self._evidence, policy is REQUIRE_REVINFO
        context = ValidationContext(
            trust_roots=held.anchors(at), other_certs=held.relied_upon(at), crls=held.crls if needed else (),
            ocsps=held.ocsps if needed else (), moment=within(certificate, at), allow_fetching=False, time_tolerance=SKEW,
            revinfo_policy=CertRevTrustPolicy(policy, retroactive_revinfo=True),
        )  # fmt: skip
        try:
            path = await CertificateValidator(certificate, validation_context=context).async_validate_path()
        except (errors.PathError, errors.ValidationError, ValueError, TypeError) as error:
            return error  # ValueError and TypeError: certificates that asn1crypto cannot read through
        return " < ".join(reversed([name_of(each) for each in path.iter_certs(include_root=True)]))


def finish(work: Coroutine[Any, Any, _Result]) -> _Result:
    """The result of a coroutine that has nothing to wait for: without fetching, path validation never does."""
    try:
        work.send(None)
    except StopIteration as done:
        return cast("_Result", done.value)
    work.close()
    raise RuntimeError("path validation wanted to wait")


def within(certificate: x509.Certificate, at: datetime) -> datetime:
    """The moment, moved into the certificate's validity: chain and revocation can be answered for an expired one too."""
    begin, end = cast("datetime", certificate.not_valid_before), cast("datetime", certificate.not_valid_after)
    return min(max(at, begin), end)


def key_usage(step: str, certificate: x509.Certificate, *, stamps: bool = False) -> Finding:
    """Whether a certificate may sign documents, or timestamps: ``key_usage`` when not."""
    usage, extended = certificate.key_usage_value, certificate.extended_key_usage_value
    if usage is not None and not _SIGNING & usage.native:
        return failed(step, "key_usage", "neither digitalSignature nor nonRepudiation")
    if stamps and (extended is None or not _TIMESTAMPS & set(extended.native)):
        return failed(step, "key_usage", "not for timestamps")
    if not stamps and extended is not None and set(extended.native) <= _OTHER_TRADES:
        return failed(step, "key_usage", "for timestamps and such, not for documents")
    return passed(step)


def name_of(certificate: x509.Certificate) -> str:
    """Common name or organization, for people."""
    found = certificate.subject.native
    text = str(found.get("common_name") or found.get("organization_name") or certificate.sha256.hex()[:16])
    return "".join(character for character in text if character.isprintable())[:200]


def body_of(certificate: x509.Certificate) -> str:
    """The code of the body behind it (organizationIdentifier), empty when it does not say."""
    return str(certificate.subject.native.get("organization_identifier") or "")[:64]


def period(certificate: x509.Certificate) -> str:
    """From when to when it is valid."""
    return f"{certificate.not_valid_before.isoformat()} to {certificate.not_valid_after.isoformat()}"


def certificates_of(signed: cms.SignedData) -> Sequence[x509.Certificate]:
    """The X.509 certificates a CMS structure carries."""
    if not isinstance(signed["certificates"], cms.CertificateSet):
        return ()
    return [each.chosen for each in signed["certificates"] if each.name == "certificate"][:MAX_EVIDENCE]


def _said(error: Exception) -> str:
    return " ".join(str(error).split())[:300]

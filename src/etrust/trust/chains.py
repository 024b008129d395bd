"""Certificate chains held against trust anchors (RFC 5280, section 6, as far as seals need it): findings, no booleans.

Each question is its own step, so that none is lost because another was answered badly: `check_chain`, `check_key_usage`,
`check_validity`, `check_revocation`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from etrust.errors import EtrustError
from etrust.trust.crls import CrlSet
from etrust.trust.findings import Finding, Outcome, failed, passed, unknown
from etrust.trust.x509 import (
    CONTENT_COMMITMENT,
    DIGITAL_SIGNATURE,
    KEY_CERT_SIGN,
    TIME_STAMPING,
    Certificate,
    name_of,
    same_name,
)

MAX_PATH = 5
"""Certificates in a chain, from the one judged to the anchor."""
_MAX_ATTEMPTS = 24  # signatures tried for one chain: certificates with one name can be made in any number


@dataclass(frozen=True, slots=True)
class Period:
    """From when until before when a certificate from elsewhere is relied upon; without end when `until` is None."""

    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a reader rests on: certificates trusted as they are, others that may stand between, revocation lists.

    `now` is the present; a list or certificate of the future is not believed. `periods` holds, by fingerprint, when a
    certificate is relied upon; one that is not in it always is.
    """

    anchors: tuple[Certificate, ...]
    now: datetime
    others: tuple[Certificate, ...] = ()
    crls: CrlSet = field(default_factory=CrlSet)
    periods: Mapping[str, Period] = field(default_factory=dict)

    def relies_on(self, certificate: Certificate, at: datetime) -> bool:
        """Whether a certificate is relied upon for what was signed at a moment."""
        period = self.periods.get(certificate.fingerprint) if self.periods else None
        return period is None or period.covers(at)


@dataclass(frozen=True, slots=True)
class Chain:
    """The certificate judged, its issuers up to the anchor (empty when none was found), and the finding."""

    finding: Finding
    path: tuple[Certificate, ...] = ()


def check_chain(step: str, leaf: Certificate, *, at: datetime, ground: Ground) -> Chain:
    """Build a chain from a certificate to one of the anchors and judge its authorities at a moment.

    Reasons: ``no_chain`` (unknown) when nobody at hand issued it; ``chain_signature_bad`` when the one it names did not;
    ``issuer_no_authority``, ``issuer_key_usage``, ``path_too_long``, ``issuer_not_in_force``, ``critical_extension``;
    ``not_relied_upon`` when the anchor it leads to was not, or not yet, or no longer trusted at that moment.
    """
    if leaf.extensions.unknown_critical:
        return Chain(failed(step, "critical_extension", ", ".join(leaf.extensions.unknown_critical)))
    search = _Search(ground, at)
    for path in search.paths((leaf,)):
        return Chain(passed(step, detail=" < ".join(each.name for each in path)), path)
    if search.problems:
        reason, detail = search.problems[0]
        return Chain(failed(step, reason, detail))
    return Chain(unknown(step, "no_chain", f"issuer {name_of(leaf.issuer)}"))


class _Search:
    """A bounded search upwards; what spoils a way is kept, to be told when no other way leads to an anchor."""

    def __init__(self, ground: Ground, at: datetime) -> None:
        self._ground = ground
        self._at = at
        self._attempts = 0
        self.problems: list[tuple[str, str]] = []

    def paths(self, path: tuple[Certificate, ...]) -> Iterator[tuple[Certificate, ...]]:
        """Every way from the last certificate of a path to an anchor."""
        last = path[-1]
        if not self._ground.relies_on(last, self._at):
            self.problems.append(("not_relied_upon", f"{last.name} at {self._at.isoformat()}"))
            return
        if last in self._ground.anchors:
            yield path
            return
        for issuer in self._issuers(last):
            if issuer in path:
                continue
            problem = self._problem(path, issuer)
            if problem:
                self.problems.append(problem)
            else:
                yield from self.paths((*path, issuer))

    def _issuers(self, certificate: Certificate) -> Iterator[Certificate]:
        wanted = certificate.extensions.issuer_key_id
        for each in (*self._ground.anchors, *self._ground.others):
            key_id = each.extensions.key_id
            if same_name(certificate.issuer, each.subject) and (None in (wanted, key_id) or wanted == key_id):
                yield each

    def _problem(self, path: tuple[Certificate, ...], issuer: Certificate) -> tuple[str, str] | None:
        self._attempts += 1
        if len(path) >= MAX_PATH or self._attempts > _MAX_ATTEMPTS:
            return "path_too_long", f"more than {MAX_PATH} certificates"
        try:
            issuer.check(path[-1].algorithm, path[-1].signature, path[-1].signed)
        except EtrustError as error:
            return "chain_signature_bad", f"{error.code}: {path[-1].name} by {issuer.name}"
        return authority_problem(issuer, path[1:], self._at)


def authority_problem(issuer: Certificate, below: Sequence[Certificate], at: datetime) -> tuple[str, str] | None:
    """Why a certificate may not issue the one under it; None when it may. `below` are the authorities between."""
    said = issuer.extensions
    between = sum(not each.is_self_issued for each in below)
    if said.unknown_critical:
        return "critical_extension", ", ".join(said.unknown_critical)
    if not said.authority:
        return "issuer_no_authority", issuer.name
    if said.key_usage is not None and not said.key_usage & KEY_CERT_SIGN:
        return "issuer_key_usage", issuer.name
    if said.path_length is not None and between > said.path_length:
        return "path_too_long", f"{issuer.name} allows {said.path_length}"
    if not issuer.not_before <= at <= issuer.not_after:
        return "issuer_not_in_force", f"{issuer.name} {_period(issuer)}"
    return None


def check_key_usage(step: str, certificate: Certificate, *, timestamps: bool = False) -> Finding:
    """Whether a certificate may sign data, or timestamps: ``key_usage`` when not."""
    usage, purposes = certificate.extensions.key_usage, certificate.extensions.purposes
    if usage is not None and not usage & (DIGITAL_SIGNATURE | CONTENT_COMMITMENT):
        return failed(step, "key_usage", "neither digitalSignature nor nonRepudiation")
    if timestamps and (purposes is None or TIME_STAMPING not in purposes):
        return failed(step, "key_usage", "not for timestamps")
    return passed(step)


def check_validity(step: str, certificate: Certificate, at: datetime) -> Finding:
    """Whether a moment lies within a certificate's validity: ``certificate_expired``, ``certificate_not_yet_valid``."""
    if at < certificate.not_before:
        return failed(step, "certificate_not_yet_valid", _period(certificate))
    if at > certificate.not_after:
        return failed(step, "certificate_expired", _period(certificate))
    return passed(step, detail=_period(certificate))


def check_revocation(
    step: str, chain: Chain, *, at: datetime, ground: Ground, proven: datetime | None = None
) -> Finding:
    """Whether a certificate, or an authority above it, was revoked at a moment.

    Args:
        proven: when a timestamp proves that its signature existed, None when only its holder says so.

    Reasons: ``certificate_revoked``; the note ``revoked_later``; ``key_compromised`` (unknown) when it was revoked later
    because its key fell into other hands and nothing proves the moment;
    ``no_chain``, ``no_crl``, ``crl_outdated``, ``crl_not_understood`` (unknown).
    """
    if not chain.path:
        return unknown(step, "no_chain")
    pairs = zip(chain.path, chain.path[1:], strict=False)
    found = [_revocation(step, each, issuer, at, proven, ground) for each, issuer in pairs]
    return min(found, key=_gravity, default=passed(step))


def _revocation(
    step: str, certificate: Certificate, issuer: Certificate, at: datetime, proven: datetime | None, ground: Ground
) -> Finding:
    try:
        revoked = ground.crls.look_up(certificate, issuer, at=at, now=ground.now)
    except EtrustError as error:
        return unknown(step, error.code, certificate.name)
    if revoked is None:
        return passed(step)
    told = f"{certificate.name} since {revoked.since.isoformat()}"
    if revoked.since <= at:
        return failed(step, "certificate_revoked", told)
    if revoked.compromised and (proven is None or proven >= revoked.since):
        return unknown(step, "key_compromised", told)
    return passed(step, "revoked_later", told)


def _gravity(finding: Finding) -> tuple[int, bool]:
    return (Outcome.FAILED, Outcome.UNKNOWN, Outcome.PASSED).index(finding.outcome), not finding.reason


def _period(certificate: Certificate) -> str:
    return f"{certificate.not_before.isoformat()} to {certificate.not_after.isoformat()}"

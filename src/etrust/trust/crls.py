"""Certificate revocation lists (RFC 5280, section 5): read, held against the issuer's key, and asked about a certificate.

Whole lists are understood, and lists for a part of the certificates that says which by its address (the issuing
distribution point; `etrust.trust.crl_making` makes such): they answer for the certificates that name that address, and for
no other. A list with another critical extension, or one of only some reasons or of other issuers' certificates, gives no
answer: what cannot be known is unknown, never good.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from etrust.errors import EtrustError, Kind
from etrust.signing import der
from etrust.trust.x509 import CRL_SIGN, Certificate, addresses, algorithm_of, extension, pem_or_der, same_name

MAX_CRL = 16 * 1024 * 1024
KEY_COMPROMISE, CA_COMPROMISE, HOLD = 1, 2, 6
REASON, CRL_NUMBER, ISSUING_POINT, EXPIRED_ON_LIST = "2.5.29.21", "2.5.29.20", "2.5.29.28", "2.5.29.60"
_ONLY_USERS, _ONLY_AUTHORITIES = der.context(1, constructed=False), der.context(2, constructed=False)
_CACHED = 64 * 1024  # bytes: larger lists are read again each time rather than kept


@dataclass(frozen=True, slots=True)
class Revoked:
    """That a certificate was revoked: when, and the reason number of RFC 5280, section 5.3.1."""

    since: datetime
    reason: int | None = None

    @property
    def compromised(self) -> bool:
        """Whether the key fell into other hands, so that times its holder states prove nothing."""
        return self.reason in (KEY_COMPROMISE, CA_COMPROMISE)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which certificates a list answers for (RFC 5280, section 5.2.5).

    Attributes:
        points: addresses of the list; those certificates that name one of them. None: all of the issuer's.
        authorities: only those of authorities (True) or only those of others (False); None: both.
    """

    points: frozenset[str] | None = None
    authorities: bool | None = None

    def covers(self, certificate: Certificate) -> bool:
        """Whether a certificate of the issuer is among them."""
        if self.authorities is not None and self.authorities != certificate.extensions.authority:
            return False
        return self.points is None or not self.points.isdisjoint(certificate.extensions.crl_points)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Crl:
    """A revocation list as it was received; its signature is judged when it is asked.

    Attributes:
        encoded: the list as received.
        understood: whether it holds nothing critical that is not understood.
        number: grows with each list of its issuer, None when it does not say.
        scope: which certificates it answers for.
        expired_since: certificates that expired from then on stay listed, None when it drops them.
    """

    encoded: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    algorithm: str
    signature: bytes
    issuer: bytes
    issued_at: datetime
    next_update: datetime | None
    entries: Mapping[int, Revoked] = field(repr=False)
    understood: bool
    number: int | None = None
    scope: Scope = EVERYTHING
    expired_since: datetime | None = None

    def is_of(self, issuer: Certificate) -> bool:
        """Whether that authority signed it and may sign such lists."""
        usage = issuer.extensions.key_usage
        if not same_name(self.issuer, issuer.subject) or (usage is not None and not usage & CRL_SIGN):
            return False
        try:
            issuer.check(self.algorithm, self.signature, self.signed)
        except EtrustError:
            return False
        return True

    def speaks_of(self, at: datetime, certificate: Certificate) -> bool:
        """Whether it answers for a moment: in force then, or issued later while the certificate still had to be listed."""
        if self.issued_at > at:
            kept = self.expired_since is not None and self.expired_since <= certificate.not_after
            return kept or self.issued_at <= certificate.not_after
        return self.next_update is not None and at < self.next_update


class CrlSet:
    """The lists at hand."""

    __slots__ = ("_lists",)

    def __init__(self, lists: Sequence[Crl] = ()) -> None:
        self._lists = tuple(sorted(lists, key=lambda each: (each.issued_at, each.number or 0), reverse=True))

    @property
    def lists(self) -> tuple[Crl, ...]:
        """All of them, the newest first."""
        return self._lists

    def with_lists(self, more: Sequence[Crl]) -> "CrlSet":
        """These and others."""
        return CrlSet((*self._lists, *more))

    def look_up(self, certificate: Certificate, issuer: Certificate, *, at: datetime, now: datetime) -> Revoked | None:
        """What the newest list that answers for a moment says about a certificate; None when it is not revoked.

        Args:
            at: the moment asked about.
            now: the present; a list from the future is not believed.

        Raises:
            EtrustError: ``no_crl``, ``crl_outdated``, ``crl_too_late`` or ``crl_not_understood``: it is not known.
        """
        covering = [each for each in self._lists if each.issued_at <= now and each.scope.covers(certificate)]
        of_issuer = [each for each in covering if each.is_of(issuer)]
        if not of_issuer:
            raise _not_known("no_crl", "没有该证书颁发机构的吊销列表。", "There is no revocation list of its issuer.")
        understood = [each for each in of_issuer if each.understood]
        for each in understood:
            revoked = each.entries.get(certificate.serial)
            # A hold can be lifted again, by a list that is understood.
            if revoked is not None and (each is understood[0] or revoked.reason != HOLD):
                return revoked
        answering = [each for each in of_issuer if each.speaks_of(at, certificate)]
        if not answering and of_issuer[0].issued_at > at:
            raise _not_known("crl_too_late", "吊销列表发布时该证书已到期。", "The list is later than the end of the certificate.")
        if not answering:
            raise _not_known("crl_outdated", "吊销列表已过期，请更新。", "The revocation list is out of date; fetch a new one.")
        if not any(each.understood for each in answering):
            raise _not_known("crl_not_understood", "吊销列表含未识别的关键扩展。", "The list has critical extensions.")
        return None


def read_crls(data: bytes) -> tuple[Crl, ...]:
    """All lists of a file, PEM or DER.

    Raises:
        EtrustError: ``bad_crl``.
    """
    try:
        if len(data) > MAX_CRL:
            raise der.bad_der("too large", MAX_CRL)
        return tuple(_kept(each) if len(each) <= _CACHED else _crl(each) for each in pem_or_der(data, b"X509 CRL"))
    except EtrustError as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_crl", where=error.where, zh="吊销列表无法读取。", en=f"The CRL cannot be read. {error.en}"
        ) from error


@lru_cache(maxsize=512)
def _kept(data: bytes) -> Crl:
    return _crl(data)


def _crl(data: bytes) -> Crl:
    outer = der.read(data).fields()
    body, algorithm, signature = outer.take(der.SEQUENCE), outer.take(der.SEQUENCE), outer.take(der.BITS)
    outer.end()
    fields = body.fields()
    fields.maybe(der.INTEGER)
    if fields.take(der.SEQUENCE).encoded != algorithm.encoded:
        raise der.bad_der("the algorithm inside is another than outside", body.start)
    issuer, issued_at = fields.take(der.SEQUENCE), fields.take(der.UTC_TIME, der.GENERAL_TIME).time()
    next_update, revoked = fields.maybe(der.UTC_TIME, der.GENERAL_TIME), fields.maybe(der.SEQUENCE)
    extensions = fields.explicit(0)
    fields.end()
    entries, entries_understood = _entries(revoked)
    said = _said(extensions)
    return Crl(
        encoded=data, signed=body.encoded, algorithm=algorithm_of(algorithm), signature=signature.bits(),
        issuer=issuer.encoded, issued_at=issued_at, next_update=None if next_update is None else next_update.time(),
        entries=entries, understood=entries_understood and said.understood, number=said.number, scope=said.scope,
        expired_since=said.expired_since,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Said:
    understood: bool
    number: int | None
    scope: Scope
    expired_since: datetime | None


def _said(extensions: der.Element | None) -> _Said:
    found = [extension(each) for each in (extensions.children() if extensions else [])]
    inside = {oid: der.read(value.content) for oid, _, value in found if oid in (CRL_NUMBER, ISSUING_POINT, EXPIRED_ON_LIST)}
    number, expired = inside.get(CRL_NUMBER), inside.get(EXPIRED_ON_LIST)
    scope = _scope(inside[ISSUING_POINT]) if ISSUING_POINT in inside else EVERYTHING
    others = [oid for oid, critical, _ in found if critical and oid not in inside]
    return _Said(
        understood=not others and scope is not None and len({oid for oid, _, _ in found}) == len(found),
        number=None if number is None else number.integer(), scope=scope or EVERYTHING,
        expired_since=None if expired is None else expired.time(der.GENERAL_TIME),
    )  # fmt: skip


def _scope(element: der.Element) -> Scope | None:
    """What an IssuingDistributionPoint says; None when the list gives only some reasons or speaks of other issuers."""
    fields = element.fields()
    where = fields.explicit(0)
    users, authorities = (_is_set(fields.maybe(tag)) for tag in (_ONLY_USERS, _ONLY_AUTHORITIES))
    points = None if where is None else addresses(where)
    says_nothing = where is None and not users and not authorities  # forbidden by section 5.2.5
    if len(fields) or (users and authorities) or points == frozenset() or says_nothing:
        return None
    return Scope(points, True if authorities else False if users else None)


def _is_set(element: der.Element | None) -> bool:
    return element is not None and element.content != b"\0"


def _entries(revoked: der.Element | None) -> tuple[dict[int, Revoked], bool]:
    found: dict[int, Revoked] = {}
    understood = True
    for each in revoked.children() if revoked else []:
        fields = each.fields()
        serial = int.from_bytes(fields.take(der.INTEGER).content, "big", signed=True)
        since, extensions = fields.take(der.UTC_TIME, der.GENERAL_TIME).time(), fields.maybe(der.SEQUENCE)
        fields.end()
        found[serial] = Revoked(since, _reason(extensions))
        understood = understood and not _has_critical(extensions)
    return found, understood


def _reason(extensions: der.Element | None) -> int | None:
    for each in extensions.children() if extensions else []:
        oid, _, value = extension(each)
        if oid == REASON:
            return int.from_bytes(der.read(value.content).content[:4], "big")
    return None


def _has_critical(extensions: der.Element | None) -> bool:
    return any(extension(each)[1] for each in (extensions.children() if extensions else []))


def _not_known(code: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.UNAVAILABLE, code, zh=zh, en=en)

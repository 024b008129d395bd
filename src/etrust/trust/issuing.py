"""The region's own certificate authority (认证机构): issues certificates by profile, keeps them, revokes them.

What is to be signed is recorded before the key is used; see `docs/authority.md`.
"""

import secrets
from dataclasses import replace
from datetime import datetime
from enum import IntEnum

from etrust.access import store as access_store
from etrust.errors import EtrustError, Kind
from etrust.signing.model import Signer
from etrust.signing.private_keys import PrivateKey
from etrust.storage.postgres import Connection
from etrust.trust import certificate_store as store
from etrust.trust import x509
from etrust.trust.certificate_store import CertificateRow
from etrust.trust.certificates import CertificateRequest, FreshKey, Issuer, sign_checked, write_body, years_after
from etrust.trust.crl_making import issue_crls_after
from etrust.trust.lint import lint
from etrust.trust.places import authority_url, crl_point, shard_of
from etrust.trust.profiles import profile_of

_SERIAL_BITS = 127  # RFC 5280 allows 159; 16 octets, of which half would do against guessing


class RevocationReason(IntEnum):
    """Why a certificate is not relied upon any more (RFC 5280, section 5.3.1); for good, so there is no hold."""

    UNSPECIFIED = 0
    KEY_COMPROMISE = 1
    CA_COMPROMISE = 2
    AFFILIATION_CHANGED = 3
    SUPERSEDED = 4
    CESSATION = 5
    PRIVILEGE_WITHDRAWN = 9


_COMPROMISES = (RevocationReason.KEY_COMPROMISE, RevocationReason.CA_COMPROMISE)


def make_certificate(request: CertificateRequest, authority: Signer) -> bytes:
    """A certificate, held against its profile and signed; nothing is recorded.

    Raises:
        EtrustError: ``certificate_lint``, ``certificate_differs``, ``not_an_authority``, ``no_profile``.
    """
    issuer = Issuer.of(authority)
    return sign_checked(_checked_body(request, issuer), authority, issuer.spki)


def make_anchor(key: PrivateKey, *, profile: str, name: str, at: datetime, years: int) -> bytes:
    """The self-signed certificate of a trust anchor.

    Raises:
        EtrustError: as `make_certificate`.
    """
    spki = key.public_spki()
    request = CertificateRequest(
        profile=profile, subject_name=name, body="", spki=spki, serial=new_serial(),
        not_before=_whole(at), not_after=_whole(years_after(at, years)),
    )  # fmt: skip
    body = _checked_body(request, Issuer.itself(request, key.algorithm))
    return sign_checked(body, FreshKey.of(key), spki)


def _checked_body(request: CertificateRequest, issuer: Issuer) -> bytes:
    body = write_body(request, issuer)
    lint(body, request, issuer)
    return body


async def issue_certificate(
    connection: Connection, *, authority: Signer, profile: str, subject_name: str, body: str, spki: bytes, at: datetime,
    years: int, public_url: str | None = None,
) -> bytes:
    """Issue a certificate for a public key.

    Args:
        authority: the signer of one of the region's anchors.
        profile: a name in ``keys/profiles.yaml``.
        subject_name: common name; longer ones are cut to 64 characters.
        body: code of the body the key belongs to.
        spki: the public key, DER.
        years: how long it is good; never longer than its authority.
        public_url: where this deployment is reached; without it the certificate names no revocation list.

    Returns:
        The certificate, DER.

    Raises:
        EtrustError: as `make_certificate`.
    """
    issuer = Issuer.of(authority)
    take = store.take_list if profile_of(profile).own_list else store.take_place
    shard = await take(connection, authority.kid) if public_url else 0
    request = CertificateRequest(
        profile=profile, subject_name=subject_name, body=body, spki=spki, serial=new_serial(), not_before=_whole(at),
        not_after=min(_whole(years_after(at, years)), issuer.not_after),
        crl_point=crl_point(public_url, authority.kid, shard) if public_url else None,
        authority_url=authority_url(public_url, authority.kid) if public_url else None,
    )  # fmt: skip
    checked = _checked_body(request, issuer)
    await store.record_intent(connection, _row(request, authority.kid, shard), to_be_signed=checked, at=at)
    certificate = sign_checked(checked, authority, issuer.spki)
    await store.record_certificate(connection, authority.kid, request.serial, certificate)
    return certificate


async def adopt_certificate(
    connection: Connection, certificate: bytes, *, authority: bytes, profile: str, body: str, at: datetime
) -> None:
    """Keep a certificate that was made before there was a register, or whose recording a crash undid.

    Args:
        authority: kid of the authority that issued it; for an anchor its own.
    """
    read = x509.read_certificate(certificate)
    row = CertificateRow(
        authority=authority, serial=read.serial, profile=profile, subject=read.name, body=body,
        shard=None if read.is_self_issued else shard_of(read), crl_point=min(read.extensions.crl_points, default=None),
        not_before=read.not_before, not_after=read.not_after, certificate=certificate,
    )  # fmt: skip
    added = await store.record_intent(connection, row, to_be_signed=read.signed, at=at)
    if added and row.shard:
        await store.close_list(connection, authority, row.shard)


async def revoke_certificate(
    connection: Connection, *, serial: int, authority: Signer, at: datetime, reason: RevocationReason, operator: str,
    legal_basis: str, since: datetime | None = None,
) -> CertificateRow:
    """Revoke a certificate and issue its revocation list anew, in one transaction.

    Args:
        since: from when on it is not relied upon, when that is not now; never later than now.

    Raises:
        EtrustError: ``no_certificate``; ``already_revoked``, but one found compromised, or compromised earlier, may be
            revoked again as such; ``bad_revocation``: no legal basis, or a time to come.
    """
    since = since or at
    if since > at or not legal_basis.strip():
        raise EtrustError(
            Kind.INVALID, "bad_revocation",
            zh="吊销须写明依据，且生效时间不得晚于现在。",
            en="Say the legal basis of the revocation; it takes effect now or earlier, never later.",
        )
    async with connection.transaction():
        row = await _revocable(connection, authority.kid, serial, reason, since)
        await store.add_revocation(
            connection, row, since=since, reason=int(reason), operator=operator, legal_basis=legal_basis, at=at
        )
        await access_store.record(
            connection, at=at, operator=operator, body=row.body, action="certificate.revoke", subject=f"{serial:x}",
            reason=reason.name.lower(), legal_basis=legal_basis,
        )
        assert row.shard is not None  # noqa: S101 - `_revocable` has refused anchors
        await issue_crls_after(connection, authority=authority, shard=row.shard, at=at)
    return replace(row, revoked_since=since, reason=int(reason))


async def _revocable(
    connection: Connection, authority: bytes, serial: int, reason: RevocationReason, since: datetime
) -> CertificateRow:
    row = await store.find_certificate(connection, authority, serial)
    if row is None or row.shard is None:
        raise EtrustError(
            Kind.NOT_FOUND, "no_certificate", where=f"{serial:x}",
            zh="该认证机构没有签发过此序列号的证书；根证书不能吊销，只能停用。",
            en="This authority issued no certificate with that serial number; an anchor is not revoked but replaced.",
        )
    if row.revoked_since is not None and not _is_graver(row, reason, since):
        raise EtrustError(
            Kind.CONFLICT, "already_revoked", where=f"{serial:x}",
            zh=f"该证书已于 {row.revoked_since.isoformat()} 起吊销。",
            en=f"The certificate is revoked since {row.revoked_since.isoformat()}.",
        )
    return row


def _is_graver(row: CertificateRow, reason: RevocationReason, since: datetime) -> bool:
    """Whether a revocation says more than the one there is: the key is in other hands, or was so earlier."""
    if reason not in _COMPROMISES:
        return False
    return row.reason not in _COMPROMISES or (row.revoked_since is not None and since < row.revoked_since)


def new_serial() -> int:
    """A serial number that nobody can guess: 126 bits by chance, always 127 bits long."""
    return 1 << _SERIAL_BITS - 1 | secrets.randbits(_SERIAL_BITS - 1)


def _row(request: CertificateRequest, authority: bytes, shard: int) -> CertificateRow:
    return CertificateRow(
        authority=authority, serial=request.serial, profile=request.profile, subject=request.subject_name, body=request.body,
        shard=shard, crl_point=request.crl_point, not_before=request.not_before, not_after=request.not_after, certificate=None,
    )  # fmt: skip


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)

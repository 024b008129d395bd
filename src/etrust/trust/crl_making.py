"""Makes certificate revocation lists (吊销列表, RFC 5280, section 5), each for one shard of an authority's certificates.

A revoked certificate stays on its list for ever, and the list says so (expiredCertsOnCRL, X.509, section 9.5.2.12): archived
documents are verified long after the certificates in them have expired. See `docs/decisions/revocation-lists.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.signing import der
from etrust.signing.encoding import algorithm_identifier, der_signature
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.trust import certificate_store as store
from etrust.trust import writing, x509
from etrust.trust.certificates import key_id_of
from etrust.trust.crls import CRL_NUMBER, EXPIRED_ON_LIST, ISSUING_POINT, REASON, read_crls

LIFETIME = timedelta(days=7)
"""How long a list is good. A reader without a network may work that long with what he has."""
_VERSION_2 = 1
_ENUMERATED = 0x0A


@dataclass(frozen=True, slots=True)
class Listed:
    """A revoked certificate as a list has it."""

    serial: int
    since: datetime
    reason: int = 0


def make_crl(
    authority: Signer, *, number: int, revoked: Sequence[Listed], this_update: datetime, next_update: datetime,
    points: Sequence[str] = (),
) -> bytes:
    """A revocation list, DER.

    Args:
        number: grows with every list of the shard.
        points: addresses of the list as its certificates name it; none for a list of all certificates of the authority.
    """
    own = x509.read_certificate(authority.certificate)
    entries = writing.sequence(*map(_entry, revoked)) if revoked else b""  # an empty list is left out: section 5.1.2.6
    body = writing.sequence(
        der.write_integer(_VERSION_2), algorithm_identifier(authority.algorithm), own.subject, writing.time(this_update),
        writing.time(next_update), entries, der.write(der.context(0), writing.sequence(*_extensions(own, number, points))),
    )  # fmt: skip
    return writing.sequence(body, algorithm_identifier(authority.algorithm), der.write_bits(der_signature(authority, body)))


def _extensions(own: x509.Certificate, number: int, points: Sequence[str]) -> list[bytes]:
    key_id = der.write(der.context(0, constructed=False), own.extensions.key_id or key_id_of(own.spki))
    found = [
        writing.extension(x509.AUTHORITY_KEY_ID, writing.sequence(key_id)),
        writing.extension(CRL_NUMBER, der.write_integer(number)),
        writing.extension(EXPIRED_ON_LIST, writing.general_time(own.not_before)),
    ]
    if points:
        name = der.write(der.context(0), der.write(der.context(0), *map(writing.uri, points)))
        found.append(writing.extension(ISSUING_POINT, writing.sequence(name), critical=True))
    return found


def _entry(listed: Listed) -> bytes:
    reason = writing.extension(REASON, der.write(_ENUMERATED, bytes((listed.reason,))))
    # Unspecified is told by saying nothing: RFC 5280, section 5.3.1.
    told = writing.sequence(reason) if listed.reason else b""
    return writing.sequence(der.write_integer(listed.serial), writing.time(listed.since), told)


async def issue_crl(connection: Connection, *, authority: Signer, shard: int, at: datetime) -> bytes:
    """Issue the next list of a shard and keep it; it is read back before anyone sees it.

    A list is never older than the one before it, even when two are issued in one second.
    """
    async with connection.transaction():
        await store.lock_crl(connection, authority.kid, shard)
        before = await store.newest_crl(connection, authority.kid, shard)
        this_update = at.replace(microsecond=0)
        if before is not None:
            this_update = max(this_update, before.this_update)
        rows = await store.revoked_on(connection, authority.kid, shard)
        number = 1 if before is None else before.number + 1
        points = await store.points_of(connection, authority.kid, shard)
        if shard and not points:
            raise der.bad_der("a list of a part of the certificates, without an address", 0)
        made = make_crl(
            authority, number=number, this_update=this_update, next_update=this_update + LIFETIME,
            revoked=[Listed(row.serial, row.revoked_since, row.reason or 0) for row in rows if row.revoked_since],
            points=points,
        )
        _read_back(made, authority, {row.serial for row in rows})
        await store.add_crl(
            connection, authority=authority.kid, shard=shard, number=number, this_update=this_update,
            next_update=this_update + LIFETIME, crl=made,
        )
    return made


def _read_back(made: bytes, authority: Signer, serials: set[int]) -> None:
    (read,) = read_crls(made)
    if not read.understood or not read.is_of(x509.read_certificate(authority.certificate)) or set(read.entries) != serials:
        raise der.bad_der("a revocation list that does not read as it was written", 0)


async def issue_crls_after(connection: Connection, *, authority: Signer, shard: int, at: datetime) -> None:
    """Issue anew what a revocation on a list changes: that list, and the whole list of the authority where there is one."""
    await issue_crl(connection, authority=authority, shard=shard, at=at)
    if shard and await store.newest_crl(connection, authority.kid, 0) is not None:
        await issue_crl(connection, authority=authority, shard=0, at=at)


async def renew_crls(connection: Connection, authorities: Sequence[Signer], *, at: datetime, older_than: timedelta) -> int:
    """Issue every list anew that is missing or that old; returns how many.

    Several processes may do so at once: each list is issued by one of them. Lists of other authorities stay as they
    are.
    """
    signers = {signer.kid: signer for signer in authorities}
    done = 0
    for kid, shard, issued_at in await store.shards(connection, list(signers)):
        if _is_due(issued_at, at, older_than):
            done += await _renew(connection, signers[kid], shard, at=at, older_than=older_than)
    return done


async def _renew(connection: Connection, authority: Signer, shard: int, *, at: datetime, older_than: timedelta) -> bool:
    async with connection.transaction():
        await store.lock_crl(connection, authority.kid, shard)
        newest = await store.newest_crl(connection, authority.kid, shard)
        if newest is not None and not _is_due(newest.this_update, at, older_than):
            return False  # another process was quicker
        await issue_crl(connection, authority=authority, shard=shard, at=at)
    return True


def _is_due(issued_at: datetime | None, at: datetime, older_than: timedelta) -> bool:
    return issued_at is None or issued_at <= at - older_than

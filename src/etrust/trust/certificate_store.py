"""SQL of the region's own certificates and revocation lists: one function, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection

SHARD_SIZE = 1000
"""Certificates on one revocation list at most: a list of 100,000 costs a reader the better part of a second."""


@dataclass(frozen=True, slots=True)
class CertificateRow:
    """A certificate as it is kept.

    Attributes:
        authority: kid of the authority that issued it.
        shard: number of its revocation list; 0 when it names none, None for an anchor.
        crl_point: the address of that list as the certificate has it.
        certificate: DER, None when its making was interrupted.
        revoked_since: from when on it is not relied upon, None while it is.
        reason: the number of RFC 5280, section 5.3.1.
    """

    authority: bytes
    serial: int
    profile: str
    subject: str
    body: str
    shard: int | None
    crl_point: str | None
    not_before: datetime
    not_after: datetime
    certificate: bytes | None
    revoked_since: datetime | None = None
    reason: int | None = None


async def take_place(connection: Connection, authority: bytes) -> int:
    """Take a place on the sharded lists of an authority; returns the number of the list, from 1."""
    shard: int = await connection.fetchval(
        "INSERT INTO crl_places AS p (authority, taken) VALUES ($1, 1)"
        " ON CONFLICT (authority) DO UPDATE SET taken = p.taken + 1 RETURNING (taken - 1) / $2::bigint + 1",
        authority, SHARD_SIZE,
    )
    return shard


async def take_list(connection: Connection, authority: bytes) -> int:
    """Take a whole sharded list of an authority for one certificate; returns its number."""
    shard: int = await connection.fetchval(
        "INSERT INTO crl_places AS p (authority, taken) VALUES ($1, $2::bigint)"
        " ON CONFLICT (authority) DO UPDATE SET taken = ((p.taken + $2::bigint - 1) / $2::bigint + 1) * $2::bigint"
        " RETURNING taken / $2::bigint",
        authority, SHARD_SIZE,
    )
    return shard


async def close_list(connection: Connection, authority: bytes, shard: int) -> None:
    """Let nobody else take a place on a list or on those before it."""
    await connection.execute(
        "INSERT INTO crl_places AS p (authority, taken) VALUES ($1, $2)"
        " ON CONFLICT (authority) DO UPDATE SET taken = greatest(p.taken, $2)",
        authority, shard * SHARD_SIZE,
    )


async def record_intent(connection: Connection, row: CertificateRow, *, to_be_signed: bytes, at: datetime) -> bool:
    """Keep what is about to be signed; False when that serial is there already."""
    done = await connection.execute(
        "INSERT INTO certificates (authority, serial, profile, subject, body, shard, crl_point, not_before, not_after,"
        " to_be_signed, certificate, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT DO NOTHING",
        row.authority, serial_bytes(row.serial), row.profile, row.subject, row.body, row.shard, row.crl_point,
        row.not_before, row.not_after, to_be_signed, row.certificate, at,
    )
    return bool(done.endswith(" 1"))


async def record_certificate(connection: Connection, authority: bytes, serial: int, certificate: bytes) -> None:
    """Put the signed certificate beside its intent."""
    await connection.execute(
        "UPDATE certificates SET certificate = $3 WHERE authority = $1 AND serial = $2",
        authority, serial_bytes(serial), certificate,
    )


# A certificate revoked twice (superseded first, found compromised later) counts by its last event.
_ROWS = (
    "SELECT c.authority, c.serial, c.profile, c.subject, c.body, c.shard, c.crl_point, c.not_before, c.not_after, c.certificate,"
    " e.since AS revoked_since, e.reason FROM certificates c LEFT JOIN LATERAL (SELECT since, reason FROM certificate_events"
    " WHERE authority = c.authority AND serial = c.serial ORDER BY event DESC LIMIT 1) e ON true"
)


async def find_certificate(connection: Connection, authority: bytes, serial: int) -> CertificateRow | None:
    """One certificate of an authority."""
    row = await connection.fetchrow(f"{_ROWS} WHERE c.authority = $1 AND c.serial = $2", authority, serial_bytes(serial))
    return None if row is None else _row(dict(row))


async def find_by_serial(connection: Connection, serial: int) -> list[CertificateRow]:
    """The certificates with a serial number, one for each authority that gave it."""
    rows = await connection.fetch(f"{_ROWS} WHERE c.serial = $1", serial_bytes(serial))
    return [_row(dict(row)) for row in rows]


async def list_certificates(
    connection: Connection, *, body: str | None = None, profile: str | None = None, limit: int = 1000
) -> list[CertificateRow]:
    """Certificates, the newest first."""
    rows = await connection.fetch(
        f"{_ROWS} WHERE ($1::text IS NULL OR c.body = $1) AND ($2::text IS NULL OR c.profile = $2)"
        " ORDER BY c.recorded_at DESC, c.serial LIMIT $3",
        body, profile, limit,
    )
    return [_row(dict(row)) for row in rows]


async def authority_certificate(connection: Connection, authority: bytes) -> bytes | None:
    """The certificate of an authority itself, DER."""
    found: bytes | None = await connection.fetchval(
        "SELECT certificate FROM certificates WHERE authority = $1 AND shard IS NULL", authority
    )
    return found


async def revoked_on(connection: Connection, authority: bytes, shard: int) -> list[CertificateRow]:
    """The revoked certificates of one list; shard 0 is the whole list of an authority, for certificates that name none."""
    rows = await connection.fetch(
        f"{_ROWS} WHERE c.authority = $1 AND ($2 = 0 OR c.shard = $2) AND c.shard IS NOT NULL AND e.since IS NOT NULL"
        " ORDER BY c.serial",
        authority, shard,
    )
    return [_row(dict(row)) for row in rows]


async def points_of(connection: Connection, authority: bytes, shard: int) -> list[str]:
    """The addresses under which the certificates of one list name it: more than one when the deployment has moved."""
    rows = await connection.fetch(
        "SELECT DISTINCT crl_point FROM certificates WHERE authority = $1 AND shard = $2 AND crl_point IS NOT NULL ORDER BY 1",
        authority, shard,
    )
    return [row["crl_point"] for row in rows]


async def add_revocation(
    connection: Connection, row: CertificateRow, *, since: datetime, reason: int, operator: str, legal_basis: str, at: datetime
) -> None:
    """Record that a certificate is revoked."""
    await connection.execute(
        "INSERT INTO certificate_events (authority, serial, action, since, reason, operator, legal_basis, recorded_at)"
        " VALUES ($1, $2, 'revoke', $3, $4, $5, $6, $7)",
        row.authority, serial_bytes(row.serial), since, reason, operator, legal_basis, at,
    )


async def lock_crl(connection: Connection, authority: bytes, shard: int) -> None:
    """Let one issuer of a list at a time work, until the transaction ends."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('etrust.crl.' || encode($1, 'hex') || '.' || $2::integer::text, 0))",
        authority, shard,
    )


async def add_crl(
    connection: Connection, *, authority: bytes, shard: int, number: int, this_update: datetime, next_update: datetime, crl: bytes
) -> None:
    """Keep a list for ever."""
    await connection.execute(
        "INSERT INTO crls (authority, shard, number, this_update, next_update, crl) VALUES ($1, $2, $3, $4, $5, $6)",
        authority, shard, number, this_update, next_update, crl,
    )


@dataclass(frozen=True, slots=True)
class CrlRow:
    """A revocation list as it is kept."""

    authority: bytes
    shard: int
    number: int
    this_update: datetime
    next_update: datetime
    crl: bytes


async def newest_crl(connection: Connection, authority: bytes, shard: int) -> CrlRow | None:
    """The newest list of a shard."""
    row = await connection.fetchrow(
        "SELECT authority, shard, number, this_update, next_update, crl FROM crls WHERE authority = $1 AND shard = $2"
        " ORDER BY number DESC LIMIT 1",
        authority, shard,
    )
    return None if row is None else CrlRow(**dict(row))


async def newest_crls(connection: Connection) -> list[CrlRow]:
    """The newest list of every shard of every authority."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (authority, shard) authority, shard, number, this_update, next_update, crl FROM crls"
        " ORDER BY authority, shard, number DESC"
    )
    return [CrlRow(**dict(row)) for row in rows]


async def shards(connection: Connection, authorities: Sequence[bytes]) -> list[tuple[bytes, int, datetime | None]]:
    """Every list there must be, by authority and number, with the time of its newest issue.

    A number without certificates has no list: it would have no address, and a list without one speaks for all certificates.
    """
    rows = await connection.fetch(
        "SELECT a.authority, s.shard, (SELECT this_update FROM crls k WHERE k.authority = a.authority AND k.shard = s.shard"
        " ORDER BY number DESC LIMIT 1) AS issued_at FROM unnest($1::bytea[]) AS a (authority)"
        " LEFT JOIN crl_places p ON p.authority = a.authority"
        " CROSS JOIN LATERAL generate_series(0, (coalesce(p.taken, 0) + $2 - 1) / $2) AS s (shard)"
        " WHERE EXISTS (SELECT 1 FROM certificates c WHERE c.authority = a.authority AND c.shard = s.shard) ORDER BY 1, 2",
        list(authorities), SHARD_SIZE,
    )
    return [(row["authority"], row["shard"], row["issued_at"]) for row in rows]


def serial_bytes(serial: int) -> bytes:
    """A serial number as it is kept: big-endian, no zeros in front."""
    return serial.to_bytes((serial.bit_length() + 7) // 8 or 1, "big")


def _row(row: dict[str, object]) -> CertificateRow:
    serial = row.pop("serial")
    assert isinstance(serial, bytes)  # noqa: S101 - the column's type
    return CertificateRow(serial=int.from_bytes(serial, "big"), **row)  # type: ignore[arg-type]  # one column, one field

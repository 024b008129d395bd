"""SQL of certificates and revocation lists issued elsewhere: one function, one statement."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from etrust.storage.postgres import Connection


class ForeignRole(StrEnum):
    """What a certificate from elsewhere is here."""

    ANCHOR = "anchor"  # trusted as it is
    INTERMEDIATE = "intermediate"  # may stand between a certificate and an anchor; trusted through that anchor only


class ForeignState(StrEnum):
    """Where a proposal to trust a certificate stands."""

    PROPOSED = "proposed"
    TRUSTED = "trusted"
    REFUSED = "refused"
    ENDED = "ended"


class ForeignAction(StrEnum):
    """What is done with a proposal."""

    APPROVE = "approve"
    REFUSE = "refuse"
    END = "end"


@dataclass(frozen=True, slots=True)
class ForeignCertificate:
    """A certificate issued elsewhere, and what was decided about it.

    Attributes:
        fingerprint: SHA-256 of the certificate.
        certificate: DER.
        holder: whose it is, in words.
        trusted_from, trusted_until: signatures of that time are believed; without end when None.
        decided_by: who approved or refused it last, empty while nobody has.
    """

    fingerprint: bytes
    certificate: bytes
    role: ForeignRole
    holder: str
    trusted_from: datetime
    trusted_until: datetime | None
    reason: str
    legal_basis: str
    proposed_by: str
    proposed_at: datetime
    state: ForeignState = ForeignState.PROPOSED
    decided_by: str = ""


async def propose(connection: Connection, found: ForeignCertificate) -> bool:
    """Keep a proposal; False when that certificate was proposed before."""
    done = await connection.execute(
        "INSERT INTO foreign_certificates (fingerprint, certificate, role, holder, trusted_from, trusted_until, reason,"
        " legal_basis, proposed_by, proposed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
        found.fingerprint, found.certificate, found.role.value, found.holder, found.trusted_from, found.trusted_until,
        found.reason, found.legal_basis, found.proposed_by, found.proposed_at,
    )
    return bool(done.endswith(" 1"))


async def add_event(
    connection: Connection, fingerprint: bytes, action: ForeignAction, *, effective_at: datetime, reason: str, operator: str,
    at: datetime,
) -> None:
    """Record a decision."""
    await connection.execute(
        "INSERT INTO foreign_certificate_events (fingerprint, action, effective_at, reason, operator, recorded_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        fingerprint, action.value, effective_at, reason, operator, at,
    )


# The last event is the state; an end sets the end of trust, never later than it was.
_FOUND = (
    "SELECT f.fingerprint, f.certificate, f.role, f.holder, f.trusted_from, f.reason, f.legal_basis, f.proposed_by,"
    " f.proposed_at, coalesce(e.operator, '') AS decided_by, e.action,"
    " CASE WHEN e.action = 'end' THEN least(f.trusted_until, e.effective_at) ELSE f.trusted_until END AS trusted_until"
    " FROM foreign_certificates f LEFT JOIN LATERAL (SELECT action, effective_at, operator FROM foreign_certificate_events"
    " WHERE fingerprint = f.fingerprint ORDER BY event DESC LIMIT 1) e ON true"
)
_STATES = {
    None: ForeignState.PROPOSED, "approve": ForeignState.TRUSTED, "refuse": ForeignState.REFUSED, "end": ForeignState.ENDED,
}  # fmt: skip


async def find_foreign(connection: Connection, prefix: bytes) -> list[ForeignCertificate]:
    """Certificates whose fingerprint begins so."""
    rows = await connection.fetch(
        f"{_FOUND} WHERE substring(f.fingerprint FOR length($1::bytea)) = $1 ORDER BY f.proposed_at LIMIT 2", prefix
    )
    return [_foreign(dict(row)) for row in rows]


async def list_foreign(connection: Connection, limit: int = 10_000) -> list[ForeignCertificate]:
    """All of them, in the order they were proposed."""
    rows = await connection.fetch(f"{_FOUND} ORDER BY f.proposed_at, f.fingerprint LIMIT $1", limit)
    return [_foreign(dict(row)) for row in rows]


async def lock_foreign(connection: Connection, fingerprint: bytes) -> None:
    """Let one decision about a certificate at a time be made, until the transaction ends."""
    await connection.execute("SELECT 1 FROM foreign_certificates WHERE fingerprint = $1 FOR UPDATE", fingerprint)


async def add_foreign_crl(
    connection: Connection, *, digest: bytes, scope: str, this_update: datetime, next_update: datetime | None, crl: bytes,
    operator: str, at: datetime,
) -> bool:
    """Keep a revocation list; False when it is there already."""
    done = await connection.execute(
        "INSERT INTO foreign_crls (digest, scope, this_update, next_update, crl, imported_by, imported_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        digest, scope, this_update, next_update, crl, operator, at,
    )
    return bool(done.endswith(" 1"))


async def newest_foreign_crls(connection: Connection, each: int) -> list[bytes]:
    """The newest lists of every scope, so many of each: an older one may answer for a certificate that has expired since."""
    rows = await connection.fetch(
        "SELECT crl FROM (SELECT crl, row_number() OVER (PARTITION BY scope ORDER BY this_update DESC) AS place"
        " FROM foreign_crls) ordered WHERE place <= $1",
        each,
    )
    return [row["crl"] for row in rows]


def _foreign(row: dict[str, object]) -> ForeignCertificate:
    action = row.pop("action")
    state = _STATES[action if isinstance(action, str) else None]
    return ForeignCertificate(**{**row, "role": ForeignRole(str(row["role"])), "state": state})  # type: ignore[arg-type]  # one column, one field

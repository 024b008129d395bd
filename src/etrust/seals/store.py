"""SQL of seals and their lives: one function, one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from etrust.seals.model import Action, Application, Making, SealEvent, SealKind, SealRecord, SealState
from etrust.ses.model import Generation
from etrust.storage.postgres import Connection

_SEAL = (
    "SELECT s.code, s.body, s.kind, s.name_zh, s.name_ug, s.inscription, s.license_types, s.years, s.generation,"
    " s.replaces, s.applied_at, e.state, e.at AS since, m.valid_from, m.valid_until, m.certificate,"
    " coalesce((SELECT note FROM seal_events r WHERE r.code = s.code AND r.action = 'file_record'), '') AS record_number"
    " FROM seals s LEFT JOIN seal_makings m USING (code) JOIN LATERAL"
    " (SELECT state, at FROM seal_events WHERE code = s.code ORDER BY step DESC LIMIT 1) e ON true"
)


async def next_serial(connection: Connection, division: str) -> int:
    """The next serial of our own seal codes in a division."""
    serial: int = await connection.fetchval(
        "INSERT INTO seal_serials (division, last) VALUES ($1, 1)"
        " ON CONFLICT (division) DO UPDATE SET last = seal_serials.last + 1 RETURNING last",
        division,
    )
    return serial


async def add_seal(
    connection: Connection, code: str, application: Application, *, picture: bytes, at: datetime
) -> bool:
    """Keep an application with its picture (SVG); False when its code is taken."""
    done = await connection.execute(
        "INSERT INTO seals (code, body, kind, name_zh, name_ug, inscription, license_types, years, generation, replaces,"
        " picture, applied_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
        code, application.body, application.kind.value, application.name_zh, application.name_ug, application.inscription,
        list(application.license_types), application.years, int(application.generation), application.replaces,
        picture, at,
    )
    return bool(done.endswith(" 1"))


async def picture_of(connection: Connection, code: str) -> bytes:
    """The picture of a seal that is there (SVG), at any time since its application."""
    found: bytes = await connection.fetchval("SELECT picture FROM seals WHERE code = $1", code)
    return found


async def find(connection: Connection, code: str) -> SealRecord | None:
    """A seal as it stands now."""
    row = await connection.fetchrow(f"{_SEAL} WHERE s.code = $1", code)
    return None if row is None else _record(dict(row))


async def list_seals(
    connection: Connection, *, bodies: Sequence[str] | None = None, state: SealState | None = None, limit: int = 200
) -> list[SealRecord]:
    """Seals, those with the latest step first; of certain bodies, in one state."""
    rows = await connection.fetch(
        f"{_SEAL} WHERE ($1::text[] IS NULL OR s.body = ANY($1)) AND ($2::text IS NULL OR e.state = $2)"
        " ORDER BY e.at DESC, s.code LIMIT $3",
        None if bodies is None else list(bodies), None if state is None else state.value, limit,
    )
    return [_record(dict(row)) for row in rows]


async def usable_seals(connection: Connection, body: str, kind: SealKind, license_type: str) -> list[SealRecord]:
    """A body's seals in use of one kind, fit for a license type ("" for those without that limit); the latest first."""
    rows = await connection.fetch(
        f"{_SEAL} WHERE s.body = $1 AND s.kind = $2 AND e.state = 'active'"
        " AND (cardinality(s.license_types) = 0 OR $3 = ANY(s.license_types)) ORDER BY e.at DESC, s.code",
        body, kind.value, license_type,
    )
    return [_record(dict(row)) for row in rows]


async def lock_seal(connection: Connection, code: str) -> bool:
    """Let one transaction at a time take a step with a seal; False when there is none of that code."""
    return bool(await connection.fetchval("SELECT true FROM seals WHERE code = $1 FOR UPDATE", code))


async def add_event(connection: Connection, event: SealEvent) -> None:
    """Append one step; a second one of the same number raises a unique violation."""
    await connection.execute(
        "INSERT INTO seal_events (code, step, action, state, operator, body, reason, legal_basis, note, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        event.code, event.step, event.action.value, event.state.value, event.operator, event.body, event.reason,
        event.legal_basis, event.note, event.at,
    )


async def events_of(connection: Connection, code: str) -> list[SealEvent]:
    """All steps of a seal in order."""
    rows = await connection.fetch(
        "SELECT code, step, action, state, operator, body, reason, legal_basis, note, at FROM seal_events"
        " WHERE code = $1 ORDER BY step",
        code,
    )
    return [_event(dict(row)) for row in rows]


async def add_making(connection: Connection, making: Making) -> None:
    """Record what the maker's key is about to sign."""
    await connection.execute(
        "INSERT INTO seal_makings (code, key_name, certificate, info, valid_from, valid_until) VALUES ($1, $2, $3, $4, $5, $6)",
        making.code, making.key_name, making.certificate, making.info, making.valid_from, making.valid_until,
    )


async def making_of(connection: Connection, code: str) -> Making | None:
    """What was recorded for signing."""
    row = await connection.fetchrow(
        "SELECT code, key_name, certificate, info, valid_from, valid_until FROM seal_makings WHERE code = $1", code
    )
    return None if row is None else Making(**row)


async def add_file(connection: Connection, *, code: str, seal: bytes, digest: bytes, at: datetime) -> None:
    """Keep the seal data."""
    await connection.execute(
        "INSERT INTO seal_files (code, seal, digest, made_at) VALUES ($1, $2, $3, $4)", code, seal, digest, at
    )


async def seal_file(connection: Connection, code: str) -> bytes | None:
    """The seal data (SESeal, DER); None before it was made."""
    found: bytes | None = await connection.fetchval("SELECT seal FROM seal_files WHERE code = $1", code)
    return found


async def seal_digest(connection: Connection, code: str) -> bytes | None:
    """The SM3 digest of the seal data."""
    found: bytes | None = await connection.fetchval("SELECT digest FROM seal_files WHERE code = $1", code)
    return found


async def subordinate_bodies(connection: Connection, body: str) -> frozenset[str]:
    """A body and all below it."""
    rows = await connection.fetch(
        "WITH RECURSIVE below AS (SELECT code FROM bodies WHERE code = $1"
        " UNION SELECT b.code FROM bodies b JOIN below ON b.parent = below.code) SELECT code FROM below",
        body,
    )
    return frozenset(row["code"] for row in rows)


def _record(row: dict[str, Any]) -> SealRecord:
    names = ("body", "name_zh", "name_ug", "inscription", "years", "replaces")
    application = Application(
        kind=SealKind(row.pop("kind")), license_types=tuple(row.pop("license_types")), code=row["code"],
        generation=Generation(row.pop("generation")), **{name: row.pop(name) for name in names},
    )
    return SealRecord(application=application, state=SealState(row.pop("state")), **row)


def _event(row: dict[str, Any]) -> SealEvent:
    return SealEvent(action=Action(row.pop("action")), state=SealState(row.pop("state")), **row)

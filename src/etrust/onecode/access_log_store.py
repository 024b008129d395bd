"""SQL of the access log and of objections. One function, one statement."""

from collections.abc import Mapping, Sequence
from typing import Any

from etrust.onecode.access_log_model import AccessEntry, Logged, Objection
from etrust.onecode.model import Ground
from etrust.storage.postgres import Connection

_ENTRY = (
    "SELECT l.number, l.at, l.ground, l.matter, l.case_number, l.operator, l.body, l.reason, l.legal_basis, l.licenses,"
    " l.fields, l.outcome, l.grant_id, l.named, coalesce(o.number, '') AS objection FROM access_log l"
    " LEFT JOIN access_objections o ON o.subject_key = l.subject_key AND o.entry = l.number AND o.license = ''"
    " WHERE l.subject_key = $1"
)


async def add_entries(connection: Connection, rows: Sequence[tuple[AccessEntry, bool]]) -> None:
    """Keep looks; True beside one says that its subject is only named on the license."""
    await connection.executemany(
        "INSERT INTO access_log (subject_key, at, ground, matter, case_number, operator, body, reason, legal_basis, licenses,"
        " fields, outcome, grant_id, named) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        [
            (
                entry.subject_key, entry.at, entry.use.ground.value, entry.use.matter, entry.use.case_number,
                entry.use.operator, entry.use.body, entry.use.reason, entry.use.legal_basis, list(entry.licenses),
                list(entry.fields), entry.outcome, entry.grant, named,
            )
            for entry, named in rows
        ],
    )  # fmt: skip


async def people_of(
    connection: Connection, serial: str, version: int
) -> tuple[str, list[list[str]], Mapping[str, str]] | None:
    """Type, holders and fields of a license of this region, None where it is none."""
    row = await connection.fetchrow(
        "SELECT license_type, holders, fields FROM licenses WHERE serial = $1 AND version = $2", serial, version
    )
    return None if row is None else (row["license_type"], row["holders"], row["fields"])


async def entries(connection: Connection, subject_key: bytes, *, before: int | None, limit: int) -> list[Logged]:
    """Looks at a subject's licenses, the latest first."""
    rows = await connection.fetch(
        f"{_ENTRY} AND ($2::bigint IS NULL OR l.number < $2) ORDER BY l.number DESC LIMIT $3", subject_key, before, limit
    )
    return [_logged(dict(row)) for row in rows]


async def entry(connection: Connection, subject_key: bytes, number: int) -> Logged | None:
    """One look at a subject's licenses, None for an unknown one and another's."""
    row = await connection.fetchrow(f"{_ENTRY} AND l.number = $2", subject_key, number)
    return None if row is None else _logged(dict(row))


async def add_objection(connection: Connection, objection: Objection) -> bool:
    """Keep an objection; False when the subject has objected to that before."""
    done = await connection.execute(
        "INSERT INTO access_objections (number, subject_key, person, entry, license, body, received_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (subject_key, entry, license) DO NOTHING",
        objection.number, objection.subject_key, objection.person, objection.entry, objection.license, objection.body,
        objection.received_at,
    )
    return bool(done.endswith(" 1"))


async def objection_to(connection: Connection, subject_key: bytes, entry_number: int, license_: str) -> Objection | None:
    """A subject's objection to a look or a license."""
    row = await connection.fetchrow(
        "SELECT number, subject_key, person, entry, license, body, received_at FROM access_objections"
        " WHERE subject_key = $1 AND entry = $2 AND license = $3",
        subject_key, entry_number, license_,
    )
    return None if row is None else Objection(**row)


async def objections_of(connection: Connection, subject_key: bytes, limit: int) -> list[Objection]:
    """A subject's objections, the latest first."""
    rows = await connection.fetch(
        "SELECT number, subject_key, person, entry, license, body, received_at FROM access_objections"
        " WHERE subject_key = $1 ORDER BY received_at DESC, number LIMIT $2",
        subject_key, limit,
    )
    return [Objection(**row) for row in rows]


def _logged(row: Mapping[str, Any]) -> Logged:
    return Logged(
        ground=Ground(row["ground"]), licenses=tuple(row["licenses"]), fields=tuple(row["fields"]), grant=row["grant_id"],
        **{name: row[name] for name in (
            "number", "at", "matter", "case_number", "operator", "body", "reason", "legal_basis", "outcome", "named", "objection",
        )},
    )  # fmt: skip

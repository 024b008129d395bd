"""SQL of error corrections: one function, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from etrust.storage.postgres import Connection

if TYPE_CHECKING:
    from etrust.objections.corrections import CorrectionState, Reporter


@dataclass(frozen=True, slots=True)
class Row:
    """A difference as it is kept, with its last step."""

    number: str
    license: str
    field: str
    region: str
    issuer: str
    sealed: bytes
    at: datetime
    reports: int
    step: tuple[int, str, str, str, str, str, datetime] | None


async def lock(connection: Connection, number: str) -> None:
    """Let one step of a difference at a time be taken, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.correction ' || $1, 0))", number)


async def add(
    connection: Connection, *, number: str, license_: str, field: str, region: str, issuer: str, tag: bytes, sealed: bytes,
    at: datetime,
) -> str | None:
    """Keep a difference; the number of the one that is there already, None when it is new."""
    done = await connection.execute(
        "INSERT INTO corrections (number, license, field, region, issuer, value_tag, sealed, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (license, field, value_tag) DO NOTHING",
        number, license_, field, region, issuer, tag, sealed, at,
    )
    if done.endswith(" 1"):
        return None
    known: str = await connection.fetchval(
        "SELECT number FROM corrections WHERE license = $1 AND field = $2 AND value_tag = $3", license_, field, tag
    )
    return known


async def add_report(
    connection: Connection, number: str, reporter: "Reporter", *, file: int | None, line: int, at: datetime
) -> None:
    """Keep who reported a difference; the second report of one body changes nothing."""
    await connection.execute(
        "INSERT INTO correction_reports (number, reporter, operator, linked, file, line, at) VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT DO NOTHING",
        number, reporter.name, reporter.operator, reporter.linked, file, line, at,
    )


async def count_since(connection: Connection, reporter: str, since: datetime) -> int:
    """How many differences somebody reported since a moment."""
    found: int = await connection.fetchval(
        "SELECT count(*) FROM correction_reports WHERE reporter = $1 AND at > $2", reporter, since
    )
    return found


async def reporters(connection: Connection, number: str) -> list[tuple[str, str]]:
    """Who reported a difference, and the number it has there."""
    rows = await connection.fetch(
        "SELECT reporter, linked FROM correction_reports WHERE number = $1 ORDER BY at, reporter", number
    )
    return [(row["reporter"], row["linked"]) for row in rows]


async def add_step(
    connection: Connection, number: str, *, action: str, operator: str, body: str, reason: str, replaced_by: str, at: datetime
) -> int:
    """Keep a step; its place."""
    step: int = await connection.fetchval(
        "INSERT INTO correction_steps (number, step, action, operator, body, reason, replaced_by, at)"
        " SELECT $1, coalesce(max(step), 0) + 1, $2, $3, $4, $5, $6, $7 FROM correction_steps WHERE number = $1 RETURNING step",
        number, action, operator, body, reason, replaced_by, at,
    )
    return step


async def search(
    connection: Connection, *, limit: int, numbers: Sequence[str] | None = None, issuers: Sequence[str] | None = None,
    region: str | None = None, states: "Sequence[CorrectionState] | None" = None, reporter: str | None = None, after: str = "",
) -> list[Row]:
    """Differences, those of one license together, the oldest license first; those of a reporter the latest first."""
    rows = await connection.fetch(
        "SELECT c.number, c.license, c.field, c.region, c.issuer, c.sealed, c.at, s.step, s.action, s.operator, s.body, s.reason,"
        " s.replaced_by, s.at AS decided, (SELECT count(*) FROM correction_reports r WHERE r.number = c.number) AS reports"
        " FROM corrections c LEFT JOIN LATERAL (SELECT * FROM correction_steps t WHERE t.number = c.number ORDER BY t.step DESC"
        " LIMIT 1) s ON true"
        " WHERE ($1::text[] IS NULL OR c.number = ANY($1)) AND ($2::text[] IS NULL OR c.issuer = ANY($2))"
        " AND ($3::text IS NULL OR c.region = $3)"
        " AND ($4::text[] IS NULL OR CASE coalesce(s.action, 'send_back') WHEN 'propose' THEN 'proposed' WHEN 'accept' THEN"
        " 'accepted' WHEN 'refuse' THEN 'refused' WHEN 'forward' THEN 'forwarded' ELSE 'open' END = ANY($4))"
        " AND ($5::text IS NULL OR EXISTS (SELECT FROM correction_reports r WHERE r.number = c.number AND r.reporter = $5))"
        " AND (c.license > $6) ORDER BY CASE WHEN $5::text IS NULL THEN c.license END, c.at DESC, c.field, c.number LIMIT $7",
        None if numbers is None else list(numbers), None if issuers is None else list(issuers), region,
        None if states is None else [each.value for each in states], reporter, after, limit,
    )
    return [_row(dict(row)) for row in rows]


def _row(row: dict[str, Any]) -> Row:
    names = ("step", "action", "operator", "body", "reason", "replaced_by", "decided")
    step: Any = None if row["step"] is None else tuple(row[name] for name in names)
    kept = ("number", "license", "field", "region", "issuer", "sealed", "at", "reports")
    return Row(**{name: row[name] for name in kept}, step=step)


async def add_file(connection: Connection, *, body: str, operator: str, name: str, digest: bytes, at: datetime) -> int:
    """The number of a file that is handed in; that of the first time when it was handed in before."""
    await connection.execute(
        "INSERT INTO correction_files (body, operator, name, digest, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
        body, operator, name, digest, at,
    )
    found: int = await connection.fetchval("SELECT id FROM correction_files WHERE body = $1 AND digest = $2", body, digest)
    return found


async def lines_done(connection: Connection, file: int) -> dict[int, tuple[str, str]]:
    """Reason and explanation of every line that is done with; both empty for one that was taken up."""
    rows = await connection.fetch("SELECT line, reason, explanation FROM correction_lines WHERE file = $1", file)
    return {row["line"]: (row["reason"], row["explanation"]) for row in rows}


async def add_line(
    connection: Connection, file: int, line: int, *, reason: str = "", explanation: str = "", number: str | None = None
) -> None:
    """Keep that a line is done with."""
    await connection.execute(
        "INSERT INTO correction_lines (file, line, reason, explanation, number) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT DO NOTHING",
        file, line, reason, explanation, number,
    )

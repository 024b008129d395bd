"""SQL of objections: one function, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from etrust.objections.model import Action, Event, EvidenceFile, Objection, Opener, Outcome, State
from etrust.objections.sealing import Sealing
from etrust.storage.postgres import Connection

_COLUMNS = (
    "o.number, o.license, o.entry, o.field, o.opener, o.opener_name, o.subject_key, o.issuer, o.region, o.linked, o.sealed,"
    " o.opened_at"
)
_LAST = (
    " JOIN LATERAL (SELECT state, charge, due, action FROM objection_events e WHERE e.number = o.number"
    " ORDER BY step DESC LIMIT 1) l ON true"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases are looked for; None where it does not matter.

    Attributes:
        charges: bodies in charge.
    """

    charges: Sequence[str] | None = None
    states: Sequence[State] | None = None
    subject_key: bytes | None = None
    license: str | None = None
    opener_name: str | None = None


async def lock(connection: Connection, number: str) -> None:
    """Let one step of a case at a time be taken, until the transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.objection ' || $1, 0))", number)


async def add(connection: Connection, objection: Objection, sealing: Sealing) -> bool:
    """Keep a case; False when the region that sends it has sent it before."""
    sealed = sealing.seal_json(f"{objection.number}/claim", {"claim": objection.claim, "words": objection.words})
    done = await connection.execute(
        "INSERT INTO objections (number, license, entry, field, opener, opener_name, subject_key, issuer, region, linked, sealed,"
        " opened_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT DO NOTHING",
        objection.number, objection.license, objection.entry, objection.field, objection.opener.value, objection.opener_name,
        objection.subject_key, objection.issuer, objection.region, objection.linked, sealed, objection.opened_at,
    )
    return bool(done.endswith(" 1"))


async def add_event(connection: Connection, number: str, event: Event, sealed: bytes = b"") -> None:
    """Keep a step."""
    await connection.execute(
        "INSERT INTO objection_events (number, step, action, state, operator, body, charge, reason, due, outcome, sealed, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        number, event.step, event.action.value, event.state.value, event.operator, event.body, event.charge, event.reason,
        event.due, None if event.outcome is None else event.outcome.value, sealed, event.at,
    )


async def find(connection: Connection, number: str, sealing: Sealing) -> Objection | None:
    """A case with its steps."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM objections o WHERE number = $1", number)  # noqa: S608 - columns of our own
    return None if row is None else _objection(dict(row), sealing, await events(connection, number))


async def find_linked(connection: Connection, region: str, linked: str, sealing: Sealing) -> Objection | None:
    """The case that another region sent, by the number it has there."""
    number = await connection.fetchval("SELECT number FROM objections WHERE opener_name = $1 AND linked = $2", region, linked)
    return None if number is None else await find(connection, number, sealing)


async def events(connection: Connection, number: str) -> tuple[Event, ...]:
    """The steps of a case, the first one first."""
    rows = await connection.fetch(
        "SELECT step, action, state, operator, body, charge, reason, at, due, outcome FROM objection_events WHERE number = $1"
        " ORDER BY step",
        number,
    )
    return tuple(_event(dict(row)) for row in rows)


async def proposed_changes(connection: Connection, number: str, step: int) -> bytes:
    """The sealed values that a step proposes."""
    found: bytes = await connection.fetchval(
        "SELECT sealed FROM objection_events WHERE number = $1 AND step = $2", number, step
    )
    return found


async def search(connection: Connection, wanted: Wanted, sealing: Sealing, *, limit: int) -> list[Objection]:
    """Cases, those that are due first, then the latest."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM objections o{_LAST}"  # noqa: S608 - as above
        " WHERE ($1::text[] IS NULL OR l.charge = ANY($1)) AND ($2::text[] IS NULL OR l.state = ANY($2))"
        " AND ($3::bytea IS NULL OR o.subject_key = $3) AND ($4::text IS NULL OR o.license = $4)"
        " AND ($5::text IS NULL OR o.opener_name = $5) ORDER BY l.due NULLS LAST, o.opened_at DESC, o.number LIMIT $6",
        None if wanted.charges is None else list(wanted.charges),
        None if wanted.states is None else [each.value for each in wanted.states],
        wanted.subject_key, wanted.license, wanted.opener_name, limit,
    )
    return [_objection(dict(row), sealing, await events(connection, row["number"])) for row in rows]


async def count_open(connection: Connection, license_: str) -> int:
    """How many cases about a license are open."""
    found: int = await connection.fetchval(
        f"SELECT count(*) FROM objections o{_LAST} WHERE o.license = $1 AND l.state = ANY($2)",  # noqa: S608 - as above
        license_, ["received", "review", "proposed", "forwarded"],
    )
    return found


async def overdue(connection: Connection, today: date, limit: int) -> list[str]:
    """Open cases whose next step is late, and whose last step was no escalation."""
    rows = await connection.fetch(
        f"SELECT o.number FROM objections o{_LAST} WHERE l.state = ANY($2) AND l.action <> 'escalate'"  # noqa: S608 - as above
        " AND l.due < $1 ORDER BY l.due LIMIT $3",
        today, ["received", "review", "proposed", "forwarded"], limit,
    )
    return [row["number"] for row in rows]


async def to_archive(connection: Connection, today: date, limit: int) -> list[str]:
    """Cases that were closed, and whose time for an appeal is over."""
    rows = await connection.fetch(
        f"SELECT o.number FROM objections o{_LAST} WHERE l.state IN ('dismissed', 'corrected', 'revoked', 'withdrawn', 'refused')"  # noqa: S608 - as above
        " AND (l.due IS NULL OR l.due < $1) ORDER BY o.number LIMIT $2",
        today, limit,
    )
    return [row["number"] for row in rows]


async def add_file(connection: Connection, number: str, file: EvidenceFile, content: bytes, sealing: Sealing) -> bool:
    """Keep a file; False when its place is taken."""
    head = file.name.encode()
    sealed = sealing.seal(f"{number}/file/{file.place}", len(head).to_bytes(2, "big") + head + content)
    done = await connection.execute(
        "INSERT INTO objection_files (number, place, media_type, size, digest, sealed, given_by, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        number, file.place, file.media_type, file.size, file.digest, sealed, file.given_by, file.at,
    )
    return bool(done.endswith(" 1"))


async def files(connection: Connection, number: str, sealing: Sealing) -> list[tuple[EvidenceFile, bytes]]:
    """The files of a case with their content."""
    rows = await connection.fetch(
        "SELECT place, media_type, size, digest, sealed, given_by, at FROM objection_files WHERE number = $1 ORDER BY place",
        number,
    )
    return [_file(dict(row), number, sealing) for row in rows]


def _file(row: dict[str, Any], number: str, sealing: Sealing) -> tuple[EvidenceFile, bytes]:
    content = sealing.open(f"{number}/file/{row['place']}", row.pop("sealed"))
    end = 2 + int.from_bytes(content[:2], "big")
    return EvidenceFile(name=content[2:end].decode(), **row), content[end:]


def _objection(row: dict[str, Any], sealing: Sealing, steps: tuple[Event, ...]) -> Objection:
    told = sealing.open_json(f"{row['number']}/claim", row.pop("sealed"))
    return Objection(
        **{**row, "opener": Opener(row["opener"])}, claim=told.get("claim", ""), words=told.get("words", ""), events=steps
    )


def _event(row: dict[str, Any]) -> Event:
    outcome = row.pop("outcome")
    made: dict[str, Any] = {**row, "action": Action(row["action"]), "state": State(row["state"])}
    return Event(**made, outcome=None if outcome is None else Outcome(outcome))


async def relied(connection: Connection, license_: str, subject_keys: Sequence[bytes], since: datetime) -> list[tuple[str, str]]:
    """Body and operator of every use of a license since a moment that told something, as its holders see them."""
    rows = await connection.fetch(
        "SELECT DISTINCT body, operator FROM access_log WHERE subject_key = ANY($1) AND at >= $2 AND licenses @> ARRAY[$3::text]"
        " AND outcome NOT IN ('nothing_here', 'refused')",
        list(subject_keys), since, license_,
    )
    return [(row["body"], row["operator"]) for row in rows]


async def checked_for(connection: Connection, license_: str, since: datetime) -> list[str]:
    """Bodies whose cases rest on a license, by their receipts."""
    rows = await connection.fetch(
        "SELECT DISTINCT c.body FROM case_materials m JOIN cases c USING (number) JOIN case_events e USING (number, step)"
        " WHERE m.license = $1 AND e.at >= $2",
        license_, since,
    )
    return [row["body"] for row in rows]


async def downloaded(connection: Connection, serial: str, version: int, since: datetime) -> list[str]:
    """Regions that fetched a document of a license."""
    rows = await connection.fetch(
        "SELECT DISTINCT region FROM partner_downloads WHERE serial = $1 AND version = $2 AND used_at >= $3"
        " AND region <> ''",
        serial, version, since,
    )
    return [row["region"] for row in rows]

"""SQL of cases: one function, one statement."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from etrust.matters.case_model import MAX_SERIAL, Action, CaseCheck, CaseEvent, CaseMaterial, CaseState
from etrust.matters.model import Outcome
from etrust.storage.postgres import Connection

_LATEST = (
    "SELECT DISTINCT ON (material) material, step, outcome, found, reason, version, party, license, region, fields, evidence,"
    " commitment, deadline FROM case_materials WHERE number = $1 ORDER BY material, step DESC"
)


async def next_serial(connection: Connection, matter: str, day: date) -> int | None:
    """The next serial of a matter's day, given once; None when all are used up."""
    found: int | None = await connection.fetchval(
        "INSERT INTO case_serials AS s (matter, day, last) VALUES ($1, $2, 1) ON CONFLICT (matter, day)"
        " DO UPDATE SET last = s.last + 1 WHERE s.last < $3 RETURNING last",
        matter, day, MAX_SERIAL,
    )
    return found


async def add_case(
    connection: Connection, *, number: str, matter: str, version: int, body: str, operator: str, at: datetime
) -> None:
    """Keep a new case."""
    await connection.execute(
        "INSERT INTO cases (number, matter, version, body, operator, opened_at) VALUES ($1, $2, $3, $4, $5, $6)",
        number, matter, version, body, operator, at,
    )


async def lock_case(connection: Connection, number: str) -> bool:
    """Take a case for this transaction alone; False: there is none."""
    found = await connection.fetchval("SELECT 1 FROM cases WHERE number = $1 FOR UPDATE", number)
    return found is not None


async def case_row(connection: Connection, number: str) -> dict[str, Any] | None:
    """A case without its history."""
    row = await connection.fetchrow(
        "SELECT number, matter, version, body, operator, opened_at FROM cases WHERE number = $1", number
    )
    return None if row is None else dict(row)


async def events_of(connection: Connection, number: str) -> tuple[CaseEvent, ...]:
    """The history of a case."""
    rows = await connection.fetch(
        "SELECT number, step, action, state, operator, body, reason, at FROM case_events WHERE number = $1 ORDER BY step",
        number,
    )
    return tuple(
        CaseEvent(**{**row, "action": Action(row["action"]), "state": CaseState(row["state"])}) for row in rows
    )


async def add_event(connection: Connection, event: CaseEvent) -> None:
    """Append a step to the history of a case."""
    await connection.execute(
        "INSERT INTO case_events (number, step, action, state, operator, body, reason, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        event.number, event.step, event.action.value, event.state.value, event.operator, event.body, event.reason, event.at,
    )


async def add_materials(connection: Connection, number: str, materials: Sequence[CaseMaterial]) -> None:
    """Keep how materials stand after a step."""
    await connection.executemany(
        "INSERT INTO case_materials (number, step, material, outcome, found, reason, version, party, license, region, fields,"
        " evidence, commitment, deadline) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        [
            (
                number, each.step, each.material, each.outcome.value, each.found.value, each.reason, each.version, each.party,
                each.license, each.region, list(each.fields), list(each.evidence), each.commitment, each.deadline,
            )
            for each in materials
        ],
    )


async def materials_of(connection: Connection, number: str) -> dict[str, CaseMaterial]:
    """How each material of a case stands now."""
    return {row["material"]: _material(dict(row)) for row in await connection.fetch(_LATEST, number)}


async def checks_of(connection: Connection, number: str) -> tuple[CaseCheck, ...]:
    """The scans of a case, the first one first."""
    rows = await connection.fetch(
        "SELECT c.check_id, c.step, c.ground, c.reason, c.legal_basis, c.operator, c.body, c.trust_lists, c.status_lists, c.at,"
        " array(SELECT p.party FROM check_parties p WHERE p.check_id = c.check_id ORDER BY p.party) AS names,"
        " array(SELECT p.consent FROM check_parties p WHERE p.check_id = c.check_id ORDER BY p.party) AS consents"
        " FROM checks c WHERE c.number = $1 ORDER BY c.step",
        number,
    )
    return tuple(_check(dict(row)) for row in rows)


async def cases_of(
    connection: Connection, bodies: Sequence[str], *, matter: str, state: str, before: datetime | None, limit: int
) -> list[tuple[str, str, datetime]]:
    """Numbers, states and opening times of cases of these bodies, the latest first; any matter or state where empty."""
    rows = await connection.fetch(
        "SELECT c.number, e.state, c.opened_at FROM cases c CROSS JOIN LATERAL"
        " (SELECT state FROM case_events WHERE number = c.number ORDER BY step DESC LIMIT 1) AS e"
        " WHERE c.body = ANY($1) AND ($2::text = '' OR c.matter = $2) AND ($3::text = '' OR e.state = $3)"
        " AND ($4::timestamptz IS NULL OR c.opened_at < $4) ORDER BY c.opened_at DESC LIMIT $5",
        list(bodies), matter, state, before, limit,
    )
    return [tuple(row) for row in rows]


async def overdue(connection: Connection, bodies: Sequence[str], today: date, limit: int) -> list[tuple[str, str, date]]:
    """Case, material and deadline of what was to be brought before today and is still missing, the longest overdue first."""
    rows = await connection.fetch(
        "SELECT m.number, m.material, m.deadline FROM case_materials m JOIN cases c USING (number)"
        " WHERE m.outcome = 'deferred' AND m.deadline < $2 AND c.body = ANY($1)"
        " AND NOT EXISTS (SELECT FROM case_materials later WHERE later.number = m.number AND later.material = m.material"
        " AND later.step > m.step) AND (SELECT state FROM case_events e WHERE e.number = m.number ORDER BY step DESC LIMIT 1)"
        " = 'lacking' ORDER BY m.deadline, m.number, m.material LIMIT $3",
        list(bodies), today, limit,
    )
    return [tuple(row) for row in rows]


async def is_at_or_below(connection: Connection, body: str, above: str) -> bool:
    """Whether a body is another or one of those below it."""
    found: bool = await connection.fetchval(
        "WITH RECURSIVE up (code, parent) AS (SELECT code, parent FROM bodies WHERE code = $1"
        " UNION SELECT b.code, b.parent FROM bodies b JOIN up ON b.code = up.parent)"
        " SELECT EXISTS (SELECT FROM up WHERE code = $2)",
        body, above,
    )
    return found


def _material(row: dict[str, Any]) -> CaseMaterial:
    return CaseMaterial(**{
        **row, "outcome": Outcome(row["outcome"]), "found": Outcome(row["found"]), "fields": tuple(row["fields"]),
        "evidence": tuple(row["evidence"]),
    })  # fmt: skip


def _check(row: dict[str, Any]) -> CaseCheck:
    names, consents = row.pop("names"), row.pop("consents")
    trust, status = row.pop("trust_lists"), row.pop("status_lists")
    return CaseCheck(
        trust_lists=tuple(trust), status_lists=tuple(status), parties=dict(zip(names, consents, strict=True)), **row
    )

"""SQL of the uses of codes: one function, one statement."""

from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class CodeUse:
    """One use of a code.

    Attributes:
        handle: digest of the code's handle, 16 bytes.
        offline: scanned at a counter without a network.
        used_at: when, by the clock of whoever scanned.
        operator: who, empty for the public check.
    """

    handle: bytes
    used_at: datetime
    operator: str
    body: str
    offline: bool = False
    matter: str = ""
    case_number: str = ""
    note: str = ""

    def same_scan(self, other: "CodeUse") -> bool:
        """Whether another is this very scan, told a second time."""
        mine, its = (self.offline, self.used_at, self.operator), (other.offline, other.used_at, other.operator)
        return mine == its


async def add_first_use(connection: Connection, use: CodeUse, at: datetime) -> bool:
    """Keep the first use of a code; False when there is one already."""
    added = await connection.fetchval(
        "INSERT INTO code_uses (handle, offline, used_at, operator, body, matter, case_number, note, recorded_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING true",
        use.handle, use.offline, use.used_at, use.operator, use.body, use.matter, use.case_number, use.note, at,
    )
    return bool(added)


async def first_use(connection: Connection, handle: bytes) -> CodeUse | None:
    """The first use of a code, None when it was never used."""
    row = await connection.fetchrow(
        "SELECT handle, offline, used_at, operator, body, matter, case_number, note FROM code_uses WHERE handle = $1", handle
    )
    return None if row is None else CodeUse(**row)


async def add_further_use(connection: Connection, use: CodeUse, at: datetime) -> None:
    """Keep a further use; the same one again changes nothing."""
    await connection.execute(
        "INSERT INTO code_further_uses (handle, operator, used_at, offline, body, matter, case_number, note, recorded_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING",
        use.handle, use.operator, use.used_at, use.offline, use.body, use.matter, use.case_number, use.note, at,
    )


async def further_uses(connection: Connection, since: datetime, limit: int) -> list[tuple[CodeUse, CodeUse]]:
    """Codes used more than once that came to be known since a moment: the first use and the further one, newest first."""
    rows = await connection.fetch(
        "SELECT f.handle, f.offline, f.used_at, f.operator, f.body, f.matter, f.case_number, f.note,"
        " u.offline AS u_offline, u.used_at AS u_used_at, u.operator AS u_operator, u.body AS u_body,"
        " u.matter AS u_matter, u.case_number AS u_case_number, u.note AS u_note"
        " FROM code_further_uses f JOIN code_uses u USING (handle) WHERE f.recorded_at >= $1"
        " ORDER BY f.recorded_at DESC, f.handle LIMIT $2",
        since, limit,
    )
    names = ("offline", "used_at", "operator", "body", "matter", "case_number", "note")
    return [
        (
            CodeUse(row["handle"], **{name: row[f"u_{name}"] for name in names}),
            CodeUse(row["handle"], **{name: row[name] for name in names}),
        )
        for row in rows
    ]  # fmt: skip

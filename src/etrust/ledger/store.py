"""SQL of the transparency log: one function, one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection

Row = tuple[object, ...]
"""A row that something is recorded in."""


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A checkpoint as it was signed."""

    size: int
    root: bytes
    note: bytes
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a witness cosigned.

    Attributes:
        witness: ``region:`` and the region.
        line: its signature line.
    """

    witness: str
    size: int
    line: str
    signed_at: datetime

    @property
    def region(self) -> str:
        """The region that the witness is of."""
        return self.witness.removeprefix("region:")


async def try_lock(connection: Connection) -> bool:
    """Let one integrator at a time work, until the transaction ends; False while another does."""
    got: bool = await connection.fetchval("SELECT pg_try_advisory_xact_lock(hashtextextended('etrust.ledger', 0))")
    return got


async def lock(connection: Connection) -> None:
    """The same, waiting for the other one to end."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('etrust.ledger', 0))")


async def secret(connection: Connection, proposal: bytes) -> bytes:
    """The region's secret for salts; the proposal is kept when there is none yet."""
    found: bytes = await connection.fetchval(
        "INSERT INTO region_secrets (name, secret) VALUES ('ledger', $1)"
        " ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING secret",
        proposal,
    )
    return found


async def origin(connection: Connection, proposal: str) -> str:
    """The name of the log; the proposal is kept when it has none yet."""
    kept: str | None = await connection.fetchval(
        "WITH added AS (INSERT INTO ledger_identity (origin) VALUES ($1) ON CONFLICT DO NOTHING RETURNING origin)"
        " SELECT origin FROM added UNION ALL SELECT origin FROM ledger_identity LIMIT 1",
        proposal,
    )
    return kept or proposal


async def has_pending(connection: Connection) -> bool:
    """Whether something waits for its index."""
    found: bool = await connection.fetchval("SELECT EXISTS (SELECT FROM ledger_pending)")
    return found


async def count_pending(connection: Connection) -> int:
    """How many entries wait to be integrated."""
    found: int = await connection.fetchval("SELECT count(*) FROM ledger_pending")
    return found


async def pending(connection: Connection, limit: int) -> list[tuple[int, str, str]]:
    """What waits for its index, the oldest first: number, kind, subject."""
    rows = await connection.fetch("SELECT pending, kind, subject FROM ledger_pending ORDER BY pending LIMIT $1", limit)
    return [tuple(row) for row in rows]


async def done(connection: Connection, numbers: Sequence[int]) -> None:
    """Forget what has its index now."""
    await connection.execute("DELETE FROM ledger_pending WHERE pending = ANY($1)", list(numbers))


async def newest_checkpoint(connection: Connection) -> CheckpointRow | None:
    """The newest checkpoint."""
    row = await connection.fetchrow("SELECT size, root, note, signed_at FROM ledger_checkpoints ORDER BY size DESC LIMIT 1")
    return None if row is None else CheckpointRow(**row)


async def newest_cosigned_checkpoint(connection: Connection, at_least: int) -> CheckpointRow | None:
    """The newest checkpoint of at least that size that some witness cosigned."""
    row = await connection.fetchrow(
        "SELECT size, root, note, signed_at FROM ledger_checkpoints c WHERE size >= $1"
        " AND EXISTS (SELECT FROM ledger_cosignatures s WHERE s.size = c.size) ORDER BY size DESC LIMIT 1",
        at_least,
    )
    return None if row is None else CheckpointRow(**row)


async def add_checkpoint(connection: Connection, row: CheckpointRow) -> None:
    """Keep a signed checkpoint."""
    await connection.execute(
        "INSERT INTO ledger_checkpoints (size, root, note, signed_at) VALUES ($1, $2, $3, $4)",
        row.size, row.root, row.note, row.signed_at,
    )


async def cosignatures(connection: Connection, size: int) -> list[str]:
    """The signature lines of witnesses on a checkpoint."""
    rows = await connection.fetch("SELECT line FROM ledger_cosignatures WHERE size = $1 ORDER BY witness", size)
    return [row["line"] for row in rows]


async def add_cosignature(connection: Connection, *, size: int, witness: str, line: str, at: datetime) -> None:
    """Keep a witness's signature line; the first one stays."""
    await connection.execute(
        "INSERT INTO ledger_cosignatures (size, witness, line, signed_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        size, witness, line, at,
    )


async def newest_cosigned(connection: Connection, witness: str) -> int:
    """The size of the newest checkpoint that a witness cosigned, 0 before the first."""
    found: int | None = await connection.fetchval("SELECT max(size) FROM ledger_cosignatures WHERE witness = $1", witness)
    return found or 0


async def witnesses(connection: Connection) -> list[Standing]:
    """How far every witness cosigned, and when."""
    rows = await connection.fetch(
        "SELECT DISTINCT ON (witness) witness, size, line, signed_at FROM ledger_cosignatures ORDER BY witness, size DESC"
    )
    return [Standing(**row) for row in rows]


async def cosigners(connection: Connection, size: int) -> list[Standing]:
    """Who cosigned the checkpoint of a size."""
    rows = await connection.fetch(
        "SELECT witness, size, line, signed_at FROM ledger_cosignatures WHERE size = $1 ORDER BY witness", size
    )
    return [Standing(**row) for row in rows]


async def copy_entries(connection: Connection, rows: Iterable[tuple[int, str, str, bytes]]) -> None:
    """Write entries: index, kind, subject, bytes."""
    await connection.copy_records_to_table("ledger_entries", records=rows, columns=("index", "kind", "subject", "entry"))


async def entries(connection: Connection, start: int, end: int) -> list[bytes]:
    """The entries from one index up to another."""
    rows = await connection.fetch("SELECT entry FROM ledger_entries WHERE index >= $1 AND index < $2 ORDER BY index", start, end)
    return [row["entry"] for row in rows]


async def find_entry(connection: Connection, kind: str, subject: str) -> tuple[int, bytes] | None:
    """Index and bytes of the entry about something."""
    row = await connection.fetchrow("SELECT index, entry FROM ledger_entries WHERE kind = $1 AND subject = $2", kind, subject)
    return None if row is None else (row["index"], row["entry"])


async def tiles(connection: Connection, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """The content of tiles by level and index; those that are not there are left out."""
    rows = await connection.fetch(
        "SELECT level, tile, hashes FROM unnest($1::smallint[], $2::bigint[]) AS w (level, tile)"
        " JOIN ledger_tiles USING (level, tile)",
        [level for level, _ in places], [tile for _, tile in places],
    )
    return {(row["level"], row["tile"]): row["hashes"] for row in rows}


async def keep_tiles(connection: Connection, rows: Iterable[tuple[int, int, bytes]]) -> None:
    """Write tiles: level, index, all hashes; one that is there already grows."""
    await connection.executemany(
        "INSERT INTO ledger_tiles (level, tile, hashes) VALUES ($1, $2, $3)"
        " ON CONFLICT (level, tile) DO UPDATE SET hashes = excluded.hashes",
        list(rows),
    )


async def licenses(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    """Protected header, payload, signature and time of signing of licenses, by ``SERIAL.VERSION``."""
    pairs = [name.rsplit(".", 1) for name in names]
    rows = await connection.fetch(
        "SELECT l.serial || '.' || lpad(l.version::text, 3, '0') AS name, l.protected, l.payload, c.signature, c.signed_at"
        " FROM unnest($1::text[], $2::smallint[]) AS w (serial, version)"
        " JOIN licenses l USING (serial, version) JOIN credentials c USING (serial, version)",
        [serial for serial, _ in pairs], [int(version) for _, version in pairs],
    )
    return {row["name"]: tuple(row)[1:] for row in rows}


async def status_events(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    """Events of the status history by their number, their time last."""
    rows = await connection.fetch(
        "SELECT seq, serial, version, list_no, list_index, state, action, reason, legal_basis, operator, body, effective_at,"
        " recorded_at FROM status_events WHERE seq = ANY($1)",
        [int(name) for name in names],
    )
    return {str(row["seq"]): tuple(row) for row in rows}


async def seal_steps(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    """Steps of seals by ``CODE/STEP``, their time last."""
    pairs = [name.split("/") for name in names]
    rows = await connection.fetch(
        "SELECT e.code, e.step, e.action, e.state, e.operator, e.body, e.reason, e.legal_basis, e.note, e.at"
        " FROM unnest($1::text[], $2::integer[]) AS w (code, step) JOIN seal_events e USING (code, step)",
        [code for code, _ in pairs], [int(step) for _, step in pairs],
    )
    return {f"{row['code']}/{row['step']}": tuple(row) for row in rows}


async def seals(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    """Seal data by code, the time of making last."""
    rows = await connection.fetch("SELECT code, seal, made_at FROM seal_files WHERE code = ANY($1)", list(names))
    return {row["code"]: (row["seal"], row["made_at"]) for row in rows}


async def seal_uses(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    """Uses of seals by their number, their time last."""
    rows = await connection.fetch(
        "SELECT u.use_id, u.code, u.digest, u.license_type, u.matter, u.document, u.operator, u.body, u.grant_id, u.at,"
        " s.signed_at FROM seal_uses u JOIN seal_uses_signed s USING (use_id) WHERE u.use_id = ANY($1)",
        [int(name) for name in names],
    )
    return {str(row["use_id"]): tuple(row) for row in rows}


async def trust_lists(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    """Published trust lists by sequence, the time of publication last."""
    rows = await connection.fetch(
        "SELECT sequence, token, published_at FROM trust_lists WHERE sequence = ANY($1)", [int(name) for name in names]
    )
    return {str(row["sequence"]): (row["token"], row["published_at"]) for row in rows}


async def receipts(connection: Connection, names: Sequence[str]) -> dict[str, Row]:
    """Protected header, payload, signature and time of signing of receipts, by their number in hexadecimal."""
    rows = await connection.fetch(
        "SELECT r.number, r.protected, r.payload, s.signature, s.signed_at FROM receipts r"
        " JOIN receipt_signatures s USING (number) WHERE r.number = ANY($1)",
        [bytes.fromhex(name) for name in names],
    )
    return {row["number"].hex(): tuple(row)[1:] for row in rows}

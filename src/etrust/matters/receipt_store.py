"""SQL of receipts: one function, one statement."""

from dataclasses import dataclass
from datetime import datetime

from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt as it is kept; `signature` and `unprotected` are None while it waits for its signature."""

    number: bytes
    case_number: str
    step: int
    matter: str
    body: str
    operator: str
    kid: bytes
    protected: bytes
    payload: bytes
    given_at: datetime
    signature: bytes | None = None
    unprotected: bytes | None = None


@dataclass(frozen=True, slots=True)
class PageRow:
    """The PDF of a receipt."""

    pdf: bytes
    digest: bytes
    seal: str
    operator: str
    made_at: datetime


_ROW = (
    "SELECT r.number, r.case_number, r.step, r.matter, r.body, r.operator, r.kid, r.protected, r.payload, r.given_at,"
    " s.signature, s.unprotected FROM receipts r LEFT JOIN receipt_signatures s USING (number)"
)


async def add(connection: Connection, row: ReceiptRow) -> None:
    """Keep what is to be signed; a receipt of the same step raises a unique violation."""
    await connection.execute(
        "INSERT INTO receipts (number, case_number, step, matter, body, operator, kid, protected, payload, given_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        row.number, row.case_number, row.step, row.matter, row.body, row.operator, row.kid, row.protected, row.payload,
        row.given_at,
    )


async def find(connection: Connection, number: bytes) -> ReceiptRow | None:
    """One receipt by its number."""
    found = await connection.fetchrow(f"{_ROW} WHERE r.number = $1", number)
    return None if found is None else ReceiptRow(**found)


async def of_case(connection: Connection, case_number: str) -> list[ReceiptRow]:
    """The receipts of a case, the first step first."""
    rows = await connection.fetch(f"{_ROW} WHERE r.case_number = $1 ORDER BY r.step", case_number)
    return [ReceiptRow(**row) for row in rows]


async def unsigned(connection: Connection, limit: int) -> list[bytes]:
    """Numbers of receipts that wait for their signature, the oldest first."""
    rows = await connection.fetch(
        "SELECT number FROM receipts r WHERE NOT EXISTS (SELECT 1 FROM receipt_signatures s WHERE s.number = r.number)"
        " ORDER BY given_at LIMIT $1",
        limit,
    )
    return [row["number"] for row in rows]


async def add_signature(
    connection: Connection, number: bytes, *, signature: bytes, unprotected: bytes, at: datetime
) -> bool:
    """Keep a signature unless one is kept already; whether this one is."""
    done = await connection.execute(
        "INSERT INTO receipt_signatures (number, signature, unprotected, signed_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING",
        number, signature, unprotected, at,
    )
    return done.endswith(" 1")


async def log_proof(connection: Connection, number: bytes) -> str | None:
    """The proof of a receipt's entry in the log that is kept with it."""
    found: str | None = await connection.fetchval("SELECT proof FROM receipt_log_proofs WHERE number = $1", number)
    return found


async def add_log_proof(connection: Connection, number: bytes, proof: str, at: datetime) -> None:
    """Keep the proof of a receipt's entry unless one is kept already."""
    await connection.execute(
        "INSERT INTO receipt_log_proofs (number, proof, kept_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", number, proof, at
    )


async def page(connection: Connection, number: bytes) -> PageRow | None:
    """The PDF of a receipt, None when it was not asked for yet."""
    found = await connection.fetchrow(
        "SELECT pdf, digest, seal, operator, made_at FROM receipt_pages WHERE number = $1", number
    )
    return None if found is None else PageRow(**found)


async def add_page(connection: Connection, number: bytes, page: PageRow) -> None:
    """Keep the PDF of a receipt unless one is kept already."""
    await connection.execute(
        "INSERT INTO receipt_pages (number, pdf, digest, seal, operator, made_at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT DO NOTHING",
        number, page.pdf, page.digest, page.seal, page.operator, page.made_at,
    )

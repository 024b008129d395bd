"""SQL of checks: what a party holds, values that a matter may learn, records of checks. One function, one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from etrust.credentials.credential import assemble
from etrust.ids import LicenseIdentifier
from etrust.matters.check_model import CheckParty, MatterCheck
from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Candidate:
    """A license of a party as far as it takes to judge it: its credential, and no field of it."""

    holder_key: bytes
    license_type: str
    type_code: str
    issuer: str
    serial: str
    version: int
    issued_on: date
    protected: bytes
    payload: bytes
    signature: bytes
    signed_at: datetime

    @property
    def identifier(self) -> str:
        """电子证照标识."""
        return LicenseIdentifier.make(self.type_code, self.issuer, self.serial, self.version).text

    @property
    def credential(self) -> bytes:
        """Its credential, put together from the parts kept."""
        return assemble(self.protected, self.payload, self.signature)


@dataclass(frozen=True, slots=True)
class Wish:
    """One value that a matter may learn: of which license, and where in it; `label` finds the answer again.

    Attributes:
        own_code: code of the party, which finds its position among the holders; likewise `own_code_type`.
    """

    label: str
    serial: str
    version: int
    place: str
    key: str
    own_code: str
    own_code_type: str


async def held(connection: Connection, holder_keys: Sequence[bytes], license_types: Sequence[str]) -> list[Candidate]:
    """The newest signed version of each license of these holders that is of one of the types.

    OFFSET 0 holds the planner to one look into one partition for each license; see `licenses.store.digests_of`.
    """
    rows = await connection.fetch(
        "SELECT mine.holder_key, l.license_type, l.type_code, l.issuer, l.serial, l.version, l.issued_on, l.protected,"
        " l.payload, c.signature, c.signed_at FROM"
        " (SELECT holder_key, serial, max(version) AS version FROM license_holders h WHERE holder_key = ANY($1) AND EXISTS"
        " (SELECT FROM credentials c WHERE c.serial = h.serial AND c.version = h.version) GROUP BY holder_key, serial) AS mine"
        " CROSS JOIN LATERAL (SELECT * FROM licenses WHERE licenses.serial = mine.serial AND licenses.version = mine.version"
        " AND licenses.license_type = ANY($2) OFFSET 0) AS l CROSS JOIN LATERAL (SELECT * FROM credentials"
        " WHERE credentials.serial = mine.serial AND credentials.version = mine.version OFFSET 0) AS c",
        list(holder_keys), list(license_types),
    )
    return [Candidate(**row) for row in rows]


async def values(connection: Connection, wishes: Sequence[Wish]) -> dict[str, dict[str, str]]:
    """Exactly the values wished for, by label and then by key; what a license does not have is left out.

    No statement of a check reads `holders` or `fields` as a whole: what is not wished for stays in the store.
    """
    rows = await connection.fetch(
        "SELECT w.place_no, v.value FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[])"
        " WITH ORDINALITY AS w (serial, version, place, key, own_code, own_code_type, place_no) CROSS JOIN LATERAL"
        " (SELECT CASE w.place"
        " WHEN 'field' THEN l.fields ->> w.key"
        " WHEN 'holder' THEN l.holders #>> string_to_array(w.key, ',')"
        " WHEN 'own' THEN (SELECT h ->> w.key::int FROM jsonb_array_elements(l.holders) AS h"
        "  WHERE h ->> 1 = w.own_code AND h ->> 2 = w.own_code_type LIMIT 1)"
        " ELSE CASE w.key WHEN 'number' THEN l.number WHEN 'issued_on' THEN l.issued_on::text"
        "  WHEN 'valid_from' THEN l.valid_from::text WHEN 'valid_until' THEN coalesce(l.valid_until::text, '长期')"
        "  WHEN 'issuing_authority' THEN l.issuing_authority END END AS value"
        " FROM licenses l WHERE l.serial = w.serial AND l.version = w.version OFFSET 0) AS v",
        [each.serial for each in wishes], [each.version for each in wishes], [each.place for each in wishes],
        [each.key for each in wishes], [each.own_code for each in wishes], [each.own_code_type for each in wishes],
    )
    told: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["value"]:
            label, _, name = wishes[row["place_no"] - 1].label.partition(".")
            told.setdefault(label, {})[name] = row["value"]
    return told


async def add_check(connection: Connection, check: MatterCheck) -> None:
    """Keep a check that is done; what it found is kept with the case."""
    await connection.execute(
        "INSERT INTO checks (check_id, number, step, matter, version, ground, reason, legal_basis, operator, body,"
        " trust_lists, status_lists, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        check.check_id, check.case_number, check.step, check.matter, check.version, check.ground.value, check.reason,
        check.legal_basis, check.operator, check.body, list(check.evidence.get("trust_lists", ())),
        list(check.evidence.get("status_lists", ())), check.at,
    )


async def add_parties(connection: Connection, check_id: str, parties: Sequence[CheckParty]) -> None:
    """Keep whose codes were scanned: holder keys, no names."""
    await connection.executemany(
        "INSERT INTO check_parties (check_id, party, holder_key, basis, consent) VALUES ($1, $2, $3, $4, $5)",
        [(check_id, each.key, each.acting.subject.key, each.acting.basis.value, each.grant) for each in parties],
    )


async def add_refusal(connection: Connection, *, matter: str, reason: str, operator: str, body: str, at: datetime) -> None:
    """Keep a refused request."""
    await connection.execute(
        "INSERT INTO check_refusals (matter, reason, operator, body, at) VALUES ($1, $2, $3, $4, $5)",
        matter, reason, operator, body, at,
    )


async def refusals_of(connection: Connection, operator: str) -> dict[str, int]:
    """How often an operator was refused, by reason code."""
    rows = await connection.fetch(
        "SELECT reason, count(*) AS times FROM check_refusals WHERE operator = $1 GROUP BY reason ORDER BY reason", operator
    )
    return {row["reason"]: row["times"] for row in rows}


async def add_wait(
    connection: Connection, *, check_id: str, number: str, operator: str, body: str, sealed: bytes, expires_at: datetime
) -> None:
    """Keep a check that waits for consent."""
    await connection.execute(
        "INSERT INTO check_waits (check_id, number, operator, body, sealed, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
        check_id, number, operator, body, sealed, expires_at,
    )


async def wait(connection: Connection, check_id: str, operator: str, body: str, at: datetime) -> bytes | None:
    """What a waiting check goes on with, sealed; None for an unknown one, one that is over, and another operator's alike."""
    found: bytes | None = await connection.fetchval(
        "SELECT sealed FROM check_waits WHERE check_id = $1 AND operator = $2 AND body = $3 AND expires_at > $4",
        check_id, operator, body, at,
    )
    return found


async def end_wait(connection: Connection, check_id: str) -> bool:
    """Forget a waiting check; False when it went on already."""
    done = await connection.execute("DELETE FROM check_waits WHERE check_id = $1", check_id)
    return bool(done.endswith(" 1"))


async def forget_waits(connection: Connection, at: datetime) -> None:
    """Forget the waiting checks whose time is over."""
    await connection.execute("DELETE FROM check_waits WHERE expires_at <= $1", at)


async def count_waits(connection: Connection, at: datetime) -> int:
    """How many checks wait for consent."""
    found: int = await connection.fetchval("SELECT count(*) FROM check_waits WHERE expires_at > $1", at)
    return found


async def begin_answer(connection: Connection, key_digest: bytes, question: bytes, *, at: datetime, until: datetime) -> bool:
    """Take a key of a caller for one question; False when it is taken (and its time is not over)."""
    done = await connection.execute(
        "INSERT INTO check_repeats AS r (key_digest, question, sealed, expires_at) VALUES ($1, $2, NULL, $4)"
        " ON CONFLICT (key_digest) DO UPDATE SET question = $2, sealed = NULL, expires_at = $4 WHERE r.expires_at <= $3",
        key_digest, question, at, until,
    )
    return bool(done.endswith(" 1"))


async def keep_answer(connection: Connection, key_digest: bytes, sealed: bytes, until: datetime) -> None:
    """Keep the sealed answer to the question that a key was taken for."""
    await connection.execute(
        "UPDATE check_repeats SET sealed = $2, expires_at = $3 WHERE key_digest = $1", key_digest, sealed, until
    )


async def answer(connection: Connection, key_digest: bytes) -> tuple[bytes, bytes | None] | None:
    """The question that a key was taken for and the sealed answer, None while the first is under way."""
    row = await connection.fetchrow("SELECT question, sealed FROM check_repeats WHERE key_digest = $1", key_digest)
    return None if row is None else (row["question"], row["sealed"])


async def give_up_answer(connection: Connection, key_digest: bytes) -> None:
    """Free a key whose question failed."""
    await connection.execute("DELETE FROM check_repeats WHERE key_digest = $1 AND sealed IS NULL", key_digest)


async def forget_answers(connection: Connection, at: datetime) -> None:
    """Forget the answers whose time is over."""
    await connection.execute("DELETE FROM check_repeats WHERE expires_at <= $1", at)

"""SQL of proposed keys and of what is decided about them: one function, one statement."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from etrust.signing.model import Algorithm
from etrust.storage.postgres import Connection
from etrust.trust.model import KeyEntry, Purpose


class KeyDecision(StrEnum):
    """What a second person, or for a withdrawal anyone, decided."""

    ACTIVATE = "activate"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class KeyProposal:
    """A key that waits for a second person.

    Attributes:
        number: of the proposal; 0 until it is recorded.
        entry: as it will stand in the trust list.
        key_name: in the key folder.
        replaces: kid of the key whose place it takes.
        overlap_until: until then the old one may sign too.
    """

    number: int
    entry: KeyEntry
    key_name: str
    replaces: bytes
    overlap_until: datetime
    proposed_by: str
    proposed_at: datetime
    reason: str
    legal_basis: str
    decision: KeyDecision | None = None


async def add_proposal(connection: Connection, proposal: KeyProposal) -> int:
    """Record a proposal and return its number."""
    entry = proposal.entry
    number: int = await connection.fetchval(
        "INSERT INTO key_proposals (key_name, kid, certificate, algorithm, purpose, body, license_types, valid_from,"
        " valid_until, replaces, overlap_until, proposed_by, proposed_at, reason, legal_basis)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) RETURNING proposal",
        proposal.key_name, entry.kid, entry.certificate, entry.algorithm.value, entry.purpose.value, entry.body,
        sorted(entry.license_types), entry.valid_from, entry.valid_until, proposal.replaces, proposal.overlap_until,
        proposal.proposed_by, proposal.proposed_at, proposal.reason, proposal.legal_basis,
    )
    return number


_PROPOSALS = (
    "SELECT p.proposal, p.key_name, p.kid, p.certificate, p.algorithm, p.purpose, p.body, p.license_types, p.valid_from,"
    " p.valid_until, p.replaces, p.overlap_until, p.proposed_by, p.proposed_at, p.reason, p.legal_basis, d.decision"
    " FROM key_proposals p LEFT JOIN key_decisions d USING (proposal)"
)


async def open_proposals(connection: Connection) -> list[KeyProposal]:
    """The proposals nobody has decided about yet, the oldest first."""
    rows = await connection.fetch(f"{_PROPOSALS} WHERE d.decision IS NULL ORDER BY p.proposal")
    return [_proposal(dict(row)) for row in rows]


async def lock_proposal(connection: Connection, number: int) -> KeyProposal | None:
    """A proposal, held until the transaction ends."""
    row = await connection.fetchrow(f"{_PROPOSALS} WHERE p.proposal = $1 FOR UPDATE OF p", number)
    return None if row is None else _proposal(dict(row))


async def add_decision(
    connection: Connection, number: int, decision: KeyDecision, *, operator: str, reason: str, at: datetime
) -> None:
    """Record what was decided about a proposal; there is one decision for each."""
    await connection.execute(
        "INSERT INTO key_decisions (proposal, decision, operator, reason, decided_at) VALUES ($1, $2, $3, $4, $5)",
        number, decision.value, operator, reason, at,
    )


async def end_key(connection: Connection, kid: bytes, until: datetime) -> None:
    """Let a key's time end earlier than it would; never later."""
    await connection.execute("UPDATE key_entries SET valid_until = least(valid_until, $2) WHERE kid = $1", kid, until)


async def set_compromised(connection: Connection, kid: bytes, since: datetime) -> None:
    """Mark a key compromised; an earlier time that is known already stays."""
    await connection.execute(
        "UPDATE key_entries SET compromised_since = least(coalesce(compromised_since, $2), $2) WHERE kid = $1", kid, since
    )


def _proposal(row: dict[str, object]) -> KeyProposal:
    algorithm, purpose, types = str(row.pop("algorithm")), str(row.pop("purpose")), row.pop("license_types")
    decision = row.pop("decision")
    entry = KeyEntry(
        algorithm=Algorithm(algorithm), purpose=Purpose(purpose), license_types=frozenset(types),  # type: ignore[call-overload]  # a text[]
        compromised_since=None, **{name: row.pop(name) for name in ("kid", "certificate", "body", "valid_from", "valid_until")},  # type: ignore[arg-type]  # columns
    )  # fmt: skip
    return KeyProposal(
        number=row.pop("proposal"), entry=entry, decision=None if decision is None else KeyDecision(str(decision)),  # type: ignore[arg-type]  # one column, one field
        **row,  # type: ignore[arg-type]  # as above
    )  # fmt: skip

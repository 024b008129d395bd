"""What is kept of a check: the case's step, the check, its parties and the looks; in one transaction, and no value among it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from etrust.matters import check_store as store
from etrust.matters.case_model import CaseMaterial, commitment_digest
from etrust.matters.check_model import CheckParty, MaterialResult, MatterCheck
from etrust.matters.model import Matter
from etrust.onecode.access_log_model import AccessEntry
from etrust.onecode.model import Use
from etrust.storage.postgres import Connection


def kept(result: MaterialResult, version: int) -> CaseMaterial:
    """A result as its case keeps it: names of fields, digests, no value; the step's number comes with the step."""
    return CaseMaterial(
        result.key, 0, result.outcome, result.found, result.reason, version, result.party, result.identifier, result.region,
        tuple(result.fields), tuple(sorted(set(result.evidence.values()))),
        commitment_digest(result.commitment) if result.commitment else "", result.deadline,
    )


async def record_check(connection: Connection, check: MatterCheck) -> None:
    """Keep a check that is done, and whose codes were scanned."""
    await store.add_check(connection, check)
    await store.add_parties(connection, check.check_id, check.parties)


def looks(
    matter: Matter, results: Sequence[MaterialResult], parties: Iterable[CheckParty], use: Use, at: datetime
) -> list[AccessEntry]:
    """The entries of the access log: one for every party whose licenses the matter asks for."""
    asked = {demand.party for material in matter.materials for demand in material.satisfied_by}
    return [_look(party, results, use, at) for party in parties if party.key in asked]


def _look(party: CheckParty, results: Sequence[MaterialResult], use: Use, at: datetime) -> AccessEntry:
    mine = [each for each in results if each.party == party.key and each.identifier]
    fields = {f"{each.license_type}.{name}" for each in mine for name in each.fields}
    return AccessEntry(
        party.acting.subject.key, at, use, tuple(dict.fromkeys(each.identifier for each in mine)), tuple(sorted(fields)),
        "done", party.grant,
    )


def evidence_of(results: Sequence[MaterialResult], trust_list: str) -> dict[str, tuple[str, ...]]:
    """Digests of all lists that the results rest on."""
    trust = {each.evidence["trust_list"] for each in results if "trust_list" in each.evidence} | {trust_list}
    status = {each.evidence["status_list"] for each in results if "status_list" in each.evidence}
    return {"trust_lists": tuple(sorted(trust)), "status_lists": tuple(sorted(status))}

"""Looks for what a matter needs: in the region's own store first, and elsewhere only for what is missing here."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from etrust.clock import official_date
from etrust.credentials.credential import parse
from etrust.errors import EtrustError
from etrust.licenses.types import by_code
from etrust.matters import check_store as store
from etrust.matters.check_elsewhere import seen_elsewhere, told_elsewhere
from etrust.matters.check_judging import MISSING, Answers, Judging, Sight, best, look
from etrust.matters.check_store import Candidate, Wish
from etrust.matters.check_waits import Presented
from etrust.matters.model import Matter, Outcome
from etrust.matters.policy import paths
from etrust.onecode.model import Subject, Use
from etrust.status.live import UnreachableSnapshot
from etrust.status.model import StatusSnapshot
from etrust.storage.postgres import Connection

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found for each material, by key, and the digest of the trust list it was judged with."""

    sights: Mapping[str, Sight]
    trust_list: str
    at: datetime


async def look_up(rooms: "Rooms", matter: Matter, parties: Sequence[Presented], use: Use) -> Looked:
    """What the parties hold of what the matter demands.

    Raises:
        EtrustError: ``store_unavailable``; there is no trust list. A status list that cannot be had makes a material unknown.
    """
    subjects = {each.party: each.acting.subject for each in parties}
    trust, at = await rooms.trust.snapshot(), rooms.clock()
    judging = Judging(trust, await _status(rooms), at, by_code(rooms.types), rooms.settings.region)
    wanted = _wanted(matter, subjects, at)
    answers = await _here(rooms, judging, wanted, subjects)
    present, today = frozenset(subjects), official_date(at)
    sights = {each.key: look(each, answers, present, today) for each in matter.materials}
    missing = _missing(matter, sights, answers, wanted)
    if missing:
        answers = {**answers, **await _elsewhere(rooms, missing, subjects, use)}
        sights = {each.key: look(each, answers, present, today) for each in matter.materials}
    return Looked(sights, trust.digest, at)


def _wanted(matter: Matter, subjects: Mapping[str, Subject], at: datetime) -> frozenset[tuple[str, str]]:
    """Party and license type of every demand that counts today."""
    today = official_date(at)
    return frozenset(
        (demand.party, demand.license_type) for material in matter.materials for demand in material.satisfied_by
        if demand.party in subjects and (demand.since is None or demand.since <= today)
    )


async def _status(rooms: "Rooms") -> StatusSnapshot:
    try:
        return await rooms.live.snapshot()
    except EtrustError:  # a store out of reach means that no status can be had
        return UnreachableSnapshot()


async def _here(
    rooms: "Rooms", judging: Judging, wanted: frozenset[tuple[str, str]], subjects: Mapping[str, Subject]
) -> Answers:
    if not wanted:
        return {}
    keys = {subjects[party].key for party, _ in wanted}
    async with rooms.stores.pool.acquire() as connection:
        candidates = await store.held(connection, list(keys), sorted({type_ for _, type_ in wanted}))
    judging = await _with_new_lists(rooms, judging, candidates)
    answers: dict[tuple[str, str], Sight] = {}
    for party, type_ in wanted:
        mine = [each for each in candidates if each.holder_key == subjects[party].key and each.license_type == type_]
        answers[party, type_] = best(map(judging.see, mine))
    return answers


async def _with_new_lists(rooms: "Rooms", judging: Judging, candidates: Sequence[Candidate]) -> Judging:
    """Look for status lists that another process began a moment ago."""
    uris = {parse(each.credential).claims.status_uri for each in candidates}
    new = [uri for uri in uris if rooms.live.is_ours(uri) and rooms.live.number(uri) is None]
    if not new:
        return judging
    for uri in new:
        await rooms.live.know(uri)
    return replace(judging, status=await _status(rooms))


def _missing(
    matter: Matter, sights: Mapping[str, Sight], answers: Answers, wanted: frozenset[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """What is looked for elsewhere: demands of materials not satisfied here, of which there is no license here at all."""
    return frozenset(
        (demand.party, demand.license_type) for material in matter.materials for demand in material.satisfied_by
        if sights[material.key].outcome is not Outcome.SATISFIED and (demand.party, demand.license_type) in wanted
        and answers.get((demand.party, demand.license_type), MISSING).outcome is Outcome.MISSING
    )  # fmt: skip


async def _elsewhere(
    rooms: "Rooms", missing: frozenset[tuple[str, str]], subjects: Mapping[str, Subject], use: Use
) -> Answers:
    pairs = sorted(missing)
    found = await asyncio.gather(*(_ask_partners(rooms, subjects[party], type_, use) for party, type_ in pairs))
    return dict(zip(pairs, found, strict=True))


async def _ask_partners(rooms: "Rooms", subject: Subject, license_type: str, use: Use) -> Sight:
    return seen_elsewhere(await rooms.partners.find(subject, license_type, use), license_type)


async def tell(
    connection: Connection, rooms: "Rooms", matter: Matter, looked: Looked, parties: Sequence[Presented],
    consented: Mapping[str, frozenset[tuple[str, str, str]]],
) -> dict[str, dict[str, str]]:
    """The values told of each satisfied material, by key: those of the demand that was met, as far as was consented to.

    Args:
        consented: by party: material, license type and field.
    """
    subjects = {each.party: each.acting.subject for each in parties}
    wishes: list[Wish] = []
    told: dict[str, dict[str, str]] = {}
    for material in matter.materials:
        sight = looked.sights[material.key]
        if sight.outcome is not Outcome.SATISFIED or sight.demand is None:
            continue
        demand = sight.demand
        allowed = consented.get(demand.party, frozenset())
        names = [name for name in demand.fields if (material.key, demand.license_type, name) in allowed]
        if sight.candidate is None:
            license_type = rooms.types[demand.license_type]
            told[material.key] = told_elsewhere(sight.text, license_type, subjects[demand.party], names)
            continue
        wishes += _wishes(rooms, material.key, sight.candidate, names, subjects[demand.party])
    return told | (await store.values(connection, wishes) if wishes else {})


def _wishes(rooms: "Rooms", key: str, candidate: Candidate, names: Sequence[str], subject: Subject) -> list[Wish]:
    return [
        Wish(
            f"{key}.{path.name}", candidate.serial, candidate.version, path.place.value, path.key, subject.code,
            subject.code_type,
        )
        for path in paths(rooms.types[candidate.license_type], names)
    ]

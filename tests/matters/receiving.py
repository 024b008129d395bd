"""A check of the sample family's matter as the desk of matters answers it, and its receipt; made by hand, so that nothing else is needed."""

from dataclasses import replace
from datetime import date, datetime

from etrust.licenses import store as license_store
from etrust.licenses.model import Holder, StoredLicense
from etrust.matters.check_model import CheckParty, CheckState, MaterialResult, MatterCheck
from etrust.matters.model import Matter, Outcome
from etrust.matters.samples import SCHOOL
from etrust.onecode.model import Acting, Basis, Ground, Subject
from etrust.verification.model import Verdict
from etrust.wiring import Rooms
from tests.family import CHILD, HUSBAND, Family, issue_family

STATION = "12653121MB1A0011X3"
"""The village service station, whose clerk checks."""

CHECK_ID = "0123456789abcdef0123456789abcdef"


async def school(rooms: Rooms) -> Matter:
    """The sample matter of entering school."""
    matter = await rooms.catalogue.matter(SCHOOL)
    assert matter is not None
    return matter


async def school_check(rooms: Rooms, *, serial: int = 1, step: int = 2, at: datetime | None = None) -> MatterCheck:
    """The family's child enters school: what licenses satisfy is there, the rest is deferred or missing."""
    matter, family = await school(rooms), await issue_family(rooms)
    at = at or rooms.clock()
    verdicts = {name: await _verdict(rooms, family, name) for name in family}
    results = tuple([await _result(rooms, matter, key, family, verdicts) for key in range(len(matter.materials))])
    parties = tuple(CheckParty(key, _acting(rooms, who, basis)) for key, who, basis in (
        ("applicant", HUSBAND, Basis.SELF), ("child", CHILD, Basis.GUARDIAN),
    ))  # fmt: skip
    return MatterCheck(
        CHECK_ID, f"{SCHOOL}{at:%Y%m%d}{serial:04d}", step, SCHOOL, matter.version, at, CheckState.DONE, Ground.DUTY,
        "义务教育入学登记", "《义务教育法》第十二条", "clerk", STATION, parties, materials=results,
        evidence={
            "trust_lists": tuple({each.evidence["trust_list"]: 1 for each in results if each.evidence}),
            "status_lists": tuple({each.evidence["status_list"]: 1 for each in results if each.evidence}),
        },
    )  # fmt: skip


async def _verdict(rooms: Rooms, family: Family, name: str) -> Verdict:
    return await rooms.check(family[name][-1].text)


async def _result(rooms: Rooms, matter: Matter, place: int, family: Family, verdicts: dict[str, Verdict]) -> MaterialResult:
    material = matter.materials[place]
    demand = next((each for each in material.satisfied_by if each.license_type in family), None)
    if demand is None:
        deferred = material.deferral_days is not None
        outcome = Outcome.DEFERRED if deferred else Outcome.MISSING
        return MaterialResult(material.key, outcome, Outcome.MISSING, "no_license", deadline=date(2026, 12, 31) if deferred else None)
    verdict = verdicts[demand.license_type]
    found = Outcome.SATISFIED if verdict.status == "valid" else Outcome.EXPIRED
    stored = await stored_license(rooms, family, demand.license_type)
    fields = {name: stored.fields.get(name, stored.number) for name in demand.fields}
    return MaterialResult(
        material.key, found, found, party=demand.party, license_type=demand.license_type,
        identifier=stored.identifier.text, region="650000", fields=fields, evidence=verdict.evidence,
    )  # fmt: skip


async def stored_license(rooms: Rooms, family: Family, name: str) -> StoredLicense:
    """The family's last license of a type."""
    async with rooms.stores.pool.acquire() as connection:
        found = await license_store.find(connection, family[name][-1].serial, 1)
    assert found is not None
    return found


def _acting(rooms: Rooms, who: Holder, basis: Basis) -> Acting:
    subject = Subject(rooms.issuing.numbering.holder(who), who.name, who.code, who.code_type)
    return Acting(subject, "person", basis)


async def given(rooms: Rooms, check: MatterCheck | None = None) -> str:
    """The id of a receipt that was given in a transaction of its own."""
    check = check or await school_check(rooms)
    async with rooms.stores.pool.acquire() as connection, connection.transaction():
        return (await rooms.receipts.give(check, connection=connection)).id


def changed(check: MatterCheck, **changes: object) -> MatterCheck:
    """The same check with something else in it."""
    return replace(check, **changes)  # type: ignore[arg-type]

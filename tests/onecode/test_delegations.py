"""Letting somebody act: accepted by that person alone, in that matter, until the day, taken back at once, never passed on."""

from datetime import date, timedelta

import pytest

from etrust.access.person_model import HolderSession, Position
from etrust.errors import EtrustError
from etrust.licenses.model import Action, Holder
from etrust.matters.samples import NEWBORN, SCHOOL
from etrust.onecode.model import Acting, Basis
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.family import CHILD, COMPANY, HUSBAND, WIFE, issue_family
from tests.onecode.codes import Hands
from tests.onecode.consents import a_use
from tests.onecode.households import change, citizen, person

NEIGHBOR = citizen("帕提古丽·亚森", date(1985, 6, 1), 222)
STRANGER = citizen("李强", date(1985, 6, 1), 333)
REPRESENTATIVE = [(COMPANY, Position.LEGAL_REPRESENTATIVE)]


def session(rooms: Rooms, holder: Holder, *companies: tuple[Holder, Position]) -> HolderSession:
    """A signed-in person."""
    at = rooms.clock()
    return HolderSession(person(holder, companies), holder.code.encode().ljust(32), at, at + timedelta(hours=8))


async def code_of(work) -> str:  # type: ignore[no-untyped-def]
    """``done``, or the code of the refusal with its field."""
    try:
        await work
    except EtrustError as error:
        return f"{error.code}:{error.where}" if error.where else error.code
    return "done"


async def offer(rooms: Rooms, giver: HolderSession, to: Holder, *matters: str, choice: str = "", days: int = 7, name: str = ""):  # type: ignore[no-untyped-def]
    acting = next(each for each in await rooms.consent.actings(giver.person) if each.choice == choice)
    return await rooms.consent.delegate(
        acting, giver, name=name or to.name, number=to.code, matters=matters, until=rooms.clock() + timedelta(days=days)
    )


async def rights(rooms: Rooms, who: HolderSession) -> list[Acting]:
    """What somebody may do for others."""
    return [each for each in await rooms.consent.actings(who.person) if each.basis in (Basis.DELEGATE, Basis.STAFF)]


async def test_a_delegation_from_end_to_end(region: Settings) -> None:
    hands = Hands()
    async with open_rooms(region, clock=hands) as rooms:
        wife, neighbor, stranger = (session(rooms, each) for each in (WIFE, NEIGHBOR, STRANGER))
        given = await offer(rooms, wife, NEIGHBOR, NEWBORN)
        assert await rights(rooms, neighbor) == [], "not accepted yet"
        assert [each.delegation.id for each in await rooms.consent.entrusted(neighbor)] == [given.id]
        assert await rooms.consent.entrusted(stranger) == []
        for who in (stranger, wife):
            assert await code_of(rooms.consent.accept(who, given.id)) == "no_such_delegation"
        await rooms.consent.accept(neighbor, given.id)
        assert await code_of(rooms.consent.accept(neighbor, given.id)) == "delegation_over"
        [right] = await rights(rooms, neighbor)
        assert (right.subject.name, right.subject.code, right.matter, right.limited) == (WIFE.name, WIFE.code, NEWBORN, True)
        assert right.until == given.until
        hands.ahead = timedelta(days=7, seconds=1)
        assert await rights(rooms, neighbor) == [], "after its end"


async def test_abuse_of_a_delegation(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        wife, neighbor = session(rooms, WIFE), session(rooms, NEIGHBOR)
        given = await offer(rooms, wife, NEIGHBOR, NEWBORN)
        await rooms.consent.accept(neighbor, given.id)
        [right] = await rights(rooms, neighbor)
        newborn, school = await rooms.catalogue.matter(NEWBORN), await rooms.catalogue.matter(SCHOOL)
        assert newborn is not None
        assert school is not None
        soon = rooms.clock() + timedelta(minutes=10)
        assert await code_of(rooms.consent.give(right, matter=school, until=soon, by_session=neighbor)) == "not_for_this_matter"
        assert await code_of(offer(rooms, neighbor, STRANGER, NEWBORN, choice=right.choice)) == "not_passed_on"
        assert await code_of(rooms.consent.give(right, matter=newborn, until=soon, by_session=wife)) == "not_acting"
        for seen in (rooms.consent.grants(right), rooms.consent.delegations(right), rooms.consent.objections(right)):
            assert await code_of(seen) == "not_yours"
        assert await code_of(rooms.consent.take_back(right, given.id)) == "no_such_delegation"
        grant = await rooms.consent.give(right, matter=newborn, until=soon, uses=3, by_session=neighbor)
        use = a_use(matter=NEWBORN)
        await rooms.consent.use(grant.id, use, subject=right.subject, version=newborn.version)
        mine = (await rooms.consent.actings(wife.person))[0]
        await rooms.consent.take_back(mine, given.id)
        assert await rights(rooms, neighbor) == []
        again = rooms.consent.use(grant.id, use, subject=right.subject, version=newborn.version)
        assert await code_of(again) == "no_consent", "what the delegate agreed to ends with the delegation"
        assert await code_of(rooms.consent.give(right, matter=newborn, until=soon, by_session=neighbor)) == "not_acting"
        assert await code_of(rooms.consent.take_back(mine, given.id)) == "delegation_over"


async def test_what_cannot_be_offered(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        wife = session(rooms, WIFE)
        child = citizen("小古丽", date(rooms.clock().year - 17, 1, 2), 44)
        wrong = Holder("李强", STRANGER.code[:-1] + ("0" if STRANGER.code[-1] != "0" else "1"), "111")
        told = {
            "not a number": await code_of(offer(rooms, wife, wrong, NEWBORN)),
            "a minor": await code_of(offer(rooms, wife, child, NEWBORN)),
            "oneself": await code_of(offer(rooms, wife, WIFE, NEWBORN)),
            "no matter": await code_of(offer(rooms, wife, STRANGER)),
            "two matters": await code_of(offer(rooms, wife, STRANGER, NEWBORN, SCHOOL)),
            "an unknown matter": await code_of(offer(rooms, wife, STRANGER, "1" * 31)),
            "for years": await code_of(offer(rooms, wife, STRANGER, NEWBORN, days=400)),
            "into the past": await code_of(offer(rooms, wife, STRANGER, NEWBORN, days=-1)),
            "no name": await code_of(offer(rooms, wife, STRANGER, NEWBORN, name=" ")),
        }
    assert told == {
        "not a number": "bad_delegate_number:number", "a minor": "delegate_is_minor:number", "oneself": "delegate_is_self:number",
        "no matter": "bad_matters:matters", "two matters": "bad_matters:matters",
        "an unknown matter": "bad_matters:matters", "for years": "bad_until:until",
        "into the past": "bad_until:until", "no name": "bad_delegate_name:name",
    }  # fmt: skip


async def test_an_offer_tells_nothing_of_whom_it_names(region: Settings) -> None:
    """Known or not, with the right name or not: the answer is the same, and a wrong name reaches nobody."""
    async with open_rooms(region) as rooms:
        wife, neighbor = session(rooms, WIFE), session(rooms, NEIGHBOR)
        await issue_family(rooms)
        nobody = citizen("没有此人", date(1970, 1, 1), 9)
        known, unknown, misnamed = [
            await offer(rooms, wife, to, NEWBORN, name=name) for to, name in ((HUSBAND, ""), (nobody, ""), (NEIGHBOR, "李四"))
        ]
        assert {each.kind for each in (known, unknown, misnamed)} == {known.kind}
        shown = await rooms.consent.delegations((await rooms.consent.actings(wife.person))[0])
        assert [(each.state, each.named and each.named.name) for each in shown] == [
            (shown[0].state, name) for name in ("李四", "没有此人", HUSBAND.name)
        ]
        assert await rooms.consent.entrusted(neighbor) == []
        assert await code_of(rooms.consent.accept(neighbor, misnamed.id)) == "no_such_delegation"
        async with rooms.stores.pool.acquire() as connection:
            kept = await connection.fetch("SELECT * FROM delegations")
        text = repr([dict(row) for row in kept]).encode()
        for personal in (WIFE.name, WIFE.code, nobody.name, nobody.code, NEIGHBOR.code):
            assert personal.encode() not in text


async def test_numbers_are_not_tried_out(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        wife = session(rooms, WIFE)
        people = [citizen("某人", date(1980, 1, 1), number) for number in range(100, 121)]
        told = [await code_of(offer(rooms, wife, each, NEWBORN)) for each in people]
    assert told == ["done"] * 20 + ["too_many_delegations"]


async def test_staff_of_a_company(region: Settings) -> None:
    """Named by the legal representative, for matters or all; over when the company's license stops or names another."""
    async with open_rooms(region) as rooms:
        licenses = await issue_family(rooms)
        boss, clerk = session(rooms, HUSBAND, *REPRESENTATIVE), session(rooms, NEIGHBOR)
        company = (await rooms.consent.actings(boss.person))[1]
        everything = await offer(rooms, boss, NEIGHBOR, choice=company.choice, days=300)
        some = await offer(rooms, boss, NEIGHBOR, NEWBORN, SCHOOL, choice=company.choice)
        await rooms.consent.accept(clerk, everything.id)
        assert [(each.basis, each.matter, each.subject.name) for each in await rights(rooms, clerk)] == [(Basis.STAFF, "", COMPANY.name)]
        [right] = await rights(rooms, clerk)
        assert await code_of(offer(rooms, clerk, STRANGER, choice=right.choice)) == "not_passed_on"
        await rooms.consent.take_back(company, everything.id)
        await rooms.consent.accept(clerk, some.id)
        assert [each.matter for each in await rights(rooms, clerk)] == [NEWBORN, SCHOOL]
        for action, left in ((Action.SUSPEND, 0), (Action.RESTORE, 2)):
            await change(rooms, licenses["business_license"][0], action)
            assert len(await rights(rooms, clerk)) == left
        await rooms.consent.decline(clerk, some.id)
        assert await rights(rooms, clerk) == []
        assert await code_of(rooms.consent.accept(clerk, some.id)) == "delegation_over"


@pytest.mark.parametrize("gone", [Action.REVOKE, Action.SUSPEND])
async def test_what_a_guardian_gave_ends_with_guardianship(region: Settings, gone: Action) -> None:
    async with open_rooms(region) as rooms:
        licenses = await issue_family(rooms)
        mother, neighbor = session(rooms, WIFE), session(rooms, NEIGHBOR)
        ward = (await rooms.consent.actings(mother.person))[1]
        given = await offer(rooms, mother, NEIGHBOR, SCHOOL, choice=ward.choice)
        await rooms.consent.accept(neighbor, given.id)
        assert [each.subject.name for each in await rights(rooms, neighbor)] == [CHILD.name]
        await change(rooms, licenses["birth_certificate"][0], gone)
        assert await rights(rooms, neighbor) == []

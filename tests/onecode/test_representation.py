"""Who acts for whom: every condition missing takes the right away, and what it rests on is looked at anew each time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.access.person_model import Position
from etrust.clock import day_start
from etrust.licenses.model import Action, Holder
from etrust.onecode.delegation_model import coming_of_age, same_name
from etrust.onecode.model import Basis
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.family import CHILD, COMPANY, HUSBAND, WIFE, issue_family
from tests.onecode.codes import Hands
from tests.onecode.households import birth, change, citizen, issue, page, person, years_ago

GROWN = date(1990, 1, 5)


async def bases(rooms: Rooms, holder: Holder, *companies: tuple[Holder, Position]) -> list[tuple[str, str]]:
    """For whom somebody may act, besides for oneself."""
    found = await rooms.consent.actings(person(holder, companies))
    assert found[0].basis is Basis.SELF
    assert found[0].subject.code == holder.code
    return [(each.basis.value, each.subject.name) for each in found[1:]]


async def test_a_family(region: Settings) -> None:
    """Both parents act for the child, the husband for his company where platform and license agree; the child for nobody."""
    async with open_rooms(region) as rooms:
        licenses = await issue_family(rooms)
        child = ("guardian", CHILD.name)
        assert await bases(rooms, WIFE) == [child]
        assert await bases(rooms, HUSBAND) == [child]
        assert await bases(rooms, CHILD) == []
        assert await bases(rooms, HUSBAND, (COMPANY, Position.LEGAL_REPRESENTATIVE)) == [
            ("legal_representative", COMPANY.name), child,
        ]
        assert await bases(rooms, HUSBAND, (COMPANY, Position.STAFF)) == [child], "the platform's word for staff is not enough"
        assert await bases(rooms, WIFE, (COMPANY, Position.LEGAL_REPRESENTATIVE)) == [child], "the license names another"
        found = {each.basis: each for each in await rooms.consent.actings(person(WIFE))}[Basis.GUARDIAN]
        assert found.until == day_start(date(2038, 5, 18))
        assert found.reference == licenses["birth_certificate"][0].text
        for action, right in ((Action.SUSPEND, []), (Action.RESTORE, [child]), (Action.REVOKE, [])):
            await change(rooms, licenses["birth_certificate"][0], action)
            assert await bases(rooms, WIFE) == right
            assert await bases(rooms, HUSBAND) == right
        await change(rooms, licenses["business_license"][0], Action.SUSPEND)
        assert await bases(rooms, HUSBAND, (COMPANY, Position.LEGAL_REPRESENTATIVE)) == []


async def test_each_condition_of_guardianship(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        cases = {}
        young = years_ago(rooms, 7)

        def family(number: int) -> tuple[Holder, Holder, Holder, str]:
            mother, father = citizen("古丽", GROWN, number * 2), citizen("买买提", GROWN, number * 2 + 1)
            return mother, father, citizen(f"艾孜{number}", young, number), f"6531210{number:05d}"

        m, f, c, h = family(10)
        await issue(rooms, page(m, h), page(f, h), page(c, h), birth(c, m, f))
        cases["all there, mother"], cases["all there, father"] = await bases(rooms, m), await bases(rooms, f)
        m, f, c, h = family(11)
        await issue(rooms, page(m, h), page(f, h), page(c, h))
        cases["no birth certificate"] = await bases(rooms, m) + await bases(rooms, f)
        m, f, c, h = family(12)
        await issue(rooms, page(m, h), page(f, h), birth(c, m, f))
        cases["no page of the child"] = await bases(rooms, m) + await bases(rooms, f)
        m, f, c, h = family(13)
        await issue(rooms, page(c, h), birth(c, m, f))
        cases["no page of the parent"] = await bases(rooms, m) + await bases(rooms, f)
        m, f, c, h = family(14)
        await issue(rooms, page(m, h + "9"), page(f, h), page(c, h), birth(c, m, f))
        cases["mother lives elsewhere"], cases["father lives there"] = await bases(rooms, m), await bases(rooms, f)
        m, f, c, h = family(15)
        await issue(rooms, page(m, h), page(c, h), birth(c, m, f, child_name="另一个"))
        cases["another child's name"] = await bases(rooms, m)
        m, f, c, h = family(16)
        await issue(rooms, page(m, h), page(c, h), birth(c, m, f, birth_date=str(young + timedelta(days=1)), issued_on=str(young + timedelta(days=2))))
        cases["another day of birth"] = await bases(rooms, m)
        m, f, c, h = family(17)
        await issue(rooms, page(m, h), page(c, h, birth_date=str(young - timedelta(days=400))), birth(c, m, f, birth_date=str(young - timedelta(days=400))))
        cases["the page's day is not the number's"] = await bases(rooms, m)
        m, f, c, h = family(18)
        stranger = citizen("古丽", GROWN, 600)
        await issue(rooms, page(stranger, h), page(m, h), page(c, h), birth(c, m, f))
        cases["a namesake in the same household"] = await bases(rooms, stranger)
        m, f, c, h = family(19)
        await issue(rooms, page(m, h), page(c, h), birth(c, m, f, father_code=""), page(f, h))
        cases["no father on the certificate"] = await bases(rooms, f)
        m, f, c, h = family(20)
        pages = await issue(rooms, page(m, h), page(c, h), birth(c, m, f))
        cases["in force"] = await bases(rooms, m)
        await change(rooms, pages[1], Action.SUSPEND)
        cases["the child's page suspended"] = await bases(rooms, m)
        await change(rooms, pages[1], Action.RESTORE)
        await change(rooms, pages[0], Action.REVOKE)
        cases["the mother's page revoked"] = await bases(rooms, m)
        m, f, c, h = family(21)
        await issue(rooms, page(m, "", household_number=""), page(c, "", household_number=""), birth(c, m, f))
        cases["no household number at all"] = await bases(rooms, m)
    rights = {name for name, found in cases.items() if found}
    assert rights == {"all there, mother", "all there, father", "father lives there", "in force"}
    assert cases["all there, mother"] == [("guardian", "艾孜10")]


async def test_the_eighteenth_birthday_to_the_day(region: Settings) -> None:
    """The right ends when the birthday begins in Beijing, to the second."""
    hands = Hands()
    async with open_rooms(region, clock=hands) as rooms:
        mother, father = citizen("古丽", GROWN, 30), citizen("买买提", GROWN, 31)
        almost, grown = citizen("快成年", years_ago(rooms, 18, days=1), 5), citizen("已成年", years_ago(rooms, 18), 7)
        await issue(rooms, *(page(each, "653121777") for each in (mother, almost, grown)), birth(almost, mother, father),
                    birth(grown, mother, father))  # fmt: skip
        assert await bases(rooms, mother) == [("guardian", "快成年")]
        birthday = day_start(years_ago(rooms, 0, days=1))
        hands.ahead = birthday - rooms.clock() - timedelta(seconds=30)
        assert await bases(rooms, mother) == [("guardian", "快成年")]
        hands.ahead += timedelta(seconds=60)
        assert await bases(rooms, mother) == []


async def test_a_new_legal_representative_ends_the_old_ones_right(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await issue_family(rooms)
        company = (COMPANY, Position.LEGAL_REPRESENTATIVE)
        acting = (await rooms.consent.actings(person(HUSBAND, [company])))[1]
        assert acting.subject.key == rooms.issuing.numbering.holder(COMPANY)
        assert acting.choice != (await rooms.consent.actings(person(HUSBAND)))[1].choice
        renamed = replace(HUSBAND, name="艾力·买买提江")
        assert ("legal_representative", COMPANY.name) not in await bases(rooms, renamed, company)


@pytest.mark.parametrize(
    ("born", "of_age"),
    [(date(2008, 2, 29), date(2026, 2, 28)), (date(2008, 3, 1), date(2026, 3, 1)), (date(2008, 12, 31), date(2026, 12, 31))],
    ids=["leap-day", "march", "new-year"],
)
def test_coming_of_age(born: date, of_age: date) -> None:
    assert coming_of_age(born) == of_age


@given(st.dates(date(1900, 1, 1), date(2080, 1, 1)))
def test_nobody_comes_of_age_early_or_late(born: date) -> None:
    of_age = coming_of_age(born)
    assert of_age.year - born.year == 18
    assert abs((of_age - born).days - 18 * 365.25) < 2


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("艾力·买买提", "艾力•买买提", True), ("艾力·买买提", " 艾力 · 买买提", True), ("王伟", "王伟", True), ("王伟", "王玮", False),
        ("", "", False), ("艾力·买买提", "艾力买买提", False), ("LI Ming", "li ming", True),
    ],
)  # fmt: skip
def test_names_are_compared_without_their_writing_habits(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same

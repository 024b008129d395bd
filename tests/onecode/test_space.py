"""The holder's space: across issuing bodies, newest versions only, states and what ends soon, nobody else's licenses."""

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from etrust.clock import official_date
from etrust.errors import EtrustError
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Action, Provenance
from etrust.onecode.model import Acting, Basis, Subject
from etrust.onecode.space import Space, space
from etrust.settings import Settings
from etrust.status.live import UnreachableSnapshot
from etrust.storage.stores import Stores
from etrust.verification.model import Status
from etrust.wiring import Rooms, open_rooms
from tests.conftest import Founded
from tests.family import CHILD, COMPANY, HUSBAND, WIFE
from tests.licenses.issuing import COMPANY as CELLS
from tests.licenses.issuing import officer
from tests.licenses.test_status_changes import change
from tests.onecode.family_region import family_rooms


@pytest_asyncio.fixture(scope="module")
async def rooms(stores: Stores, founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rooms]:
    """A region with the family."""
    async with family_rooms(stores, founded, tmp_path_factory) as opened:
        yield opened


def acting_for(rooms: Rooms, holder: object, basis: Basis = Basis.SELF, matter: str = "") -> Acting:
    """Somebody who acts for a holder of the family."""
    key = rooms.issuing.numbering.holder(holder)  # type: ignore[arg-type]  # a Holder
    return Acting(Subject(key, holder.name, holder.code, holder.code_type), "p", basis, matter)  # type: ignore[attr-defined]


async def test_a_space_holds_everything_of_one_holder_and_nothing_else(rooms: Rooms) -> None:
    mine = await rooms.space.of(acting_for(rooms, HUSBAND))
    assert Counter(each.license_type.name for each in mine.held) >= Counter(
        ["resident_identity_card", "household_register", "marriage_certificate", "driving_license", "passport"]
    )
    assert len({each.stored.issuer for each in mine.held}) >= 3
    assert all(HUSBAND.name in each.holder_names for each in mine.held)
    company = await rooms.space.of(acting_for(rooms, COMPANY, Basis.LEGAL_REPRESENTATIVE))
    assert [each.license_type.name for each in company.held] == ["business_license"]
    wife, child = await rooms.space.of(acting_for(rooms, WIFE)), await rooms.space.of(acting_for(rooms, CHILD, Basis.GUARDIAN))
    shared = {each.identifier for each in mine.held} & {each.identifier for each in wife.held}
    assert [each.license_type.name for each in wife.held if each.identifier in shared] == ["marriage_certificate"]
    assert {each.state for each in child.held} == {Status.VALID}


async def test_what_ends_soon_is_told_and_what_has_ended_is_not_hidden(rooms: Rooms) -> None:
    mine = await rooms.space.of(acting_for(rooms, HUSBAND))
    assert [(each.license_type.name, each.reminder) for each in mine.ending] == [("driving_license", 30)]
    assert [(each.license_type.name, each.state) for each in mine.past] == [("passport", Status.EXPIRED)]
    assert "passport" not in {each.license_type.name for held in mine.kinds().values() for each in held}


async def test_days_are_counted_to_the_last_day(region: Settings) -> None:
    async with open_rooms(region) as own:
        last = official_date(own.clock()) + timedelta(days=7)
        held = (await issue_for_company(own, 有效期截止日期=last.isoformat())).held[0]
        assert (held.days_left, held.reminder) == (7, 7)
    due = {days: replace(held, days_left=days).reminder for days in (0, 7, 8, 30, 31, 60, 61)}
    assert due == {0: 7, 7: 7, 8: 30, 30: 30, 31: 60, 60: 60, 61: None}


async def test_older_versions_are_folded_behind_the_newest(region: Settings) -> None:
    async with open_rooms(region) as own:
        first = await issue_for_company(own)
        found = await issue_for_company(own, replaces=first.held[0].identifier, 法定代表人="买买提·艾力")
        assert [(each.stored.version, each.older, each.state) for each in found.held] == [(2, 1, Status.VALID)]
        view = await own.space.license(company_of(own), found.held[0].identifier)
        assert [each.version for each in view.versions] == [2, 1]
        await own.live.refresh()
        older = await own.space.license(company_of(own), view.versions[1].text)
        assert older.held.state is Status.SUPERSEDED


async def test_revoked_and_suspended_ones_stand_there_as_what_they_are(region: Settings) -> None:
    async with open_rooms(region) as own:
        found = await issue_for_company(own)
        await change(own, found.held[0].stored, Action.SUSPEND)
        suspended = await own.space.of(company_of(own))
        assert [(each.state, each.is_past, each.days_left) for each in suspended.held] == [(Status.SUSPENDED, False, None)]
        await change(own, found.held[0].stored, Action.REVOKE)
        assert [each.state for each in (await own.space.of(company_of(own))).past] == [Status.REVOKED]


async def test_a_delegate_sees_no_license(rooms: Rooms) -> None:
    delegate = acting_for(rooms, HUSBAND, Basis.DELEGATE, "1" * 31)
    assert await rooms.space.of(delegate) == Space(())
    own = (await rooms.space.of(acting_for(rooms, HUSBAND))).held[0].identifier
    with pytest.raises(EtrustError, match="no_such_license"):
        await rooms.space.license(delegate, own)


async def test_unknown_and_foreign_licenses_have_one_answer(rooms: Rooms) -> None:
    hers = (await rooms.space.of(acting_for(rooms, WIFE))).held
    foreign = next(each.identifier for each in hers if each.license_type.name == "resident_identity_card")
    told = set()
    for identifier in (foreign, foreign[:-1] + "?", "nonsense", foreign.replace(foreign.split(".")[7], "A" * 20)):
        with pytest.raises(EtrustError) as raised:
            await rooms.space.license(acting_for(rooms, HUSBAND), identifier)
        told.add((raised.value.kind, raised.value.code, raised.value.en))
    assert len(told) == 1


async def test_searching_finds_by_type_number_and_authority_in_any_language(rooms: Rooms) -> None:
    mine = acting_for(rooms, HUSBAND)
    for text in ("驾驶", "DRIVING", "ھەيدەش"):
        assert [each.license_type.name for each in (await rooms.space.of(mine, text=text)).held] == ["driving_license"]
    assert {each.license_type.name for each in (await rooms.space.of(mine, text="派出所")).held} == {"household_register"}
    assert (await rooms.space.of(mine, text="%")).held == ()


async def test_pages_are_bounded_and_follow_each_other(rooms: Rooms) -> None:
    mine, register = acting_for(rooms, HUSBAND), await rooms.space.register()
    whole = await rooms.space.of(mine)
    seen: list[str] = []
    after = ""
    async with rooms.stores.pool.acquire() as connection:
        for _ in range(len(whole.held)):
            page = await space(connection, mine.subject, register, after=after, limit=3)
            assert len(page.held) <= 3
            seen += [each.identifier for each in page.held]
            after = page.after
            if not after:
                break
    assert sorted(seen) == sorted(each.identifier for each in whole.held)


async def test_without_the_status_lists_nothing_is_called_valid(region: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_rooms(region) as own:
        await issue_for_company(own)

        async def gone() -> UnreachableSnapshot:
            return UnreachableSnapshot()

        monkeypatch.setattr(own.live, "snapshot", gone)
        assert [each.state for each in (await own.space.of(company_of(own))).held] == [Status.UNKNOWN]


def company_of(own: Rooms) -> Acting:
    """Whoever acts for the sample company."""
    key = own.issuing.numbering.holder(type(COMPANY)(CELLS["持证主体"], CELLS["统一社会信用代码"], "001"))
    return Acting(Subject(key, CELLS["持证主体"], CELLS["统一社会信用代码"], "001"), "p", Basis.LEGAL_REPRESENTATIVE)


async def issue_for_company(rooms: Rooms, *, replaces: str | None = None, **changes: str) -> Space:
    """The space of the sample company after its business license was issued with changed cells."""
    who = officer(rooms)
    async with rooms.stores.pool.acquire() as connection:
        await issue_one(
            connection, rooms.issuing, rooms.types["business_license"], {**CELLS, **changes},
            who=Provenance(who.operator, who.body, rooms.clock()), replaces=replaces, legal_basis="《市场主体登记管理条例》",
        )  # fmt: skip
    return await rooms.space.of(company_of(rooms))

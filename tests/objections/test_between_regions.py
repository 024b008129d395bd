"""An objection across regions: opened at one counter, decided where the license was issued, in step even after a day of silence."""

import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from etrust.cli.serving import serving
from etrust.credentials.code import encode_code
from etrust.errors import EtrustError
from etrust.licenses import store as license_store
from etrust.notices.model import Recipient, RecipientKind
from etrust.objections.corrections import CorrectionState, Difference, Taken
from etrust.objections.model import Objection, Outcome, State
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import issue_company
from tests.notices.test_delivery import deliver_all
from tests.recognition.regions import Partner, another_region, meet

PROOF = b"\x89PNG\r\n\x1a\n" + b"proof" * 600_000
"""Three megabytes, as a photograph has."""
CLERKS_BODY = Recipient(RecipientKind.BODY, "12653121MB1A0011X3")


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


@contextlib.asynccontextmanager
async def two(region: Settings, gansu: Partner) -> AsyncIterator[Rooms]:
    async with open_rooms(region) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        await meet(rooms, address, gansu)
        yield rooms


async def exchange(rooms: Rooms, gansu: Partner) -> None:
    """Everything that is to be told is told."""
    for _ in range(3):
        await deliver_all(rooms)
        await deliver_all(gansu.rooms)


async def opened_here(rooms: Rooms, gansu: Partner, number: str) -> tuple[Objection, Objection]:
    """A case about a license of Gansu: as it stands here, and there."""
    license_ = await issue_company(gansu.rooms, 证照编号=number)
    clerk = await rooms.operator("clerk")
    here = await rooms.objections.open_by_clerk(
        clerk, license_=encode_code(license_.credential), field="legal_representative", claim="李明", words="与本人证件不符。"
    )
    await rooms.objections.add_evidence(here, "证件.png", PROOF, given_by="clerk")
    await exchange(rooms, gansu)
    officer = await gansu.rooms.operator("cases")
    there = next(each for each in await gansu.rooms.objections.queue(officer) if each.linked == here.number)
    return here, there


async def test_opened_here_corrected_there_and_told_to_whoever_asked(region: Settings, gansu: Partner) -> None:
    async with two(region, gansu) as rooms:
        here, there = await opened_here(rooms, gansu, "620000000000001")
        assert (here.state, here.region) == (State.FORWARDED, "620000")
        assert (there.claim, there.words, there.opener_name) == ("李明", "与本人证件不符。", "650000")
        (file, content) = (await gansu.rooms.objections.fetch_evidence(there))[0]
        assert (file.name, file.media_type, content) == ("证件.png", "image/png", PROOF)
        one, other = await gansu.rooms.operator("cases"), await gansu.rooms.operator("cases2")
        await gansu.rooms.objections.accept(there.number, who=one)
        await exchange(rooms, gansu)
        clerk = await rooms.operator("clerk")
        assert (await rooms.objections.opened_case(here.number, clerk)).last.reason == "review"
        await gansu.rooms.objections.propose(there.number, Outcome.CORRECTED, "核实有误。", who=one, changes={"legal_representative": "李明"})
        settled = await gansu.rooms.objections.decide(there.number, who=other)
        assert settled.prepared is not None
        await exchange(rooms, gansu)
        found = await rooms.objections.opened_case(here.number, clerk)
        assert (found.state, found.last.operator) == (State.CORRECTED, "region:620000")
        told = (await rooms.notices.inbox(CLERKS_BODY))[0].notice
        assert (told.kind, told.content["replaced_by"]) == ("objection.decided", settled.prepared.identifier.text)
        async with gansu.rooms.stores.pool.acquire() as connection:
            new = await license_store.find(connection, settled.prepared.identifier.serial, 2)
        assert new is not None
        assert new.fields["legal_representative"] == "李明"


async def test_with_the_other_region_down_for_a_day_both_stay_in_step(region: Settings, gansu: Partner) -> None:
    async with two(region, gansu) as rooms:
        license_ = await issue_company(gansu.rooms, 证照编号="620000000000002")
        await rooms.partners.trust_of("620000")
        (partner,) = [each for each in await rooms.partners.regions_in_force() if each.region == "620000"]
        object.__setattr__(partner, "base_url", "http://127.0.0.1:1")
        clerk = await rooms.operator("clerk")
        here = await rooms.objections.open_by_clerk(clerk, license_=encode_code(license_.credential), words="有误。")
        await deliver_all(rooms)
        await rooms.objections.withdraw(await rooms.objections.opened_case(here.number, clerk))
        await deliver_all(rooms)
        assert len(await rooms.notices.unconfirmed(kind=RecipientKind.REGION)) == 2
        object.__setattr__(partner, "base_url", gansu.address)
        rooms.partners._line(partner)._breaker.answered()
        await exchange(rooms, gansu)
        assert await rooms.notices.unconfirmed(kind=RecipientKind.REGION) == []
        officer = await gansu.rooms.operator("cases")
        there = [each for each in await gansu.rooms.objections.queue(officer, states=list(State)) if each.linked == here.number]
        assert [each.state for each in there] == [State.WITHDRAWN]


async def test_dismissed_there_and_appealed_from_here(region: Settings, gansu: Partner) -> None:
    async with two(region, gansu) as rooms:
        here, there = await opened_here(rooms, gansu, "620000000000003")
        one, other = await gansu.rooms.operator("cases"), await gansu.rooms.operator("cases2")
        await gansu.rooms.objections.accept(there.number, who=one)
        await gansu.rooms.objections.propose(there.number, Outcome.STANDS, "与档案一致。", who=one)
        await gansu.rooms.objections.decide(there.number, who=other)
        await exchange(rooms, gansu)
        clerk = await rooms.operator("clerk")
        found = await rooms.objections.opened_case(here.number, clerk)
        assert found.state is State.DISMISSED
        await rooms.objections.appeal(found, "请再核。")
        await exchange(rooms, gansu)
        above, above2 = await gansu.rooms.operator("appeals"), await gansu.rooms.operator("appeals2")
        assert (await gansu.rooms.objections.find(there.number, above)).state is State.REVIEW
        await gansu.rooms.objections.propose(there.number, Outcome.STANDS, "维持。", who=above)
        await gansu.rooms.objections.decide(there.number, who=above2)
        await exchange(rooms, gansu)
        found = await rooms.objections.opened_case(here.number, clerk)
        assert (found.state, found.appealed) == (State.DISMISSED, True)


async def test_what_there_is_no_license_of_comes_back_refused(region: Settings, gansu: Partner) -> None:
    async with two(region, gansu) as rooms:
        ours = await issue_company(rooms)
        clerk = await rooms.operator("clerk")
        with pytest.raises(EtrustError, match="no such license"):
            await rooms.objections.open_by_clerk(clerk, license_="1.2.3", words="x")
        # A license of ours that is sent to Gansu as theirs: Gansu knows no such license.
        async with rooms.stores.pool.acquire() as connection:
            assert await license_store.find(connection, ours.serial, 1) is not None
        from etrust.notices.post import post  # noqa: PLC0415 - what a mistaken region would send

        async with rooms.stores.pool.acquire() as connection, connection.transaction():
            await post(
                connection, stream="objection/YY20261125-AAAAAAAA", recipient=Recipient(RecipientKind.REGION, "620000"),
                kind="objection.forwarded", content={"number": "YY20261125-AAAAAAAA", "license": ours.identifier.text}, at=rooms.clock(),
            )  # fmt: skip
        await exchange(rooms, gansu)
        assert await rooms.notices.unconfirmed(kind=RecipientKind.REGION) == []
        told = await gansu.rooms.notices.of_stream("objection/YY20261125-AAAAAAAA")
        assert [(each.notice.kind, each.notice.content["reason"]) for each in told] == [("objection.decided", "no_such_license")]


async def test_evidence_is_for_the_region_that_has_the_case(region: Settings, gansu: Partner) -> None:
    async with two(region, gansu) as rooms:
        ours = await issue_company(rooms)
        clerk = await rooms.operator("clerk")
        own = await rooms.objections.open_by_clerk(clerk, license_=ours.identifier.text, words="有误。")
        for number in (own.number, "YY20261125-BBBBBBBB"):
            with pytest.raises(EtrustError) as caught:
                await rooms.objections.evidence_for("620000", number)
            assert caught.value.code == "no_such_objection"


async def test_a_difference_found_here_is_corrected_there_and_answered(region: Settings, gansu: Partner) -> None:
    async with two(region, gansu) as rooms:
        license_ = await issue_company(gansu.rooms, 证照编号="620000000000077")
        clerk = await rooms.operator("clerk")
        difference = Difference(license_.identifier.text, "legal_representative", "李明", ground="人口库", region="620000")
        (taken,) = await rooms.corrections.report([difference], who=clerk)
        assert isinstance(taken, Taken)
        assert taken.state is CorrectionState.FORWARDED
        await exchange(rooms, gansu)
        one, other = await gansu.rooms.operator("cases"), await gansu.rooms.operator("cases2")
        found = next(each for each in await gansu.rooms.corrections.queue(one, [CorrectionState.OPEN]) if each.difference.value == "李明")
        assert found.difference.ground == "人口库"
        await gansu.rooms.corrections.propose([found.number], "属实。", who=one)
        (agreed,), _ = await gansu.rooms.corrections.agree([found.number], who=other)
        await exchange(rooms, gansu)
        here = await rooms.corrections.reported(taken.number, clerk)
        assert here.last is not None
        assert (here.state, here.last.replaced_by) == (CorrectionState.ACCEPTED, agreed.replaced_by)
        told = (await rooms.notices.inbox(CLERKS_BODY))[0].notice
        assert (told.kind, told.content["number"]) == ("correction.decided", taken.number)


async def test_a_difference_that_cannot_be_taken_up_there_does_not_hang_here(region: Settings, gansu: Partner) -> None:
    async with two(region, gansu) as rooms:
        license_ = await issue_company(rooms)  # ours, and none of theirs
        clerk = await rooms.operator("clerk")
        difference = Difference(license_.identifier.text, "legal_representative", "李明", region="620000")
        (taken,) = await rooms.corrections.report([difference], who=clerk)
        assert isinstance(taken, Taken)
        await exchange(rooms, gansu)
        here = await rooms.corrections.reported(taken.number, clerk)
        assert here.last is not None
        assert (here.state, here.last.reason) == (CorrectionState.REFUSED, "no_such_license")

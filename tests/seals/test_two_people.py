"""What one person must not do alone, and what two at the same moment cannot both do."""

import asyncio
from dataclasses import replace

import pytest

from etrust.errors import EtrustError
from etrust.seals import store
from etrust.seals.activate import activate
from etrust.seals.file_record import file_record
from etrust.seals.make import make
from etrust.seals.model import Action, SealState
from etrust.seals.restore import restore
from etrust.seals.review import review
from etrust.seals.suspend import report_lost
from etrust.settings import Settings
from tests.seals.officers import BODY, GROUND, SEAL, Desk, desk


@pytest.mark.parametrize("approve", [True, False])
async def test_the_applicant_does_not_review(region: Settings, approve: bool) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPLIED)
        with pytest.raises(EtrustError) as refused:
            await review(at.connection, code, approve=approve, who=at.who("seals"), ground=GROUND)
        assert (refused.value.code, await at.state(code)) == ("second_person_needed", SealState.APPLIED)


async def test_neither_maker_nor_recorder_puts_it_into_use(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPROVED)
        await make(at.connection, at.rooms.workshop, code, who=at.who("seals"), ground=GROUND)
        await file_record(at.connection, code, record_number="7", who=at.who("seals2"), ground=GROUND)
        for operator in ("seals", "seals2"):
            with pytest.raises(EtrustError) as refused:
                await activate(at.connection, at.rooms.workshop, code, who=at.who(operator), ground=GROUND)
            assert refused.value.code == "second_person_needed"
        event = await activate(at.connection, at.rooms.workshop, code, who=at.who("third"), ground=GROUND)
        assert event.state is SealState.ACTIVE


@pytest.mark.parametrize("state", [SealState.FROZEN, SealState.LOST])
async def test_restoring_takes_a_proposal_and_another_person(region: Settings, state: SealState) -> None:
    async with desk(region) as at:
        code = await at.reach(state)
        proposed = await restore(at.connection, code, who=at.who("seals"), ground=GROUND)
        assert (proposed.action, proposed.state, await at.state(code)) == (Action.PROPOSE_RESTORE, state, state)
        with pytest.raises(EtrustError) as refused:
            await restore(at.connection, code, who=at.who("seals"), ground=GROUND)
        assert (refused.value.code, await at.state(code)) == ("second_person_needed", state)
        restored = await restore(at.connection, code, who=at.who("seals2"), ground=GROUND)
        assert (restored.action, await at.state(code)) == (Action.RESTORE, SealState.ACTIVE)


async def test_a_report_of_loss_takes_the_proposal_away(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.FROZEN)
        await restore(at.connection, code, who=at.who("seals"), ground=GROUND)
        await report_lost(at.connection, code, who=at.who("seals"), ground=GROUND)
        event = await restore(at.connection, code, who=at.who("seals2"), ground=GROUND)
        assert (event.action, event.state) == (Action.PROPOSE_RESTORE, SealState.LOST)


async def test_of_two_activations_at_once_one_is_refused(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.RECORDED)

        async def one(operator: str) -> str:
            async with at.rooms.stores.pool.acquire() as connection:
                try:
                    return str((await activate(connection, at.rooms.workshop, code, who=at.who(operator), ground=GROUND)).action)
                except EtrustError as error:
                    return error.code

        outcomes = await asyncio.gather(*(one(operator) for operator in ("third", "fourth", "fifth", "sixth")))
        assert sorted(outcomes) == ["activate", *["bad_transition"] * 3]
        steps = [event.action for event in await store.events_of(at.connection, code)]
        assert steps.count(Action.ACTIVATE) == 1


async def test_of_two_makings_at_once_one_seal_comes(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPROVED)

        async def one() -> str:
            async with at.rooms.stores.pool.acquire() as connection:
                try:
                    return str((await make(connection, at.rooms.workshop, code, who=at.who(), ground=GROUND)).action)
                except EtrustError as error:
                    return error.code

        outcomes = await asyncio.gather(one(), one())
        assert sorted(outcomes) == ["bad_transition", "make"]
        assert await at.connection.fetchval("SELECT count(*) FROM seal_files WHERE code = $1", code) == 1


async def _refused(at: Desk, code: str, **changes: object) -> str:
    with pytest.raises(EtrustError) as refused:
        await review(at.connection, code, approve=True, who=replace(at.who("seals2"), **changes), ground=GROUND)  # type: ignore[arg-type]
    return refused.value.code


async def test_only_officers_and_only_for_their_bodies(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPLIED)
        assert await _refused(at, code, roles=frozenset({"admin", "issuer"})) == "no_role"
        assert await _refused(at, code, body="11650000MB1A0003XT") == "seal_not_found"
        assert await _refused(at, "65000099999999") == "seal_not_found"
        event = await review(at.connection, code, approve=True, who=at.who("theirs", body=BODY), ground=GROUND)
        assert event.state is SealState.APPROVED
        with pytest.raises(EtrustError) as refused:
            await at.apply(replace(SEAL, body="11650000MB1A9999X0"))
        assert (refused.value.code, refused.value.where) == ("seal_not_found", "body")

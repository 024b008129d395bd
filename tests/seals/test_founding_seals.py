"""The first seals of a region: by the real steps, once, and carried on where a crash left them."""

import pytest

from etrust.access import store as access_store
from etrust.errors import EtrustError
from etrust.seals import store, usage_store
from etrust.seals.cancel import cancel
from etrust.seals.model import GranteeKind, SealKind, SealState
from etrust.settings import Settings
from etrust.wiring.founding_seals import found_seals
from tests.seals.officers import BODY, GROUND, SEAL, Desk, desk

OFFICERS = ["seals", "seals2"]
TYPES = {BODY: ["business_license"]}


async def found(at: Desk, officers: list[str] = OFFICERS) -> list[str]:
    return await found_seals(at.connection, at.rooms.workshop, officers=officers, license_types=TYPES, at=at.rooms.clock())


async def cleared(at: Desk) -> None:
    """Nothing of the founding is left: its seal is one of another kind from here on, as far as the function looks."""
    await at.connection.execute("TRUNCATE seals, seal_events, seal_makings, seal_files, seal_grants, seal_grant_ends CASCADE")


async def test_every_issuing_body_has_its_seal_in_use(region: Settings) -> None:
    async with desk(region) as at:
        mandates = await access_store.mandates(at.connection)
        for body in {mandate.body for mandate in mandates}:
            own = [mandate.license_type for mandate in mandates if mandate.body == body]
            seals = await store.usable_seals(at.connection, body, SealKind.LICENSE, own[0])
            assert [set(seal.application.license_types) for seal in seals] == [set(own)]
            events = await store.events_of(at.connection, seals[0].code)
            assert [event.operator for event in events] == ["seals", "seals2", "seals", "seals", "seals", "seals2"]
            grants = await usage_store.grants_of(at.connection, seals[0].code)
            assert [(grant.kind, grant.grantee, set(grant.license_types)) for grant in grants] == [(GranteeKind.ROLE, "issuer", set(own))]


async def test_founding_again_makes_none(region: Settings) -> None:
    async with desk(region) as at:
        before = await at.connection.fetchval("SELECT count(*) FROM seals")
        assert await found(at) == []
        assert await at.connection.fetchval("SELECT count(*) FROM seals") == before


async def test_a_canceled_seal_is_not_made_again(region: Settings) -> None:
    async with desk(region) as at:
        code = (await store.usable_seals(at.connection, BODY, SealKind.LICENSE, "business_license"))[0].code
        await cancel(at.connection, at.rooms.workshop, code, who=at.who(), ground=GROUND)
        assert await found(at) == []


async def test_a_home_whose_register_is_gone_gives_no_code_twice(region: Settings) -> None:
    async with desk(region) as at:
        await cleared(at)
        with pytest.raises(EtrustError, match="register_lost"):
            await found(at)
        assert await at.connection.fetchval("SELECT count(*) FROM seals") == 0


@pytest.mark.parametrize("state", [SealState.APPLIED, SealState.APPROVED, SealState.MADE, SealState.RECORDED])
async def test_what_a_crash_left_is_carried_on(region: Settings, state: SealState) -> None:
    async with desk(region) as at:
        await cleared(at)
        code = await at.reach(state, SEAL)
        assert await found(at) == [code]
        assert await at.state(code) is SealState.ACTIVE


@pytest.mark.parametrize("officers", [[], ["seals"], ["seals", "nobody"], ["seals", "officer"]])
async def test_one_person_alone_makes_none(region: Settings, officers: list[str]) -> None:
    async with desk(region) as at:
        await cleared(at)
        assert await found(at, officers) == []
        assert await at.connection.fetchval("SELECT count(*) FROM seals") == 0

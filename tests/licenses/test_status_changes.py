"""Revoke, suspend, restore and replace: with a ground, by the body that issued, as events; seen by every process in time."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest

from etrust.errors import EtrustError
from etrust.licenses.change import MAX_REASON, TRANSITIONS, Ground, change_status
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Action, Provenance, StoredLicense
from etrust.settings import Settings
from etrust.status.model import State
from etrust.verification.model import Status
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import BODIES, COMPANY, code_of, identifier_of, issue_company, officer

GROUND = Ground("经营异常", "《行政许可法》第六十九条")
STATUS = {State.VALID: Status.VALID, State.REVOKED: Status.REVOKED, State.SUSPENDED: Status.SUSPENDED}


async def change(rooms: Rooms, license_: StoredLicense, action: Action, ground: Ground = GROUND, **more) -> None:  # type: ignore[no-untyped-def]
    who = more.pop("who", officer(rooms))
    async with rooms.stores.pool.acquire() as connection:
        await change_status(
            connection, serial=license_.serial, version=license_.version, action=action, ground=ground, who=who, **more
        )
    await rooms.announce()


@pytest.mark.parametrize("actions", [
    [Action.REVOKE], [Action.SUSPEND], [Action.SUSPEND, Action.RESTORE], [Action.SUSPEND, Action.REVOKE],
    [Action.SUSPEND, Action.RESTORE, Action.SUSPEND],
], ids="-".join)  # fmt: skip
async def test_the_next_check_says_so(region: Settings, actions: list[Action]) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        state = State.VALID
        for action in actions:
            state = TRANSITIONS[state, action]
            await change(rooms, license_, action)
            for presented in (code_of(license_), identifier_of(license_).text, identifier_of(license_).short):
                assert (await rooms.check(presented)).status == STATUS[state]


@pytest.mark.parametrize(("done", "action"), [
    ([], Action.RESTORE), ([Action.REVOKE], Action.REVOKE), ([Action.REVOKE], Action.SUSPEND), ([Action.REVOKE], Action.RESTORE),
    ([Action.SUSPEND], Action.SUSPEND),
])  # fmt: skip
async def test_what_a_state_does_not_allow(region: Settings, done: list[Action], action: Action) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        for earlier in done:
            await change(rooms, license_, earlier)
        with pytest.raises(EtrustError, match="bad_transition"):
            await change(rooms, license_, action)


@pytest.mark.parametrize("ground", [Ground("", "法"), Ground("因", " "), Ground("因" * (MAX_REASON + 1), "法")])
async def test_a_ground_is_required(region: Settings, ground: Ground) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        with pytest.raises(EtrustError, match="bad_ground"):
            await change(rooms, license_, Action.REVOKE, ground)


async def test_another_body_gets_the_answer_of_an_unknown_license(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        stranger = Provenance("admin", BODIES["marriage_certificate"], rooms.clock())
        with pytest.raises(EtrustError) as forbidden:
            await change(rooms, license_, Action.REVOKE, who=stranger)
        with pytest.raises(EtrustError) as unknown:
            async with rooms.stores.pool.acquire() as connection:
                await change_status(
                    connection, serial="0" * 20, version=1, action=Action.REVOKE, ground=GROUND, who=officer(rooms)
                )
        assert str(forbidden.value) == str(unknown.value)
        assert forbidden.value.kind == unknown.value.kind


async def test_another_process_knows_within_a_second(region: Settings) -> None:
    async with open_rooms(region, follow=True) as here, open_rooms(region, follow=True) as there:
        license_ = await issue_company(here)
        assert (await there.check(code_of(license_))).status == Status.VALID
        await change(here, license_, Action.REVOKE)
        await asyncio.sleep(1)
        assert (await there.check(code_of(license_))).status == Status.REVOKED


async def test_another_process_knows_without_any_announcement(region: Settings) -> None:
    # Redis may be gone: a snapshot is never older than half a second, whoever asks.
    async with open_rooms(region) as here, open_rooms(region) as there:
        license_ = await issue_company(here)
        assert (await there.check(code_of(license_))).status == Status.VALID
        async with here.stores.pool.acquire() as connection:
            await change_status(
                connection, serial=license_.serial, version=1, action=Action.REVOKE, ground=GROUND, who=officer(here)
            )
        await asyncio.sleep(1)
        assert (await there.check(code_of(license_))).status == Status.REVOKED


async def test_past_times_are_answered_from_the_history(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        code = code_of(license_)
        issued = rooms.clock()
        effective = issued - timedelta(hours=1)
        await asyncio.sleep(0.01)
        await change(rooms, license_, Action.REVOKE, effective_at=effective)
        ask = lambda **when: rooms.check(code, **when)  # noqa: E731
        assert (await ask()).status == Status.REVOKED
        assert (await ask(at=effective)).status == Status.REVOKED
        assert (await ask(at=effective - timedelta(seconds=1))).status == Status.VALID
        # As known before the revoking was recorded, the license was in force even after its effective time.
        assert (await ask(at=effective + timedelta(minutes=1), known_at=issued)).status == Status.VALID


async def test_an_effective_time_lies_neither_ahead_nor_before_the_last_change(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        with pytest.raises(EtrustError, match="bad_effective_time"):
            await change(rooms, license_, Action.REVOKE, effective_at=rooms.clock() + timedelta(hours=1))
        await change(rooms, license_, Action.SUSPEND)
        with pytest.raises(EtrustError, match="bad_effective_time"):
            await change(rooms, license_, Action.REVOKE, effective_at=rooms.clock() - timedelta(hours=1))


async def test_a_new_version_replaces_the_old(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        old = await issue_company(rooms)
        cells = {**COMPANY, "法定代表人": "买买提·玉素甫"}
        async with rooms.stores.pool.acquire() as connection:
            new = await issue_one(
                connection, rooms.issuing, rooms.types["business_license"], cells, who=officer(rooms),
                replaces=identifier_of(old).text, legal_basis="《市场主体登记管理条例》",
            )  # fmt: skip
        await rooms.announce()
        assert (new.serial, new.version) == (old.serial, 2)
        assert (await rooms.check(code_of(old))).status == Status.SUPERSEDED
        assert (await rooms.check(new.text)).status == Status.VALID


async def test_every_change_is_in_the_trail_with_operator_body_and_ground(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        await change(rooms, license_, Action.REVOKE)
        async with rooms.stores.pool.acquire() as connection:
            entry = await connection.fetchrow("SELECT * FROM audit_trail WHERE action = 'license.revoke'")
            assert entry is not None
            assert (entry["operator"], entry["body"]) == ("admin", BODIES["business_license"])
            assert (entry["reason"], entry["legal_basis"]) == (GROUND.reason, GROUND.legal_basis)
            with pytest.raises(Exception, match="append only"):
                await connection.execute("DELETE FROM status_events")


async def test_a_clock_that_is_behind_cannot_undo_a_revocation(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        license_ = await issue_company(rooms)
        since = rooms.clock() - timedelta(minutes=1)
        await change(rooms, license_, Action.SUSPEND, effective_at=since)
        await change(rooms, license_, Action.REVOKE, effective_at=since)
        behind = Provenance("admin", BODIES["business_license"], rooms.clock() - timedelta(seconds=30))
        with pytest.raises(EtrustError, match="bad_transition"):
            await change(rooms, license_, Action.RESTORE, who=behind, effective_at=since)
        assert (await rooms.check(code_of(license_))).status == Status.REVOKED


async def test_restoring_and_revoking_side_by_side_never_ends_valid(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        for number in range(12):
            license_ = await issue_company(rooms, 证照编号=str(650000000000100 + number))
            since = rooms.clock() - timedelta(minutes=1)
            await change(rooms, license_, Action.SUSPEND, effective_at=since)
            both = [change(rooms, license_, action, effective_at=since) for action in (Action.RESTORE, Action.REVOKE)]
            await asyncio.gather(*both, return_exceptions=True)
            assert (await rooms.check(code_of(license_))).status == Status.REVOKED


@pytest.mark.parametrize("action", [Action.SUSPEND, Action.REVOKE])
async def test_a_new_version_lifts_no_suspension_and_no_revocation(region: Settings, action: Action) -> None:
    async with open_rooms(region) as rooms:
        old = await issue_company(rooms)
        await change(rooms, old, action)
        with pytest.raises(EtrustError, match="bad_transition"):
            await replace_with_new_version(rooms, old)
        assert (await rooms.check(code_of(old))).status == STATUS[TRANSITIONS[State.VALID, action]]
        async with rooms.stores.pool.acquire() as connection:
            assert await connection.fetchval("SELECT count(*) FROM licenses") == 1


async def test_a_new_version_needs_a_legal_basis_and_is_in_the_trail(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        old = await issue_company(rooms)
        with pytest.raises(EtrustError, match="bad_ground"):
            await replace_with_new_version(rooms, old, legal_basis="")
        await replace_with_new_version(rooms, old)
        async with rooms.stores.pool.acquire() as connection:
            basis = await connection.fetchval("SELECT legal_basis FROM audit_trail WHERE action = 'license.supersede'")
        assert basis == "《市场主体登记管理条例》"


async def replace_with_new_version(rooms: Rooms, old: StoredLicense, legal_basis: str = "《市场主体登记管理条例》") -> None:
    cells = {**COMPANY, "法定代表人": "买买提·玉素甫"}
    async with rooms.stores.pool.acquire() as connection:
        await issue_one(
            connection, rooms.issuing, rooms.types["business_license"], cells, who=officer(rooms),
            replaces=identifier_of(old).text, legal_basis=legal_basis,
        )  # fmt: skip
    await rooms.announce()


async def test_version_999_is_the_last(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        old = await issue_company(rooms)
        async with rooms.stores.pool.acquire() as connection:
            for table in ("licenses", "credentials"):
                await connection.execute(f"UPDATE {table} SET version = 999")
        with pytest.raises(EtrustError, match="too_many_versions"):
            await replace_with_new_version(rooms, dataclasses.replace(old, version=999))

"""The life of a seal: what every state allows and refuses, and that every step is an event that stays."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from etrust.errors import EtrustError
from etrust.seals import store
from etrust.seals.activate import activate
from etrust.seals.cancel import cancel
from etrust.seals.file_record import file_record
from etrust.seals.make import make
from etrust.seals.model import TRANSITIONS, Action, Actor, Ground, SealEvent, SealState
from etrust.seals.restore import restore
from etrust.seals.review import review
from etrust.seals.suspend import freeze, report_lost
from etrust.settings import Settings
from tests.seals.officers import CENTER, GROUND, Desk, desk

Verb = Callable[[Desk, str, Actor], Awaitable[SealEvent]]
VERBS: dict[Action, tuple[str, Verb]] = {
    Action.APPROVE: ("seals2", lambda desk, code, who: review(desk.connection, code, approve=True, who=who, ground=GROUND)),
    Action.REJECT: ("seals2", lambda desk, code, who: review(desk.connection, code, approve=False, who=who, ground=GROUND)),
    Action.MAKE: ("seals", lambda desk, code, who: make(desk.connection, desk.rooms.workshop, code, who=who, ground=GROUND)),
    Action.FILE_RECORD: (
        "seals", lambda desk, code, who: file_record(desk.connection, code, record_number="公备7", who=who, ground=GROUND)),
    Action.ACTIVATE: (
        "seals2", lambda desk, code, who: activate(desk.connection, desk.rooms.workshop, code, who=who, ground=GROUND)),
    Action.FREEZE: ("seals", lambda desk, code, who: freeze(desk.connection, code, who=who, ground=GROUND)),
    Action.REPORT_LOST: ("seals", lambda desk, code, who: report_lost(desk.connection, code, who=who, ground=GROUND)),
    Action.PROPOSE_RESTORE: ("seals", lambda desk, code, who: restore(desk.connection, code, who=who, ground=GROUND)),
    Action.CANCEL: ("seals", lambda desk, code, who: cancel(desk.connection, desk.rooms.workshop, code, who=who, ground=GROUND)),
}  # fmt: skip
REACHED = [state for state in SealState if state not in (SealState.MAKING, SealState.SUPERSEDED)]  # these have tests of their own


def allowed(state: SealState, action: Action) -> SealState | None:
    """Where the table leads; making is two steps in one."""
    if action is Action.MAKE and state is SealState.APPROVED:
        return SealState.MADE
    return TRANSITIONS.get((state, action))


@pytest.mark.parametrize("state", REACHED)
async def test_what_a_state_refuses_changes_nothing(region: Settings, state: SealState) -> None:
    async with desk(region) as at:
        code = await at.reach(state)
        before = await store.events_of(at.connection, code)
        assert before[-1].state is state
        for action, (operator, verb) in VERBS.items():
            if allowed(state, action) is None:
                with pytest.raises(EtrustError) as refused:
                    await verb(at, code, at.who(operator))
                assert refused.value.code == "bad_transition", (state, action)
        assert await store.events_of(at.connection, code) == before


@pytest.mark.parametrize("state", REACHED)
async def test_what_a_state_allows_leads_where_the_table_says(region: Settings, state: SealState) -> None:
    following = {action: to for action in VERBS if (to := allowed(state, action)) is not None}
    async with desk(region) as at:
        for action, to in following.items():
            code = await at.reach(state)
            operator, verb = VERBS[action]
            event = await verb(at, code, at.who(operator))
            assert (event.action, event.state, await at.state(code)) == (action, to, to)
    assert following or state in (SealState.REJECTED, SealState.CANCELED)


async def test_the_whole_way_is_kept_with_operator_reason_and_basis(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.ACTIVE)
        events = await store.events_of(at.connection, code)
        trail = await at.connection.fetch(
            "SELECT action, operator, reason, legal_basis FROM audit_trail WHERE subject = $1 ORDER BY entry", code
        )
        assert [str(event.action) for event in events] == [
            "apply", "approve", "prepare", "make", "file_record", "activate"
        ]
        assert [event.operator for event in events] == ["seals", "seals2", "seals", "seals", "seals", "seals2"]
        assert {(event.reason, event.legal_basis, event.body) for event in events} == {(GROUND.reason, GROUND.legal_basis, CENTER)}
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[4].note == "公备2026-7"
        assert [(row["action"], row["operator"]) for row in trail] == [(f"seal.{event.action}", event.operator) for event in events]


async def test_a_step_is_never_earlier_than_the_one_before(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.ACTIVE)
        behind = replace(at.who(), at=at.who().at - timedelta(minutes=7))  # a node whose clock is
        event = await freeze(at.connection, code, who=behind, ground=GROUND)
        assert event.at == (await store.events_of(at.connection, code))[-2].at


@pytest.mark.parametrize(("reason", "basis", "where"), [("", "b", "reason"), ("r", " ", "legal_basis"), ("r" * 201, "b", "reason")])
async def test_without_a_ground_nothing_is_done(region: Settings, reason: str, basis: str, where: str) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPLIED)
        with pytest.raises(EtrustError) as refused:
            await review(at.connection, code, approve=True, who=at.who("seals2"), ground=Ground(reason, basis))
        assert (refused.value.code, refused.value.where, await at.state(code)) == ("bad_ground", where, SealState.APPLIED)


@pytest.mark.parametrize("table", [
    "seals", "seal_events", "seal_makings", "seal_files", "seal_grants", "seal_grant_ends", "seal_uses", "seal_uses_signed",
    "seal_refusals",
])  # fmt: skip
async def test_nothing_is_changed_or_deleted(region: Settings, table: str) -> None:
    async with desk(region) as at:
        columns = await at.connection.fetchval(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND is_generated = 'NEVER'"
            " AND is_identity = 'NO' LIMIT 1", table,
        )  # fmt: skip
        await at.reach(SealState.ACTIVE)
        triggers = await at.connection.fetchval(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = $1::text::regclass AND tgfoid = 'refuse_change'::regproc", table
        )
        assert triggers == 1
        if await at.connection.fetchval(f"SELECT count(*) FROM {table}"):
            for statement in (f"UPDATE {table} SET {columns} = {columns}", f"DELETE FROM {table}"):
                with pytest.raises(asyncpg.RaiseError, match="append only"):
                    await at.connection.execute(statement)


async def test_codes_are_of_the_division_and_follow_each_other(region: Settings) -> None:
    async with desk(region) as at:
        first, second = (await at.apply()).code, (await at.apply()).code
        assert first[:6] == second[:6] == "650000"
        assert len(first) == 14
        assert int(second) == int(first) + 1

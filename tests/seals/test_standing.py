"""How a seal stood at a moment, and what that tells those who verify: pure rules on histories, and one real history."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.seals import store
from etrust.seals.make import key_name
from etrust.seals.model import TRANSITIONS, Action, Actor, SealEvent, SealState
from etrust.seals.standing import Standing, standing_at, standing_finding, standing_of, use_finding
from etrust.seals.steps import event_of
from etrust.seals.suspend import freeze, report_lost
from etrust.ses.make import make_seal_signature
from etrust.settings import Settings
from etrust.signing import sm2
from etrust.trust.findings import Outcome
from etrust.verification.model import Overall, Status
from tests.seals.officers import GROUND, desk

START = datetime(2026, 11, 1, tzinfo=UTC)
CODE = "65000000000001"
SEAL = b"the seal data"
DAY = timedelta(days=1)


@st.composite
def histories(draw: st.DrawFn) -> list[SealEvent]:
    """Any life that the table allows, a step a day."""
    events = [_event(1, Action.APPLY, SealState.APPLIED)]
    for step in range(2, draw(st.integers(2, 14))):
        following = [(action, to) for (state, action), to in TRANSITIONS.items() if state is events[-1].state]
        if not following:
            break
        action, to = draw(st.sampled_from(following))
        events.append(_event(step, action, to))
    return events


def _event(step: int, action: Action, to: SealState) -> SealEvent:
    who = Actor("seals", "x" * 18, frozenset(), START + (step - 1) * DAY)
    return event_of(CODE, step, action, to, who=who, ground=GROUND, note="65000000000002" if action is Action.SUPERSEDE else "")


@given(histories(), st.integers(0, 20))
def test_the_standing_is_where_the_steps_had_led(events: list[SealEvent], day: int) -> None:
    at = START + day * DAY + timedelta(hours=1)
    known = [event for event in events if event.at <= at]
    standing = standing_at(events, None, at)
    assert standing is not None
    assert standing.state is known[-1].state
    assert standing.since <= at
    assert next(event for event in known if event.at == standing.since).state is standing.state
    assert (standing.replaced_by != "") == (standing.state is SealState.SUPERSEDED)


@given(histories())
def test_before_the_application_there_is_no_standing(events: list[SealEvent]) -> None:
    assert standing_at(events, None, START - timedelta(seconds=1)) is None


@pytest.mark.parametrize(("state", "outcome", "reason"), [
    (SealState.ACTIVE, Outcome.PASSED, ""), (SealState.FROZEN, Outcome.FAILED, "seal_frozen"),
    (SealState.LOST, Outcome.FAILED, "seal_lost"), (SealState.SUPERSEDED, Outcome.FAILED, "seal_superseded"),
    (SealState.CANCELED, Outcome.FAILED, "seal_canceled"), (SealState.RECORDED, Outcome.FAILED, "seal_not_in_use"),
])  # fmt: skip
def test_what_is_told_of_a_state(state: SealState, outcome: Outcome, reason: str) -> None:
    found = standing_finding(Standing(CODE, state, START, sm2.sm3(SEAL)), SEAL)
    assert (found.step, found.outcome, found.reason) == ("now.seal_state", outcome, reason)
    assert "2026-11-01" in found.detail


def test_a_seal_of_the_same_code_by_another_maker_is_told() -> None:
    found = standing_finding(Standing(CODE, SealState.ACTIVE, START, sm2.sm3(SEAL)), b"a forgery")
    assert (found.outcome, found.reason) == (Outcome.FAILED, "not_the_registered_seal")
    assert standing_finding(None, SEAL).reason == "not_in_register"


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("state", "stated", "proven", "reason"), [
    (SealState.LOST, HOUR, None, "seal_lost"), (SealState.LOST, HOUR, HOUR, "seal_lost"),
    (SealState.FROZEN, HOUR, None, "seal_frozen"), (SealState.CANCELED, HOUR, None, "seal_canceled"),
    (SealState.LOST, -HOUR, None, "seal_lost_no_proof"),  # a thief states what moment he likes
    (SealState.LOST, -HOUR, HOUR, "seal_lost_no_proof"),
    (SealState.LOST, -2 * HOUR, -HOUR, ""), (SealState.FROZEN, -HOUR, None, ""), (SealState.ACTIVE, HOUR, None, ""),
])  # fmt: skip
def test_a_seal_out_of_use_was_used_by_nobody(
    state: SealState, stated: timedelta, proven: timedelta | None, reason: str
) -> None:
    standing = Standing(CODE, state, START, sm2.sm3(SEAL))
    found = use_finding(
        standing, SEAL, stated=START + stated, proven=None if proven is None else START + proven, step="seal_state"
    )
    assert (found.reason if found else "") == reason
    assert use_finding(None, SEAL, stated=START, proven=None, step="seal_state") is None


@given(histories())
def test_out_of_use_counts_from_the_first_step_out_of_it(events: list[SealEvent]) -> None:
    standing = standing_at(events, None, events[-1].at)
    assert standing is not None
    used = [event.at for event in events if event.state is SealState.ACTIVE]
    later = [event.at for event in events if not used or event.at > used[-1]]
    assert standing.unused_since == (later[0] if later else None)


async def test_what_a_thief_seals_after_the_loss_does_not_pass(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.ACTIVE)
        data, thief = await store.seal_file(at.connection, code), at.rooms.cabinet.named(key_name(code))
        assert data is not None
        lost = await report_lost(at.connection, code, who=at.who(), ground=GROUND)
        await asyncio.sleep(max(0.0, 1.1 - lost.at.microsecond / 1e6))  # seal signatures tell whole seconds
        forged = make_seal_signature(
            seal=data, digest=sm2.sm3(SEAL), property_info="x.pdf", signer=thief, at=at.rooms.clock()
        )
        verdict = (await at.rooms.files.check(forged, document=SEAL)).verdict
        assert (verdict.verdict, verdict.status) == (Overall.FAILED, Status.REVOKED)
        assert ("seal_state", "seal_lost") in {(each.step, each.reason) for each in verdict.findings}


async def test_now_and_then_from_the_register(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.ACTIVE)
        active_at = (await store.events_of(at.connection, code))[-1].at
        frozen = await freeze(at.connection, code, who=at.who(), ground=GROUND)
        data = await store.seal_file(at.connection, code)
        assert data is not None
        then, now = [await standing_of(at.connection, code, moment) for moment in (active_at, frozen.at)]
        assert standing_finding(then, data).outcome is Outcome.PASSED
        assert standing_finding(now, data).reason == "seal_frozen"
        assert await standing_of(at.connection, "65000099999999", frozen.at) is None

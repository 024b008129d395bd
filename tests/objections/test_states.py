"""The life of a case as a table: nothing leads where it must not."""

from hypothesis import given
from hypothesis import strategies as st

from etrust.objections.model import DECIDED, DECIDING, OPEN_STATES, TRANSITIONS, Action, Outcome, State, following


@given(st.lists(st.sampled_from(list(Action)), max_size=25))
def test_whatever_is_tried_in_whatever_order(actions: list[Action]) -> None:
    state, appealed, decided, proposed = following(None, Action.OPEN, appealed=False), False, 0, False
    for action in actions:
        new = following(state, action, appealed=appealed)
        if new is None:
            continue
        if action in DECIDING.values() and state is State.PROPOSED:
            assert proposed  # no decision without a proposal
        if action is Action.APPEAL:
            assert not appealed
            assert state is State.DISMISSED
            appealed = True
        proposed = new is State.PROPOSED
        decided += new in DECIDED and state not in DECIDED
        assert state is not State.ARCHIVED
        state = new
    assert decided <= 2  # once, and once more after the one appeal


def test_closed_states_lead_to_the_archive_or_an_appeal_only() -> None:
    for state in State:
        if state not in OPEN_STATES:
            actions = {action for (before, action) in TRANSITIONS if before is state}
            assert actions <= {Action.ARCHIVE, Action.APPEAL}
            assert following(state, Action.ESCALATE, appealed=False) is None


def test_every_outcome_has_its_step() -> None:
    assert set(DECIDING) == set(Outcome)
    assert all((State.PROPOSED, action) in TRANSITIONS and (State.FORWARDED, action) in TRANSITIONS for action in DECIDING.values())

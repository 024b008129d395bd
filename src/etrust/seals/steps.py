"""Taking one step in a seal's life: the table of transitions, two people, and the event. Every verb goes through here."""

from collections.abc import Sequence
from dataclasses import replace

from etrust.access import store as access_store
from etrust.access.model import Role
from etrust.errors import EtrustError, Kind
from etrust.seals import store
from etrust.seals.model import NOT_BY, TRANSITIONS, Action, Actor, Ground, SealEvent, SealRecord, SealState
from etrust.seals.words import ACTIONS, STATES
from etrust.storage.postgres import Connection

MAX_REASON = 200
"""Characters of a reason or legal basis, as for licenses."""


async def find_for(connection: Connection, code: str, who: Actor) -> SealRecord:
    """A seal that an officer may act upon: of the officer's own body or one below it.

    Raises:
        EtrustError: ``no_role``; ``seal_not_found`` for an unknown seal and one of another body alike.
    """
    require_officer(who)
    found = await store.find(connection, code)
    if found is None or found.application.body not in await store.subordinate_bodies(connection, who.body):
        raise not_found()
    return found


async def take_step(
    connection: Connection, code: str, action: Action, *, who: Actor, ground: Ground, note: str = ""
) -> SealEvent:
    """Append the event of one step, in the caller's transaction; two at once wait for each other.

    Raises:
        EtrustError: ``bad_ground``; ``bad_transition`` where the present state does not allow it; ``second_person_needed``.
    """
    check_ground(ground)
    if not await store.lock_seal(connection, code):
        raise not_found()
    events = await store.events_of(connection, code)
    state = _next_state(events[-1].state, action)
    _another_person(events, action, who)
    who = replace(who, at=max(who.at, events[-1].at))  # clocks of nodes differ; the order of the history must not
    event = event_of(code, len(events) + 1, action, state, who=who, ground=ground, note=note)
    await keep(connection, event)
    return event


def event_of(
    code: str, step: int, action: Action, state: SealState, *, who: Actor, ground: Ground, note: str = ""
) -> SealEvent:
    """The event of a step."""
    return SealEvent(
        code=code, step=step, action=action, state=state, operator=who.operator, body=who.body, reason=ground.reason,
        legal_basis=ground.legal_basis, at=who.at, note=note,
    )  # fmt: skip


async def keep(connection: Connection, event: SealEvent) -> None:
    """Append an event to the seal's history and to the audit trail."""
    await store.add_event(connection, event)
    await access_store.record(
        connection, at=event.at, operator=event.operator, body=event.body, action=f"seal.{event.action}",
        subject=event.code, reason=event.reason, legal_basis=event.legal_basis,
    )


def require_officer(who: Actor) -> None:
    """Return quietly for a seal officer.

    Raises:
        EtrustError: ``no_role``.
    """
    if Role.SEAL_OFFICER not in who.roles:
        raise EtrustError(
            Kind.FORBIDDEN, "no_role",
            zh="只有印章管理员可以办理此事，请联系本单位管理员。",
            en="Only seal officers may do this; ask your body's administrator.",
        )


def check_ground(ground: Ground) -> None:
    """Return quietly when reason and legal basis are given and not too long.

    Raises:
        EtrustError: ``bad_ground``.
    """
    for name, text in (("reason", ground.reason), ("legal_basis", ground.legal_basis)):
        if not 1 <= len(text.strip()) <= MAX_REASON or not text.isprintable():
            raise EtrustError(
                Kind.INVALID, "bad_ground", where=name,
                zh=f"必须填写办理原因与法律依据，各不超过 {MAX_REASON} 字（{name}）。",
                en=f"Reason and legal basis are required, at most {MAX_REASON} characters each ({name}).",
            )


def not_found() -> EtrustError:
    """The one answer for a seal that is not there and one that is not the asker's."""
    return EtrustError(
        Kind.NOT_FOUND, "seal_not_found",
        zh="没有找到该印章，请核对印章编码。", en="No such seal; please check its code.",
    )


def open_proposal(events: Sequence[SealEvent]) -> SealEvent | None:
    """The proposal to restore that nothing has answered yet: the last step, when it is one."""
    return events[-1] if events and events[-1].action is Action.PROPOSE_RESTORE else None


def _next_state(state: SealState, action: Action) -> SealState:
    following = TRANSITIONS.get((state, action))
    if following is None:
        raise EtrustError(
            Kind.CONFLICT, "bad_transition",
            zh=f"印章当前状态为“{STATES[state].zh}”，不能执行“{ACTIONS[action].zh}”。",
            en=f"The seal is {STATES[state].en}; it cannot be changed by {action.value}.",
        )
    return following


def _another_person(events: Sequence[SealEvent], action: Action, who: Actor) -> None:
    before = NOT_BY.get(action, frozenset())
    if action is Action.RESTORE:
        events = [proposal] if (proposal := open_proposal(events)) else []
    earlier = [event for event in events if event.action in before]
    if (action is Action.RESTORE and not earlier) or any(event.operator == who.operator for event in earlier):
        raise second_person_needed(action)


def second_person_needed(action: Action) -> EtrustError:
    """The refusal where one person would do alone what takes two."""
    return EtrustError(
        Kind.FORBIDDEN, "second_person_needed",
        zh=f"“{ACTIONS[action].zh}”须由另一人办理：您已办理过前面的步骤。",
        en=f"To {action.value} takes a second person: you did an earlier step yourself.",
    )

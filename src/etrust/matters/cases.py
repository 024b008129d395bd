"""The life of a case (办件): opened under its number, moved by steps of a table, each step kept as an event.

A case knows its materials by key and license identifier, and its parties by holder key. It has no name, no number of a
person and no value of a license (docs/decisions/cases.md).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.ids import citizen_number_problem
from etrust.matters import case_store as store
from etrust.matters.case_model import (
    CLOSED,
    TRANSITIONS,
    Action,
    Case,
    CaseActor,
    CaseEvent,
    CaseMaterial,
    CaseState,
    case_number,
    check_number,
    settled,
)  # fmt: skip
from etrust.matters.case_words import ACTIONS, STATES
from etrust.matters.check_model import GOOD
from etrust.matters.model import Matter
from etrust.storage.postgres import Connection

MAX_REASON = 200
"""Characters of a reason."""

_LIKE_A_NUMBER = re.compile(r"(?<![0-9])[0-9]{17}[0-9Xx](?![0-9])", re.ASCII)


async def open_case(connection: Connection, matter: Matter, who: CaseActor, reason: str) -> str:
    """Open a case (收件) under a fresh number, given once, in the caller's transaction; its number.

    Raises:
        EtrustError: CONFLICT ``case_numbers_used_up``: the matter had 9999 cases today.
    """
    day = official_date(who.at)
    serial = await store.next_serial(connection, matter.code, day)
    if serial is None:
        raise EtrustError(
            Kind.CONFLICT, "case_numbers_used_up",
            zh="本事项今日的办件流水号已用尽，请明日办理或联系管理员。",
            en="The matter's case numbers of today are used up; come back tomorrow or ask the administrator.",
        )
    number = case_number(matter.code, day, serial)
    await store.add_case(
        connection, number=number, matter=matter.code, version=matter.version, body=who.body, operator=who.operator, at=who.at
    )
    await take_step(connection, number, Action.OPEN, who=who, reason=reason)
    return number


async def find_case(connection: Connection, number: str, body: str) -> Case:
    """A case with its history, for the body that opened it and those above.

    Raises:
        EtrustError: NOT_FOUND ``case_not_found`` for an unknown case and another body's alike.
    """
    row = await store.case_row(connection, number)
    if row is None or not await store.is_at_or_below(connection, row["body"], body):
        raise not_found()
    return Case(
        **row, events=await store.events_of(connection, number), materials=await store.materials_of(connection, number),
        checks=await store.checks_of(connection, number),
    )


async def require_open(connection: Connection, number: str, matter: Matter, body: str) -> None:
    """Return quietly when a check may go into a case: of this matter, of this body, not closed.

    Raises:
        EtrustError: ``bad_case_number``, ``case_of_other_matter``, ``case_not_found``, ``case_closed``.
    """
    check_number(number, matter.code)
    row = await store.case_row(connection, number)
    if row is None or row["body"] != body:
        raise not_found()
    _require_not_closed(await store.events_of(connection, number))


async def take_step(
    connection: Connection, number: str, action: Action, *, who: CaseActor, reason: str,
    materials: Sequence[CaseMaterial] = (), standing: Mapping[str, CaseMaterial] | None = None,
) -> CaseEvent:
    """Append one step, in the caller's transaction; two at once wait for each other.

    Args:
        materials: how those that the step changes stand after it; the step's number is filled in.
        standing: how the materials stood before, where the caller has read them under the case's lock.

    Raises:
        EtrustError: ``case_not_found``, ``case_closed``; CONFLICT ``bad_transition`` where the state does not allow it.
    """
    if not await store.lock_case(connection, number):
        raise not_found()
    events = await store.events_of(connection, number)
    _require_not_closed(events)
    following = _next_state(events[-1].state if events else None, action)
    if standing is None:
        standing = await store.materials_of(connection, number) if events else {}
    outcomes = {key: each.outcome for key, each in standing.items()} | {each.material: each.outcome for each in materials}
    following = settled(following, action, outcomes)
    at = max([who.at, *(event.at for event in events[-1:])])  # clocks of nodes differ; the order of the history must not
    event = CaseEvent(number, len(events) + 1, action, following, who.operator, who.body, reason, at)
    await _keep(connection, event, materials)
    return event


def _next_state(state: CaseState | None, action: Action) -> CaseState:
    following = TRANSITIONS.get((state, action))
    if following is None:
        zh, en = STATES[state] if state else ("新建", "new")
        raise EtrustError(
            Kind.CONFLICT, "bad_transition",
            zh=f"办件当前状态为“{zh}”，不能执行“{ACTIONS[action][0]}”。",
            en=f"The case is {en}; it cannot be changed by {action.value}.",
        )
    return following


async def _keep(connection: Connection, event: CaseEvent, materials: Sequence[CaseMaterial]) -> None:
    await store.add_event(connection, event)
    if materials:
        await store.add_materials(connection, event.number, [replace(each, step=event.step) for each in materials])
    await access_store.record(
        connection, at=event.at, operator=event.operator, body=event.body, action=f"case.{event.action}",
        subject=event.number, reason=event.reason,
    )


async def accept(connection: Connection, number: str, *, matter: Matter, operator: Operator, reason: str, at: datetime) -> Case:
    """受理, or 容缺受理 when something is still to be brought: every required material must stand.

    Raises:
        EtrustError: CONFLICT ``materials_missing`` naming them; those of `move`.
    """
    case = await _own(connection, number, operator)
    lacking = outstanding(matter, case.materials)
    if lacking:
        told = "、".join(lacking)
        raise EtrustError(
            Kind.CONFLICT, "materials_missing", where=",".join(lacking),
            zh=f"材料尚未齐备，不能受理：{told}。", en=f"Materials are missing, the case cannot be accepted: {told}.",
        )
    return await move(connection, number, Action.ACCEPT, operator=operator, reason=reason, at=at)


async def move(
    connection: Connection, number: str, action: Action, *, operator: Operator, reason: str, at: datetime,
    materials: Sequence[CaseMaterial] = (),
) -> Case:
    """Take a step by hand in a case of the operator's own body; the case after it.

    Raises:
        EtrustError: ``no_role``, ``case_not_found``, ``bad_reason``, and those of `take_step`.
    """
    await _own(connection, number, operator)
    check_reason(reason)
    async with connection.transaction():
        await take_step(
            connection, number, action, who=CaseActor.of(operator, at), reason=reason.strip(), materials=materials
        )
    return await find_case(connection, number, operator.body)


async def _own(connection: Connection, number: str, operator: Operator) -> Case:
    require_role(operator, Role.CLERK)
    case = await find_case(connection, number, operator.body)
    if case.body != operator.body:
        raise not_found()
    return case


def check_reason(reason: str, where: str = "reason") -> None:
    """Return quietly when a reason is given, is not too long, and has no citizen number in it: reasons are kept.

    Raises:
        EtrustError: INVALID ``bad_reason``, ``number_in_reason``.
    """
    if not 1 <= len(reason.strip()) <= MAX_REASON or not reason.isprintable():
        raise EtrustError(
            Kind.INVALID, "bad_reason", where=where,
            zh=f"请填写事由或依据，不超过 {MAX_REASON} 字（{where}）。",
            en=f"Give a reason of at most {MAX_REASON} characters ({where}).",
        )
    if any(not citizen_number_problem(each[0].upper()) for each in _LIKE_A_NUMBER.finditer(reason)):
        raise EtrustError(
            Kind.INVALID, "number_in_reason", where=where,
            zh="事由会留存备查，请勿写入公民身份号码。",
            en="Reasons are kept for the record; do not write citizen numbers into them.",
        )


def outstanding(matter: Matter, standing: Mapping[str, CaseMaterial]) -> tuple[str, ...]:
    """Keys of required materials with which the case cannot be accepted yet."""
    return tuple(
        material.key for material in matter.materials
        if material.required and (material.key not in standing or standing[material.key].outcome not in GOOD)
    )  # fmt: skip


def not_found() -> EtrustError:
    """The one answer for a case that is not there and one that is not the asker's."""
    return EtrustError(
        Kind.NOT_FOUND, "case_not_found", where="case_number",
        zh="没有找到该办件，请核对办件编码。", en="No such case; please check its number.",
    )


def _require_not_closed(events: Sequence[CaseEvent]) -> None:
    if events and events[-1].state in CLOSED:
        raise EtrustError(
            Kind.CONFLICT, "case_closed", where="case_number",
            zh=f"办件{STATES[events[-1].state][0]}，不能再办理。", en=f"The case is {STATES[events[-1].state][1]}.",
        )

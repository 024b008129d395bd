"""Life of an issued license: revoke (撤销), suspend (暂扣), restore (发还), supersede. Every change is an event."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from etrust.access import store as access_store
from etrust.errors import EtrustError, Kind
from etrust.licenses import store
from etrust.licenses.model import Action, Provenance, StoredLicense
from etrust.status import store as status_store
from etrust.status.events import StatusEvent
from etrust.status.model import State
from etrust.storage.postgres import Connection

SUPERSEDED = "superseded"
MAX_REASON = 200
"""Characters of a reason or legal basis (GB/T 36906 bounds 申请事由 alike)."""

TRANSITIONS: Mapping[tuple[State, Action], State] = {
    (State.VALID, Action.REVOKE): State.REVOKED,
    (State.VALID, Action.SUSPEND): State.SUSPENDED,
    (State.SUSPENDED, Action.REVOKE): State.REVOKED,
    (State.SUSPENDED, Action.RESTORE): State.VALID,
    (State.UNDER_OBJECTION, Action.REVOKE): State.REVOKED,
    (State.UNDER_OBJECTION, Action.SUSPEND): State.SUSPENDED,
    (State.VALID, Action.SUPERSEDE): State.REVOKED,
    (State.UNDER_OBJECTION, Action.SUPERSEDE): State.REVOKED,
    (State.VALID, Action.OBJECT): State.UNDER_OBJECTION,
    (State.UNDER_OBJECTION, Action.CLEAR): State.VALID,
}
"""What each state allows; what is not here is refused. Nothing leads out of REVOKED: that would be a silent un-revoking."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a status changes; both are shown to auditors and must be given."""

    reason: str
    legal_basis: str


async def change_status(
    connection: Connection, *, serial: str, version: int, action: Action, ground: Ground, who: Provenance,
    effective_at: datetime | None = None,
) -> StatusEvent:
    """Change the status of one license and return the event.

    Args:
        effective_at: since when the change holds, not in the future; the moment of the change when left out.

    Raises:
        EtrustError: ``not_found`` for an unknown license and one of another body alike; ``bad_ground``;
            ``bad_effective_time``; ``bad_transition`` where the present state does not allow the action.
    """
    _check_ground(ground)
    async with connection.transaction():
        found = await store.find(connection, serial, version)
        if found is None or found.issuer != who.body:
            raise not_found()
        await status_store.lock_history(connection)
        events = await status_store.events_of(connection, found.list_no, found.list_index)
        who = _after(events, who)
        state = _next_state(events, action)
        since = _check_effective(effective_at or who.at, events, who.at)
        event = _event(found, action.value, state, ground, who, since)
        await status_store.append_event(connection, event)
        await access_store.record(
            connection, at=who.at, operator=who.operator, body=who.body, action=f"license.{action}",
            subject=f"{serial}.{version:03d}", reason=ground.reason, legal_basis=ground.legal_basis,
        )
    return event


async def supersede(connection: Connection, old: StoredLicense, who: Provenance, legal_basis: str) -> None:
    """Mark a version as replaced by the next, in the caller's transaction.

    Raises:
        EtrustError: ``bad_ground`` without a legal basis; ``bad_transition`` for a version that is not in force: a new
            version must not lift a suspension or a revocation.
    """
    ground = Ground(SUPERSEDED, legal_basis)
    _check_ground(ground)
    await status_store.lock_history(connection)
    events = await status_store.events_of(connection, old.list_no, old.list_index)
    who = _after(events, who)
    state = _next_state(events, Action.SUPERSEDE)
    await status_store.append_event(connection, _event(old, Action.SUPERSEDE.value, state, ground, who, who.at))
    await access_store.record(
        connection, at=who.at, operator=who.operator, body=who.body, action="license.supersede",
        subject=f"{old.serial}.{old.version:03d}", legal_basis=legal_basis,
    )


def not_found() -> EtrustError:
    """The one answer for a license that is not there and one that is not the asker's."""
    return EtrustError(
        Kind.NOT_FOUND, "not_found",
        zh="没有找到该证照，请核对证照标识。", en="No such license; please check the identifier.",
    )


def _check_ground(ground: Ground) -> None:
    for name, text in (("reason", ground.reason), ("legal_basis", ground.legal_basis)):
        if not 1 <= len(text.strip()) <= MAX_REASON or not text.isprintable():
            raise EtrustError(
                Kind.INVALID, "bad_ground", where=name,
                zh=f"必须填写办理原因与法律依据，各不超过 {MAX_REASON} 字（{name}）。",
                en=f"Reason and legal basis are required, at most {MAX_REASON} characters each ({name}).",
            )


def _after(events: list[StatusEvent], who: Provenance) -> Provenance:
    """The same actor, not earlier than the last event: clocks of nodes differ, the order of the history must not."""
    return replace(who, at=max(who.at, events[-1].recorded_at)) if events else who


def _next_state(events: list[StatusEvent], action: Action) -> State:
    state = State(events[-1].state) if events else State.VALID
    following = TRANSITIONS.get((state, action))
    if following is None:
        raise EtrustError(
            Kind.CONFLICT, "bad_transition",
            zh=f"证照当前状态为“{_STATE_ZH[state]}”，不能执行“{_ACTION_ZH[action]}”。",
            en=f"The license is {state.name.lower().replace('_', ' ')}; it cannot be changed by {action.value}.",
        )
    return following


def _check_effective(effective_at: datetime, events: list[StatusEvent], at: datetime) -> datetime:
    earliest = events[-1].effective_at if events else None
    if effective_at > at or (earliest is not None and effective_at < earliest):
        raise EtrustError(
            Kind.INVALID, "bad_effective_time", where="effective_at",
            zh="生效时间不得晚于现在，也不得早于上一次状态变更。",
            en="The change may not take effect in the future, nor before the last change.",
        )
    return effective_at


def _event(
    found: StoredLicense, action: str, state: State, ground: Ground, who: Provenance, since: datetime
) -> StatusEvent:
    return StatusEvent(
        seq=0, serial=found.serial, version=found.version, list_no=found.list_no, list_index=found.list_index,
        state=int(state), action=action, reason=ground.reason, legal_basis=ground.legal_basis,
        operator=who.operator, body=who.body, effective_at=since, recorded_at=who.at,
    )


_STATE_ZH = {State.VALID: "有效", State.REVOKED: "已撤销", State.SUSPENDED: "暂扣", State.UNDER_OBJECTION: "异议处理中"}
_ACTION_ZH = {
    Action.REVOKE: "撤销", Action.SUSPEND: "暂扣", Action.RESTORE: "发还", Action.SUPERSEDE: "换发新版本",
    Action.OBJECT: "异议受理", Action.CLEAR: "异议终结",
}  # fmt: skip

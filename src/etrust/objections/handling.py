"""What every step of an objection works with, and how a step is taken: once, by whoever may, with its deadline and its trail."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.body_tree import chain
from etrust.access.model import Operator, Role
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.licenses.issue import Issuing
from etrust.licenses.types import LicenseType
from etrust.objections import store
from etrust.objections.calendar import WorkingDays
from etrust.objections.model import APPEAL_DAYS, DAYS, MAX_REASON, Action, Event, Objection, Outcome, State, following
from etrust.objections.sealing import Sealing
from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Handling:
    """The ports of a region's objections.

    Attributes:
        types: license types by type code.
    """

    region: str
    sealing: Sealing
    days: WorkingDays
    issuing: Issuing
    types: Mapping[str, LicenseType]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step: an officer, a holder, another region, or the clock."""

    name: str
    body: str = ""


async def take_step(
    connection: Connection, handling: Handling, objection: Objection, action: Action, actor: Actor, *, reason: str, at: datetime,
    charge: str | None = None, outcome: Outcome | None = None, state: State | None = None, sealed: bytes = b"",
) -> Event:
    """Take a step in the caller's transaction, which holds the lock of the case.

    Args:
        charge: the body in charge from now on; the same as before when left out.
        state: in place of the one that follows, for a case that goes back to another region.

    Raises:
        EtrustError: CONFLICT ``bad_step``; INVALID ``reason_needed``.
    """
    check_reason(reason)
    found = following(objection.state, action, appealed=objection.appealed)
    if found is None:
        raise EtrustError(
            Kind.CONFLICT, "bad_step",
            zh="异议目前的状态不能办理此步骤，请刷新后查看。",
            en="The objection is not in a state for this step; look at it again.",
        )
    event = Event(
        objection.last.step + 1, action, state or found, actor.name, actor.body, charge or objection.charge, reason, at,
        due_after(handling, state or found, at, before=objection.due if action is Action.PROGRESS else None), outcome,
    )  # fmt: skip
    await store.add_event(connection, objection.number, event, sealed)
    await access_store.record(
        connection, at=at, operator=actor.name, body=actor.body or event.charge, action=f"objection.{action}",
        subject=objection.number, reason="" if action is Action.OPEN else reason[:200],
    )
    return event


def due_after(handling: Handling, state: State, at: datetime, *, before: date | None = None) -> date | None:
    """By when the next step is due: of an open state its working days, of a dismissal those of an appeal."""
    if before is not None:
        return before
    if state in DAYS:
        return handling.days.after(official_date(at), DAYS[state])
    return handling.days.after(official_date(at), APPEAL_DAYS) if state in (State.DISMISSED, State.REFUSED) else None


def check_reason(reason: str) -> None:
    """Return quietly when a reason is there and bounded.

    Raises:
        EtrustError: INVALID ``reason_needed``.
    """
    if not 1 <= len(reason.strip()) <= MAX_REASON or any(each < " " and each not in "\n\r\t" for each in reason):
        raise EtrustError(
            Kind.INVALID, "reason_needed", where="reason",
            zh=f"请写明理由，不超过 {MAX_REASON} 字。", en=f"Say why, in at most {MAX_REASON} characters.",
        )


async def case_for(connection: Connection, handling: Handling, number: str, who: Operator) -> Objection:
    """A case that an officer may see: the body in charge, or one above it.

    Raises:
        EtrustError: ``no_role``; NOT_FOUND ``no_such_objection`` for an unknown one and another body's alike.
    """
    require_role(who, Role.CASE_OFFICER)
    found = await store.find(connection, number, handling.sealing)
    if found is None or who.body not in await bodies_above(connection, found.charge):
        raise no_such_objection()
    return found


async def bodies_above(connection: Connection, code: str) -> list[str]:
    """A body and every one above it, itself first."""
    return chain(await access_store.bodies(connection), code)


async def parent_of(connection: Connection, code: str) -> str:
    """The body above; the highest one stays with itself."""
    above = await bodies_above(connection, code)
    return above[1] if len(above) > 1 else code


def no_such_objection() -> EtrustError:
    """The one answer for a case that is not there and one that is another's."""
    return EtrustError(
        Kind.NOT_FOUND, "no_such_objection",
        zh="没有这件异议，请核对异议编号。", en="There is no such objection; check its number.",
    )

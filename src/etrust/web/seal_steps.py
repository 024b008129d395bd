"""The steps of a seal's life as forms: what each asks for and does, who may not take it, and taking it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from etrust.access.model import Operator
from etrust.errors import EtrustError
from etrust.seals.activate import activate
from etrust.seals.cancel import cancel
from etrust.seals.file_record import file_record
from etrust.seals.make import make
from etrust.seals.model import NOT_BY, TRANSITIONS, Action, Actor, Ground, SealEvent, SealState
from etrust.seals.restore import restore
from etrust.seals.review import review
from etrust.seals.steps import find_for, open_proposal
from etrust.seals.store import events_of
from etrust.seals.suspend import freeze, report_lost
from etrust.storage.postgres import Connection
from etrust.web.forms import Form, read_form
from etrust.web.languages import mark as _
from etrust.web.rendering import redirect, render
from etrust.web.seal_forms import Fault, actor_of, connected, fault_of, ground_of, officer_of
from etrust.web.security import demand_token
from etrust.wiring import ROOMS, Rooms

_FIELDS = frozenset({"reason", "legal_basis", "record_number"})
_Run = Callable[[Connection, Rooms, str, Form, Actor, Ground], Awaitable[SealEvent]]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an officer can do with a seal.

    Attributes:
        slug: its name in the address.
        actions: any of which the table of transitions must allow.
        label: what the link and the button say.
        what: what it brings about.
        refused: why an officer who did an earlier step cannot take it, empty where one person may.
        strong: whether it ends or stops the seal.
    """

    slug: str
    actions: frozenset[Action]
    label: str
    what: str
    run: _Run
    refused: str = ""
    strong: bool = False


def _reviewed(*, approve: bool) -> _Run:
    async def run(connection: Connection, _: Rooms, code: str, __: Form, who: Actor, ground: Ground) -> SealEvent:
        return await review(connection, code, approve=approve, who=who, ground=ground)

    return run


async def _make(connection: Connection, rooms: Rooms, code: str, _: Form, who: Actor, ground: Ground) -> SealEvent:
    return await make(connection, rooms.workshop, code, who=who, ground=ground)


async def _record(connection: Connection, _: Rooms, code: str, form: Form, who: Actor, ground: Ground) -> SealEvent:
    return await file_record(connection, code, record_number=form.text("record_number"), who=who, ground=ground)


async def _activate(connection: Connection, rooms: Rooms, code: str, _: Form, who: Actor, ground: Ground) -> SealEvent:
    return await activate(connection, rooms.workshop, code, who=who, ground=ground)


async def _freeze(connection: Connection, _: Rooms, code: str, __: Form, who: Actor, ground: Ground) -> SealEvent:
    return await freeze(connection, code, who=who, ground=ground)


async def _report(connection: Connection, _: Rooms, code: str, __: Form, who: Actor, ground: Ground) -> SealEvent:
    return await report_lost(connection, code, who=who, ground=ground)


async def _restore(connection: Connection, _: Rooms, code: str, __: Form, who: Actor, ground: Ground) -> SealEvent:
    return await restore(connection, code, who=who, ground=ground)


async def _cancel(connection: Connection, rooms: Rooms, code: str, _: Form, who: Actor, ground: Ground) -> SealEvent:
    return await cancel(connection, rooms.workshop, code, who=who, ground=ground)


_APPLICANT = _("You applied for this seal yourself. Another seal officer must decide on it.")
_STEPS = (
    Step("approve", frozenset({Action.APPROVE}), _("Approve the application"),
         _("You have compared name, kind and picture with the body's founding papers, and they agree."),
         _reviewed(approve=True), _APPLICANT),
    Step("reject", frozenset({Action.REJECT}), _("Reject the application"),
         _("The application ends. The reason is shown to the applicant."), _reviewed(approve=False), _APPLICANT, strong=True),
    Step("make", frozenset({Action.PREPARE, Action.MAKE}), _("Make the seal"),
         _("The seal gets its own key and certificate, and the region's seal maker signs it."), _make),
    Step("file-record", frozenset({Action.FILE_RECORD}), _("Enter the record number"),
         _("The seal was recorded with public security; the number it got there is kept with it."), _record),
    Step("activate", frozenset({Action.ACTIVATE}), _("Put the seal into use"),
         _("From now on it can be used by those who are granted its use. A seal it replaces ends in the same moment."),
         _activate, _("You made or recorded this seal yourself. Another seal officer must put it into use.")),
    Step("freeze", frozenset({Action.FREEZE}), _("Freeze the seal"),
         _("Nobody can use it from now on. What was sealed before stays good. Two officers can restore it."),
         _freeze, strong=True),
    Step("report-lost", frozenset({Action.REPORT_LOST}), _("Report the seal lost"),
         _("Its key may be in other hands. Nobody can use it from now on, and checks say so."), _report, strong=True),
    Step("propose-restore", frozenset({Action.PROPOSE_RESTORE}), _("Propose to restore the seal"),
         _("You propose that it can be used again. Another seal officer must agree."), _restore),
    Step("restore", frozenset({Action.RESTORE}), _("Restore the seal"),
         _("You agree with the proposal. It can be used again at once."), _restore,
         _("You proposed to restore this seal yourself. Another seal officer must agree.")),
    Step("cancel", frozenset({Action.CANCEL}), _("Cancel the seal"),
         _("It ends for good, and its certificate is revoked. What was sealed before stays good."), _cancel, strong=True),
    Step("withdraw", frozenset({Action.CANCEL}), _("Withdraw the application"),
         _("The application ends before the seal is made. Apply anew if it is still needed."), _cancel, strong=True),
)  # fmt: skip
STEPS: Mapping[str, Step] = {step.slug: step for step in _STEPS}
_UNMADE = frozenset({SealState.APPLIED, SealState.APPROVED})


@dataclass(frozen=True, slots=True)
class Choice:
    """A step that the state of a seal allows; `hindrance` says why this officer cannot take it."""

    step: Step
    hindrance: str = ""


def choices(state: SealState, events: Sequence[SealEvent], officer: str) -> tuple[Choice, ...]:
    """The steps that are possible now, those that this officer must leave to another included."""
    hidden = {
        "restore" if open_proposal(events) is None else "propose-restore",
        "cancel" if state in _UNMADE else "withdraw",
    }
    if state is SealState.APPLIED and events and events[0].operator != officer:
        hidden.add("withdraw")  # another officer rejects it
    return tuple(
        Choice(step, step.refused if _did_before(step, events, officer) else "")
        for step in _STEPS
        if any((state, action) in TRANSITIONS for action in step.actions)
        and step.slug not in hidden
    )


def _did_before(step: Step, events: Sequence[SealEvent], officer: str) -> bool:
    """Whether the officer did one of the steps after which this one takes another person."""
    before = frozenset[Action]().union(*(NOT_BY.get(action, frozenset()) for action in step.actions))
    relevant = events[-1:] if step.slug == "restore" else events
    return any(event.operator == officer and event.action in before for event in relevant)


async def ask_step(request: web.Request) -> web.Response:
    """``GET /seals/{code}/{step}``."""
    return await _show(request, await officer_of(request), _step_of(request), Form())


async def take_step(request: web.Request) -> web.StreamResponse:
    """``POST /seals/{code}/{step}``; a refusal is told in the form, which keeps what was written."""
    officer, step, code = await officer_of(request), _step_of(request), request.match_info["code"]
    form = await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        async with connected(request) as connection:
            who = actor_of(request, officer)
            event = await step.run(connection, request.app[ROOMS], code, form, who, ground_of(form))
    except EtrustError as error:
        return await _show(request, officer, step, form, fault_of(request, error, _FIELDS))
    done = step.slug if step.slug == "withdraw" else event.action.value.replace("_", "-")
    return redirect(f"/seals/{code}?done={done}")


def _step_of(request: web.Request) -> Step:
    step = STEPS.get(request.match_info["step"])
    if step is None:
        raise web.HTTPNotFound
    return step


async def _show(request: web.Request, officer: Operator, step: Step, form: Form, fault: Fault | None = None) -> web.Response:
    code = request.match_info["code"]
    async with connected(request) as connection:
        seal = await find_for(connection, code, actor_of(request, officer))
        allowed = choices(seal.state, await events_of(connection, code), officer.username)
    choice = next((each for each in allowed if each.step == step), None)
    return render(
        request, "seal_step.html", status=fault.status if fault else 200, operator=officer, seal=seal, step=step,
        choice=choice, form=form, fault=fault,
    )  # fmt: skip

"""The case officer's page of error correction (纠错): what others found to differ, license by license, decided one or many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses.again import cells_of, labels
from etrust.licenses.model import StoredLicense
from etrust.licenses.types import LicenseType, by_code
from etrust.objections.corrections import Correction, CorrectionState
from etrust.objections.handling import check_reason
from etrust.objections.model import MAX_REASON
from etrust.objections.review import newest_version
from etrust.web.forms import Form, read_form
from etrust.web.languages import mark as _
from etrust.web.objection_words import StateWords
from etrust.web.rendering import render
from etrust.web.seal_forms import Fault, fault_of
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS
from etrust.wiring.correction_desk import Outcomes

STATES: Mapping[CorrectionState, StateWords] = {
    CorrectionState.OPEN: StateWords(_("To be checked"), "wait", ""),
    CorrectionState.FORWARDED: StateWords(_("Sent to the other region"), "wait", ""),
    CorrectionState.PROPOSED: StateWords(_("Waiting for a second officer"), "wait", ""),
    CorrectionState.ACCEPTED: StateWords(_("Corrected"), "good", ""),
    CorrectionState.REFUSED: StateWords(_("Not accepted"), "over", ""),
}
_VIEWS: Mapping[str, tuple[CorrectionState, ...]] = {
    "open": (CorrectionState.OPEN,), "proposed": (CorrectionState.PROPOSED,),
    "decided": (CorrectionState.ACCEPTED, CorrectionState.REFUSED),
}  # fmt: skip
_FIELDS = frozenset({"reason", "pick"})
_PICK = "pick."


@dataclass(frozen=True, slots=True)
class Group:
    """The differences of one license, and what it says now."""

    license: str
    type: LicenseType | None
    stored: StoredLicense | None
    found: Sequence[Correction]
    now: Mapping[str, str]
    labels: Mapping[str, tuple[str, str, str]]


async def show_corrections(request: web.Request) -> web.Response:
    """``GET /corrections?view=open|proposed|decided``."""
    return await _show(request, await demand_role(request, Role.CASE_OFFICER), Form())


async def decide(request: web.Request) -> web.StreamResponse:
    """``POST /corrections/{step}``: accept, agree, send back or refuse what was picked."""
    officer, step = await demand_role(request, Role.CASE_OFFICER), request.match_info["step"]
    form = await read_form(request)
    picked = [name.removeprefix(_PICK) for name in form.values if name.startswith(_PICK)]
    try:
        demand_token(request, form.text("csrf"))
        outcomes = await _run(request, officer, step, picked, form.text("reason"))
    except EtrustError as error:
        return await _show(request, officer, form, fault_of(request, error, _FIELDS))
    return await _show(request, officer, Form(), outcomes=outcomes, view=form.text("view"))


async def _run(request: web.Request, officer: Operator, step: str, picked: Sequence[str], reason: str) -> Outcomes:
    desk = request.app[ROOMS].corrections
    if not picked:
        raise EtrustError(Kind.INVALID, "nothing_picked", zh="请至少选择一条。", en="Pick at least one report.")
    if step == "agree":
        return (await desk.agree(picked, who=officer))[1]
    check_reason(reason)
    act = {"propose": desk.propose, "refuse": desk.refuse, "send_back": desk.send_back}[step]
    return await act(picked, reason, who=officer)


async def _show(
    request: web.Request, officer: Operator, form: Form, fault: Fault | None = None, *, outcomes: Outcomes | None = None,
    view: str = "",
) -> web.Response:
    view = view or form.text("view") or request.query.get("view", "")
    view = view if view in _VIEWS else "open"
    found = await request.app[ROOMS].corrections.queue(officer, _VIEWS[view])
    groups = [
        await _group(request, license_, list(each)) for license_, each in groupby(found, lambda one: one.difference.license)
    ]
    failed = [(number, error) for number, error in (outcomes or {}).items() if error is not None]
    return render(
        request, "corrections.html", status=fault.status if fault else 200, operator=officer, groups=groups, view=view,
        views=tuple(_VIEWS), form=form, fault=fault, states=STATES, count=len(found), most=MAX_REASON,
        done=None if outcomes is None else len(outcomes) - len(failed),
        failed=[(number, fault_of(request, error, _FIELDS).text) for number, error in failed],
        names=await names_of(request, (), {each.issuer for each in found}),
    )  # fmt: skip


async def _group(request: web.Request, license_: str, found: Sequence[Correction]) -> Group:
    rooms = request.app[ROOMS]
    type_ = by_code(rooms.types).get(LicenseIdentifier.parse(license_).type_code)
    async with rooms.stores.pool.acquire() as connection:
        try:
            stored = await newest_version(connection, license_)
        except EtrustError:
            stored = None
    known = stored is not None and type_ is not None
    return Group(
        license_,
        type_,
        stored,
        found,
        cells_of(type_, stored) if known and type_ and stored else {},
        labels(type_) if type_ else {},
    )

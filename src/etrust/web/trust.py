"""The trust officer's pages of the region's own trust list (信任列表): what is in force, drafts, their differences."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from etrust.access import store as access_store
from etrust.access.model import Operator, Role
from etrust.errors import EtrustError
from etrust.trust.differences import Change, ChangeKind
from etrust.trust.drafts import MAX_TEXT, Draft, Edit, Op
from etrust.web.forms import Form, read_form
from etrust.web.languages import mark as _
from etrust.web.rendering import redirect, render
from etrust.web.seal_forms import Fault, fault_of
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

OPS: Mapping[Op, str] = {
    Op.GRANT: _("Let a body issue a license type"), Op.END_RIGHT: _("End a body's right to issue"),
    Op.ADD_BODY: _("Add a body"), Op.RENAME_BODY: _("Rename a body"), Op.CLOSE_BODY: _("Close a body"),
}  # fmt: skip
KINDS: Mapping[ChangeKind, str] = {
    ChangeKind.BODY_ADDED: _("Body added"), ChangeKind.BODY_GONE: _("Body no longer listed"),
    ChangeKind.BODY_CHANGED: _("Body changed"), ChangeKind.KEY_ADDED: _("Key added"),
    ChangeKind.KEY_GONE: _("Key no longer listed"), ChangeKind.KEY_CHANGED: _("Key changed"),
    ChangeKind.KEY_COMPROMISED: _("Key fell into other hands"), ChangeKind.RIGHT_ADDED: _("Right given"),
    ChangeKind.RIGHT_GONE: _("Right no longer listed"), ChangeKind.RIGHT_CHANGED: _("Right changed"),
    ChangeKind.ENDPOINT_CHANGED: _("Address changed"), ChangeKind.TYPE_CHANGED: _("License type changed"),
    ChangeKind.STATE_CHANGED: _("State mapping changed"), ChangeKind.PIVOT_ADDED: _("Next anchor named"),
}  # fmt: skip
ENDS: Mapping[str, str] = {"publish": _("Published"), "refuse": _("Refused"), "withdraw": _("Taken back")}
DONE: Mapping[str, str] = {
    "proposed": _("The draft is kept. Another trust officer must publish it; until then nothing changes."),
    "published": _("The list is published. Partners have it within a day."),
    "ended": _("The draft is closed. Nothing changed."),
}  # fmt: skip
LEVELS = (_("region level"), _("prefecture level"), _("county level"), _("township level"), _("village level"))
_FIELDS = frozenset(
    {"op", "body", "name_zh", "name_ug", "name_en", "level", "division", "parent", "license_type", "reason", "legal_basis"}
)


async def show_trust(request: web.Request) -> web.Response:
    """``GET /trust``."""
    return await _show(request, await demand_role(request, Role.TRUST_OFFICER), Form())


async def propose(request: web.Request) -> web.StreamResponse:
    """``POST /trust``: one change as a draft."""
    officer, form = await demand_role(request, Role.TRUST_OFFICER), await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        number = await request.app[ROOMS].trusted.propose(
            [_edit(form)], form.text("reason"), form.text("legal_basis"), who=officer
        )
    except EtrustError as error:
        return await _show(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect(f"/trust/drafts/{number}?done=proposed")


def _edit(form: Form) -> Edit:
    op = next((each for each in Op if each.value == form.text("op")), Op.GRANT)
    wanted: dict[str, Any] = {"op": op, "body": (form.text("new_body") if op is Op.ADD_BODY else form.text("body"))[:32]}
    if op in (Op.ADD_BODY, Op.RENAME_BODY):
        wanted |= {name: form.text(name)[:120] for name in ("name_zh", "name_ug", "name_en")}
    if op is Op.ADD_BODY:
        level = form.text("level")
        wanted |= {
            "level": int(level) if level in "12345" and level else 0, "division": form.text("division")[:12],
            "parent": form.text("parent")[:32],
        }  # fmt: skip
    if op in (Op.GRANT, Op.END_RIGHT):
        wanted["license_type"] = form.text("license_type")[:60]
    return Edit(**wanted)


async def show_draft(request: web.Request) -> web.Response:
    """``GET /trust/drafts/{draft}``: what it would change, beside the list in force."""
    return await _show_draft(request, await demand_role(request, Role.TRUST_OFFICER))


async def decide(request: web.Request) -> web.StreamResponse:
    """``POST /trust/drafts/{draft}/{step}``: publish or refuse it."""
    officer, form = await demand_role(request, Role.TRUST_OFFICER), await read_form(request)
    number, desk = int(request.match_info["draft"]), request.app[ROOMS].trusted
    try:
        demand_token(request, form.text("csrf"))
        if request.match_info["step"] == "publish":
            await desk.publish(number, who=officer)
            return redirect("/trust?done=published")
        await desk.refuse(number, form.text("note"), who=officer)
    except EtrustError as error:
        return await _show_draft(request, officer, fault_of(request, error, _FIELDS))
    return redirect("/trust?done=ended")


async def show_list(request: web.Request) -> web.Response:
    """``GET /trust/lists/{sequence}``: what a published list changed."""
    officer, desk = await demand_role(request, Role.TRUST_OFFICER), request.app[ROOMS].trusted
    sequence = int(request.match_info["sequence"])
    changes = await desk.changes(sequence)
    return render(request, "trust_list.html", operator=officer, sequence=sequence, changes=changes, kinds=KINDS)


async def _show(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    rooms = request.app[ROOMS]
    snapshot = await rooms.trust.snapshot()
    async with rooms.stores.pool.acquire() as connection:
        bodies = await access_store.bodies(connection)
    found = await rooms.trusted.drafts()
    return render(
        request, "trust.html", status=fault.status if fault else 200, operator=officer, form=form, fault=fault, snapshot=snapshot,
        lists=(await rooms.trusted.published())[:20], waiting=[each for each in found if not each.end],
        ended=[each for each in found if each.end][:20], alarms=await rooms.partners.alarms(20), ops=OPS, ends=ENDS,
        bodies=bodies, types=sorted(rooms.types.values(), key=lambda each: each.code), levels=LEVELS, most=MAX_TEXT,
        done=DONE.get(request.query.get("done", ""), ""),
    )  # fmt: skip


async def _show_draft(request: web.Request, officer: Operator, fault: Fault | None = None) -> web.Response:
    desk = request.app[ROOMS].trusted
    draft: Draft = await desk.draft(int(request.match_info["draft"]))
    changes: list[Change] = []
    stale = ""
    if not draft.end:
        try:
            changes = await desk.preview(draft.edits)
        except EtrustError as error:
            stale = fault_of(request, error, _FIELDS).text
    elif draft.sequence is not None:
        changes = await desk.changes(draft.sequence)
    return render(
        request, "trust_draft.html", status=fault.status if fault else 200, operator=officer, draft=draft, changes=changes,
        kinds=KINDS, ends=ENDS, fault=fault, stale=stale, own=draft.proposed_by == officer.username,
        done=DONE.get(request.query.get("done", ""), ""),
    )  # fmt: skip

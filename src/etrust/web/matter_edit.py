"""The matter officer's pages: a matter edited piece by piece, what changes, and publication by a second person."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from aiohttp import web

from etrust.access.model import Operator
from etrust.errors import EtrustError
from etrust.matters import catalogue, catalogue_store
from etrust.matters.changes import changes
from etrust.matters.disclosure import growth
from etrust.matters.edit import form_fields_of, new_matter, with_material, without_material
from etrust.matters.fields import told_fields
from etrust.matters.intake.cells import write_parties
from etrust.matters.model import Material, Matter, Words
from etrust.matters.national import ELEMENTS
from etrust.matters.rules import problems
from etrust.web.forms import Form, read_form
from etrust.web.matter_forms import ALTERNATIVES, code_of, fault_of, officer_of, read_material, read_own, read_words, working_copy
from etrust.web.matter_words import ELEMENTS as LABELS
from etrust.web.rendering import redirect, render
from etrust.web.seal_forms import Fault, connected
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

_DIGITS = 9


async def list_drafts(request: web.Request) -> web.Response:
    """``GET /matters/drafts``: those that wait for a second person first."""
    officer = await officer_of(request)
    async with connected(request) as connection:
        drafts = await catalogue_store.drafts(connection)
        listed = [
            (draft, bool(growth(await catalogue_store.current(connection, draft.matter.code), draft.matter))) for draft in drafts
        ]
    return render(request, "matter_drafts.html", operator=officer, listed=listed, done=request.query.get("done", "") == "1")


async def ask_new(request: web.Request) -> web.Response:
    """``GET /matters/new``."""
    return render(request, "matter_new.html", operator=await officer_of(request), form=Form(), fault=None)


async def make_new(request: web.Request) -> web.Response:
    """``POST /matters/new``: begins the draft of a matter."""
    officer, form = await officer_of(request), await read_form(request)
    demand_token(request, form.text("csrf"))
    try:
        matter = new_matter(form.text("code"), read_words(form, "name"), form.text("legal_basis"))
        async with connected(request) as connection, connection.transaction():
            await catalogue.require_keeper(connection, officer, matter)
            if await catalogue_store.current(connection, matter.code) is None:
                await catalogue.save_draft(connection, matter, who=officer, reason="", at=request.app[ROOMS].clock())
    except EtrustError as error:
        fault = fault_of(request, error)
        return render(request, "matter_new.html", status=fault.status, operator=officer, form=form, fault=fault)
    return redirect(f"/matters/{matter.code}/edit")


async def ask_edit(request: web.Request) -> web.Response:
    """``GET /matters/{code}/edit``: its own words, and its materials one line each."""
    return await _edit_page(request, await officer_of(request))


async def _edit_page(request: web.Request, officer: Operator, fault: Fault | None = None) -> web.Response:
    rooms = request.app[ROOMS]
    async with connected(request) as connection:
        matter, draft, _ = await working_copy(connection, code_of(request))
    names = [*ELEMENTS, *(name for name in matter.elements if name not in ELEMENTS)]
    return render(
        request, "matter_edit.html", status=fault.status if fault else HTTPStatus.OK, operator=officer, matter=matter,
        draft=draft, fault=fault, themes=await rooms.catalogue.themes(), types=rooms.types, parties=write_parties(matter.parties),
        elements=names, labels=LABELS,
    )  # fmt: skip


async def save_edit(request: web.Request) -> web.Response:
    """``POST /matters/{code}/edit``: its own words into the draft."""
    officer, form = await officer_of(request), await read_form(request)
    demand_token(request, form.text("csrf"))
    try:
        await _save(request, officer, form, lambda matter: read_own(matter, form))
    except EtrustError as error:
        return await _edit_page(request, officer, fault_of(request, error))
    return redirect(
        f"/matters/{code_of(request)}/edit/preview" if form.text("then") == "preview" else f"/matters/{code_of(request)}/edit"
    )


async def _save(request: web.Request, officer: Operator, form: Form, change: Callable[[Matter], Matter]) -> None:
    async with connected(request) as connection, connection.transaction():
        matter, draft, _ = await working_copy(connection, code_of(request))
        await catalogue.save_draft(
            connection, change(matter), who=officer, reason=draft.reason if draft else "", at=request.app[ROOMS].clock(),
            revision=_revision(form),
        )  # fmt: skip


def _revision(form: Form) -> int:
    text = form.text("revision")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else 0


async def ask_material(request: web.Request) -> web.Response:
    """``GET /matters/{code}/edit/materials/{key}``; ``new`` for one more."""
    return await _material_page(request, await officer_of(request))


async def _material_page(request: web.Request, officer: Operator, fault: Fault | None = None) -> web.Response:
    rooms, key = request.app[ROOMS], request.match_info["key"]
    async with connected(request) as connection:
        matter, draft, _ = await working_copy(connection, code_of(request))
    material = next((each for each in matter.materials if each.key == key), None)
    if material is None and key != "new":
        raise web.HTTPNotFound
    shown = material or Material(f"m{len(matter.materials) + 1}", Words(""), required=True, satisfied_by=())
    fields = {
        name: label for demand in shown.satisfied_by if demand.license_type in rooms.types
        for name, label in told_fields(rooms.types[demand.license_type]).items()
    }  # fmt: skip
    return render(
        request, "matter_material.html", status=fault.status if fault else HTTPStatus.OK, operator=officer, matter=matter,
        draft=draft, fault=fault, material=shown, is_new=material is None, fields=fields, filled=form_fields_of(matter, key),
        types=rooms.types, alternatives=range(ALTERNATIVES),
    )  # fmt: skip


async def save_material(request: web.Request) -> web.Response:
    """``POST /matters/{code}/edit/materials/{key}``: one material into the draft, or out of it."""
    officer, form, key = await officer_of(request), await read_form(request), request.match_info["key"]
    demand_token(request, form.text("csrf"))
    types = request.app[ROOMS].types

    def change(matter: Matter) -> Matter:
        if form.text("then") == "remove":
            return without_material(matter, key)
        before = next((each for each in matter.materials if each.key == key), None)
        given = read_material(form, before, len(matter.materials) + 1)
        known = tuple(demand for demand in given.material.satisfied_by if demand.license_type in types)
        return with_material(matter, key, replace(given, material=replace(given.material, satisfied_by=known)), types)

    try:
        await _save(request, officer, form, change)
    except EtrustError as error:
        return await _material_page(request, officer, fault_of(request, error))
    if form.text("then") == "fields":
        return redirect(f"/matters/{code_of(request)}/edit/materials/{read_material(form, None, 1).material.key or key}")
    return redirect(f"/matters/{code_of(request)}/edit")


async def show_preview(request: web.Request) -> web.Response:
    """``GET /matters/{code}/edit/preview``: what changes, what is wrong, and who may publish it."""
    return await _preview_page(request, await officer_of(request))


async def _preview_page(request: web.Request, officer: Operator, fault: Fault | None = None) -> web.Response:
    rooms = request.app[ROOMS]
    async with connected(request) as connection:
        matter, draft, current = await working_copy(connection, code_of(request))
        history = await catalogue_store.history(connection, matter.code)
    grown = growth(current, matter)
    return render(
        request, "matter_preview.html", status=fault.status if fault else HTTPStatus.OK, operator=officer, matter=matter,
        draft=draft, fault=fault, changes=changes(current, matter, rooms.types) if draft else [],
        problems=problems(matter, rooms.types),
        grows=bool(grown), alone=not grown or (draft is not None and draft.operator != officer.username), history=history,
        current=current,
    )  # fmt: skip


async def act(request: web.Request) -> web.Response:
    """``POST /matters/{code}/edit/{act}``: propose, publish, discard or withdraw."""
    officer, form, code = await officer_of(request), await read_form(request), code_of(request)
    demand_token(request, form.text("csrf"))
    at, types = request.app[ROOMS].clock(), request.app[ROOMS].types
    try:
        async with connected(request) as connection:
            match request.match_info["act"]:
                case "propose":
                    async with connection.transaction():
                        draft = await catalogue.require_draft(connection, code)
                        await catalogue.save_draft(
                            connection,
                            draft.matter,
                            who=officer,
                            reason=form.text("reason"),
                            at=at,
                            revision=_revision(form),
                            proposed=True,
                        )
                    return redirect("/matters/drafts?done=1")
                case "publish":
                    await catalogue.publish_draft(connection, code, who=officer, types=types, at=at, revision=_revision(form))
                    return redirect(f"/matters/{code}")
                case "discard":
                    await catalogue.discard_draft(connection, code, who=officer)
                    return redirect("/matters/drafts?done=1")
                case _:
                    await catalogue.withdraw(connection, code, who=officer, reason=form.text("reason"), at=at)
                    return redirect("/matters/drafts?done=1")
    except EtrustError as error:
        return await _preview_page(request, officer, fault_of(request, error))

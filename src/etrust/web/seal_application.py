"""Applying for a seal (印章申请), with its picture beside the form; also for the seal that takes another's place (变更)."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web
from markupsafe import Markup

from etrust.access import store as access_store
from etrust.access.model import Body, Operator
from etrust.errors import EtrustError, Kind
from etrust.seals import store
from etrust.seals.apply import CODE_DIGITS, apply_for_seal
from etrust.seals.drawing import picture_recipe
from etrust.seals.model import KINDS, MAX_YEARS, Application, SealKind, SealRecord
from etrust.seals.picture import SealPicture, draw_seal
from etrust.seals.steps import find_for
from etrust.storage.postgres import Connection
from etrust.web.faults import spoken
from etrust.web.forms import Form, read_form
from etrust.web.rendering import is_partial, redirect, render
from etrust.web.seal_forms import Fault, actor_of, chosen, connected, fault_of, ground_of, officer_of
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

_FIELDS = frozenset({"body", "kind", "name_zh", "name_ug", "inscription", "license_types", "years", "reason", "legal_basis"})
_SAMPLE_CODE = "0" * CODE_DIGITS


async def ask_application(request: web.Request) -> web.Response:
    """``GET /seals/new``, with ``?replaces=`` a code filled in as that seal is."""
    officer = await officer_of(request)
    replaced = request.query.get("replaces", "")
    if not replaced:
        return await _show(request, officer, Form({"body": officer.body, "kind": SealKind.OFFICIAL}))
    async with connected(request) as connection:
        old = await find_for(connection, replaced, actor_of(request, officer))
    return await _show(request, officer, _form_of(old))


async def preview(request: web.Request) -> web.Response:
    """``POST /seals/preview``: the picture as the form stands; to a script the picture alone, else the whole form again."""
    officer = await officer_of(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    if not is_partial(request):
        return await _show(request, officer, form)
    async with connected(request) as connection:
        picture, trouble = await _drawn(request, form, await _bodies(connection, officer))
    return render(request, "seal_preview.html", picture=picture, trouble=trouble)


async def apply(request: web.Request) -> web.StreamResponse:
    """``POST /seals/new``; what is not right is told beside its field, and nothing that was written is lost."""
    officer = await officer_of(request)
    form = await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        async with connected(request) as connection:
            wanted = _application(form, await _bodies(connection, officer))
            seal = await apply_for_seal(connection, wanted, who=actor_of(request, officer), ground=ground_of(form))
    except EtrustError as error:
        return await _show(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect(f"/seals/{seal.code}?done=apply")


def _application(form: Form, bodies: Sequence[Body]) -> Application:
    """The application as the form has it; names left blank are those of the body.

    Raises:
        EtrustError: INVALID ``bad_application`` for a kind or a number of years that is none.
    """
    kind, years = form.text("kind"), form.text("years") or str(MAX_YEARS)
    if kind not in KINDS or not (years.isascii() and years.isdigit() and len(years) == 1):
        raise EtrustError(
            Kind.INVALID, "bad_application", where="years" if kind in KINDS else "kind",
            zh=f"请选择印章类型和 1 至 {MAX_YEARS} 年的有效期。", en=f"Choose a kind of seal and 1 to {MAX_YEARS} years.",
        )  # fmt: skip
    body = next((each for each in bodies if each.code == form.text("body")), None)
    drawn = Application(
        body=form.text("body"), kind=SealKind(kind), name_zh=form.text("name_zh"), inscription=form.text("inscription"),
        name_ug=form.text("name_ug") if form.text("with_ug") else "", license_types=chosen(form, "type"), years=int(years),
        replaces=form.text("replaces") or None,
    )  # fmt: skip
    if body is None or drawn.kind is SealKind.PERSONAL:
        return drawn
    name_ug = drawn.name_ug or (body.name_ug if form.text("with_ug") else "")
    return replace(drawn, name_zh=drawn.name_zh or body.name_zh, name_ug=name_ug)


async def _bodies(connection: Connection, officer: Operator) -> list[Body]:
    """The bodies for which the officer may apply."""
    own = await store.subordinate_bodies(connection, officer.body)
    return [body for body in await access_store.bodies(connection) if body.code in own]


def _form_of(old: SealRecord) -> Form:
    wanted = old.application
    values = {
        "body": wanted.body, "kind": wanted.kind, "name_zh": wanted.name_zh, "name_ug": wanted.name_ug,
        "with_ug": "1" if wanted.name_ug else "", "inscription": wanted.inscription, "years": str(wanted.years),
        "replaces": old.code, **{f"type.{name}": "1" for name in wanted.license_types},
    }  # fmt: skip
    return Form(values)


async def _drawn(request: web.Request, form: Form, bodies: Sequence[Body]) -> tuple[Markup | None, str]:
    """The picture of what is applied for, or why there is none."""
    try:
        picture: SealPicture = await asyncio.to_thread(draw_seal, picture_recipe(_application(form, bodies), _SAMPLE_CODE))
    except EtrustError as error:
        return None, spoken(request, error)
    return Markup(picture.svg.decode("ascii")), ""  # noqa: S704  # paths and numbers of our own


async def _show(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    async with connected(request) as connection:
        bodies = await _bodies(connection, officer)
    picture, trouble = await _drawn(request, form, bodies)
    return render(
        request, "seal_new.html", status=fault.status if fault else 200, operator=officer, form=form, fault=fault,
        bodies=bodies, kinds=KINDS, types=request.app[ROOMS].types, max_years=MAX_YEARS, picture=picture, trouble=trouble,
    )  # fmt: skip

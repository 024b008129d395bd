"""Who may use a seal (用印授权), as forms: giving a right and taking it back."""

from datetime import date, datetime, time, timedelta

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.clock import BEIJING
from etrust.errors import EtrustError, Kind
from etrust.seals import usage_store
from etrust.seals.grants import end_grant, give_grant
from etrust.seals.model import Grant, GranteeKind, NewGrant
from etrust.seals.steps import find_for
from etrust.web.forms import Form, read_form
from etrust.web.rendering import redirect, render
from etrust.web.seal_forms import Fault, actor_of, chosen, connected, fault_of, ground_of, officer_of
from etrust.web.seal_words import ROLES
from etrust.web.seals import known_names
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

_FIELDS = frozenset({"grantee", "license_types", "matters", "valid_until", "reason", "legal_basis"})


async def ask_grant(request: web.Request) -> web.Response:
    """``GET /seals/{code}/grants/new``."""
    return await _show(request, await officer_of(request), Form())


async def grant(request: web.Request) -> web.StreamResponse:
    """``POST /seals/{code}/grants/new``."""
    officer, code = await officer_of(request), request.match_info["code"]
    form = await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        async with connected(request) as connection:
            await give_grant(connection, code, _new_grant(form), who=actor_of(request, officer), ground=ground_of(form))
    except EtrustError as error:
        return await _show(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect(f"/seals/{code}?done=grant#grants")


def _new_grant(form: Form) -> NewGrant:
    """The right as the form has it; who gets it is written ``KIND:NAME``.

    Raises:
        EtrustError: INVALID ``bad_grant`` naming the field.
    """
    kind, _, grantee = form.text("grantee").partition(":")
    if kind not in list(GranteeKind) or not grantee:
        raise _bad_grant("grantee", "请选择授权给谁。", "Choose who may use the seal.")
    matters = tuple(form.text("matters").upper().replace("，", " ").replace(",", " ").split())
    return NewGrant(GranteeKind(kind), grantee, chosen(form, "type"), matters, valid_until=_end_of(form.text("valid_until")))


def _end_of(day: str) -> datetime | None:
    """The end of a day in official time, None when none was given."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), BEIJING)
    except (ValueError, OverflowError) as error:
        raise _bad_grant("valid_until", "日期须写作 2026-12-31 的形式。", "Write the day as 2026-12-31.") from error


def _bad_grant(field: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, "bad_grant", where=field, zh=zh, en=en)


async def _show(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    async with connected(request) as connection:
        seal = await find_for(connection, request.match_info["code"], actor_of(request, officer))
        known = await known_names(connection)
    people = [
        each for each in known.operators.values()
        if each.username != officer.username and each.roles & {Role.ISSUER, Role.CLERK, Role.SEAL_OFFICER}
    ]  # fmt: skip
    return render(
        request, "seal_grant.html", status=fault.status if fault else 200, operator=officer, seal=seal, form=form, fault=fault,
        people=people, known=known, roles=ROLES, types=request.app[ROOMS].types,
    )  # fmt: skip


async def ask_end(request: web.Request) -> web.Response:
    """``GET /seals/{code}/grants/{number}/end``."""
    return await _show_end(request, await officer_of(request), Form())


async def end(request: web.Request) -> web.StreamResponse:
    """``POST /seals/{code}/grants/{number}/end``."""
    officer = await officer_of(request)
    form = await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        found = await _grant_of(request)
        async with connected(request) as connection:
            await end_grant(connection, found.grant_id, who=actor_of(request, officer), ground=ground_of(form))
    except EtrustError as error:
        return await _show_end(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect(f"/seals/{found.code}?done=end-grant#grants")


async def _show_end(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    found = await _grant_of(request)
    async with connected(request) as connection:
        seal = await find_for(connection, found.code, actor_of(request, officer))
        known = await known_names(connection)
    return render(
        request, "seal_grant_end.html", status=fault.status if fault else 200, operator=officer, seal=seal, grant=found,
        form=form, fault=fault, known=known, roles=ROLES, types=request.app[ROOMS].types,
    )  # fmt: skip


async def _grant_of(request: web.Request) -> Grant:
    """The right in the address, when it is one of the seal there."""
    async with connected(request) as connection:
        found = await usage_store.grant(connection, int(request.match_info["number"]))
    if found is None or found.code != request.match_info["code"]:
        raise web.HTTPNotFound
    return found

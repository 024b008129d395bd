"""Passkeys of a holder: made, named, removed, and asked for before a sensitive license is shown."""

import ipaddress
from typing import Any

from aiohttp import web

from etrust.access.passkeys import MAKE, Party
from etrust.access.person_model import HolderSession
from etrust.errors import EtrustError, Kind
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import Form, read_form
from etrust.web.my_session import keep_holder, my_path, require_person
from etrust.web.origin import own_host, own_origin
from etrust.web.preferences import preferences_of
from etrust.web.rendering import PAGES, redirect, render
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

_PLACE = "/my/passkeys"


async def show_passkeys(request: web.Request) -> web.Response:
    """``GET /my/passkeys``."""
    return await _page(request, await require_person(request))


async def send_options(request: web.Request) -> web.Response:
    """``POST /my/passkeys/options``: what the browser needs to make a passkey, or to ask for one; JSON."""
    session, form = await _sent(request)
    desk, party = request.app[ROOMS].people.passkeys, _party(request)
    begin = desk.begin_making if form.text("purpose") == MAKE else desk.begin_using
    try:
        return web.Response(text=await begin(session, party), content_type="application/json")
    except EtrustError as error:
        return web.json_response({"fault": spoken(request, error)}, status=STATUSES[error.kind])


async def make(request: web.Request) -> web.StreamResponse:
    """``POST /my/passkeys``: keep the passkey the browser made."""
    session, form = await _sent(request)
    try:
        opened = await request.app[ROOMS].people.passkeys.finish_making(
            session, _party(request), form.text("credential"), name=form.text("name")
        )
    except EtrustError as error:
        return await _page(request, session, error=error)
    response = redirect(my_path(form.text("next")) if form.text("next") else f"{_PLACE}?done=made")
    if opened is not None:
        keep_holder(request, response, opened.token)
    return response


async def show_confirm(request: web.Request) -> web.StreamResponse:
    """``GET /my/passkeys/confirm``: ask for the passkey, and go on to what was wanted."""
    session = await require_person(request)
    wanted = my_path(request.query.get("next", ""))
    if session.is_strong(request.app[ROOMS].clock()):
        return redirect(wanted)
    return await _confirm_page(request, session, wanted)


async def confirm(request: web.Request) -> web.StreamResponse:
    """``POST /my/passkeys/confirm``: the browser's answer; the session goes on under a new token."""
    session, form = await _sent(request)
    wanted = my_path(form.text("next"))
    try:
        opened = await request.app[ROOMS].people.passkeys.finish_using(session, _party(request), form.text("credential"))
    except EtrustError as error:
        return await _confirm_page(request, session, wanted, error=error)
    response = redirect(wanted)
    if opened is not None:
        keep_holder(request, response, opened.token)
    return response


async def rename(request: web.Request) -> web.StreamResponse:
    """``POST /my/passkeys/{handle}/name``."""
    session, form = await _sent(request)
    try:
        await request.app[ROOMS].people.passkeys.rename(session, request.match_info["handle"], form.text("name"))
    except EtrustError as error:
        return await _page(request, session, error=error)
    return redirect(f"{_PLACE}?done=named")


async def remove(request: web.Request) -> web.StreamResponse:
    """``POST /my/passkeys/{handle}/remove``."""
    session, _ = await _sent(request)
    try:
        await request.app[ROOMS].people.passkeys.remove(session, request.match_info["handle"])
    except EtrustError as error:
        return await _page(request, session, error=error)
    return redirect(f"{_PLACE}?done=removed")


async def sign_out_elsewhere(request: web.Request) -> web.StreamResponse:
    """``POST /my/passkeys/elsewhere``: end all other sessions of this person."""
    session, _ = await _sent(request)
    await request.app[ROOMS].people.sign_out_elsewhere(session)
    return redirect(f"{_PLACE}?done=elsewhere")


async def _sent(request: web.Request) -> tuple[HolderSession, Form]:
    session = await require_person(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    return session, form


async def _page(request: web.Request, session: HolderSession, *, error: EtrustError | None = None) -> web.Response:
    return await _shown(
        request, session, "my_passkeys.html", error, next=request.query.get("next", "") and my_path(request.query["next"]),
        done=request.query.get("done", "") if request.method == "GET" else "",
    )  # fmt: skip


async def _confirm_page(
    request: web.Request, session: HolderSession, wanted: str, *, error: EtrustError | None = None
) -> web.Response:
    return await _shown(request, session, "my_passkey_confirm.html", error, next=wanted)


async def _shown(
    request: web.Request, session: HolderSession, template: str, error: EtrustError | None, **context: Any
) -> web.Response:
    if error is not None and error.kind not in {Kind.FORBIDDEN, Kind.INVALID, Kind.CONFLICT, Kind.NOT_FOUND}:
        raise error
    at = request.app[ROOMS].clock()
    return render(
        request, template, status=200 if error is None else STATUSES[error.kind], session=session,
        passkeys=await request.app[ROOMS].people.passkeys.of(session), confirmed=session.is_strong(at) or session.is_fresh(at),
        fault=spoken(request, error), named_host=_named_host(request), **context,
    )  # fmt: skip


def _party(request: web.Request) -> Party:
    language = preferences_of(request).language.code
    name = request.app[PAGES].translations[language].gettext("Electronic licenses")
    return Party(own_host(request), own_origin(request), name)


def _named_host(request: web.Request) -> str:
    """The same page under a name, for a trial that is visited by number: browsers bind passkeys to names only; else empty."""
    try:
        ipaddress.ip_address(own_host(request))
    except ValueError:
        return ""
    return str(request.url.with_host("localhost").with_query(None))

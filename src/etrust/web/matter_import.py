"""The officer's import page: a list is sent, what would happen is shown, and only then it is done."""

import asyncio
import hashlib
import tempfile
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

from aiohttp import web

from etrust.access.model import Operator
from etrust.errors import EtrustError, Kind
from etrust.matters import catalogue_store
from etrust.matters.changes import changes
from etrust.matters.intake.export import export_csv
from etrust.matters.intake.plan import Fate, Plan, carry_out, plan_import
from etrust.web.forms import read_form, read_upload
from etrust.web.matter_forms import fault_of, officer_of
from etrust.web.matters import csv_answer
from etrust.web.rendering import render
from etrust.web.seal_forms import Fault, connected
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

MAX_LIST = 8 * 2**20
"""Bytes of a list on this page; the command takes larger ones."""

_KEPT = timedelta(hours=1)
_HEX = 64


async def ask_import(request: web.Request) -> web.Response:
    """``GET /matters/import``."""
    return _page(request, await officer_of(request))


def _page(request: web.Request, officer: Operator, *, fault: Fault | None = None, **more: object) -> web.Response:
    shown = {"plan": None, "name": "", "digest": "", "done": None, "differences": {}, **more}
    status = fault.status if fault else HTTPStatus.OK
    return render(
        request, "matter_import.html", status=status, operator=officer, fault=fault, fates=Fate, limit=MAX_LIST >> 20, **shown
    )


async def preview_import(request: web.Request) -> web.Response:
    """``POST /matters/import``: the list, kept for an hour; nothing is changed yet."""
    officer, rooms = await officer_of(request), request.app[ROOMS]
    try:
        form = await read_upload(request, MAX_LIST)
        demand_token(request, form.text("csrf"))
        if not form.image:
            raise _nothing_chosen()
        plan = await _plan(request, officer, form.image, form.filename)
        digest = hashlib.sha256(form.image).digest()
        async with connected(request) as connection:
            await catalogue_store.drop_uploads(connection, rooms.clock() - _KEPT)
            await catalogue_store.keep_upload(
                connection, digest, operator=officer.username, name=form.filename, content=form.image, at=rooms.clock()
            )
    except EtrustError as error:
        return _page(request, officer, fault=fault_of(request, error))
    differences = {
        item.matter.code: changes(item.before, item.matter, rooms.types) for item in plan.items if item.fate is Fate.CHANGED
    }
    return _page(request, officer, plan=plan, name=form.filename, digest=digest.hex(), differences=differences)


async def confirm_import(request: web.Request) -> web.Response:
    """``POST /matters/import/confirm``: does what the preview of the same list says now."""
    officer, form, rooms = await officer_of(request), await read_form(request), request.app[ROOMS]
    demand_token(request, form.text("csrf"))
    text = form.text("digest")
    try:
        digest = bytes.fromhex(text) if len(text) == _HEX else b""
        async with connected(request) as connection:
            kept = await catalogue_store.upload(connection, digest, operator=officer.username)
            if kept is None:
                raise _upload_gone()
            plan = await _plan(request, officer, kept[1], kept[0])
            done = await carry_out(
                connection, plan, types=rooms.types, who=officer, reason=form.text("reason") or kept[0][:100], at=rooms.clock()
            )
    except (EtrustError, ValueError) as error:
        if isinstance(error, ValueError):
            error = EtrustError(Kind.MALFORMED, "bad_form", zh="提交的内容无法读取，请重试。", en="The form cannot be read.")
        return _page(request, officer, fault=fault_of(request, error))
    return _page(request, officer, plan=plan, name=kept[0], done=done)


async def _plan(request: web.Request, officer: Operator, content: bytes, name: str) -> Plan:
    """Read the list from a file of its own: spreadsheets are read from files only."""
    with tempfile.TemporaryDirectory(prefix="etrust-matters-") as folder:
        path = Path(folder) / "list"
        await asyncio.to_thread(path.write_bytes, content)
        async with connected(request) as connection:
            return await plan_import(connection, path, types=request.app[ROOMS].types, who=officer, name=name[:100])


async def send_export(request: web.Request) -> web.Response:
    """``GET /matters/export.csv``: every matter in force in the form that is imported."""
    await officer_of(request)
    rooms = request.app[ROOMS]
    content = export_csv(await rooms.catalogue.all(), rooms.types).encode()
    return csv_answer(request, content, "matters-full", rooms.clock())


def _nothing_chosen() -> EtrustError:
    return EtrustError(Kind.INVALID, "no_file_chosen", zh="还没有选择文件。", en="No file was chosen.")


def _upload_gone() -> EtrustError:
    return EtrustError(
        Kind.INVALID, "upload_gone", where="file", zh="清单已过期，请重新选择文件预览。",
        en="The list is no longer kept; please choose the file again.",
    )  # fmt: skip

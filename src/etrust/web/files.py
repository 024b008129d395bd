"""The clerk's page for whole files (文件查验): drop or choose one, read the report, print it or take it along."""

import base64
import json
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from etrust.access.model import Role
from etrust.errors import EtrustError, Kind
from etrust.verification.files import MAX_FILE
from etrust.verification.pdf import PDF
from etrust.verification.report import verdict_json
from etrust.web.faults import STATUSES, spoken
from etrust.web.file_card import file_card_of
from etrust.web.forms import read_upload
from etrust.web.rendering import render
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS
from etrust.wiring.file_checks import FileReport

_SHOWN_AGAIN = {Kind.MALFORMED, Kind.INVALID, Kind.TOO_LARGE, Kind.RATE_LIMITED, Kind.UNAVAILABLE}
_MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Download:
    """A file to take along, as an address that holds all of it: nothing is kept on the server."""

    name: str
    label: str
    address: str

    @classmethod
    def of(cls, name: str, label: str, media_type: str, content: bytes) -> "Download":
        """The content as a ``data:`` address."""
        return cls(name, label, f"data:{media_type};base64,{base64.b64encode(content).decode()}")


async def show_file_check(request: web.Request) -> web.Response:
    """``GET /check/file``."""
    operator = await demand_role(request, Role.CLERK)
    return render(request, "file_check.html", operator=operator, card=None, notice="", name="", limit=MAX_FILE // _MEGABYTE)


async def check_file(request: web.Request) -> web.Response:
    """``POST /check/file``; what could not be asked is answered beside the form."""
    operator = await demand_role(request, Role.CLERK)
    try:
        form = await read_upload(request, MAX_FILE)
        demand_token(request, form.text("csrf"))
        report = await request.app[ROOMS].files.check(_chosen(form.image))
        downloads = await _downloads(request, form.image, report)
    except EtrustError as error:
        if error.kind not in _SHOWN_AGAIN:
            raise
        return render(
            request, "file_check.html", status=STATUSES[error.kind], operator=operator, card=None,
            notice=spoken(request, error), name="", limit=MAX_FILE // _MEGABYTE,
        )  # fmt: skip
    return render(
        request, "file_check.html", status=HTTPStatus.OK, operator=operator, card=file_card_of(report), notice="",
        name=form.filename, downloads=downloads, limit=MAX_FILE // _MEGABYTE,
    )  # fmt: skip


def _chosen(data: bytes) -> bytes:
    if not data:
        raise EtrustError(
            Kind.INVALID, "no_file_chosen",
            zh="还没有选择文件。请先选择要查验的文件。", en="No file was chosen. Choose the file to check first.",
        )
    return data


async def _downloads(request: web.Request, data: bytes, report: FileReport) -> list[Download]:
    text = json.dumps(verdict_json(report.verdict), ensure_ascii=False, indent=2).encode()
    found = [Download.of("report.json", "JSON", "application/json", text)]
    if report.found.kind == PDF:
        try:
            xml = await request.app[ROOMS].files.etsi(data, report)
        except EtrustError:
            return found  # there is none of such a file, or here
        found.append(Download.of("report.xml", "ETSI TS 119 102-2 XML", "application/xml", xml))
    return found

"""`POST /api/v1/files/verify`: a whole file judged, PDF, OFD, seal, seal signature, or a code as text or picture."""

import re
from collections.abc import AsyncIterator
from datetime import datetime

from aiohttp import BodyPartReader, web

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.errors import EtrustError, Kind
from etrust.verification.files import MAX_FILE, too_large
from etrust.verification.report import verdict_json
from etrust.wiring import ROOMS

MAX_PARTS = 4
_XML = ("application/xml", "text/xml")
_ZONE_AFTER_SPACE = re.compile(r" (?=\d{2}:\d{2}$)")
"""A plus that was not written %2B arrives as a space: ``?at=2026-05-01T12:00:00+08:00`` means what it says."""


async def verify(request: web.Request) -> web.Response:
    """Judge the file in the body, or in the part ``file`` of a multipart body; ``document`` may hold what a seal stands on.

    The verdict is in the answer, and the HTTP status is 200 whatever it says. With ``?format=etsi`` or ``Accept:
    application/xml`` it is the report of ETSI TS 119 102-2 instead, which there is of signed PDF only.
    """
    await require_key(request, Scope.CHECK)
    rooms = request.app[ROOMS]
    at = _moment(request.query.get("at"), rooms.clock())
    data, document = await _uploaded(request)
    report = await rooms.files.check(data, at=at, document=document)
    if _wants_xml(request):
        return web.Response(body=await rooms.files.etsi(data, report), content_type="application/xml", charset="utf-8")
    return web.json_response(verdict_json(report.verdict))


def _wants_xml(request: web.Request) -> bool:
    accepted = request.headers.get("Accept", "").partition(",")[0].partition(";")[0].strip().lower()
    return request.query.get("format") == "etsi" or accepted in _XML


def _moment(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(_ZONE_AFTER_SPACE.sub("+", text))
    except ValueError as error:
        raise _bad_moment() from error
    if at.tzinfo is None or at > now:
        raise _bad_moment()
    return at


def _bad_moment() -> EtrustError:
    return EtrustError(
        Kind.INVALID, "bad_time", where="at",
        zh="at 应为带时区且不晚于现在的时间，如 2026-05-01T12:00:00+08:00。",
        en="at takes a time with its zone that is not in the future, such as 2026-05-01T12:00:00+08:00.",
    )


async def _uploaded(request: web.Request) -> tuple[bytes, bytes | None]:
    if request.content_type != "multipart/form-data":
        data = await _bounded(request.content.iter_any())
        return _something(data), None
    parts = await _parts(request)
    return _something(parts.get("file", b"")), parts.get("document")


async def _parts(request: web.Request) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    try:
        reader = await request.multipart()
        for _ in range(MAX_PARTS):
            part = await reader.next()
            if part is None:
                return found
            if isinstance(part, BodyPartReader) and part.name is not None:
                found[part.name] = await _bounded(_chunks(part))
    except (ValueError, AssertionError) as error:
        raise _bad_body() from error
    raise _bad_body()


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk():
        yield chunk


async def _bounded(chunks: AsyncIterator[bytes]) -> bytes:
    content = bytearray()
    async for chunk in chunks:
        content += chunk
        if len(content) > MAX_FILE:
            raise too_large()
    return bytes(content)


def _something(data: bytes) -> bytes:
    if not data:
        raise EtrustError(
            Kind.INVALID, "no_file", where="file",
            zh="请求中没有文件：请以正文或 multipart 的 file 部分提交。",
            en="No file: send it as the body, or as the part `file`.",
        )
    return data


def _bad_body() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_multipart", zh="multipart 正文无法读取，或部分过多。", en="The multipart body cannot be read."
    )

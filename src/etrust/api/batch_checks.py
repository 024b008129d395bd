"""`POST /api/v1/checks/batch`: NDJSON in, NDJSON out, streamed; the last line has the totals, so that a caller can reconcile.

A line in is ``{"presented": "…", "id": "…"}`` or the text alone as a JSON string. A line that is neither is answered in its
place. What runs is bounded: lines, their length, how many are under way, and how long nothing may arrive.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from aiohttp import StreamReader, web
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import to_json

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.api.problems import problem
from etrust.errors import EtrustError, Kind
from etrust.verification.model import Verdict
from etrust.verification.report import verdict_json
from etrust.wiring import ROOMS

MAX_LINES = 100_000
MAX_LINE = 8_192
"""Bytes of a line."""
GROUP = 500
"""Lines answered together: so many signatures are under way at once for one caller."""
IDLE_SECONDS = 20.0
NDJSON = "application/x-ndjson"
BATCH = "check_batch"
"""The name of the route: it takes as long as lines arrive, and is left out of the bound on whole requests."""

_SLOW_ZH, _SLOW_EN = "请求用时过长，已中止，请重试。", "Nothing arrived for too long; send the batch again."

_Presented = Annotated[str, Field(min_length=1, max_length=4096)]


class Line(BaseModel):
    """One check of a batch."""

    model_config = ConfigDict(extra="forbid")
    presented: _Presented
    id: str = Field(default="", max_length=64, description="given back with the answer")


_LINE: TypeAdapter[Line | str] = TypeAdapter(Line | _Presented)


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as it arrived: its number from 1, and what was in it; None where it could not be read."""

    number: int
    line: Line | None


async def check_batch(request: web.Request) -> web.StreamResponse:
    """Answer every line in its order; a batch that cannot go on ends with a line that says why, and without totals."""
    await require_key(request, Scope.CHECK)
    brief = _is_brief(request)
    answer = web.StreamResponse(headers={"Content-Type": NDJSON, "Cache-Control": "no-store"})
    try:
        totals = await _answer_all(request, answer, brief=brief)
    except EtrustError as error:
        if not answer.prepared:
            raise
        last = to_json({"error": error.code, "zh": error.zh, "en": error.en})
    except TimeoutError:
        if not answer.prepared:
            return problem(408, code="too_slow", zh=_SLOW_ZH, en=_SLOW_EN)
        last = to_json({"error": "too_slow", "zh": _SLOW_ZH, "en": _SLOW_EN})
    else:
        last = to_json({"totals": {"lines": totals.total(), **dict(sorted(totals.items()))}})
    await answer.write(last + b"\n")
    await answer.write_eof()
    return answer


async def _answer_all(request: web.Request, answer: web.StreamResponse, *, brief: bool) -> Counter[str]:
    totals: Counter[str] = Counter()
    async for group in _groups(request.content):
        lines = await _answers(request, group, totals, brief=brief)
        if not answer.prepared:
            await answer.prepare(request)
        await answer.write(b"".join(lines))
    if not answer.prepared:
        await answer.prepare(request)
    return totals


def _is_brief(request: web.Request) -> bool:
    asked = request.query.get("answers", "full")
    if asked not in {"full", "brief"}:
        raise EtrustError(
            Kind.INVALID, "bad_answers", where="answers",
            zh="answers 只能是 full（完整结论）或 brief（仅结论与状态）。", en="answers is full or brief.",
        )
    return asked == "brief"


async def _answers(
    request: web.Request, group: Sequence[Asked], totals: Counter[str], *, brief: bool
) -> list[bytes]:
    good = [asked.line.presented for asked in group if asked.line is not None]
    verdicts = iter(await request.app[ROOMS].check_many(good))
    lines: list[bytes] = []
    for asked in group:
        told = _bad_line() if asked.line is None else _told(next(verdicts), brief=brief)
        totals[str(told["status"])] += 1
        named = {"id": asked.line.id} if asked.line is not None and asked.line.id else {}
        lines.append(to_json({"line": asked.number, **named, **told}) + b"\n")
    return lines


def _told(verdict: Verdict, *, brief: bool) -> dict[str, Any]:
    if not brief:
        return verdict_json(verdict)
    shown = verdict.license or {}
    return {
        "verdict": verdict.verdict.value, "sub_indication": verdict.sub_indication, "status": verdict.status.value,
        "identifier": shown.get("identifier", ""),
    }


def _bad_line() -> dict[str, Any]:
    return {"verdict": "TOTAL-FAILED", "sub_indication": "FORMAT_FAILURE", "status": "malformed", "error": "bad_line"}


async def _groups(content: StreamReader) -> AsyncIterator[list[Asked]]:
    group: list[Asked] = []
    number = 0
    async for line in _lines(content):
        number += 1
        if number > MAX_LINES:
            raise _too_large(f"{MAX_LINES} 行", f"{MAX_LINES} lines")
        group.append(Asked(number, _read(line)))
        if len(group) == GROUP:
            yield group
            group = []
    if group:
        yield group


async def _lines(content: StreamReader) -> AsyncIterator[bytes]:
    """The lines that are not blank."""
    rest = b""
    while not content.at_eof():
        async with asyncio.timeout(IDLE_SECONDS):
            chunk = await content.readany()
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE:
            raise _too_large(f"每行 {MAX_LINE} 字节", f"{MAX_LINE} bytes in a line")
        for line in filter(None, map(bytes.strip, whole)):
            yield line
    if rest.strip():
        yield rest.strip()


def _read(line: bytes) -> Line | None:
    try:
        found = _LINE.validate_json(line) if len(line) <= MAX_LINE else None
    except ValidationError:
        return None
    return Line(presented=found) if isinstance(found, str) else found


def _too_large(zh: str, en: str) -> EtrustError:
    return EtrustError(
        Kind.TOO_LARGE, "too_large", zh=f"批量查验最多 {zh}，请分批提交。", en=f"A batch has at most {en}; send several."
    )

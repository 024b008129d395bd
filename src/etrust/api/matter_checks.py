"""`POST /api/v1/matters/{code}/checks`: one scan checked against what a matter needs; and going on when consent was given."""

import json
from collections.abc import Awaitable, Callable
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from etrust.access.model import ApiKey, Operator, Scope
from etrust.api.access import require_key
from etrust.matters.check_model import CheckState, MatterCheck, MatterQuestion
from etrust.matters.check_report import check_json
from etrust.onecode.model import Ground
from etrust.wiring import ROOMS, Rooms

_WAITING, _DONE = 202, 200
Key = Annotated[str, Field(max_length=80)]
"""The key of a party, of a material, or the name of a field."""


class MatterCheckRequest(BaseModel):
    """What is checked: the codes shown, on what ground, for which case."""

    model_config = ConfigDict(extra="forbid")
    codes: dict[Key, Annotated[str, Field(min_length=1, max_length=1024)]] = Field(
        min_length=1, max_length=20, description="by party, the text of the code that was scanned"
    )
    ground: Ground = Field(default=Ground.CONSENT)
    reason: str = Field(min_length=1, max_length=200, description="申请事由")
    legal_basis: str = Field(default="", max_length=200, description="for use on duty")
    case_number: str = Field(default="", max_length=43, description="办件编码 of an open case; left out: a new case")
    fields: dict[Key, Annotated[list[Key], Field(max_length=100)]] | None = Field(
        default=None, max_length=100, description="by material, fewer fields than the matter's; none more"
    )
    commitments: list[Key] = Field(default_factory=list, max_length=100, description="materials committed to (告知承诺)")
    deferrals: list[Key] = Field(default_factory=list, max_length=100, description="materials brought later (容缺)")
    papers: list[Key] = Field(default_factory=list, max_length=100, description="materials brought on paper")

    def question(self, matter: str, operator: Operator) -> MatterQuestion:
        """As the desk asks it."""
        fields = None if self.fields is None else {key: tuple(names) for key, names in self.fields.items()}
        return MatterQuestion(
            matter, self.codes, operator, self.ground, self.reason, self.case_number, self.legal_basis, fields,
            tuple(self.commitments), tuple(self.deferrals), tuple(self.papers),
        )  # fmt: skip


async def check(request: web.Request) -> web.Response:
    """Check a matter: 200 with the answer, 202 while a holder is asked."""
    key = await require_key(request, Scope.MATTERS)
    body = await request.read()
    asked = MatterCheckRequest.model_validate_json(body)
    rooms, matter = request.app[ROOMS], request.match_info["code"]

    async def work() -> MatterCheck:
        return await rooms.matters.check(asked.question(matter, await rooms.operator(key.operator)))

    return await _answer(request, key, body, work)


async def go_on(request: web.Request) -> web.Response:
    """Go on with a check that waits for consent."""
    key = await require_key(request, Scope.MATTERS)
    rooms, check_id = request.app[ROOMS], request.match_info["check"]

    async def work() -> MatterCheck:
        return await rooms.matters.continue_check(check_id, operator=await rooms.operator(key.operator))

    return await _answer(request, key, await request.read(), work)


async def _answer(
    request: web.Request, key: ApiKey, body: bytes, work: Callable[[], Awaitable[MatterCheck]]
) -> web.Response:
    async def written() -> bytes:
        return json.dumps(check_json(await work()), ensure_ascii=False).encode()

    name = request.headers.get("Idempotency-Key")
    if name is None:
        told = await written()
    else:
        question = request.path.encode() + b"\0" + body
        told = await _repeats(request.app[ROOMS], key, name, question, written)
    waiting = json.loads(told)["state"] == CheckState.CONSENT_NEEDED
    return web.Response(
        body=told, status=_WAITING if waiting else _DONE, content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


async def _repeats(
    rooms: Rooms, key: ApiKey, name: str, question: bytes, work: Callable[[], Awaitable[bytes]]
) -> bytes:
    repeats = await rooms.matters.repeats()
    return await repeats.once(key.key_id, name, question, work)

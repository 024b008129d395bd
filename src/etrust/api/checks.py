"""`POST /api/v1/checks`: one check of a code, an identifier, a short number, or the picture of a code."""

import asyncio
import base64
import binascii
from datetime import datetime
from typing import Self

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.credentials.image import read_codes
from etrust.credentials.online_code import is_online_code
from etrust.errors import EtrustError, Kind
from etrust.verification.pictures import one_code
from etrust.verification.report import verdict_json
from etrust.wiring import ROOMS

MAX_IMAGE = 12 * 1024 * 1024


class CheckRequest(BaseModel):
    """What to check, and the moment asked about."""

    model_config = ConfigDict(extra="forbid")
    presented: str | None = Field(default=None, min_length=1, max_length=4096)
    image: str | None = Field(default=None, max_length=MAX_IMAGE * 4 // 3 + 4, description="base64 of PNG, JPEG, WebP")
    at: AwareDatetime | None = None
    known_at: AwareDatetime | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.presented is None) == (self.image is None):
            raise ValueError("give either presented or image")
        return self


async def check(request: web.Request) -> web.Response:
    """Answer one check; the verdict is in the body, and the HTTP status is 200 whatever it says."""
    key = await require_key(request, Scope.CHECK)
    asked = CheckRequest.model_validate_json(await request.read())
    rooms = request.app[ROOMS]
    text = asked.presented if asked.presented is not None else await _text_in(asked.image or "")
    for moment in (asked.at, asked.known_at):
        _not_in_the_future(moment, rooms.clock())
    actor = await rooms.operator(key.operator) if is_online_code(text) else None  # who redeems a code is recorded
    verdict = await rooms.check(text, actor=actor, at=asked.at, known_at=asked.known_at)
    return web.json_response(verdict_json(verdict))


async def _text_in(image: str) -> str:
    return one_code(await asyncio.to_thread(read_codes, _image_bytes(image)))


def _image_bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_base64", where="image", zh="图片不是有效的 base64。", en="The image is not valid base64."
        ) from error


def _not_in_the_future(at: datetime | None, now: datetime) -> None:
    if at is not None and at > now:
        raise EtrustError(
            Kind.INVALID, "future_time", where="at",
            zh="查验时间不能晚于现在。", en="The time asked about may not be in the future.",
        )

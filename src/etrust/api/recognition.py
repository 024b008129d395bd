"""`POST /api/v1/recognition/holdings`: a partner region asks for licenses of a holder, and says what for."""

from typing import Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.onecode.model import Ground, Use
from etrust.recognition.messages import answer_json
from etrust.wiring import ROOMS


class UseBody(BaseModel):
    """What a license is used for; without it nothing is told."""

    model_config = ConfigDict(extra="forbid")
    ground: Ground
    matter: str = Field(pattern=r"^[0-9A-Z]{31}$", description="implementation code, GB/T 39554.1")
    case_number: str = Field(pattern=r"^[0-9A-Z]{43}$", description="办件编码")
    operator: str = Field(min_length=1, max_length=64)
    body: str = Field(pattern=r"^[0-9A-Z]{18}$", description="whom the operator acts for")
    reason: str = Field(min_length=1, max_length=200)
    legal_basis: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _duty_has_its_basis(self) -> Self:
        if self.ground is Ground.DUTY and not self.legal_basis.strip():
            raise ValueError("a use on duty names its legal basis")
        return self


class HoldingsRequest(BaseModel):
    """Whose licenses of which type are asked for."""

    model_config = ConfigDict(extra="forbid")
    holder_code: str = Field(min_length=1, max_length=32)
    holder_code_type: str = Field(pattern=r"^\d{3}$")
    license_type: str = Field(pattern=r"^[0-9A-Z]{18}\d{3}$", description="type code, 21 characters")
    use: UseBody


async def holdings(request: web.Request) -> web.Response:
    """The credentials of what the holder has here; an empty list for none and for a holder not known."""
    key = await require_key(request, Scope.RECOGNITION)
    asked = HoldingsRequest.model_validate_json(await request.read())
    found = await request.app[ROOMS].partners.holdings(
        key, holder_code=asked.holder_code, holder_code_type=asked.holder_code_type, license_type=asked.license_type,
        use=Use(**asked.use.model_dump()),
    )
    return web.json_response(answer_json(found))

"""`POST /api/v1/recognition/holdings`: a region asks for licenses of a holder, and says what for.

A region signs its question and is answered sealed; a program of this region asks with its key and is answered in clear.
"""

from typing import Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, model_validator

from etrust.access.model import Scope
from etrust.api.access import require_key
from etrust.api.partner_access import for_partners, is_partner
from etrust.onecode.model import Ground, Use
from etrust.recognition.messages import answer_json
from etrust.recognition.model import PartnerCaller
from etrust.wiring import ROOMS


class UseBody(BaseModel):
    """What a license is used for (用证事由); without it nothing is told."""

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

    def use(self) -> Use:
        """The use."""
        return Use(**self.model_dump())


class Holder(BaseModel):
    """Whose licenses are asked for."""

    model_config = ConfigDict(extra="forbid")
    holder_code: str = Field(min_length=1, max_length=32)
    holder_code_type: str = Field(pattern=r"^\d{3}$")


class HoldingsRequest(Holder):
    """The question of a program of this region."""

    license_type: str = Field(pattern=r"^[0-9A-Z]{18}\d{3}$", description="type code, 21 characters")
    use: UseBody


class SealedHoldings(BaseModel):
    """The question of another region: whose licenses are asked for is sealed to this one."""

    model_config = ConfigDict(extra="forbid")
    sealed: str = Field(max_length=16_384, description="JWE of holder_code and holder_code_type")
    license_type: str = Field(pattern=r"^[0-9A-Z]{18}\d{3}$", description="type code, 21 characters")
    use: UseBody


async def holdings(request: web.Request) -> web.StreamResponse:
    """The credentials of what the holder has here; an empty list for none and for a holder not known."""
    return await (_to_region(request) if is_partner(request) else _to_program(request))


async def _to_program(request: web.Request) -> web.Response:
    key = await require_key(request, Scope.RECOGNITION)
    asked = HoldingsRequest.model_validate_json(await request.read())
    partners = request.app[ROOMS].partners
    await partners.require_pace(key)
    found = await partners.holdings(
        key.operator, holder_code=asked.holder_code, holder_code_type=asked.holder_code_type, license_type=asked.license_type,
        use=asked.use.use(),
    )
    return web.json_response(answer_json(found))


@for_partners
async def _to_region(request: web.Request, caller: PartnerCaller, body: bytes) -> web.Response:
    rooms = request.app[ROOMS]
    asked = SealedHoldings.model_validate_json(body)
    if asked.use.ground is Ground.DUTY:
        await rooms.sharing.require_agreement(caller.region, asked.license_type, asked.use.matter)
    holder = Holder.model_validate(rooms.gate.unseal(asked.sealed))
    found = await rooms.partners.holdings(
        f"region:{caller.region}", holder_code=holder.holder_code, holder_code_type=holder.holder_code_type,
        license_type=asked.license_type, use=asked.use.use(),
    )
    return web.json_response({"sealed": rooms.gate.seal_for(caller.trust, asked.use.body, answer_json(found))})

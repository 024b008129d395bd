"""`/api/v1/seals`: a seal as it stands, and putting it under a digest."""

import base64

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from etrust.access.model import ApiKey, Scope
from etrust.api.access import require_key
from etrust.seals import store, usage_store
from etrust.seals.model import Actor, Purpose, SealRecord, is_grantee
from etrust.seals.report import seal_json
from etrust.seals.steps import not_found
from etrust.seals.use import use_seal, user
from etrust.storage.postgres import Connection
from etrust.wiring import ROOMS

MAX_CODE = 19


class SealUseRequest(BaseModel):
    """What a seal is to be put under, and for what."""

    model_config = ConfigDict(extra="forbid")
    digest: str = Field(pattern=r"^[0-9a-f]{64}$", description="SM3 of the document's range, hexadecimal")
    property_info: str = Field(
        min_length=1, max_length=1024, pattern=r"^[ -~]+$", description="names that range; in OFD the path of Signature.xml"
    )
    license_type: str = Field(default="", max_length=64)
    matter: str = Field(default="", max_length=43)
    document: str = Field(default="", max_length=120, description="identifier of the license or case; no personal data")


async def show(request: web.Request) -> web.Response:
    """A seal of the caller's body, or one that the caller may use, with its seal data."""
    key = await require_key(request, Scope.SEALS)
    rooms, code = request.app[ROOMS], request.match_info["code"]
    async with rooms.stores.pool.acquire() as connection:
        who = await user(connection, operator=key.operator, body=key.body, at=rooms.clock())
        found = await store.find(connection, code)
        if found is None or not await _may_see(connection, found, key, who):
            raise not_found()
        data = await store.seal_file(connection, code)
    shown = {**seal_json(found), "seal": None if data is None else base64.b64encode(data).decode()}
    return web.json_response(shown)


async def use(request: web.Request) -> web.Response:
    """Put a seal under a digest; 201 with the seal signature."""
    key = await require_key(request, Scope.SEALS)
    asked = SealUseRequest.model_validate_json(await request.read())
    rooms = request.app[ROOMS]
    async with rooms.stores.pool.acquire() as connection:
        done = await use_seal(
            connection, code=request.match_info["code"], digest=bytes.fromhex(asked.digest),
            purpose=Purpose(asked.license_type, asked.matter, asked.document),
            who=await user(connection, operator=key.operator, body=key.body, at=rooms.clock()),
            property_info=asked.property_info, signer_of=rooms.cabinet.named, stamping=rooms.seal_stamping,
        )  # fmt: skip
    return web.json_response({
        "use": done.use_id, "code": done.code, "at": done.at.isoformat(),
        "signed_value": base64.b64encode(done.signed_value).decode(),
    }, status=201)  # fmt: skip


async def _may_see(connection: Connection, seal: SealRecord, key: ApiKey, who: Actor) -> bool:
    if seal.application.body in await store.subordinate_bodies(connection, key.body):
        return True
    grants = await usage_store.grants_of(connection, seal.code)
    return any(grant.ended_at is None and is_grantee(grant, seal.application.body, who) for grant in grants)

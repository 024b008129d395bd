"""The paths of the API's partner part."""

from aiohttp import web

from etrust.api import gbt36906

PARTNER_ROUTES: list[web.RouteDef] = [
    web.post(f"/api/gbt36906/{{operation:{'|'.join(gbt36906.OPERATIONS)}}}", gbt36906.answer, name="gbt36906"),
]

"""What anyone may fetch: the trust list and the status lists, signed, cacheable, the same for everybody."""

from aiohttp import web

from etrust.wiring import ROOMS

JWT_TYPE = "application/statuslist+jwt"
CWT_TYPE = "application/statuslist+cwt"
CRL_MAX_AGE = 60
"""Seconds a cache may keep a revocation list: it may be replaced at any time, long before it says so itself."""


async def trust_list(request: web.Request) -> web.Response:
    """The region's signed trust list."""
    token = await request.app[ROOMS].trust.token()
    return web.Response(body=token, content_type="application/jose", headers={"Cache-Control": "public, max-age=60"})


async def anchor(request: web.Request) -> web.Response:
    """The region's anchor certificate (DER). Compare its fingerprint through another channel before relying on it."""
    rooms = request.app[ROOMS]
    return web.Response(body=rooms.anchor_certificate(), content_type="application/pkix-cert")


async def status_list(request: web.Request) -> web.Response:
    """A status list, in CWT form when asked for, in JWT form otherwise (Token Status List, section 8.1)."""
    form = "cwt" if CWT_TYPE in request.headers.get("Accept", "") else "jwt"
    rooms = request.app[ROOMS]
    token = await rooms.signed_lists.token(int(request.match_info["list_no"]), form)
    max_age = rooms.settings.status_list_ttl_seconds
    headers = {"Cache-Control": f"public, max-age={max_age}", "Vary": "Accept", "Access-Control-Allow-Origin": "*"}
    return web.Response(body=token, content_type=CWT_TYPE if form == "cwt" else JWT_TYPE, headers=headers)


async def authority(request: web.Request) -> web.Response:
    """The certificate (DER) of one of the region's authorities, by its key id."""
    found = await request.app[ROOMS].authorities.certificate(bytes.fromhex(request.match_info["authority"]))
    return web.Response(body=found, content_type="application/pkix-cert", headers={"Cache-Control": "public, max-age=86400"})


async def revocation_list(request: web.Request) -> web.Response:
    """A revocation list (DER), by the key id of its authority and its number."""
    rooms = request.app[ROOMS]
    row = await rooms.authorities.crl(bytes.fromhex(request.match_info["authority"]), int(request.match_info["shard"]))
    headers = {"Cache-Control": f"public, max-age={CRL_MAX_AGE}", "ETag": f'"{row.number}"'}
    return web.Response(body=row.crl, content_type="application/pkix-crl", headers=headers)

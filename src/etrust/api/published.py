"""What anyone may fetch: the trust list and the status lists, signed, cacheable, the same for everybody."""

from aiohttp import web

from etrust.wiring import ROOMS

JWT_TYPE = "application/statuslist+jwt"
CWT_TYPE = "application/statuslist+cwt"
CBOR_LIST = "application/etrust-trust-list+cbor"
CRL_MAX_AGE = 60
"""Seconds a cache may keep a revocation list: it may be replaced at any time, long before it says so itself."""


async def trust_list(request: web.Request) -> web.Response:
    """The region's signed trust list, as CBOR when that is asked for."""
    rooms, is_cbor = request.app[ROOMS], CBOR_LIST in request.headers.get("Accept", "")
    await rooms.trust.snapshot()  # renews in time, and fails closed
    token = await rooms.trusted.form(cbor=True) if is_cbor else await rooms.trust.token()
    return _list(token, "public, max-age=60", is_cbor=is_cbor)


async def older_list(request: web.Request) -> web.Response:
    """A list by its number or digest: it never changes again."""
    named, is_cbor = request.match_info, CBOR_LIST in request.headers.get("Accept", "")
    sequence = int(named["sequence"]) if "sequence" in named else None
    digest = f"sha256:{named['digest']}" if "digest" in named else None
    token = await request.app[ROOMS].trusted.form(sequence=sequence, digest=digest, cbor=is_cbor)
    return _list(token, "public, max-age=31536000, immutable", is_cbor=is_cbor)


def _list(token: bytes, cache: str, *, is_cbor: bool) -> web.Response:
    headers = {"Cache-Control": cache, "Vary": "Accept", "Access-Control-Allow-Origin": "*"}
    return web.Response(body=token, content_type=CBOR_LIST if is_cbor else "application/jose", headers=headers)


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


async def manifest(request: web.Request) -> web.Response:
    """The signed page that names the newest files of all lists."""
    headers = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}
    return web.Response(body=await request.app[ROOMS].list_files.manifest(), content_type="application/jose", headers=headers)


async def list_file(request: web.Request) -> web.Response:
    """A file of a list by its SHA-256: it never changes, so anybody may keep and carry it."""
    body = await request.app[ROOMS].list_files.file(bytes.fromhex(request.match_info["digest"]))
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*",
        "ETag": f'"{request.match_info["digest"]}"',
    }  # fmt: skip
    return web.Response(body=body, content_type="application/octet-stream", headers=headers)


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

"""The transparency log for everybody: checkpoint, tiles and entry bundles (C2SP tlog-tiles), proofs."""

import base64

from aiohttp import web

from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.ledger.entries import EntryKind
from etrust.wiring import ROOMS

_TEXT = "text/plain"
_DIGITS = 18
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable", "Access-Control-Allow-Origin": "*"}
_FRESH = {"Cache-Control": "public, max-age=1", "Access-Control-Allow-Origin": "*"}


async def checkpoint(request: web.Request) -> web.Response:
    """The newest checkpoint, with the signatures of witnesses."""
    note = await request.app[ROOMS].ledger.checkpoint()
    if note is None:
        raise EtrustError(Kind.NOT_FOUND, "empty_log", zh="日志尚无条目。", en="The log has no entry yet.")
    return web.Response(body=note.data, content_type=_TEXT, charset="utf-8", headers=_FRESH)


async def tile(request: web.Request) -> web.Response:
    """A tile of hashes or a bundle of entries; it never changes."""
    content = await request.app[ROOMS].ledger.tile(request.match_info["tile"])
    return web.Response(body=content, content_type="application/octet-stream", headers=_FOR_EVER)


async def consistency(request: web.Request) -> web.Response:
    """The proof that the log of one size is the beginning of the one of another: a hash in base64 a line."""
    old, new = _size(request, "old"), _size(request, "new")
    hashes = await request.app[ROOMS].ledger.consistency(old, new)
    body = "".join(f"{base64.b64encode(each).decode()}\n" for each in hashes)
    return web.Response(text=body, content_type=_TEXT, headers=_FOR_EVER)


async def license_proof(request: web.Request) -> web.Response:
    """The proof (tlog-proof) that a license has its entry; whoever has its identifier may ask."""
    try:
        wanted = LicenseIdentifier.parse(request.match_info["identifier"])
    except EtrustError:
        raise _no_proof() from None
    found = await request.app[ROOMS].ledger.prove_license(wanted)
    if found is None:
        raise _no_proof()
    return web.Response(text=found.text, content_type=_TEXT, headers={"Cache-Control": "no-store"})


async def list_proof(request: web.Request) -> web.Response:
    """The proof that a published trust list has its entry."""
    found = await request.app[ROOMS].ledger.prove(EntryKind.TRUST_LIST, request.match_info["sequence"].lstrip("0"))
    if found is None:
        raise _no_proof()
    return web.Response(text=found.text, content_type=_TEXT, headers={"Cache-Control": "no-store"})


async def receipt_proof(request: web.Request) -> web.Response:
    """The proof that a receipt has its entry; whoever has its number may ask."""
    found = await request.app[ROOMS].ledger.prove_receipt(request.match_info["receipt"])
    if found is None:
        raise _no_proof()
    return web.Response(text=found.text, content_type=_TEXT, headers={"Cache-Control": "no-store"})


def _size(request: web.Request, name: str) -> int:
    text = request.query.get(name, "")
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise EtrustError(
            Kind.INVALID, "bad_size", where=name,
            zh=f"请以 {name}= 给出日志规模（数字）。",
            en=f"Give a size of the log as {name}=…."
        )  # fmt: skip
    return int(text)


def _no_proof() -> EtrustError:
    """One answer for what is not there, is not logged yet, and is no identifier at all."""
    return EtrustError(
        Kind.NOT_FOUND, "no_proof", zh="没有可提供的日志证明；刚签发的请一秒后再试。",
        en="There is no proof to give; of what was issued just now, ask again in a second.",
    )  # fmt: skip

"""`GET /api/v1/matters`: the catalogue of matters, open to everybody, cacheable."""

import hashlib
import json

from aiohttp import hdrs, web

from etrust.errors import EtrustError, Kind
from etrust.ids import MatterCode
from etrust.matters.catalogue import MAX_QUERY, unknown_matter
from etrust.matters.documents import matter_document, words_document
from etrust.matters.shared_list import shared_licenses
from etrust.wiring import ROOMS

MAX_AGE = 60
"""Seconds a cache may keep an answer: a change of the catalogue is seen after that."""

_LIMIT, _MOST = 50, 200
_MAX_FILTER = 40


async def search(request: web.Request) -> web.Response:
    """``?text=&theme=&body=&limit=&after=``: matters in force by code; ``next`` is what to ask for as ``after``."""
    asked = request.query
    text, theme, body, after = (_bounded(asked.get(name, ""), name) for name in ("text", "theme", "body", "after"))
    limit = _limit(asked.get("limit", ""))
    found = await request.app[ROOMS].catalogue.search(text, theme=theme, body=body, limit=limit, after=after)
    listed = [
        {
            "code": each.code, "version": each.version, "name": words_document(each.name), "kind": each.kind, "body": each.body,
            "theme": each.theme, "materials": len(each.materials), "spared": each.spared,
        }
        for each in found
    ]  # fmt: skip
    return _answer(request, {"matters": listed, "next": found[-1].code if len(found) == limit else None})


async def show(request: web.Request) -> web.Response:
    """The version in force of one matter, with its materials, parties and form."""
    code = MatterCode.parse(request.match_info["code"]).text
    found = await request.app[ROOMS].catalogue.matter(code)
    if found is None:
        raise unknown_matter(code)
    return _answer(request, matter_document(found) | {"spared": found.spared})


async def themes(request: web.Request) -> web.Response:
    """Every "thing" (一件事) with the codes of its matters in force."""
    found = await request.app[ROOMS].catalogue.themes()
    listed = [
        {"key": each.key, "name": words_document(each.name), "audience": each.audience, "matters": list(each.matters)}
        for each in found
    ]
    return _answer(request, {"themes": listed})


async def shared(request: web.Request) -> web.Response:
    """The list of matters for which licenses are shared (电子证照共享事项清单), and what it spares in all."""
    rooms = request.app[ROOMS]
    matters, materials, spared = await rooms.catalogue.counts()
    lines = [
        {
            "matter": line.matter.code, "version": line.matter.version, "matter_name": line.matter.name.zh,
            "body": line.matter.body,
            "theme": line.matter.theme, "material": line.material.key, "material_name": line.material.name.zh,
            "required": line.material.required, "license_type": line.license_type.code, "license_name": line.license_type.zh,
            "party": line.demand.party, "fields": list(line.demand.fields), "source": line.material.source,
            "since": line.demand.since.isoformat() if line.demand.since else None, "legal_basis": line.matter.legal_basis,
        }
        for line in shared_licenses(await rooms.catalogue.all(), rooms.types)
    ]  # fmt: skip
    return _answer(request, {"matters": matters, "materials": materials, "spared": spared, "licenses": lines})


def _answer(request: web.Request, value: object) -> web.Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {hdrs.CACHE_CONTROL: f"public, max-age={MAX_AGE}", hdrs.ETAG: tag, hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*"}
    known = {each.strip().removeprefix("W/") for each in request.headers.get(hdrs.IF_NONE_MATCH, "").split(",")}
    if tag in known or "*" in known:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, content_type="application/json", headers=headers)


def _bounded(text: str, where: str) -> str:
    if len(text) > (MAX_QUERY if where == "text" else _MAX_FILTER):
        raise EtrustError(
            Kind.INVALID, "too_long", where=where, zh="查询条件过长，请缩短。", en="The query is too long; please shorten it."
        )
    return text


def _limit(text: str) -> int:
    if not text:
        return _LIMIT
    if not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= _MOST:
        raise EtrustError(
            Kind.INVALID, "bad_limit", where="limit", zh=f"limit 应为 1 至 {_MOST}。", en=f"limit must be 1 to {_MOST}.",
        )  # fmt: skip
    return int(text)

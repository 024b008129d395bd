"""The public pages of matters (电子证照共享事项清单, 办事指南, 一件事): what to bring, what not, and why."""

import hashlib
from datetime import datetime
from urllib.parse import urlencode

from aiohttp import hdrs, web

from etrust.access.model import Role
from etrust.ids import MatterCode
from etrust.matters.catalogue import MAX_QUERY, unknown_matter
from etrust.matters.model import Matter, Theme
from etrust.matters.shared_list import shared_csv, shared_licenses
from etrust.web.languages import said
from etrust.web.matter_words import ELEMENTS, KINDS, YES_NO, brought, spared
from etrust.web.preferences import preferences_of
from etrust.web.rendering import render
from etrust.web.sessions import signed_in
from etrust.wiring import ROOMS

_PAGE = 30
_MAX_FILTER = 40


async def show_matters(request: web.Request) -> web.Response:
    """``GET /matters?q=&theme=&body=&after=``."""
    desk, operator = request.app[ROOMS].catalogue, await signed_in(request)
    asked = {
        name: request.query.get(name, "").strip()[: MAX_QUERY if name == "q" else _MAX_FILTER] for name in ("q", "theme", "body")
    }
    after = request.query.get("after", "")[:_MAX_FILTER]
    found = await desk.search(asked["q"], theme=asked["theme"], body=asked["body"], limit=_PAGE + 1, after=after)
    themes, bodies, counts = await desk.themes(), await desk.bodies(), await desk.counts()
    more = (
        urlencode({**{name: text for name, text in asked.items() if text}, "after": found[_PAGE - 1].code})
        if len(found) > _PAGE
        else ""
    )
    return render(
        request, "matters.html", operator=operator, officer=_is_officer(operator), asked=asked, found=found[:_PAGE], more=more,
        themes=[theme for theme in themes if theme.matters], theme_names={theme.key: theme.name for theme in themes},
        bodies=bodies, handling=sorted({matter.body for matter in await desk.all()}), counts=counts, first=not after,
        csv=urlencode({name: text for name, text in asked.items() if text}), kinds=KINDS,
    )  # fmt: skip


def _is_officer(operator: object) -> bool:
    return operator is not None and Role.MATTER_OFFICER in getattr(operator, "roles", ())


async def show_matter(request: web.Request) -> web.Response:
    """``GET /matters/{code}``: for the citizen who wants it done."""
    rooms, operator = request.app[ROOMS], await signed_in(request)
    code = MatterCode.parse(request.match_info["code"]).text
    matter = await rooms.catalogue.matter(code)
    if matter is None:
        raise unknown_matter(code)
    themes = {theme.key: theme for theme in await rooms.catalogue.themes()}
    return render(
        request, "matter.html", operator=operator, officer=_is_officer(operator), matter=matter,
        body=(await rooms.catalogue.bodies()).get(matter.body), theme=themes.get(matter.theme),
        spared=spared(matter, rooms.types),
        brought=brought(matter), labels=ELEMENTS, yes_no=YES_NO, kinds=KINDS,
    )  # fmt: skip


async def show_theme(request: web.Request) -> web.Response:
    """``GET /matters/themes/{key}``: several matters told once."""
    rooms, operator = request.app[ROOMS], await signed_in(request)
    theme = next((each for each in await rooms.catalogue.themes() if each.key == request.match_info["key"]), None)
    if theme is None:
        raise web.HTTPNotFound
    by_code = {matter.code: matter for matter in await rooms.catalogue.all(theme=theme.key)}
    matters = [by_code[code] for code in theme.matters if code in by_code]
    return render(
        request, "matter_theme.html", operator=operator, officer=_is_officer(operator), theme=theme, matters=matters,
        bodies=await rooms.catalogue.bodies(), licenses=_licenses(request, matters), brought=_brought(request, matters),
        materials=sum(len(matter.materials) for matter in matters), spared=sum(matter.spared for matter in matters),
    )  # fmt: skip


def _licenses(request: web.Request, matters: list[Matter]) -> list[str]:
    """Names of the licenses that are looked up for all the matters together, each once."""
    types, code = request.app[ROOMS].types, preferences_of(request).language.code
    names = (demand.license_type for matter in matters for material in matter.materials for demand in material.satisfied_by)
    return [said(types[name], code) for name in dict.fromkeys(names) if name in types]


def _brought(request: web.Request, matters: list[Matter]) -> list[str]:
    code = preferences_of(request).language.code
    return list(dict.fromkeys(said(material.name, code) for matter in matters for material in brought(matter)))


async def send_list(request: web.Request) -> web.Response:
    """``GET /matters.csv``: the public list (电子证照共享事项清单), of the same search."""
    rooms = request.app[ROOMS]
    text = request.query.get("q", "")[:MAX_QUERY]
    theme, body = (request.query.get(name, "")[:_MAX_FILTER] for name in ("theme", "body"))
    found = await rooms.catalogue.all(text, theme=theme, body=body)
    themes: list[Theme] = list(await rooms.catalogue.themes())
    content = shared_csv(
        shared_licenses(found, rooms.types), await rooms.catalogue.bodies(), {each.key: each.name.zh for each in themes}
    ).encode()
    return csv_answer(request, content, "matters", rooms.clock())


def csv_answer(request: web.Request, content: bytes, name: str, at: datetime) -> web.Response:
    """A CSV file to keep, or 304 for who has it."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {
        hdrs.ETAG: tag, hdrs.CACHE_CONTROL: "no-cache",
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}-{at:%Y%m%d}.csv"',
    }  # fmt: skip
    if request.headers.get(hdrs.IF_NONE_MATCH, "") == tag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=content, content_type="text/csv", charset="utf-8", headers=headers)

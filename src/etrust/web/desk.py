"""The clerk's desk (窗口办件): choose the matter once, then scan person after person."""

from typing import Any

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.matters.fields import told_fields
from etrust.matters.model import Matter, Words
from etrust.web.desk_cards import Card, card_of_case
from etrust.web.desk_panel import Panel, empty_panel
from etrust.web.forms import Form
from etrust.web.rendering import is_partial, render
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

RECENT_COOKIE = "recent"
_REMEMBERED = 6
_FOUND = 30
_MONTH = 30 * 86_400  # seconds
MATTER_CODE = "[0-9A-Z]{31}"


async def choose_matter(request: web.Request) -> web.Response:
    """``GET /desk``: the matters served lately, and a search by name or code."""
    operator = await demand_role(request, Role.CLERK)
    rooms, text = request.app[ROOMS], request.query.get("q", "")[:100].strip()
    theme = request.query.get("theme", "")[:40]
    found = await rooms.catalogue.search(text, theme=theme, limit=_FOUND) if text or theme else []
    known = [await rooms.catalogue.matter(code) for code in recent_codes(request)]
    recent = [] if text or theme else [each for each in known if each is not None]
    template = "desk_found.html" if is_partial(request) else "desk_choose.html"
    return render(
        request, template, operator=operator, found=found, recent=recent, text=text, theme=theme,
        themes=await rooms.catalogue.themes(),
    )


async def show_desk(request: web.Request) -> web.Response:
    """``GET /desk/{matter}``: ready for the first scan."""
    operator = await demand_role(request, Role.CLERK)
    matter = await wanted_matter(request)
    response = desk_page(request, matter, empty_panel(matter), (), operator=operator)
    remember_matter(request, response, matter)
    return response


async def show_case(request: web.Request) -> web.Response:
    """``GET /desk/cases/{number}``: a case as it stands; what was told is not kept and not shown again."""
    operator = await demand_role(request, Role.CLERK)
    rooms = request.app[ROOMS]
    case = await rooms.matters.case(request.match_info["number"], operator=operator)
    matter = await rooms.catalogue.matter_version(case.matter, case.version)
    if matter is None:
        raise no_such_matter()
    panel = empty_panel(matter, Form({"case_number": case.number}))
    return desk_page(request, matter, panel, (card_of_case(case, matter),), operator=operator)


def desk_page(
    request: web.Request, matter: Matter, panel: Panel, cards: tuple[Card, ...], *, operator: Operator, status: int = 200
) -> web.Response:
    """The whole desk, or for our script only the panel and the new cards."""
    template = "desk_answer.html" if is_partial(request) else "desk.html"
    return render(
        request, template, operator=operator, matter=matter, panel=panel, cards=cards, status=status,
        labels=_labels(request, matter), **told_with(request),
    )


def told_with(request: web.Request) -> dict[str, Any]:
    """What every card needs beside itself: names of license types, and which region this is."""
    rooms = request.app[ROOMS]
    return {"types": rooms.types, "region": rooms.settings.region}


def _labels(request: web.Request, matter: Matter) -> dict[str, Words]:
    """Labels of the fields that the matter's materials tell, by ``material.field``."""
    types = request.app[ROOMS].types
    return {
        f"{material.key}.{name}": told_fields(types[demand.license_type]).get(name, Words(name))
        for material in matter.materials for demand in material.satisfied_by if demand.license_type in types
        for name in demand.fields
    }  # fmt: skip


async def wanted_matter(request: web.Request) -> Matter:
    """The matter in the address.

    Raises:
        EtrustError: NOT_FOUND ``no_such_matter``.
    """
    matter = await request.app[ROOMS].catalogue.matter(request.match_info["matter"])
    if matter is None:
        raise no_such_matter()
    return matter


def no_such_matter() -> EtrustError:
    """The refusal of a matter that is unknown or withdrawn."""
    return EtrustError(
        Kind.NOT_FOUND, "no_such_matter",
        zh="没有这个事项，或它已停用。请重新选择事项。", en="There is no such matter, or it was withdrawn. Choose one again.",
    )


def recent_codes(request: web.Request) -> list[str]:
    """The codes of the matters served lately on this computer."""
    kept = request.cookies.get(RECENT_COOKIE, "").split(".")
    return [code for code in kept if len(code) == 31 and code.isascii() and code.isalnum()][:_REMEMBERED]  # noqa: PLR2004  # a matter's code


def remember_matter(request: web.Request, response: web.Response, matter: Matter) -> None:
    """Put a matter first among those served lately; codes of matters only, nothing of a person."""
    codes = [matter.code, *(code for code in recent_codes(request) if code != matter.code)][:_REMEMBERED]
    secure = request.app[ROOMS].settings.secure_cookies
    response.set_cookie(
        RECENT_COOKIE, ".".join(codes), max_age=_MONTH, httponly=True, samesite="Strict", secure=secure, path="/desk"
    )

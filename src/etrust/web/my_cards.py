"""The holder's digital cards (数字名片): make one, show its code, end it."""

from collections.abc import Callable
from datetime import timedelta

from aiohttp import web
from markupsafe import Markup

from etrust.credentials.qr import svg
from etrust.errors import EtrustError, Kind
from etrust.licenses.types.labels import label_of
from etrust.onecode.cards import Card, Part, choices
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import Form, read_form
from etrust.web.my_visit import Visit, show, visit_of
from etrust.web.my_words import FRONT, LIFETIMES, NAMED, VIEWS
from etrust.web.rendering import redirect
from etrust.web.security import demand_token
from etrust.wiring import ROOMS

_NEW = {"minutes": "1440", "views": "5"}


async def list_cards(request: web.Request) -> web.Response:
    """``GET /my/cards``."""
    visit = await visit_of(request)
    rooms = request.app[ROOMS]
    found = await rooms.space.own_cards(visit.mine)
    now = rooms.clock()
    return show(
        request, "my_cards.html", visit, open=[card for card in found if card.is_open(now)],
        over=[card for card in found if not card.is_open(now)], names=_namer(request),
    )


async def ask_card(request: web.Request) -> web.Response:
    """``GET /my/cards/new``."""
    visit = await visit_of(request)
    return await _ask(request, visit, Form(_NEW), fault="")


async def make_card(request: web.Request) -> web.Response:
    """``POST /my/cards/new``; the page that answers is the only one with the link."""
    visit = await visit_of(request)
    form = Form()
    try:
        form, wanted = await _read(request)
        demand_token(request, form.text("csrf"))
        _, token = await request.app[ROOMS].space.make_card(
            visit.mine, visit.actings, wanted, lifetime=timedelta(minutes=_number(form, "minutes")),
            max_views=_number(form, "views"),
        )
    except EtrustError as error:
        if error.kind not in {Kind.INVALID, Kind.FORBIDDEN}:
            raise
        return await _ask(request, visit, form, fault=spoken(request, error), status=STATUSES[error.kind])
    card = (await request.app[ROOMS].space.own_cards(visit.mine))[0]
    return _with_link(request, visit, card, token)


async def renew_link(request: web.Request) -> web.Response:
    """``POST /my/cards/{number}/link``: a fresh link and its code; the old link then leads nowhere."""
    visit = await visit_of(request)
    await _demand(request)
    card, token = await request.app[ROOMS].space.renew_card(visit.mine, int(request.match_info["number"]))
    return _with_link(request, visit, card, token)


async def end_card(request: web.Request) -> web.StreamResponse:
    """``POST /my/cards/{number}/end``."""
    visit = await visit_of(request)
    await _demand(request)
    await request.app[ROOMS].space.revoke_card(visit.mine, int(request.match_info["number"]))
    return redirect("/my/cards")


async def _demand(request: web.Request) -> None:
    demand_token(request, (await read_form(request)).text("csrf"))


async def _read(request: web.Request) -> tuple[Form, list[str]]:
    """The form and the fields ticked in it, of which there may be many under one name."""
    form = await read_form(request)
    sent = await request.post()
    return form, [value for value in sent.getall("field", []) if isinstance(value, str)][:100]


def _number(form: Form, name: str) -> int:
    value = form.text(name)
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 7 else 0  # noqa: PLR2004  # refused as out of bounds


async def _ask(request: web.Request, visit: Visit, form: Form, *, fault: str, status: int = 200) -> web.Response:
    ticked = (await request.post()).getall("field", []) if request.method == "POST" else []
    offered = [(whose, held, choices(held)) for whose, held in await request.app[ROOMS].space.choices(visit.actings)]
    others = [field.key for _, held, fields in offered if held.license_type.name not in FRONT for field in fields]
    return show(
        request, "my_card_new.html", visit, status=status, offered=offered, ticked=set(ticked), form=form, fault=fault,
        lifetimes=LIFETIMES, views=VIEWS, front=FRONT, named=NAMED, others_ticked=not set(ticked).isdisjoint(others),
    )


def _with_link(request: web.Request, visit: Visit, card: Card, token: str) -> web.Response:
    link = f"{_outside(request)}/c/{token}"
    picture = Markup(svg(link))  # noqa: S704  # drawn by our encoder
    return show(request, "my_card.html", visit, card=card, link=link, picture=picture, names=_namer(request))


def _namer(request: web.Request) -> Callable[[Part], list[dict[str, str]]]:
    """What a part of a card is called: the type of its license and its fields."""
    types = request.app[ROOMS].types

    def names(part: Part) -> list[dict[str, str]]:
        license_type = types.get(part.license_type)
        if license_type is None:
            return [{"zh": part.license_type, "ug": "", "en": ""}]
        own = {"zh": license_type.zh, "ug": license_type.ug, "en": license_type.en}
        return [own, *(label_of(license_type, name) for name in part.names)]

    return names


def _outside(request: web.Request) -> str:
    """The address of this site as others reach it: its public one, or for a trial the one the visitor used."""
    public = request.app[ROOMS].settings.public_url.rstrip("/")
    return f"{request.scheme}://{request.host}" if public.endswith(".example") else public

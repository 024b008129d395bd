"""A scan at the desk: one code after another until every party's is there, then the check, and the wait for consent."""

import asyncio
from http import HTTPStatus

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.credentials.image import read_codes
from etrust.errors import EtrustError, Kind
from etrust.matters.check_model import CheckState
from etrust.matters.model import Matter
from etrust.verification.pictures import one_code
from etrust.web.desk import desk_page, no_such_matter, told_with, wanted_matter
from etrust.web.desk_cards import Card, card_of, refusal
from etrust.web.desk_panel import Panel, empty_panel, filled_panel, mended_panel, question_of, require_readable, whose_turn
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import MAX_IMAGE, Form, read_upload
from etrust.web.rendering import is_partial, render
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

_MAX_PARTS = 400  # a box for every field of every material
_ELSEWHERE = {Kind.UNAUTHENTICATED, Kind.UNAVAILABLE}


async def scan(request: web.Request) -> web.Response:
    """``POST /desk/{matter}``: the next code; the check, when it was the last one wanted."""
    operator = await demand_role(request, Role.CLERK)
    matter = await wanted_matter(request)
    form, presented = Form(), ""
    try:
        form = await read_upload(request, MAX_IMAGE, parts=_MAX_PARTS)
        demand_token(request, form.text("csrf"))
        if form.text("again"):
            return desk_page(request, matter, empty_panel(matter, form), (), operator=operator)
        before = filled_panel(matter, form, "")
        presented = await _presented(form, needed=bool(before.missing))
        if presented:
            require_readable(presented, whose_turn(before, form), request.app[ROOMS].clock())
        panel = filled_panel(matter, form, presented)
        if panel.missing:
            return desk_page(request, matter, panel, (), operator=operator)
        return await _checked(request, panel, operator)
    except EtrustError as error:
        if error.kind in _ELSEWHERE:
            raise
        panel = mended_panel(matter, form, error, presented)
        card = refusal(error, spoken(request, error), request.app[ROOMS].clock(), matter)
        return desk_page(request, matter, panel, (card,), operator=operator, status=STATUSES[error.kind])


async def follow(request: web.Request) -> web.Response:
    """``GET /desk/checks/{check}``: a check that waits for consent; 204 as long as nothing has changed."""
    operator = await demand_role(request, Role.CLERK)
    rooms = request.app[ROOMS]
    try:
        check = await rooms.matters.continue_check(request.match_info["check"], operator=operator)
    except EtrustError as error:
        if error.kind in _ELSEWHERE or not is_partial(request):
            raise
        card = refusal(error, spoken(request, error), rooms.clock())
        return render(request, "desk_card.html", status=STATUSES[error.kind], operator=operator, card=card, **told_with(request))
    if check.state is CheckState.CONSENT_NEEDED and is_partial(request):
        return web.Response(status=HTTPStatus.NO_CONTENT)
    matter = await rooms.catalogue.matter_version(check.matter, check.version)
    if matter is None:
        raise no_such_matter()
    return _card(request, card_of(check, matter, rooms.types), matter, operator)


async def _checked(request: web.Request, panel: Panel, operator: Operator) -> web.Response:
    rooms = request.app[ROOMS]
    check = await rooms.matters.check(question_of(panel, operator))
    kept = Form({"reason": panel.reason, "legal_basis": panel.legal_basis, "ground": str(panel.ground)})
    card = card_of(check, panel.matter, rooms.types)
    return desk_page(request, panel.matter, empty_panel(panel.matter, kept), (card,), operator=operator)


def _card(request: web.Request, card: Card, matter: Matter, operator: Operator) -> web.Response:
    if is_partial(request):
        return render(request, "desk_card.html", operator=operator, card=card, **told_with(request))
    return desk_page(request, matter, empty_panel(matter), (card,), operator=operator)


async def _presented(form: Form, *, needed: bool) -> str:
    if form.image:
        return one_code(await asyncio.to_thread(read_codes, form.image))
    if form.text("presented") or not needed:
        return form.text("presented")
    raise EtrustError(
        Kind.INVALID, "nothing_scanned", where="presented",
        zh="还没有内容。请扫描持证人的一码。", en="Nothing yet. Scan the code of the holder.",
    )

"""The page on which a service is rated (好差评): five levels, a few taps, and words for those who want to write some."""

from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from etrust.errors import EtrustError, Kind
from etrust.matters.ratings import BLAME, MAX_WORDS, PRAISE, Invitation, Level, Opinion
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import Form, read_form
from etrust.web.languages import mark as _
from etrust.web.rendering import is_partial, render
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.wiring import ROOMS

LEVELS = {
    Level.VERY_GOOD: _("Very satisfied"), Level.GOOD: _("Satisfied"), Level.FAIR: _("Fairly satisfied"),
    Level.BAD: _("Dissatisfied"), Level.VERY_BAD: _("Very dissatisfied"),
}  # fmt: skip
REASONS = {
    "fast": _("Quick"), "one_visit": _("Done in one visit"), "no_paper": _("No papers needed"), "kind": _("Friendly"),
    "clear": _("Well explained"), "slow": _("Waited long"), "many_visits": _("Had to come again"),
    "paper_asked": _("Papers were still asked for"), "unkind": _("Unfriendly"), "unclear": _("Not explained"),
    "system_fault": _("The system failed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Filled:
    """The form as it was sent, to be shown again."""

    level: str = ""
    reasons: frozenset[str] = frozenset()
    words: str = ""
    call_back: bool = False


async def show_rate(request: web.Request) -> web.Response:
    """``GET /rate/{token}``."""
    asked = await request.app[ROOMS].counter.invitation(request.match_info["token"])
    return await _page(request, asked, _Filled(), fault=None)


async def rate(request: web.Request) -> web.Response:
    """``POST /rate/{token}``; nothing is lost when something is wrong."""
    rooms, token = request.app[ROOMS], request.match_info["token"]
    form = await read_form(request)
    asked = await rooms.counter.invitation(token)
    try:
        demand_token(request, form.text("csrf"))
        await rooms.counter.rate(token, _opinion(form))
    except EtrustError as error:
        if error.kind not in {Kind.INVALID, Kind.FORBIDDEN, Kind.CONFLICT}:
            raise
        if error.kind is Kind.CONFLICT:
            asked = await rooms.counter.invitation(token)
        return await _page(request, asked, _filled(form), fault=error)
    return render(request, "rated_part.html" if is_partial(request) else "rated.html", call_back=bool(form.text("call_back")))


def _opinion(form: Form) -> Opinion:
    level = form.text("level")
    if level not in {str(int(each)) for each in Level}:
        raise EtrustError(
            Kind.INVALID, "no_level", where="level", zh="请先选择一个评价等级。", en="Choose one of the five levels first.",
        )
    chosen = Level(int(level))
    fitting = BLAME if chosen.is_bad else PRAISE if chosen > Level.FAIR else PRAISE + BLAME
    # What was tapped before the level was changed is hidden on the page by then, and not meant.
    reasons = tuple(each for each in fitting if form.text(f"reason_{each}"))
    return Opinion(chosen, reasons, form.text("words").replace("\r\n", "\n"), call_back=bool(form.text("call_back")))


def _filled(form: Form) -> _Filled:
    reasons = frozenset(each for each in PRAISE + BLAME if form.text(f"reason_{each}"))
    return _Filled(form.text("level"), reasons, form.values.get("words", ""), call_back=bool(form.text("call_back")))


async def _page(request: web.Request, asked: Invitation, filled: _Filled, *, fault: EtrustError | None) -> web.Response:
    names = await names_of(request, {asked.matter}, {asked.body})
    return render(
        request, "rate.html", status=HTTPStatus.OK if fault is None else STATUSES[fault.kind], asked=asked, names=names,
        levels=LEVELS, reasons=REASONS, praise=PRAISE, blame=BLAME, max_words=MAX_WORDS, filled=filled,
        fault=spoken(request, fault), where=fault.where if fault else "",
    )

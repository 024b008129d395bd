"""What people think of the services: published figures, and for the supervisor the bad ratings and the words."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.matters.ratings import HIDDEN_BELOW, MAX_WORDS, BadRating, Level, Tally
from etrust.web.faults import STATUSES, spoken
from etrust.web.forms import read_form
from etrust.web.rate import LEVELS, REASONS
from etrust.web.rendering import redirect, render
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.web.sessions import demand_role, signed_in
from etrust.wiring import ROOMS
from etrust.wiring.counter_desk import Remark, require_supervisor

_WIDE = 200  # units of a bar's width


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: whose figures, how many, how many of a hundred are satisfied, and the bar in pieces."""

    key: str
    total: int
    percent: int
    pieces: tuple[tuple[int, int, int], ...]  # level, where it begins, how wide


async def show_ratings(request: web.Request) -> web.Response:
    """``GET /ratings``: what everyone may see."""
    tallies = await request.app[ROOMS].counter.figures()
    operator = await signed_in(request)
    names = await names_of(request, {each.matter for each in tallies}, {each.body for each in tallies})
    return render(
        request, "ratings.html", operator=operator, names=names, by_matter=lines(tallies, "matter"),
        by_body=lines(tallies, "body"), by_month=lines(tallies, "month"), levels=LEVELS, hidden_below=HIDDEN_BELOW,
        overseer=operator is not None and bool({Role.SUPERVISOR, Role.ADMIN} & operator.roles),
    )


async def show_supervision(request: web.Request) -> web.Response:
    """``GET /ratings/follow-ups``: figures of all months, bad ratings to be closed, and the words."""
    return await _supervision(request, await _supervisor(request), fault=None, rating="", note="")


async def close_rating(request: web.Request) -> web.StreamResponse:
    """``POST /ratings/follow-ups``: what was found about a bad rating, and what was done."""
    operator = await _supervisor(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    try:
        await request.app[ROOMS].counter.follow_up(
            operator, _rating(form.text("rating")), founded=_founded(form.text("founded")), note=form.text("note")
        )
    except EtrustError as error:
        if error.kind not in {Kind.INVALID, Kind.CONFLICT, Kind.NOT_FOUND}:
            raise
        return await _supervision(request, operator, fault=error, rating=form.text("rating"), note=form.text("note"))
    return redirect("/ratings/follow-ups")


def lines(tallies: Iterable[Tally], key: str) -> list[Line]:
    """Tallies summed by ``matter``, ``body`` or ``month``."""
    sums: dict[str, dict[Level, int]] = {}
    for tally in tallies:
        counts = sums.setdefault(str(getattr(tally, key)), {})
        for level, given in tally.counts.items():
            counts[level] = counts.get(level, 0) + given
    return [_line(name, counts) for name, counts in sums.items()]


def _line(key: str, counts: dict[Level, int]) -> Line:
    total = sum(counts.values())
    good = sum(given for level, given in counts.items() if not level.is_bad)
    pieces, done = [], 0
    for level in Level:
        given = counts.get(level, 0)
        begin, end = done * _WIDE // total, (done + given) * _WIDE // total
        pieces.append((int(level), begin, end - begin))
        done += given
    return Line(key, total, 100 * good // total, tuple(pieces))


async def _supervision(
    request: web.Request, operator: Operator, *, fault: EtrustError | None, rating: str, note: str
) -> web.Response:
    found = await request.app[ROOMS].counter.supervision(operator)
    others: list[BadRating | Remark | Tally] = [*found.waiting, *found.remarks, *found.tallies]
    names = await names_of(request, {each.matter for each in others}, {each.body for each in others})
    return render(
        request, "rating_follow_ups.html", operator=operator, status=int(STATUSES[fault.kind]) if fault else HTTPStatus.OK,
        supervised=found, names=names, levels=LEVELS, reasons=REASONS, max_words=MAX_WORDS,
        by_matter=lines(found.tallies, "matter"), by_body=lines(found.tallies, "body"), by_month=lines(found.tallies, "month"),
        fault=spoken(request, fault), where=fault.where if fault else "", rating=rating, note=note,
    )


async def _supervisor(request: web.Request) -> Operator:
    operator = await signed_in(request)
    if operator is None:
        return await demand_role(request, Role.SUPERVISOR)  # leads to the sign-in page
    require_supervisor(operator)
    return operator


def _founded(text: str) -> bool:
    if text not in {"yes", "no"}:
        raise EtrustError(
            Kind.INVALID, "founded_or_not", where="founded", zh="请选择是否属实。", en="Say whether the complaint is founded.",
        )
    return text == "yes"


def _rating(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise EtrustError(
            Kind.NOT_FOUND, "no_bad_rating", zh="没有这条差评，或它属于别的单位。",
            en="There is no such bad rating, or it is another body's.",
        ) from error

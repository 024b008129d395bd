"""The seal officer's pages (印章管理): all seals in their groups, one seal with its life, its picture and its uses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import hdrs, web

from etrust.access import store as access_store
from etrust.access.model import Body, Operator, Role
from etrust.seals import store, usage_store
from etrust.seals.model import TRANSITIONS, Action, Grant, SealEvent, SealRecord, SealState, UseRecord
from etrust.seals.steps import find_for
from etrust.storage.postgres import Connection
from etrust.web.languages import mark as _
from etrust.web.rendering import render
from etrust.web.seal_forms import actor_of, connected, officer_of
from etrust.web.seal_steps import Choice, choices
from etrust.web.seal_words import DONE, EVENTS, ROLES, STATES
from etrust.wiring import ROOMS

_USES_SHOWN = 20
_USES_A_PAGE = 100
_NUMBER_DIGITS = 18
_GROUPS: tuple[tuple[str, frozenset[SealState]], ...] = (
    (_("Waiting for the next step"), frozenset({
        SealState.APPLIED, SealState.APPROVED, SealState.MAKING, SealState.MADE, SealState.RECORDED})),
    (_("Stopped"), frozenset({SealState.FROZEN, SealState.LOST})),
    (_("In use"), frozenset({SealState.ACTIVE})),
    (_("Ended"), frozenset({SealState.SUPERSEDED, SealState.CANCELED, SealState.REJECTED})),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Listed:
    """A seal in a list, with the steps that wait for the officer."""

    seal: SealRecord
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Names behind the codes that records hold."""

    bodies: Mapping[str, Body]
    operators: Mapping[str, Operator]


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of one seal shows besides the seal.

    Attributes:
        uses: the latest; `used` is how many there are in all.
        refusals: refused uses by reason code.
        colleagues: names of those who could take a step that this officer must leave to another.
        changeable: whether another seal can take its place.
        over: whether nothing can be done with it any more.
    """

    known: Known
    events: Sequence[SealEvent]
    uses: Sequence[UseRecord]
    used: int
    grants: Sequence[Grant]
    refusals: Mapping[str, int]
    choices: tuple[Choice, ...]
    colleagues: tuple[str, ...]
    changeable: bool
    over: bool


async def list_seals(request: web.Request) -> web.Response:
    """``GET /seals``: those that wait for a step first."""
    officer = await officer_of(request)
    async with connected(request) as connection:
        bodies = sorted(await store.subordinate_bodies(connection, officer.body))
        listed = [await _listed(connection, seal, officer) for seal in await store.list_seals(connection, bodies=bodies)]
        known = await known_names(connection)
    groups = [(name, [each for each in listed if each.seal.state in states]) for name, states in _GROUPS]
    return render(request, "seals.html", operator=officer, groups=groups, known=known, states=STATES)


async def _listed(connection: Connection, seal: SealRecord, officer: Operator) -> Listed:
    waiting = seal.state in _GROUPS[0][1] | _GROUPS[1][1]
    events = await store.events_of(connection, seal.code) if waiting else []
    return Listed(seal, choices(seal.state, events, officer.username)[:1] if waiting else ())


async def show_seal(request: web.Request) -> web.Response:
    """``GET /seals/{code}``."""
    officer, code = await officer_of(request), request.match_info["code"]
    async with connected(request) as connection:
        seal = await find_for(connection, code, actor_of(request, officer))
        shown = await _shown(connection, seal, officer)
    done, rooms = DONE.get(request.query.get("done", ""), ""), request.app[ROOMS]
    return render(
        request, "seal.html", operator=officer, seal=seal, done=done, shown=shown, known=shown.known, states=STATES,
        events_words=EVENTS, roles=ROLES, types=rooms.types, now=rooms.clock(),
    )  # fmt: skip


async def _shown(connection: Connection, seal: SealRecord, officer: Operator) -> Shown:
    known, events = await known_names(connection), await store.events_of(connection, seal.code)
    return Shown(
        known=known, events=events, uses=await usage_store.uses_of(connection, seal.code, limit=_USES_SHOWN),
        used=await usage_store.count_uses(connection, seal.code), grants=await usage_store.grants_of(connection, seal.code),
        refusals=await usage_store.refusals_of(connection, [seal.code]),
        choices=choices(seal.state, events, officer.username), colleagues=_colleagues(known, officer),
        changeable=(seal.state, Action.SUPERSEDE) in TRANSITIONS, over=seal.state in _GROUPS[3][1],
    )  # fmt: skip


def _colleagues(known: Known, officer: Operator) -> tuple[str, ...]:
    return tuple(
        each.name for each in known.operators.values()
        if each.username != officer.username and each.body == officer.body and Role.SEAL_OFFICER in each.roles
    )  # fmt: skip


async def show_uses(request: web.Request) -> web.Response:
    """``GET /seals/{code}/uses``: the log of uses (用印记录), a page at a time; ``?before=`` leads to earlier ones."""
    officer, code = await officer_of(request), request.match_info["code"]
    asked = request.query.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= _NUMBER_DIGITS else None
    async with connected(request) as connection:
        seal = await find_for(connection, code, actor_of(request, officer))
        uses = await usage_store.uses_of(connection, code, before=before, limit=_USES_A_PAGE)
        known = await known_names(connection)
    return render(
        request, "seal_uses.html", operator=officer, seal=seal, uses=uses, known=known, types=request.app[ROOMS].types,
        more=uses[-1].use_id if len(uses) == _USES_A_PAGE else None,
    )  # fmt: skip


async def send_picture(request: web.Request) -> web.Response:
    """``GET /seals/{code}/picture.svg``: as it was applied for, reviewed and made."""
    officer, code = await officer_of(request), request.match_info["code"]
    async with connected(request) as connection:
        await find_for(connection, code, actor_of(request, officer))
        svg = await store.picture_of(connection, code)
    headers = {hdrs.CACHE_CONTROL: "private, max-age=3600"}  # it never changes
    return web.Response(body=svg, content_type="image/svg+xml", headers=headers)


async def known_names(connection: Connection) -> Known:
    """All bodies and accounts of the region by code and username."""
    bodies = {body.code: body for body in await access_store.bodies(connection)}
    return Known(bodies, {each.username: each for each in await access_store.operators(connection)})

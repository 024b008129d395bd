"""What stands at the counter beside the check itself: ratings, and the public door to the verifier."""

import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.clock import official_date
from etrust.licenses import store as license_store
from etrust.matters import ratings, ratings_store
from etrust.matters.ratings import BadRating, Invitation, Level, Opinion, Tally
from etrust.storage.postgres import Connection
from etrust.verification.model import Verdict
from etrust.wiring.public_check import PublicCheck

if TYPE_CHECKING:  # the rooms hold this desk
    from etrust.wiring.rooms import Rooms

_MONTHS = 12
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Remark:
    """Words written with a rating, as the supervisor reads them."""

    matter: str
    body: str
    month: date
    level: Level
    words: str


@dataclass(frozen=True, slots=True)
class Supervision:
    """What the supervisor of a body sees: figures of every month, bad ratings to be closed, and the words."""

    tallies: tuple[Tally, ...]
    waiting: tuple[BadRating, ...]
    remarks: tuple[Remark, ...]
    closed: int
    open: int
    late: int
    today: date


class CounterDesk:
    """Ratings of the region."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._secret = b""
        self._public = PublicCheck(rooms, rooms.issuing.numbering.holder_key)

    async def public_check(self, presented: str, *, client: str) -> Verdict:
        """The verdict for those who are not signed in; see `PublicCheck.check`."""
        return await self._public.check(presented, client=client)

    async def invite(self, *, case_number: str, step: int, matter: str, body: str) -> str:
        """Let a step of a case be rated; the path ``/rate/…`` that does, the same at every call."""
        rooms = self._rooms
        async with rooms.stores.pool.acquire() as connection:
            key = await self._key(connection)
            token = await ratings.invite(
                connection, key, case_number=case_number, step=step, matter=matter, body=body, at=rooms.clock()
            )
        return f"/rate/{token}"

    async def rating_path(self, case_number: str, step: int) -> str:
        """The path that `invite` gave or will give for a step."""
        async with self._rooms.stores.pool.acquire() as connection:
            return f"/rate/{ratings.rating_token(await self._key(connection), case_number, step)}"

    async def _key(self, connection: Connection) -> bytes:
        if not self._secret:
            self._secret = await license_store.secret(connection, "ratings", secrets.token_bytes(32))
        return self._secret

    async def invitation(self, token: str) -> Invitation:
        """What a token lets one rate; see `ratings.invitation`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await ratings.invitation(connection, token, self._rooms.clock())

    async def rate(self, token: str, opinion: Opinion) -> None:
        """Keep a rating; see `ratings.rate`."""
        async with self._rooms.stores.pool.acquire() as connection:
            await ratings.rate(connection, token, opinion, self._rooms.clock())

    async def figures(self) -> tuple[Tally, ...]:
        """The published figures of the last twelve months; see `ratings.published`."""
        today = official_date(self._rooms.clock())
        return ratings.published(await self._tallies(today), today)

    async def supervision(self, operator: Operator) -> Supervision:
        """What the supervisor of a body sees of it and of those below it; an administrator's body stands at the top.

        Raises:
            EtrustError: FORBIDDEN ``no_role``.
        """
        require_supervisor(operator)
        today = official_date(self._rooms.clock())
        tallies = await self._tallies(today)
        async with self._rooms.stores.pool.acquire() as connection:
            bodies = await ratings_store.bodies_under(connection, operator.body)
            waiting = await ratings_store.open_bad(connection, bodies, _SHOWN)
            remarks = await ratings_store.with_words(connection, bodies, _SHOWN)
            counted = await ratings_store.follow_up_counts(connection, bodies, today)
        return Supervision(
            tuple(each for each in tallies if each.body in bodies), tuple(_bad(row) for row in waiting),
            tuple(Remark(**{**row, "level": Level(row["level"])}) for row in remarks),
            counted["closed"], counted["waiting"], counted["late"], today,
        )

    async def follow_up(self, operator: Operator, rating: uuid.UUID, *, founded: bool, note: str) -> None:
        """Close a bad rating; see `ratings.follow_up`.

        Raises:
            EtrustError: FORBIDDEN ``no_role``, and those of `ratings.follow_up`.
        """
        require_supervisor(operator)
        async with self._rooms.stores.pool.acquire() as connection:
            await ratings.follow_up(
                connection, rating, founded=founded, note=note, operator=operator.username, body=operator.body,
                at=self._rooms.clock(),
            )

    async def _tallies(self, today: date) -> tuple[Tally, ...]:
        since = _months_before(today, _MONTHS)
        async with self._rooms.stores.pool.acquire() as connection:
            rows = await ratings_store.counts(connection, since, today)
        gathered: dict[tuple[str, str, date], dict[Level, int]] = {}
        for row in rows:
            gathered.setdefault((row["matter"], row["body"], row["month"]), {})[Level(row["level"])] = row["given"]
        return tuple(Tally(*key, counts) for key, counts in gathered.items())


def require_supervisor(operator: Operator) -> None:
    """Return quietly for a supervisor of ratings and for an administrator.

    Raises:
        EtrustError: FORBIDDEN ``no_role``.
    """
    if Role.ADMIN not in operator.roles:
        require_role(operator, Role.SUPERVISOR)


def _months_before(today: date, months: int) -> date:
    years, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    return date(years, month + 1, 1)


def _bad(row: Mapping[str, Any]) -> BadRating:
    return BadRating(**{**row, "level": Level(row["level"]), "reasons": tuple(row["reasons"])})


"""好差评: a holder rates a service, once for each step of a case, and whoever served does not learn who it was.

What is kept of a rating is its month, the matter, the body and what was said. The token that opens it is kept only as a
digest, beside the case it was made for; which rating it was used for is written nowhere. A giver who wants a call back
(回访) leaves the case number with the rating by their own choice.
"""

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum

from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.matters import ratings_store as store
from etrust.storage.postgres import Connection

LIFETIME = timedelta(days=30)
"""How long after the service it can be rated."""

FOLLOW_UP = timedelta(days=10)
"""整改期限: by when somebody has looked into a bad rating."""

MAX_WORDS = 500
HIDDEN_BELOW = 5
"""Figures that rest on fewer ratings are not published: a single opinion could be told from them."""


class Level(IntEnum):
    """The five levels of GB/T 39735."""

    VERY_GOOD = 5  # 非常满意
    GOOD = 4  # 满意
    FAIR = 3  # 基本满意
    BAD = 2  # 不满意
    VERY_BAD = 1  # 非常不满意

    @property
    def is_bad(self) -> bool:
        """Whether it is followed up (差评)."""
        return self <= Level.BAD


PRAISE = ("fast", "one_visit", "no_paper", "kind", "clear")
BLAME = ("slow", "many_visits", "paper_asked", "unkind", "unclear", "system_fault")


@dataclass(frozen=True, slots=True)
class Invitation:
    """What can be rated: one step of a case."""

    case_number: str
    step: int
    matter: str
    body: str
    expires_at: datetime
    used: bool


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a giver says.

    Attributes:
        reasons: some of `PRAISE` or `BLAME`.
        words: at most `MAX_WORDS` characters.
        call_back: the giver wants to be called about it; the case number then stays with the rating.
    """

    level: Level
    reasons: tuple[str, ...] = ()
    words: str = ""
    call_back: bool = False


@dataclass(frozen=True, slots=True)
class Tally:
    """How often each level was given to a matter, by a body, in a month."""

    matter: str
    body: str
    month: date
    counts: Mapping[Level, int]

    @property
    def total(self) -> int:
        """How many ratings there are."""
        return sum(self.counts.values())

    @property
    def satisfied(self) -> float:
        """满意率: the share of the three upper levels, 0 to 1."""
        good = sum(count for level, count in self.counts.items() if not level.is_bad)
        return good / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class BadRating:
    """A rating to be followed up, as the supervisor of its body sees it."""

    rating: uuid.UUID
    matter: str
    body: str
    month: date
    level: Level
    reasons: tuple[str, ...]
    words: str
    due: date
    case_number: str


def rating_token(key: bytes, case_number: str, step: int) -> str:
    """The token of a step: always the same, so that receipt, phone and terminal lead to one rating; 22 characters."""
    digest = hashlib.blake2b(f"{case_number}\n{step}".encode(), key=key, person=b"rating", digest_size=16)
    return base64.urlsafe_b64encode(digest.digest()).decode().rstrip("=")


async def invite(
    connection: Connection, key: bytes, *, case_number: str, step: int, matter: str, body: str, at: datetime
) -> str:
    """Let a step of a case be rated and return the token that does; a second call returns the same."""
    token = rating_token(key, case_number, step)
    await store.add_invitation(
        connection, _digest(token), case_number=case_number, step=step, matter=matter, body=body, at=at, until=at + LIFETIME
    )
    return token


async def invitation(connection: Connection, token: str, at: datetime) -> Invitation:
    """What a token lets one rate.

    Raises:
        EtrustError: ``no_such_rating``, for a token that is unknown and one that has ended alike.
    """
    found = await store.invitation(connection, _digest(token))
    if found is None or found["expires_at"] <= at:
        raise EtrustError(
            Kind.NOT_FOUND, "no_such_rating",
            zh="评价链接不存在或已过期（服务后 30 天内可评价）。",
            en="This link does not exist or has ended: a service can be rated for 30 days.",
        )
    return Invitation(**found)


async def rate(connection: Connection, token: str, opinion: Opinion, at: datetime) -> None:
    """Keep a rating, once for each token.

    Raises:
        EtrustError: ``no_such_rating``; CONFLICT ``already_rated``; INVALID ``bad_rating``.
    """
    _require_well_formed(opinion)
    asked = await invitation(connection, token, at)
    today = official_date(at)
    async with connection.transaction():
        if not await store.use(connection, _digest(token)):
            raise EtrustError(
                Kind.CONFLICT, "already_rated",
                zh="这次服务已经评价过了，每次服务只能评价一次。谢谢！",
                en="This service has been rated already; once is enough. Thank you!",
            )
        await store.add_rating(
            connection, uuid.uuid4(), matter=asked.matter, body=asked.body, month=today.replace(day=1), level=opinion.level,
            reasons=opinion.reasons, words=opinion.words, due=today + FOLLOW_UP if opinion.level.is_bad else None,
            case_number=asked.case_number if opinion.call_back else "",
        )


def _require_well_formed(opinion: Opinion) -> None:
    allowed = BLAME if opinion.level.is_bad else PRAISE if opinion.level > Level.FAIR else PRAISE + BLAME
    if len(opinion.words) > MAX_WORDS or "\0" in opinion.words:
        raise _bad(
            "words", f"意见最多 {MAX_WORDS} 字，请缩短后再提交。", f"At most {MAX_WORDS} characters; please shorten your words.",
        )
    if len(set(opinion.reasons)) != len(opinion.reasons) or not set(opinion.reasons) <= set(allowed):
        raise _bad("reasons", "所选原因与评价等级不符，请重新选择。", "The reasons do not fit the level; please choose again.")


def _bad(where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, "bad_rating", where=where, zh=zh, en=en)


def published(tallies: Sequence[Tally], today: date) -> tuple[Tally, ...]:
    """What of the figures anyone may see.

    Only months that have ended, so that nobody watches a single rating arrive; only figures that rest on `HIDDEN_BELOW`
    ratings or more. Sums are to be made of these alone: a total of all would give the hidden ones away by subtraction.
    """
    this_month = today.replace(day=1)
    return tuple(each for each in tallies if each.month < this_month and each.total >= HIDDEN_BELOW)


async def follow_up(
    connection: Connection, rating: uuid.UUID, *, founded: bool, note: str, operator: str, body: str, at: datetime
) -> None:
    """Close a bad rating (回访整改): whether it is founded, and what was done.

    Raises:
        EtrustError: INVALID ``bad_note``; NOT_FOUND ``no_bad_rating``, for one of another body too; CONFLICT ``followed_up``.
    """
    if not 1 <= len(note) <= MAX_WORDS or "\0" in note:
        raise EtrustError(
            Kind.INVALID, "bad_note", where="note",
            zh=f"请写明核实情况与整改措施，1 至 {MAX_WORDS} 字。",
            en=f"Write what was found and what was done, in 1 to {MAX_WORDS} characters.",
        )
    if not await store.is_bad_of(connection, rating, await store.bodies_under(connection, body)):
        raise EtrustError(
            Kind.NOT_FOUND, "no_bad_rating",
            zh="没有这条差评，或它属于别的单位。",
            en="There is no such bad rating, or it is another body's.",
        )
    if not await store.close(connection, rating, founded=founded, note=note, operator=operator, body=body, at=at):
        raise EtrustError(
            Kind.CONFLICT, "followed_up", zh="这条差评已由他人办结。", en="Somebody has closed this bad rating already.",
        )


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()

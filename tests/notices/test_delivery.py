"""Notices arrive at least once and in order of their stream, whatever fails on the way."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from etrust.cli.serving import serving
from etrust.errors import EtrustError
from etrust.notices.arrive import Answer
from etrust.notices.deliver import LONGEST, PATIENCE, next_try
from etrust.notices.model import Arrived, Notice, Recipient, RecipientKind
from etrust.notices.post import post
from etrust.recognition.signatures import Request, kept_headers, verify_request
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.storage.stores import Stores
from etrust.trust.model import Purpose
from etrust.wiring import Rooms, open_rooms
from tests.recognition.regions import GANSU, Partner, another_region, liar, meet
from tests.support import NOW

BODY = Recipient(RecipientKind.BODY, "11650000MB1A0004XU")
ELSEWHERE = Recipient(RecipientKind.REGION, GANSU)


@given(st.integers(1, 40), st.integers(0, 10**6))
def test_the_wait_grows_and_ends(attempts: int, seconds: int) -> None:
    at = NOW + timedelta(seconds=seconds)
    found = next_try(NOW, attempts, at)
    if found is None:
        assert at - NOW >= PATIENCE
    else:
        assert timedelta(seconds=1) <= found - at <= LONGEST


async def told(rooms: Rooms, stream: str, recipient: Recipient = ELSEWHERE, **content: object) -> str:
    async with rooms.stores.pool.acquire() as connection, connection.transaction():
        return await post(connection, stream=stream, recipient=recipient, kind="test.said", content=content, at=rooms.clock())


async def now(rooms: Rooms) -> None:
    """Let everything be due."""
    async with rooms.stores.pool.acquire() as connection:
        await connection.execute("UPDATE notice_deliveries SET next_try = '2020-01-01' WHERE confirmed_at IS NULL")


async def deliver_all(rooms: Rooms) -> None:
    for _ in range(10):
        await now(rooms)
        if await rooms.notices.deliver() == 0:
            return


async def test_nothing_is_told_of_what_was_undone(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        async with rooms.stores.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            await post(connection, stream="s", recipient=BODY, kind="test.said", content={}, at=rooms.clock())
            await transaction.rollback()
        assert await rooms.notices.inbox(BODY) == []
        with pytest.raises(EtrustError, match="too long"):
            await told(rooms, "s", BODY, text="x" * 70_000)


async def test_numbers_are_given_in_order_whoever_writes_at_once(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await asyncio.gather(*(told(rooms, "s", BODY, number=each) for each in range(12)), told(rooms, "other", BODY))
        found = await rooms.notices.inbox(BODY)
        assert sorted(each.notice.number for each in found if each.notice.stream == "s") == list(range(1, 13))
        assert [each.notice.number for each in found if each.notice.stream == "other"] == [1]


async def test_an_inbox_is_ones_own(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        first = await told(rooms, "s", BODY, a=1)
        await deliver_all(rooms)
        other = Recipient(RecipientKind.BODY, "11650000MB1A0002XR")
        with pytest.raises(EtrustError, match="no such notice"):
            await rooms.notices.confirm(first, other, by="account:x")
        assert await rooms.notices.count_open(BODY) == 1
        await rooms.notices.confirm(first, BODY, by="account:cases")
        await rooms.notices.confirm(first, BODY, by="account:another")
        (found,) = await rooms.notices.inbox(BODY)
        assert found.confirmed_by == "account:cases"
        assert await rooms.notices.inbox(BODY, only_open=True) == []
        assert await rooms.notices.unconfirmed() == []


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


class Kept:
    """What a handler was told, in order."""

    def __init__(self) -> None:
        self.numbers: list[object] = []
        self.fails = 0

    async def __call__(self, _: Connection, arrived: Arrived) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError
        self.numbers.append(arrived.notice.content["number"])


async def test_a_region_down_for_a_day_hears_everything_once_and_in_order(region: Settings, gansu: Partner) -> None:
    kept = Kept()
    gansu.rooms.notices.on("test.said", kept)
    async with open_rooms(region) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        await meet(rooms, address, gansu)
        (partner,) = [each for each in await rooms.partners.regions_in_force() if each.region == GANSU]
        object.__setattr__(partner, "base_url", "http://127.0.0.1:1")  # its address leads nowhere: the region is down
        for number in range(4):
            await told(rooms, "case/1", number=number)
        await told(rooms, "case/2", number=100)
        for _ in range(3):
            await deliver_all(rooms)
        waiting = await rooms.notices.unconfirmed()
        assert len(waiting) == 5
        assert {each.last_error for each in waiting if each.attempts} <= {"partner_unreachable", "partner_resting", "partner_slow"}
        assert all(each.attempts == 0 for each in waiting if each.notice.number > 1)  # nothing overtakes
        assert kept.numbers == []
        object.__setattr__(partner, "base_url", gansu.address)  # a day later it is back
        rooms.partners._line(partner)._breaker.answered()
        await deliver_all(rooms)
        assert [each for each in kept.numbers if each != 100] == [0, 1, 2, 3]
        assert 100 in kept.numbers
        assert await rooms.notices.unconfirmed() == []


async def test_a_confirmation_that_was_lost_does_not_double_anything(region: Settings, gansu: Partner) -> None:
    kept = Kept()
    gansu.rooms.notices.on("test.said", kept)
    async with open_rooms(region) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        await meet(rooms, address, gansu)
        first = await told(rooms, "case/7", number=1)
        await deliver_all(rooms)
        async with rooms.stores.pool.acquire() as connection:  # as after a crash between sending and recording
            await connection.execute("UPDATE notice_deliveries SET confirmed_at = NULL WHERE notice_id = $1", first)
        await deliver_all(rooms)
        assert kept.numbers == [1]
        assert await rooms.notices.unconfirmed() == []


async def test_a_handler_that_fails_is_asked_again(region: Settings, gansu: Partner) -> None:
    kept = Kept()
    kept.fails = 1
    gansu.rooms.notices.on("test.said", kept)
    async with open_rooms(region) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        await meet(rooms, address, gansu)
        await told(rooms, "case/8", number=1)
        await told(rooms, "case/8", number=2)
        await now(rooms)
        await rooms.notices.deliver()
        assert {each.last_error for each in await rooms.notices.unconfirmed() if each.attempts} == {"http_500"}
        await deliver_all(rooms)
        assert kept.numbers == [1, 2]


async def test_a_recipient_that_lost_some_gets_them_again(region: Settings, gansu: Partner) -> None:
    """It was restored from a backup of before they came."""
    kept = Kept()
    gansu.rooms.notices.on("test.said", kept)
    async with open_rooms(region) as rooms, serving(rooms, "127.0.0.1", 0) as address:
        await meet(rooms, address, gansu)
        for number in range(1, 4):
            await told(rooms, "case/9", number=number)
        await deliver_all(rooms)
        async with gansu.rooms.stores.pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("DELETE FROM notice_arrivals WHERE stream = 'case/9' AND number > 1")
        await told(rooms, "case/9", number=4)
        await deliver_all(rooms)
        assert kept.numbers == [1, 2, 3, 2, 3, 4]


async def test_what_arrives_too_early_and_of_an_unknown_kind(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        own = Recipient(RecipientKind.REGION, "650000")

        def notice(number: int, letter: str = "A") -> Notice:
            return Notice(f"N-{letter * 22}", "s", number, own, "nobody.knows", {}, NOW)

        assert await rooms.notices.arrive(GANSU, notice(2, "B")) == (Answer.TOO_EARLY, 0)
        assert await rooms.notices.arrive(GANSU, notice(1)) == (Answer.UNKNOWN_KIND, 1)
        assert await rooms.notices.arrive(GANSU, notice(1)) == (Answer.AGAIN, 1)
        assert await rooms.notices.arrive(GANSU, notice(2, "B")) == (Answer.UNKNOWN_KIND, 2)
        assert await rooms.notices.arrive("610000", notice(1, "C")) == (Answer.UNKNOWN_KIND, 1)  # streams of two senders are two


async def test_a_webhook_is_told_in_a_signed_message(region: Settings) -> None:
    came: list[dict[str, object]] = []
    status = 503

    async def hook(request: web.Request) -> web.Response:
        body = await request.read()
        message = Request(request.method, f"http://host{request.path}", kept_headers(request.headers), body)
        keys = [each for each in trust.trust_list.keys if each.purpose is Purpose.MESSAGE]
        verify_request(message, keys, recipient=BODY.name, at=rooms.clock())
        came.append(json.loads(body))
        return web.Response(status=status)

    async with open_rooms(region) as rooms, liar(hook) as address:
        trust = await rooms.trust.snapshot()
        admin = await rooms.operator("admin")
        number = await rooms.notices.add_webhook(BODY.name, f"{address}/hook", who=admin)
        for bad in ("http://example.com/", "ftp://x", "https://user@x.example/"):
            with pytest.raises(EtrustError, match="begins with https"):
                await rooms.notices.add_webhook(BODY.name, bad, who=admin)
        first, second = await told(rooms, "s", BODY, number=1), await told(rooms, "s", BODY, number=2)
        await now(rooms)
        assert await rooms.notices.deliver() == 1  # the second waits for the first
        assert [each.last_error for each in await rooms.notices.unconfirmed()] == [f"webhook {number}: 503", ""]
        status = 204
        await deliver_all(rooms)
        assert [each["notice_id"] for each in came] == [first, first, second]
        assert [each.confirmed_by for each in await rooms.notices.inbox(BODY)] == [f"webhook:{number}"] * 2
        assert await rooms.notices.end_webhook(number, who=admin)
        assert not await rooms.notices.end_webhook(number, who=admin)
        await told(rooms, "s", BODY, number=3)
        await deliver_all(rooms)
        assert [each.next_try for each in await rooms.notices.unconfirmed()] == [None]  # it waits in the inbox

"""Signing in: one answer for unknown and wrong, a limit on failures with and without Redis, sessions that end."""

import asyncio
from datetime import timedelta

import pytest

from etrust.access import sessions
from etrust.access.cache import MAX_FAILURES, WINDOW, FailedSignIns
from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.wiring import open_rooms
from tests.conftest import Founded


async def test_the_right_password_opens_a_session(region: Settings, founded: Founded) -> None:
    async with open_rooms(region) as rooms:
        token = await rooms.sign_in("clerk", founded.passwords["clerk"], client="127.0.0.1")
        operator = await rooms.operator_of(token)
        assert operator is not None
        assert (operator.username, operator.roles) == ("clerk", frozenset({"clerk"}))
        await rooms.sign_out(token)
        assert await rooms.operator_of(token) is None


async def test_unknown_and_wrong_get_one_answer(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        told = []
        for username in ("clerk", "nobody", "", "' OR 1=1 --"):
            with pytest.raises(EtrustError) as caught:
                await rooms.sign_in(username, "wrong password", client="127.0.0.1")
            told.append((caught.value.kind, str(caught.value)))
        assert len(set(told)) == 1


@pytest.mark.parametrize("other_redis", [None, "redis://127.0.0.1:1/0"])
async def test_failures_are_limited_with_and_without_redis(region: Settings, founded: Founded, other_redis: str | None) -> None:
    settings = region if other_redis is None else region.model_copy(update={"redis_url": other_redis})
    async with open_rooms(settings) as rooms:
        for _ in range(MAX_FAILURES):
            with pytest.raises(EtrustError, match="bad_credentials"):
                await rooms.sign_in("officer", "wrong password", client="10.0.0.9")
        with pytest.raises(EtrustError, match="too_many_attempts"):
            await rooms.sign_in("officer", founded.passwords["officer"], client="10.0.0.9")
        assert await rooms.sign_in("officer", founded.passwords["officer"], client="10.0.0.8")


async def test_the_limit_passes(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        failures = FailedSignIns(rooms.stores.redis, b"k" * 32)
        now = rooms.clock()
        failures_of_another_process = FailedSignIns(rooms.stores.redis, b"k" * 32)
        for _ in range(MAX_FAILURES):
            await failures.add("x|1", now)
        assert await failures_of_another_process.too_many("x|1", now)
        await failures.clear("x|1")
        assert not await failures_of_another_process.too_many("x|1", now)
        assert not await failures.too_many("x|1", now + WINDOW)


async def test_a_session_ends_and_a_disabled_account_has_none(region: Settings, founded: Founded) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        token = await rooms.sign_in("clerk", founded.passwords["clerk"], client="127.0.0.1")
        later = rooms.clock() + sessions.SESSION_LIFETIME - timedelta(minutes=1)
        assert await sessions.operator_of(connection, token, later) is not None
        assert await sessions.operator_of(connection, token, later + timedelta(minutes=2)) is None
        await connection.execute("UPDATE operators SET disabled_at = now() WHERE username = 'clerk'")
        assert await rooms.operator_of(token) is None
        with pytest.raises(EtrustError, match="bad_credentials"):
            await rooms.sign_in("clerk", founded.passwords["clerk"], client="127.0.0.1")


async def test_neither_passwords_nor_tokens_are_kept(region: Settings, founded: Founded) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        token = await rooms.sign_in("clerk", founded.passwords["clerk"], client="127.0.0.1")
        kept = str(await connection.fetch("SELECT * FROM sessions")) + str(await connection.fetch("SELECT * FROM operators"))
        assert token not in kept
        assert founded.passwords["clerk"] not in kept
        assert "$argon2id$" in kept


async def test_a_flood_of_sign_ins_does_not_stop_checks(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        flood = [asyncio.create_task(rooms.sign_in(f"user{n}", "wrong password", client="10.0.0.1")) for n in range(12)]
        assert (await asyncio.wait_for(rooms.check("ET1:"), 5)).status == "malformed"
        answers = await asyncio.gather(*flood, return_exceptions=True)
        assert {type(answer) for answer in answers} == {EtrustError}


async def test_guesses_side_by_side_do_not_slip_through(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        tries = [rooms.sign_in("clerk", f"wrong password {n}", client="10.0.0.3") for n in range(20)]
        answers = [str(answer) for answer in await asyncio.gather(*tries, return_exceptions=True)]
        assert sum("bad_credentials" in answer for answer in answers) == MAX_FAILURES
        assert sum("too_many_attempts" in answer for answer in answers) == 20 - MAX_FAILURES


async def test_a_name_that_cannot_be_one_is_unknown(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        for username in ("a\0b", "X" * 5000, "名"):
            with pytest.raises(EtrustError, match="bad_credentials"):
                await rooms.sign_in(username, "wrong password", client="10.0.0.4")

"""Scans of a counter that was cut off, told afterwards: who was first, what was used twice, and what was no code at all."""

from datetime import datetime, timedelta

import pytest

from etrust.credentials.online_code import sign_online_code
from etrust.errors import EtrustError
from etrust.onecode import reconcile_store
from etrust.onecode.reconcile import MAX_SCANS, Answer, Scan
from etrust.settings import Settings
from etrust.wiring import open_rooms
from tests.onecode.codes import Counter, Hands
from tests.onecode.test_online_code import claims
from tests.support import make_signer


async def told(counter: Counter, text: str, at: datetime, *, operator: str = "clerk", note: str = "") -> Answer:
    """What becomes of one scan of an operator."""
    who = await counter.rooms.operator(operator)
    (answer,) = await counter.rooms.codes.reconcile([Scan(text, at, note=note)], operator=who)
    return answer


async def test_a_scan_without_a_network_is_a_use_like_any_other(shared: Settings) -> None:
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        scanned = clock()
        clock.ahead = timedelta(hours=3)
        first = await told(counter, code.text, scanned, note="power cut")
        assert (first.outcome, first.first) == ("accepted", None)
        assert (await told(counter, code.text, scanned)).outcome == "accepted"  # the same scan again
        again = await told(counter, code.text, scanned, operator="officer")
        assert (again.outcome, again.reason) == ("used_twice", "code_used")
        assert again.first is not None
        assert (again.first.used_at, again.first.offline, again.first.operator) == (scanned, True, "clerk")
        assert (await told(counter, code.text, scanned, operator="officer")).outcome == "used_twice"
        assert (await told(counter, code.text, scanned + timedelta(seconds=2))).outcome == "used_twice"
        async with rooms.stores.pool.acquire() as connection:
            pairs = await reconcile_store.further_uses(connection, scanned, 10)
        assert [(first.operator, further.operator) for first, further in pairs] == [("clerk", "clerk"), ("clerk", "officer")]


async def test_used_online_and_scanned_elsewhere(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        await rooms.codes.redeem(code.text, operator=counter.clerk)
        answer = await told(counter, code.text, rooms.clock(), operator="officer")
        assert answer.outcome == "used_twice"
        assert answer.first is not None
        assert answer.first.offline is False


async def test_scanned_elsewhere_and_then_used_online(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        code, scanned = await counter.show(), rooms.clock()
        assert (await told(counter, code.text, scanned, operator="officer")).outcome == "accepted"
        with pytest.raises(EtrustError, match="code_used"):
            await rooms.codes.redeem(code.text, operator=counter.clerk)


async def test_what_is_judged_as_of_the_moment_of_the_scan(shared: Settings) -> None:
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        made = code.shown.issued_at
        clock.ahead = timedelta(days=2)
        stranger = sign_online_code(claims(), make_signer())
        changed = code.text[:-6] + ("AAAAAA" if code.text[-6:] != "AAAAAA" else "BBBBBB")
        cases = [
            (code.text, made + timedelta(seconds=70), "not_fresh", "code_expired"),
            (code.text, made - timedelta(seconds=11), "not_fresh", "issued_later"),
            (changed, made, "bad_signature", "bad_signature"), (stranger, made, "unknown", "unknown_key"),
            ("ET1:ABC", made, "unknown", "not_a_code"), ("ET2:A!", made, "unknown", "bad_code"),
            (code.text, made + timedelta(seconds=69), "accepted", ""),
        ]  # fmt: skip
        for text, at, outcome, reason in cases:
            answer = await told(counter, text, at)
            assert (answer.outcome, answer.reason) == (outcome, reason)


async def test_neither_the_future_nor_what_lies_too_far_back(shared: Settings) -> None:
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        code = await counter.show()
        assert (await told(counter, code.text, clock() + timedelta(seconds=30))).reason == "scanned_later"
        clock.ahead = timedelta(days=29)
        older = await counter.show()
        clock.ahead = timedelta(days=59, hours=1)
        assert (await told(counter, older.text, older.shown.issued_at)).reason == "scanned_too_long_ago"


async def test_a_list_is_bounded(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        scans = [Scan("ET2:AB", rooms.clock())] * (MAX_SCANS + 1)
        with pytest.raises(EtrustError, match="too_many_scans"):
            await rooms.codes.reconcile(scans, operator=counter.clerk)
        assert {answer.outcome for answer in await rooms.codes.reconcile(scans[1:], operator=counter.clerk)} == {"unknown"}

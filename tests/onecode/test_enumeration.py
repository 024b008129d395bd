"""Trying codes out: one answer for outsiders whatever is wrong, and an end to it after a few."""

import statistics
import time
from datetime import timedelta

import pytest

from etrust.credentials.online_code import sign_online_code
from etrust.errors import EtrustError, Kind
from etrust.onecode.limits import NAMELESS, OPERATOR_LIMIT, OUTSIDER_LIMIT
from etrust.settings import Settings
from etrust.wiring import open_rooms
from tests.onecode.codes import Counter, Hands
from tests.onecode.figures import tell
from tests.onecode.test_online_code import claims
from tests.support import make_signer

FORGER = make_signer()


def forged(number: int) -> str:
    """A code with a handle tried out: nobody but the region can sign one."""
    return sign_online_code(claims(handle=number.to_bytes(16, "big")), FORGER)


async def asked(counter: Counter, text: str, *, client: str | None) -> EtrustError | None:
    """What an outsider at an address hears, or the clerk when there is none; None for a success."""
    try:
        await counter.rooms.codes.redeem(text, operator=counter.clerk if client is None else None, client=client or "")
    except EtrustError as error:
        return error
    return None


async def wrong_codes(counter: Counter, clock: Hands) -> dict[str, str]:
    """One code for each way of being wrong."""
    texts = {"used": (await counter.show()).text, "expired": (await counter.show()).text}
    assert await asked(counter, texts["used"], client=None) is None
    texts["ended"] = (await counter.show()).text
    await counter.rooms.codes.end_session(counter.session)
    counter.session = bytes(32)
    clock.ahead = timedelta(seconds=70)
    return {
        **texts, "of a stranger": forged(7), "of another region": sign_online_code(claims(region="620000"), FORGER),
        "changed": texts["used"][:-4] + "AAAA", "no code": "ET2:HELLO", "cut off": texts["used"][:100],
    }  # fmt: skip


async def test_outsiders_hear_one_answer_whatever_is_wrong(shared: Settings) -> None:
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        texts = await wrong_codes(counter, clock)
        outside = [await asked(counter, text, client=f"198.51.100.{place}") for place, text in enumerate(texts.values())]
        inside = [await asked(counter, text, client=None) for text in texts.values()]
        assert {(error.kind, error.code, error.zh, error.en, error.where) for error in outside if error} == {
            (Kind.INVALID, "code_not_valid", "此码无效，请持证人刷新后再出示。",
             "This code is not valid; ask the holder to show a fresh one.", "presented")
        }  # fmt: skip
        assert {error.code for error in inside if error} >= {"code_used", "code_expired", "unknown_key", "code_of_other_region"}
        verdicts = [await rooms.check(text) for text in list(texts.values())[:4]]
        assert len({str((each.verdict, each.status, each.findings, each.license, each.evidence)) for each in verdicts}) == 1
        assert verdicts[0].findings[0].reason == "code_not_valid"


async def test_an_outsider_is_stopped_after_ten_and_others_are_not(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        heard = [await asked(counter, forged(number), client="192.0.2.7") for number in range(OUTSIDER_LIMIT + 2)]
        assert [error.code for error in heard if error] == ["code_not_valid"] * OUTSIDER_LIMIT + ["too_many_wrong_codes"] * 2
        stopped = await asked(counter, (await counter.show()).text, client="192.0.2.7")
        assert stopped is not None
        assert stopped.kind is Kind.RATE_LIMITED
        assert await asked(counter, (await counter.show()).text, client="192.0.2.8") is None
        assert await asked(counter, (await counter.show()).text, client=None) is None


async def test_good_codes_do_not_count(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        heard = [await asked(counter, (await counter.show()).text, client="192.0.2.9") for _ in range(OUTSIDER_LIMIT * 2)]
        assert heard == [None] * (OUTSIDER_LIMIT * 2)


async def test_an_operator_is_stopped_after_twenty_forged_codes_but_not_by_used_ones(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms, "officer")
        used = (await counter.show()).text
        assert await asked(counter, used, client=None) is None
        honest = [await asked(counter, used, client=None) for _ in range(OPERATOR_LIMIT + 5)]
        assert {error.code for error in honest if error} == {"code_used"}
        heard = [await asked(counter, forged(number), client=None) for number in range(OPERATOR_LIMIT + 1)]
        assert [error.code for error in heard if error] == ["unknown_key"] * OPERATOR_LIMIT + ["too_many_wrong_codes"]


async def test_without_an_address_outsiders_share_a_larger_limit(shared: Settings) -> None:
    async with open_rooms(shared) as rooms:
        counter = await Counter.open(rooms)
        heard = [await asked(counter, forged(number), client="") for number in range(OUTSIDER_LIMIT + 5)]
        assert {error.code for error in heard if error} == {"code_not_valid"}
        assert NAMELESS * OUTSIDER_LIMIT == 600


@pytest.mark.long
async def test_the_work_for_wrong_used_and_expired_codes_is_alike(shared: Settings) -> None:
    """Figures, not a bound: the medians of three kinds of refusals, asked in turn."""
    clock = Hands()
    async with open_rooms(shared, clock=clock) as rooms:
        counter = await Counter.open(rooms)
        texts = await wrong_codes(counter, clock)
        times: dict[str, list[float]] = {name: [] for name in ("used", "expired", "of a stranger", "changed")}
        for turn in range(100):
            for name, measured in times.items():
                begun = time.perf_counter()
                error = await asked(counter, texts[name], client=f"192.0.2.{turn}-{name}")
                measured.append(time.perf_counter() - begun)
                assert error is not None
                assert error.code == "code_not_valid"
        medians = {name: statistics.median(measured) * 1e6 for name, measured in times.items()}
        tell(", ".join(f"{name}: {median:.0f} µs" for name, median in medians.items()))

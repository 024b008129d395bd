"""The serving process: lists are issued again before they end, and times given never go back, however the clock moves."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from etrust.clock import system_clock
from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.signing import digests
from etrust.trust.crl_making import LIFETIME
from etrust.trust.timestamps import read_token
from etrust.wiring import open_rooms
from etrust.wiring.authorities import RENEW_AFTER

DAY = timedelta(days=1)
IMPRINT = [(bytes(32), digests.SHA256)]


@dataclass
class Moving:
    """A clock that a test moves."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


async def test_lists_are_issued_again_before_they_end(region: Settings) -> None:
    clock = Moving(system_clock())
    async with open_rooms(region, clock=clock) as rooms:
        anchor = rooms.authorities.signers()[0]
        first = await rooms.authorities.crl(anchor.kid, 1)
        assert await rooms.authorities.renew() == 0
        clock.now += RENEW_AFTER + timedelta(minutes=1)
        assert await rooms.authorities.renew() > 2
        assert await rooms.authorities.renew() == 0
    async with open_rooms(region, clock=clock) as rooms:
        second = await rooms.authorities.crl(anchor.kid, 1)
    assert (second.number, first.next_update - first.this_update) == (first.number + 1, LIFETIME)
    assert second.next_update - clock.now > LIFETIME - DAY


async def test_twenty_years_of_lists_and_stamps(region: Settings) -> None:
    clock = Moving(system_clock())
    async with open_rooms(region, clock=clock) as rooms:
        for _ in range(3):
            clock.now += timedelta(days=1000)
            (token,) = await rooms.timestamps.tokens(IMPRINT)
            assert read_token(token).time == clock.now.replace(microsecond=0)
            assert await rooms.authorities.renew() > 2


async def test_no_time_before_the_last_one_given_by_an_earlier_run(region: Settings) -> None:
    clock = Moving(system_clock() + DAY)
    async with open_rooms(region, clock=clock) as rooms:
        await rooms.timestamps.tokens(IMPRINT)
    clock.now -= timedelta(hours=1)
    async with open_rooms(region, clock=clock) as rooms:
        with pytest.raises(EtrustError, match="clock_unsure"):
            await rooms.timestamps.tokens(IMPRINT)
        clock.now += timedelta(hours=2)
        assert len(await rooms.timestamps.tokens(IMPRINT * 40, sm2=False)) == 40


async def test_a_home_without_a_key_for_timestamps_says_so(region: Settings) -> None:
    for path in (region.home / "keys").glob("timestamp*"):
        path.unlink()
    async with open_rooms(region) as rooms:
        with pytest.raises(EtrustError, match="no_key"):
            await rooms.timestamps.tokens(IMPRINT)

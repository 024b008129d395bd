"""The sample family is issued by those who may, quickly, once, and stands as its description says."""

from datetime import UTC, datetime

from etrust.clock import official_date
from etrust.credentials.code import encode_code
from etrust.ids import citizen_number_problem, uscc_is_valid
from etrust.licenses import store
from etrust.licenses.samples.family import family_records
from etrust.settings import Settings
from etrust.verification.model import Status
from etrust.wiring import Rooms, open_rooms
from tests.family import CHILD, COMPANY, HUSBAND, WIFE, issue_family


async def test_all_are_in_force_but_the_passport(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        issued = await issue_family(rooms)
        states = {name: [await _status(rooms, each.serial) for each in found] for name, found in issued.items()}
        again = await issue_family(rooms)
    assert states.pop("passport") == [Status.EXPIRED]
    assert {status for found in states.values() for status in found} == {Status.VALID}
    assert len(states) == len(rooms.types) - 1
    assert again == issued


async def _status(rooms: Rooms, serial: str) -> Status:
    async with rooms.stores.pool.acquire() as connection:
        found = await store.find(connection, serial, 1)
    assert found is not None
    return (await rooms.check(encode_code(found.credential))).status


def test_the_codes_are_good_and_the_same_every_day() -> None:
    assert [citizen_number_problem(each.code) for each in (HUSBAND, WIFE, CHILD)] == ["", "", ""]
    assert uscc_is_valid(COMPANY.code)
    one, other = (family_records(official_date(datetime(2027, 1, day, tzinfo=UTC))) for day in (1, 15))
    assert [(name, cells["number"]) for name, cells in one] == [(name, cells["number"]) for name, cells in other]

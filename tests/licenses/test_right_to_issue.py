"""A body issues only the types its mandate names; a number is given once."""

from datetime import timedelta

import pytest

from etrust.access import store as access_store
from etrust.errors import EtrustError
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Provenance
from etrust.settings import Settings
from etrust.wiring import open_rooms
from tests.licenses.issuing import BODIES, COMPANY, identifier_of, issue_company, officer


async def test_without_a_mandate_nothing_is_issued(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        who = Provenance("admin", BODIES["marriage_certificate"], rooms.clock())
        with pytest.raises(EtrustError, match="no_mandate"):
            await issue_one(connection, rooms.issuing, rooms.types["business_license"], COMPANY, who=who)
        assert await connection.fetchval("SELECT count(*) FROM licenses") == 0


async def test_before_and_after_its_time_a_mandate_does_not_count(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        (mandate,) = await access_store.mandates(connection, "business_license")
        early = Provenance("admin", mandate.body, mandate.valid_from - timedelta(seconds=1))
        with pytest.raises(EtrustError, match="no_mandate"):
            await issue_one(connection, rooms.issuing, rooms.types["business_license"], COMPANY, who=early)


async def test_a_number_is_issued_once(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        first = await issue_company(rooms)
        with pytest.raises(EtrustError, match="already_issued"):
            await issue_company(rooms)
        with pytest.raises(EtrustError, match="already_issued"):
            await issue_company(rooms, 法定代表人="别人")
        other = await issue_company(rooms, 证照编号="650000000000002")
        assert identifier_of(first).serial != identifier_of(other).serial


@pytest.mark.parametrize(("cells", "code"), [
    ({"持证主体": ""}, "missing_field"), ({"统一社会信用代码": "936501021MRN4WKEF0"}, "bad_holder_code"),
    ({"颁发日期": "2024-02-30"}, "bad_date"), ({"有效期截止日期": "2020-01-01"}, "date_order"),
])  # fmt: skip
async def test_a_bad_record_is_refused_with_the_reason_of_an_import(region: Settings, cells: dict[str, str], code: str) -> None:
    async with open_rooms(region) as rooms:
        with pytest.raises(EtrustError) as caught:
            await issue_company(rooms, **cells)
        assert caught.value.code == code


async def test_who_acts_is_kept(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await issue_company(rooms)
        async with rooms.stores.pool.acquire() as connection:
            batch = await connection.fetchrow("SELECT * FROM issue_batches")
        assert batch is not None
        assert (batch["operator"], batch["body"]) == ("admin", officer(rooms).body)

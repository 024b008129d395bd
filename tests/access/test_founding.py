"""`etrust init`: what a key signs in the very second of its founding is good, and a second founding adds nothing."""

from etrust.cli.region import prepare_home
from etrust.settings import Settings
from etrust.trust import store
from etrust.verification.model import Status
from etrust.wiring import open_rooms
from tests.licenses.issuing import code_of, issue_company


async def test_keys_are_in_force_from_the_whole_second(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        entries = await store.key_entries(connection)
    assert entries
    assert {entry.valid_from.microsecond for entry, _ in entries} == {0}


async def test_a_license_issued_at_once_is_valid(settings: Settings) -> None:
    await prepare_home(settings, None)
    async with open_rooms(settings) as rooms:
        license_ = await issue_company(rooms)
        assert (await rooms.check(code_of(license_))).status == Status.VALID


async def test_founding_again_makes_no_new_keys_accounts_or_lists(region: Settings) -> None:
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        before = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in ("key_entries", "operators", "trust_lists")]
    assert await prepare_home(region, None) == {}
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        after = [await connection.fetchval(f"SELECT count(*) FROM {table}") for table in ("key_entries", "operators", "trust_lists")]
    assert before == after

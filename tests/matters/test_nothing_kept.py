"""After the whole way of a birth no value of a license is in the database outside the register itself, nor in any log."""

import json
import logging

import pytest

from etrust.licenses.samples.family import HOUSEHOLD_NUMBER
from etrust.settings import Settings
from tests.family import CHILD, HUSBAND, WIFE
from tests.matters.scene import http_scene

SECRETS = (WIFE.code, HUSBAND.code, CHILD.name, WIFE.name, HUSBAND.name, HOUSEHOLD_NUMBER, "团结路18号", "J653121-2016-000910")
REGISTER = ("licenses", "licenses_0", "licenses_1", "licenses_2", "licenses_3", "licenses_4", "licenses_5", "licenses_6", "licenses_7")


async def test_no_value_is_kept_and_none_is_logged(region: Settings, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with http_scene(region) as (at, http):
        codes = {"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)}
        status, waiting = await http.check(codes, again="0f5c0a52-0000-4000-8000-000000000001")
        assert status == 202
        for party, holder in (("applicant", WIFE), ("spouse", HUSBAND)):
            await at.rooms.consent.answer(waiting["requests"][party], at.session(holder), agree=True)
        # While it waits, and while the answer can be asked for again, something is kept: sealed.
        on = f"matters/checks/{waiting['check']}"
        await _nothing_in_clear(http.api)
        status, done = await http.post(on, {}, **{"Idempotency-Key": "0f5c0a52-0000-4000-8000-000000000002"})
        assert (status, done["form"]["identity_card_holder_code"]) == (200, WIFE.code)
        rows = await _nothing_in_clear(http.api)
        assert rows["check_repeats"] == 2
        assert rows["check_waits"] == 0
        assert rows["case_materials"] == 6
    for record in caplog.records:
        text = f"{record.getMessage()} {record.args}"
        assert not any(secret in text for secret in SECRETS), record.name


async def _nothing_in_clear(api) -> dict[str, int]:  # type: ignore[no-untyped-def]
    """How many rows each table has, once none of them holds a secret as text or as bytes."""
    counted = {}
    async with api.rooms.stores.pool.acquire() as connection:
        tables = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            if table in REGISTER:
                continue
            rows = [row[0] for row in await connection.fetch(f"SELECT t::text FROM {table} t")]
            counted[table] = len(rows)
            told = "\n".join(rows)
            for secret in SECRETS:
                assert secret not in told, table
                assert secret.encode().hex() not in told, table
                assert json.dumps(secret)[1:-1] not in told, table
    return counted

"""A store that is gone: an answer that is never "valid", no traceback, no 500; and all is well when it is back."""

import asyncio
import logging
from urllib.parse import urlsplit

import asyncpg
import pytest

from etrust.settings import Settings
from etrust.storage.stores import Stores
from tests.api.calling import running
from tests.licenses.issuing import COMPANY, code_of, identifier_of, issue_company


async def rename(stores: Stores, old: str, new: str) -> None:
    """Take a database away, or give it back: whoever is connected is cut off, whoever connects finds none."""
    connection = await asyncpg.connect(stores.database_url)
    try:
        for _ in range(20):
            await connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", old)
            try:
                await connection.execute(f'ALTER DATABASE "{old}" RENAME TO "{new}"')
            except asyncpg.ObjectInUseError:
                continue
            return
    finally:
        await connection.close()


async def test_without_its_database_nothing_is_valid(region: Settings, stores: Stores, caplog: pytest.LogCaptureFixture) -> None:
    name = urlsplit(region.database_url or "").path.lstrip("/")
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        code = code_of(license_)
        assert (await api.check(presented=code))["status"] == "valid"
        await rename(stores, name, name + "_gone")
        try:
            # Half a second is how long a snapshot of the status may be used.
            await asyncio.sleep(0.6)
            for presented in (code, identifier_of(license_).text):
                verdict = await api.check(presented=presented)
                assert (verdict["verdict"], verdict["status"]) == ("INDETERMINATE", "unknown")
            status, problem, headers = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": COMPANY})
            assert (status, problem["code"], "Retry-After" in headers) == (503, "store_unavailable", True)  # type: ignore[index]
            status, body, _ = await api.call("GET", "/readyz", key="")
            assert (status, body["parts"]["database"]) == (503, False)  # type: ignore[index]
        finally:
            await rename(stores, name + "_gone", name)
        assert (await api.check(presented=code))["status"] == "valid"
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_without_redis_all_goes_on(region: Settings) -> None:
    async with running(region.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})) as api:
        license_ = await issue_company(api.rooms)
        assert (await api.check(presented=code_of(license_)))["status"] == "valid"
        place = f"/api/v1/licenses/{identifier_of(license_).text}/revoke"
        assert (await api.call("POST", place, json={"reason": "x", "legal_basis": "y"}))[0] == 200
        assert (await api.check(presented=code_of(license_)))["status"] == "revoked"
        status, body, _ = await api.call("GET", "/readyz", key="")
        assert (status, body["status"], body["parts"]["redis"]) == (200, "degraded", False)  # type: ignore[index]

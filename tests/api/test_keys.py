"""API keys: scoped, expiring, kept only as digests; every key that opens nothing gets one and the same answer."""

from datetime import timedelta

import pytest

from etrust.access import store as access_store
from etrust.access.model import Scope
from etrust.ids import LicenseIdentifier
from etrust.settings import Settings
from tests.api.calling import new_key, running
from tests.licenses.issuing import COMPANY, identifier_of, issue_company


@pytest.mark.parametrize("key", ["", "x", "etk_000000000000_" + "A" * 43, "etk_zz", "é", "A" * 5000])
async def test_keys_that_open_nothing(region: Settings, key: str) -> None:
    async with running(region) as api:
        status, problem, headers = await api.call("POST", "/api/v1/checks", key=key, json={"presented": "x"})
        assert (status, problem["code"]) == (401, "bad_api_key")  # type: ignore[index]
        assert headers["WWW-Authenticate"] == "Bearer"


async def test_a_wrong_secret_a_revoked_and_an_expired_key_get_the_answer_of_an_unknown_one(region: Settings) -> None:
    async with running(region) as api:
        wrong = api.key[:-1] + ("A" if api.key[-1] != "A" else "B")
        revoked = await new_key(api.rooms, "officer", [Scope.CHECK])
        expired = await new_key(api.rooms, "officer", [Scope.CHECK], timedelta(minutes=1))
        async with api.rooms.stores.pool.acquire() as connection:
            await access_store.revoke_api_key(connection, revoked.split("_")[1], api.rooms.clock())
            await connection.execute("UPDATE api_keys SET expires_at = now() WHERE key_id = $1", expired.split("_")[1])
        answers = [await api.call("POST", "/api/v1/checks", key=key, json={"presented": "x"}) for key in (wrong, revoked, expired, "x")]
        assert len({str(answer[:2]) for answer in answers}) == 1


async def test_only_a_digest_of_a_key_is_kept(region: Settings) -> None:
    async with running(region) as api:
        secret = api.key.split("_", 2)[2]
        async with api.rooms.stores.pool.acquire() as connection:
            rows = await connection.fetch("SELECT * FROM api_keys")
        assert len(rows) == 1
        assert secret not in str(rows)
        assert len(rows[0]["secret_hash"]) == 32


async def test_a_scope_opens_only_what_it_names(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        place = f"/api/v1/licenses/{identifier_of(license_).text}"
        ground = {"reason": "x", "legal_basis": "y"}
        calls = {
            Scope.CHECK: ("POST", "/api/v1/checks", {"presented": "x"}),
            Scope.READ: ("GET", place, None),
            Scope.ISSUE: ("POST", "/api/v1/licenses", {"type": "business_license", "record": {**COMPANY, "证照编号": "2"}}),
            Scope.STATUS: ("POST", f"{place}/suspend", ground),
        }
        for scope in Scope:
            key = await new_key(api.rooms, "officer", [scope])
            for needed, (method, path, body) in calls.items():
                status, _, _ = await api.call(method, path, key=key, json=body)
                assert (status == 403) == (needed != scope), (scope, needed, status)


async def test_another_bodys_license_is_answered_like_an_unknown_one(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        key = await new_key(api.rooms, "clerk", [Scope.READ, Scope.STATUS])  # another body's account
        known = identifier_of(license_).text
        unknown = LicenseIdentifier.make(license_.type_code, license_.issuer, "A" * 20, 1).text
        for method, suffix, body in (("GET", "", None), ("POST", "/revoke", {"reason": "x", "legal_basis": "y"})):
            answers = [await api.call(method, f"/api/v1/licenses/{place}{suffix}", key=key, json=body) for place in (known, unknown)]
            assert answers[0][:2] == answers[1][:2]
            assert answers[0][0] == 404

"""`/api/v1/licenses`: issue, show, revoke, suspend, restore, each within the caller's own body."""

import pytest

from etrust.settings import Settings
from tests.api.calling import running
from tests.licenses.issuing import COMPANY

GROUND = {"reason": "经营异常", "legal_basis": "《行政许可法》第六十九条"}


async def test_the_whole_life(region: Settings) -> None:
    async with running(region) as api:
        status, issued, _ = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": COMPANY})
        assert status == 201, issued
        assert isinstance(issued, dict)
        place, code = f"/api/v1/licenses/{issued['identifier']}", issued["code"]
        for action, expected in (("suspend", "suspended"), ("restore", "valid"), ("revoke", "revoked")):
            status, changed, _ = await api.call("POST", f"{place}/{action}", json=GROUND)
            assert (status, changed["action"]) == (200, action)  # type: ignore[index]
            assert (await api.check(presented=code))["status"] == expected
            _, shown, _ = await api.call("GET", place)
            assert shown["verdict"]["status"] == expected  # type: ignore[index]
        status, problem, _ = await api.call("POST", f"{place}/restore", json=GROUND)
        assert (status, problem["code"]) == (409, "bad_transition")  # type: ignore[index]


async def test_a_new_version(region: Settings) -> None:
    async with running(region) as api:
        _, first, _ = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": COMPANY})
        again = {"type": "business_license", "record": {**COMPANY, "类型": "股份有限公司"}, "replaces": first["identifier"], "legal_basis": "《市场主体登记管理条例》"}  # type: ignore[index]
        status, second, _ = await api.call("POST", "/api/v1/licenses", json=again)
        assert status == 201
        assert (await api.check(presented=first["code"]))["status"] == "superseded"  # type: ignore[index]
        assert (await api.check(presented=second["code"]))["status"] == "valid"  # type: ignore[index]


@pytest.mark.parametrize(("asked", "status", "code"), [
    ({"type": "no_such_type", "record": COMPANY}, 422, "unknown_type"),
    ({"type": "marriage_certificate", "record": {}}, 403, "no_mandate"),
    ({"type": "business_license", "record": {**COMPANY, "持证主体": ""}}, 422, "missing_field"),
    ({"type": "business_license", "record": {"证照编号": 1}}, 422, "bad_request"),
    ({"type": "business_license"}, 422, "bad_request"),
])  # fmt: skip
async def test_what_cannot_be_issued(region: Settings, asked: dict[str, object], status: int, code: str) -> None:
    async with running(region) as api:
        got, problem, _ = await api.call("POST", "/api/v1/licenses", json=asked)
        assert (got, problem["code"]) == (status, code), problem  # type: ignore[index]


@pytest.mark.parametrize("ground", [{}, {"reason": "x"}, {"reason": "", "legal_basis": "x"}, {"reason": "x" * 201, "legal_basis": "x"}])
async def test_a_change_needs_its_ground(region: Settings, ground: dict[str, str]) -> None:
    async with running(region) as api:
        _, issued, _ = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": COMPANY})
        status, _, _ = await api.call("POST", f"/api/v1/licenses/{issued['identifier']}/revoke", json=ground)  # type: ignore[index]
        assert status == 422


@pytest.mark.parametrize("change", [
    {"reason": "a\0b", "legal_basis": "x"}, {"reason": "x", "legal_basis": "x\n"},
    {"reason": "x", "legal_basis": "x", "effective_at": "0001-01-01T00:00:00+14:00"},
])  # fmt: skip
async def test_odd_characters_and_times_are_refused(region: Settings, change: dict[str, str]) -> None:
    async with running(region) as api:
        _, issued, _ = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": COMPANY})
        status, _, _ = await api.call("POST", f"/api/v1/licenses/{issued['identifier']}/revoke", json=change)  # type: ignore[index]
        assert status == 422


async def test_a_nul_in_a_cell_is_no_failure_of_ours(region: Settings) -> None:
    async with running(region) as api:
        for number, cells in enumerate(({"备注": "a\0b"}, {"法定代表人": "a\0b"}, {"a\0b": "c"})):
            record = {**COMPANY, "证照编号": f"65000000000010{number}", **cells}
            status, body, _ = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": record})
            assert status in {201, 422}, body


async def test_the_log_holds_no_personal_data(region: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async with running(region) as api:
        async with api.rooms.stores.pool.acquire() as connection:
            await connection.execute("ALTER TABLE licenses ADD CONSTRAINT never CHECK (number <> $$650000000000001$$)")
        status, problem, _ = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": COMPANY})
        assert (status, problem["code"]) == (500, "internal")  # type: ignore[index]
    assert "CheckViolationError" in caplog.text
    assert COMPANY["法定代表人"] not in caplog.text
    assert COMPANY["统一社会信用代码"] not in caplog.text

"""What anyone may fetch, and that it is enough to check with no server at all."""

import pytest

from etrust.licenses.types import by_code, load_types
from etrust.settings import Settings
from etrust.verification.offline import OfflineVerifier
from tests.api.calling import Api, running
from tests.licenses.issuing import code_of, identifier_of, issue_company

JWT, CWT = "application/statuslist+jwt", "application/statuslist+cwt"


async def offline_from(api: Api, form: str) -> OfflineVerifier:
    """A verifier made of nothing but what is published."""
    _, trust_list, _ = await api.call("GET", "/.well-known/etrust/trust-list", key="")
    _, anchor, _ = await api.call("GET", "/.well-known/etrust/anchor", key="")
    status, status_list, headers = await api.call("GET", "/status/1", key="", headers={"Accept": form})
    assert (status, headers["Content-Type"]) == (200, form)
    assert isinstance(trust_list, bytes)
    assert isinstance(anchor, bytes)
    assert isinstance(status_list, bytes)
    return OfflineVerifier.from_files(
        trust_list=trust_list, status_lists=[status_list], anchors=[anchor], now=api.rooms.clock(), types=by_code(load_types())
    )


@pytest.mark.parametrize("form", [JWT, CWT])
async def test_offline_and_online_agree(region: Settings, form: str) -> None:
    async with running(region) as api:
        good, bad = await issue_company(api.rooms), await issue_company(api.rooms, 证照编号="2")
        ground = {"reason": "x", "legal_basis": "y"}
        await api.call("POST", f"/api/v1/licenses/{identifier_of(bad).text}/suspend", json=ground)
        verifier = await offline_from(api, form)
        for license_, expected in ((good, "valid"), (bad, "suspended")):
            verdict = verifier.check(code_of(license_), at=api.rooms.clock())
            online = await api.check(presented=code_of(license_))
            assert verdict.status == online["status"] == expected
            assert verdict.evidence == online["evidence"]


async def test_an_identifier_alone_is_not_judged_offline(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        verifier = await offline_from(api, CWT)
        verdict = verifier.check(identifier_of(license_).text, at=api.rooms.clock())
        assert verdict.status == "unknown"
        assert verdict.findings[0].reason == "identifier_needs_server"


async def test_unknown_status_list(region: Settings) -> None:
    async with running(region) as api:
        status, problem, _ = await api.call("GET", "/status/999", key="")
        assert (status, problem["code"]) == (404, "not_found")  # type: ignore[index]


async def test_the_description_names_every_route(region: Settings) -> None:
    async with running(region) as api:
        _, described, _ = await api.call("GET", "/openapi.json", key="")
        assert described["openapi"].startswith("3.1")  # type: ignore[index]
        for path in ("/api/v1/checks", "/api/v1/licenses", "/api/v1/licenses/{identifier}/revoke", "/status/{list}"):
            assert path in described["paths"]  # type: ignore[index]


async def test_health(region: Settings) -> None:
    async with running(region) as api:
        assert (await api.call("GET", "/livez", key=""))[:2] == (200, {"status": "ok"})
        status, body, _ = await api.call("GET", "/readyz", key="")
        assert (status, body["status"]) == (200, "ok")  # type: ignore[index]


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v1/checks/1/2", "/status/x", "/.well-known/etrust/x"])
async def test_unknown_addresses_get_a_problem_document(region: Settings, path: str) -> None:
    async with running(region) as api:
        status, problem, _ = await api.call("GET", path)
        assert status == 404
        assert problem["code"] == "http_404"  # type: ignore[index]

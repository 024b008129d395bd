"""`/api/v1/licenses/{identifier}/documents` and `/copies`, the holder's download, and `/metrics`."""

import asyncio
from datetime import timedelta

import pytest

from etrust.access.model import Scope
from etrust.clock import official_date
from etrust.documents import store
from etrust.licenses.holder_links import make_holder_link
from etrust.settings import Settings
from tests.api.calling import Api, new_key, running
from tests.documents.referee import holds
from tests.licenses.issuing import COMPANY


async def place_of_new_license(api: Api) -> str:
    """The address of a license issued now."""
    status, issued, _ = await api.call("POST", "/api/v1/licenses", json={"type": "business_license", "record": COMPANY})
    assert status == 201, issued
    return f"/api/v1/licenses/{issued['identifier']}"  # type: ignore[index]


async def test_made_fetched_and_counted(region: Settings) -> None:
    async with running(region) as api:
        place = await place_of_new_license(api)
        status, problem, _ = await api.call("GET", f"{place}/documents/pdf")
        assert (status, problem["code"]) == (404, "document_not_made")  # type: ignore[index]
        status, made, _ = await api.call("POST", f"{place}/documents", json={})
        assert status == 201, made
        assert [each["kind"] for each in made["documents"]] == ["pdf", "ofd"]  # type: ignore[index]
        status, pdf, headers = await api.call("GET", made["documents"][0]["url"])  # type: ignore[index]
        assert (status, headers["Content-Type"]) == (200, "application/pdf")
        assert isinstance(pdf, bytes)
        assert await holds(pdf, [api.rooms.anchor_certificate()], api.rooms.clock())
        status, _ofd, headers = await api.call("GET", f"{place}/documents/ofd")
        assert (status, headers["Content-Type"]) == (200, "application/ofd")
        _, again, _ = await api.call("POST", f"{place}/documents", json={"kinds": ["pdf"]})
        assert again["documents"] == made["documents"][:1]  # type: ignore[index]
        _, metrics, _ = await api.call("GET", "/metrics", key="")
        assert b"\netrust_documents_made 2\n" in metrics  # type: ignore[operator]


async def test_asking_for_metrics_often_counts_once(region: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    count = store.counts

    async def counting(*arguments: object, **named: object) -> object:
        nonlocal asked
        asked += 1
        return await count(*arguments, **named)  # type: ignore[arg-type]  # handed on as they came

    monkeypatch.setattr(store, "counts", counting)
    async with running(region) as api:
        answers = await asyncio.gather(*(api.call("GET", "/metrics", key="") for _ in range(8)))
    assert ({status for status, _, _ in answers}, asked) == ({200}, 1)


async def test_an_annotated_copy(region: Settings) -> None:
    async with running(region) as api:
        place = await place_of_new_license(api)
        until = official_date(api.rooms.clock()) + timedelta(days=10)
        asked = {"purpose": "投标", "recipient": "某招标公司", "valid_until": until.isoformat(), "kinds": ["pdf"]}
        status, made, _ = await api.call("POST", f"{place}/copies", json=asked)
        assert status == 201, made
        assert made["number"].startswith("JZ")  # type: ignore[index]
        status, pdf, _ = await api.call("GET", made["documents"][0]["url"])  # type: ignore[index]
        assert status == 200
        assert pdf.startswith(b"%PDF-")  # type: ignore[union-attr]
        late = {**asked, "valid_until": "2099-01-01"}
        status, problem, _ = await api.call("POST", f"{place}/copies", json=late)
        assert (status, problem["code"]) == (422, "bad_annotation")  # type: ignore[index]


async def test_nobody_gets_the_documents_of_others(region: Settings) -> None:
    async with running(region) as api:
        place = await place_of_new_license(api)
        status, _, _ = await api.call("POST", f"{place}/documents", json={"kinds": ["pdf"]})
        assert status == 201
        without = await new_key(api.rooms, "officer", [Scope.CHECK])
        other = await new_key(api.rooms, "seals", [Scope.DOCUMENTS])
        for key, expected in ((without, 403), (other, 404), ("", 401)):
            status, _, _ = await api.call("GET", f"{place}/documents/pdf", key=key)
            assert status == expected
            status, _, _ = await api.call("POST", f"{place}/documents", key=key, json={})
            assert status == expected


async def test_the_holder_downloads_what_was_made(region: Settings) -> None:
    async with running(region) as api:
        place = await place_of_new_license(api)
        await api.call("POST", f"{place}/documents", json={"kinds": ["pdf"]})
        serial, version = place.rsplit(".", 3)[1:3]
        async with api.rooms.stores.pool.acquire() as connection:
            token = await make_holder_link(
                connection, serial=serial, version=int(version), at=api.rooms.clock(), lifetime=timedelta(days=1)
            )
        _, page, _ = await api.call("GET", f"/my/{token}", key="")
        assert f"/my/{token}/documents/pdf".encode() in page  # type: ignore[operator]
        assert b"documents/ofd" not in page  # type: ignore[operator]
        status, pdf, headers = await api.call("GET", f"/my/{token}/documents/pdf", key="")
        assert (status, headers["Content-Type"]) == (200, "application/pdf")
        assert pdf.startswith(b"%PDF-")  # type: ignore[union-attr]
        status, _, _ = await api.call("GET", f"/my/{token}/documents/ofd", key="")
        assert status == 404
        status, _, _ = await api.call("GET", f"/my/{'x' * 32}/documents/pdf", key="")
        assert status == 404

"""The catalogue over HTTP: open to everybody, searched, paged, cached by its ETag."""

from etrust.matters.samples import NEWBORN
from etrust.settings import Settings
from tests.api.calling import running


async def test_search_pages_and_etag(region: Settings) -> None:
    async with running(region) as api:
        found: list[str] = []
        after = ""
        while True:
            status, page, headers = await api.call("GET", f"/api/v1/matters?limit=20&after={after}", key="")
            assert status == 200
            assert isinstance(page, dict)
            found += [each["code"] for each in page["matters"]]
            if page["next"] is None:
                break
            after = page["next"]
        assert found == sorted(set(found))
        assert len(found) == 50
        status, _, _ = await api.call("GET", f"/api/v1/matters?limit=20&after={after}", key="", headers={"If-None-Match": {name.lower(): value for name, value in headers.items()}["etag"]})
        assert status == 304
        _, page, _ = await api.call("GET", "/api/v1/matters?text=出生登记", key="")
        assert isinstance(page, dict)
        assert NEWBORN in {each["code"] for each in page["matters"]}


async def test_one_matter_and_the_public_list(region: Settings) -> None:
    async with running(region) as api:
        status, matter, _ = await api.call("GET", f"/api/v1/matters/{NEWBORN}", key="")
        assert status == 200
        assert isinstance(matter, dict)
        assert {each["key"] for each in matter["materials"]} >= {"birth_certificate", "marriage_certificate"}
        status, shared, _ = await api.call("GET", "/api/v1/matters/shared-licenses", key="")
        assert status == 200
        assert NEWBORN in str(shared)
        status, themes, _ = await api.call("GET", "/api/v1/matters/themes", key="")
        assert status == 200
        assert "新生儿出生一件事" in str(themes)


async def test_what_is_wrong_is_said(region: Settings) -> None:
    async with running(region) as api:
        for path, status in (
            (f"matters/{NEWBORN[:-1]}9", 404), ("matters/nonsense", 400), ("matters?limit=0", 422), ("matters?limit=x", 422), (f"matters?text={'长' * 200}", 422),
        ):  # fmt: skip
            got, problem, _ = await api.call("GET", f"/api/v1/{path}", key="")
            assert got == status, path
            assert isinstance(problem, dict)
            assert problem["code"]

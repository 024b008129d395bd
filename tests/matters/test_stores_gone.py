"""A store that is gone in the middle of a check: refused with a clear word, nothing told, nothing half kept."""

import asyncio
from urllib.parse import urlsplit

import pytest

from etrust.errors import EtrustError
from etrust.matters import check_store
from etrust.matters.model import Outcome
from etrust.settings import Settings
from etrust.status.live import UnreachableSnapshot
from etrust.storage.stores import Stores
from tests.api.test_stopped_stores import rename
from tests.matters.scene import HUSBAND, WIFE, http_scene, scene


async def test_without_redis_no_code_is_taken(region: Settings) -> None:
    async with http_scene(region) as (at, http):
        codes = {"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)}
    async with http_scene(region.model_copy(update={"redis_url": "redis://127.0.0.1:1/0"})) as (_, http):
        status, told = await http.check(codes)
        assert (status, told["code"]) == (503, "redis_unavailable")


async def test_without_the_database_nothing_is_told(region: Settings, stores: Stores) -> None:
    name = urlsplit(region.database_url or "").path.lstrip("/")
    async with http_scene(region) as (at, http):
        codes = {"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)}
        _, waiting = await http.check(codes)
        for party, holder in (("applicant", WIFE), ("spouse", HUSBAND)):
            await at.rooms.consent.answer(waiting["requests"][party], at.session(holder), agree=True)
        await rename(stores, name, name + "_gone")
        try:
            await asyncio.sleep(0.6)  # a snapshot of the status is good for half a second
            status, told = await http.post(f"matters/checks/{waiting['check']}", {})
            assert (status, told["code"]) == (503, "store_unavailable")
        finally:
            await rename(stores, name + "_gone", name)
        status, told = await http.post(f"matters/checks/{waiting['check']}", {})  # no second scan, no second question
        assert (status, told["lacking"]) == (200, [])


async def test_without_status_lists_every_material_is_unknown(region: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(region) as at:
        async def nothing_to_be_had(_: object) -> UnreachableSnapshot:
            return UnreachableSnapshot()

        monkeypatch.setattr("etrust.wiring.matter_looking._status", nothing_to_be_had)
        check = await at.newborn()
        assert {each.outcome for each in check.materials} == {Outcome.UNKNOWN}
        assert not check.form
        assert not any(each.fields for each in check.materials)


async def test_a_failure_before_the_record_takes_everything_back(region: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(region) as at:
        waiting = await at.check({"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)})
        await at.answer(waiting, {"applicant": WIFE, "spouse": HUSBAND})

        async def fails(*_: object) -> None:
            raise EtrustError(kind=None, code="torn", zh="", en="")  # type: ignore[arg-type]

        with monkeypatch.context() as torn:
            torn.setattr(check_store, "add_parties", fails)
            with pytest.raises(EtrustError, match="torn"):
                await at.rooms.matters.continue_check(waiting.check_id, operator=at.clerk)
        case = await at.rooms.matters.case(waiting.case_number, at.clerk)
        assert ([event.action.value for event in case.events], case.checks) == (["open"], ())
        assert not (await at.rooms.consent.log((await at.acting(WIFE)).subject.key)).entries
        done = await at.rooms.matters.continue_check(waiting.check_id, operator=at.clerk)  # the consent was not used up
        assert done.step == 2

"""Licenses, codes, documents and seals of another region presented here: by its own lists, and by the agreement alone."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio

from etrust.credentials.code import encode_code
from etrust.documents.register import DocumentKind
from etrust.ids import make_uscc_check
from etrust.licenses.model import Action, StoredLicense
from etrust.recognition import partner_store
from etrust.recognition.foreign import authorities_of
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.trust.model import Purpose, TrustSnapshot
from etrust.verification.foreign import limits, vouches_for
from etrust.verification.model import Overall, Status, Verdict
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import code_of, issue_company
from tests.licenses.test_documents import data_of, make
from tests.licenses.test_status_changes import change
from tests.onecode.codes import Counter
from tests.recognition.regions import GANSU, Partner, agree_with, another_region, know
from tests.recognition.relay import Relay, relay_to

TYPE = "11100000MB0143028R001"


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


@pytest_asyncio.fixture
async def way(gansu: Partner) -> AsyncIterator[Relay]:
    async with relay_to(gansu) as relay:
        yield relay


async def issued(gansu: Partner, number: int) -> StoredLicense:
    code = f"91620103MA8{number:06d}"
    return await issue_company(
        gansu.rooms, 证照编号=f"62000000001{number:04d}", 持证主体=f"兰州第{number}毛纺有限公司", 统一社会信用代码=code + make_uscc_check(code)
    )


def word(verdict: Verdict) -> tuple[str, str, str]:
    """Overall word, status, and the reason of the step that says whether it counts here."""
    last = next((each for each in verdict.findings if each.step == "recognition"), None)
    return verdict.verdict.value, verdict.status.value, "" if last is None else last.reason


GOOD = ("TOTAL-PASSED", "valid", "")


async def test_a_code_counts_by_the_agreement_that_the_verdict_names(region: Settings, gansu: Partner) -> None:
    code = code_of(await issued(gansu, 1))
    async with open_rooms(region) as rooms:
        assert (await rooms.check(code)).status is Status.UNKNOWN_ISSUER  # nobody here knows that region
        await know(rooms, gansu, agreed=False)
        assert word(await rooms.check(code)) == ("INDETERMINATE", "unknown", "no_agreement")
        made = await agree_with(rooms, GANSU, types=frozenset({TYPE}))
        verdict = await rooms.check(code)
        assert word(verdict) == GOOD
        assert verdict.evidence["agreement"] == made.number
        assert verdict.evidence["trust_list"] == (await gansu.rooms.trust.snapshot()).digest
        assert verdict.license is not None
        assert verdict.license["region"] == {"code": GANSU, "name_zh": "甘肃省", "name_ug": "", "name_en": ""}
        assert [each.evidence.get("agreement") for each in await rooms.check_many([code, code])] == [made.number] * 2
        await rooms.agreements.end(made.number, "协议终止", who=await rooms.operator("trust"))
        assert word(await rooms.check(code)) == ("INDETERMINATE", "unknown", "no_agreement")


async def test_an_agreement_for_others_is_none(region: Settings, gansu: Partner) -> None:
    code = code_of(await issued(gansu, 2))
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, agreed=False)
        now = rooms.clock()
        for changes in (
            {"types": frozenset({"111000000000133708001"})}, {"matters": frozenset({"11653121MB1A0009XQ4000100010000"})},
            {"valid_from": now + timedelta(days=1)}, {"types": frozenset(), "seals": frozenset({"official"})},
        ):  # fmt: skip
            await agree_with(rooms, GANSU, **changes)
            assert word(await rooms.check(code)) == ("INDETERMINATE", "unknown", "no_agreement")
        await agree_with(rooms, GANSU, consent_only=True)
        assert word(await rooms.check(code)) == GOOD  # the holder shows it himself


async def test_duties_of_an_agreement_that_are_not_met(region: Settings, gansu: Partner, way: Relay) -> None:
    code = code_of(await issued(gansu, 3))
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, address=way.address, agreed=False)
        first = await agree_with(rooms, GANSU, receipt_owed=True)
        assert word(await rooms.check(code)) == ("INDETERMINATE", "unknown", "receipt_owed")
        await agree_with(rooms, GANSU, online_status=True, replaces=first.number)
        assert word(await rooms.check(code)) == GOOD
        way.is_up = False
        await asyncio.sleep(1.1)  # the ttl of the other region's lists
        verdict = await rooms.check(code)
        assert word(verdict) == ("INDETERMINATE", "unknown", "list_not_current")
        assert verdict.sub_indication == "TRY_LATER"


async def test_with_the_partner_gone_the_kept_lists_go_on_within_their_time(region: Settings, gansu: Partner, way: Relay) -> None:
    stored, other = await issued(gansu, 4), await issued(gansu, 5)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, address=way.address)
        assert word(await rooms.check(code_of(stored))) == GOOD
        way.is_up = False
        await asyncio.sleep(1.1)
        for _ in range(6):
            assert word(await rooms.check(code_of(stored))) == GOOD
        assert word(await rooms.check(code_of(other))) == GOOD  # of the same status list
        asked = len(way.asked)
        await rooms.check(code_of(stored))
        assert len(way.asked) == asked  # it is left alone by now
    async with open_rooms(region) as rooms:  # after a restart, too
        assert word(await rooms.check(code_of(stored))) == GOOD
        late = replace_clock(rooms, timedelta(days=400))
        assert word(await late.check(code_of(stored)))[:2] == ("INDETERMINATE", "unknown")


def replace_clock(rooms: Rooms, ahead: timedelta) -> Rooms:
    """The same rooms on a later day."""
    clock = rooms.clock
    rooms.clock = lambda: clock() + ahead
    rooms.partners._lines.clear()
    rooms.partners.look_again()
    return rooms


async def test_with_nothing_kept_it_is_to_be_tried_later(region: Settings, gansu: Partner, way: Relay) -> None:
    code = code_of(await issued(gansu, 6))
    way.is_up = False
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, address=way.address)
        verdict = await rooms.check(code)
        assert (verdict.verdict, verdict.sub_indication, verdict.license) == (Overall.INDETERMINATE, "TRY_LATER", None)


async def test_a_slow_partner_is_not_waited_for_twice(region: Settings, gansu: Partner, way: Relay) -> None:
    code = code_of(await issued(gansu, 7))
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, address=way.address)
        assert word(await rooms.check(code)) == GOOD
        way.is_slow = True
        await asyncio.sleep(1.1)
        for _ in range(3):
            assert word(await rooms.check(code)) == GOOD  # waits a moment, then takes the kept list
        asked = len(way.asked)
        assert [word(each) for each in await asyncio.gather(*(rooms.check(code) for _ in range(20)))] == [GOOD] * 20
        assert len(way.asked) == asked


async def test_for_a_forged_code_the_partner_is_not_asked(region: Settings, gansu: Partner, way: Relay) -> None:
    stored = await issued(gansu, 14)
    forged = encode_code(replace(stored, signature=bytes(len(stored.signature))).credential)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, address=way.address)
        await rooms.check(forged)  # fetches the trust list
        way.asked.clear()
        assert (await rooms.check(forged)).status is Status.BAD_SIGNATURE
        assert way.asked == []


async def test_what_is_revoked_there_is_revoked_here(region: Settings, gansu: Partner) -> None:
    stored = await issued(gansu, 8)
    await change(gansu.rooms, stored, Action.REVOKE)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        assert word(await rooms.check(code_of(stored)))[:2] == ("TOTAL-FAILED", "revoked")


async def test_a_holders_code_of_another_region_never_is_good_by_itself(region: Settings, gansu: Partner) -> None:
    counter = await Counter.open(gansu.rooms)
    async with open_rooms(region) as rooms:
        shown = (await counter.show()).text
        assert (await rooms.check(shown)).status is not Status.VALID  # no partner: as any unknown code
        await know(rooms, gansu)
        verdict = await rooms.check(shown, actor=await rooms.operator("clerk"))
        assert (verdict.kind, verdict.verdict, verdict.status) == ("code", Overall.INDETERMINATE, Status.UNKNOWN)
        reasons = {each.step: each.reason for each in verdict.findings}
        assert (reasons["signature"], reasons["use"], reasons["recognition"]) == ("", "use_known_elsewhere", "")
        assert verdict.license is None
        spoiled = shown[:-6] + ("AAAAAA" if not shown.endswith("AAAAAA") else "BBBBBB")
        assert (await rooms.check(spoiled)).verdict is not Overall.PASSED


async def documents(gansu: Partner, number: int) -> tuple[StoredLicense, bytes, bytes]:
    stored = await issued(gansu, number)
    pdf, ofd = [await data_of(gansu.rooms, record) for record in await make(gansu.rooms, stored)]
    return stored, pdf, ofd


async def test_documents_of_another_region(region: Settings, gansu: Partner, way: Relay) -> None:
    stored, pdf, ofd = await documents(gansu, 9)
    async with open_rooms(region) as rooms:
        assert (await rooms.files.check(pdf)).verdict.status is Status.UNKNOWN_ISSUER
        await know(rooms, gansu, address=way.address, agreed=False)
        assert word((await rooms.files.check(pdf)).verdict) == ("INDETERMINATE", "unknown", "no_agreement")
        made = await agree_with(rooms, GANSU, types=frozenset({TYPE}))
        for data, kind in ((pdf, "pdf"), (ofd, "ofd")):
            verdict = (await rooms.files.check(data)).verdict
            assert (word(verdict), verdict.kind) == (GOOD, kind), verdict
            assert verdict.evidence["agreement"] == made.number
            assert verdict.license is not None
            assert (verdict.license["identifier"], verdict.license["region"]["code"]) == (stored.identifier.text, GANSU)  # type: ignore[index]
        way.is_up = False  # with the region gone: by the lists that were kept
        await asyncio.sleep(1.1)
        for data in (pdf, ofd):
            assert word((await rooms.files.check(data)).verdict) == GOOD
        way.is_up = True
        rooms.partners._lines.clear()
        await change(gansu.rooms, stored, Action.REVOKE)
        for data in (pdf, ofd):
            assert word((await rooms.files.check(data)).verdict)[:2] == ("TOTAL-FAILED", "revoked")


async def test_seals_of_another_region_count_by_kind(region: Settings, gansu: Partner) -> None:
    _, _, ofd = await documents(gansu, 10)
    ((_, seal),) = (await gansu.rooms.files.check(ofd)).found.seals
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, agreed=False)
        first = await agree_with(rooms, GANSU, seals=frozenset({"official"}))
        for data in (seal, ofd):  # both are 证照专用章
            assert word((await rooms.files.check(data)).verdict) == ("INDETERMINATE", "unknown", "no_agreement")
        made = await agree_with(rooms, GANSU, types=frozenset(), seals=frozenset({"license"}))
        verdict = (await rooms.files.check(seal)).verdict
        assert (word(verdict), verdict.evidence["agreement"]) == (GOOD, made.number)
        verdict = (await rooms.files.check(ofd)).verdict
        assert (word(verdict), verdict.evidence["agreement"]) == (GOOD, f"{first.number}, {made.number}")


async def test_a_license_of_one_region_in_a_document_of_another(region: Settings, gansu: Partner) -> None:
    """The signer is good here, the license is good there: together they are nothing."""
    stored, _, _ = await documents(gansu, 11)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        own = await issue_company(rooms)
        mixed = replace(own, protected=stored.protected, payload=stored.payload, signature=stored.signature)
        (record,) = await make(rooms, mixed, [DocumentKind.PDF])
        verdict = (await rooms.files.check(await data_of(rooms, record))).verdict
        assert verdict.verdict is not Overall.PASSED


async def changed_list(gansu: Partner, **changes: object) -> TrustSnapshot:
    """The region's list with something left out."""
    return TrustSnapshot.of(replace((await gansu.rooms.trust.snapshot()).trust_list, **changes), "changed")  # type: ignore[arg-type]


async def test_the_limits_of_the_list_are_the_limits_here(region: Settings, gansu: Partner) -> None:
    _, pdf, ofd = await documents(gansu, 12)
    content = (await gansu.rooms.trust.snapshot()).trust_list
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        found = {"pdf": (await rooms.files.check(pdf)).found, "ofd": (await rooms.files.check(ofd)).found}
    whole = TrustSnapshot.of(content, "x")
    assert [limits(each, whole) for each in found.values()] == [[], []]
    keys = {purpose: tuple(each for each in content.keys if each.purpose is not purpose) for purpose in Purpose}
    for purpose, kind, reason in (
        (Purpose.DOCUMENT, "pdf", "signer_not_listed"), (Purpose.SEAL_MAKER, "ofd", "maker_not_listed"),
    ):  # fmt: skip
        less = await changed_list(gansu, keys=keys[purpose])
        assert {each.reason for each in limits(found[kind], less)} == {reason}
    nobody = await changed_list(gansu, entities=content.entities[:1])
    assert {each.reason for each in limits(found["ofd"], nobody)} == {"signer_of_no_body"}
    anchors = authorities_of(whole, [gansu.rooms.anchor_certificate()])
    assert vouches_for(whole, anchors, found["pdf"])
    assert not vouches_for(await changed_list(gansu, keys=keys[Purpose.DOCUMENT][:1]), [], found["pdf"])


async def test_a_removed_region_counts_no_more(region: Settings, gansu: Partner) -> None:
    code = code_of(await issued(gansu, 13))
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        assert word(await rooms.check(code)) == GOOD
        async with rooms.stores.pool.acquire() as connection:
            for each in await partner_store.partners(connection):
                await partner_store.end_partner(connection, each.partner_id, operator="admin", at=rooms.clock())
        rooms.partners.look_again()
        assert (await rooms.check(code)).status is Status.UNKNOWN_ISSUER

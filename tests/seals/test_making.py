"""What is made: keys, certificates and seal data that verify; a crash at any step leaves what the next try finishes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from etrust.errors import EtrustError
from etrust.seals import store
from etrust.seals.activate import activate
from etrust.seals.cancel import cancel
from etrust.seals.change import change
from etrust.seals.make import key_name, make
from etrust.seals.model import Application, SealKind, SealState
from etrust.seals.raster import to_png
from etrust.ses.make import SealRecipe, make_seal
from etrust.ses.model import Generation
from etrust.ses.parse import parse_seal
from etrust.settings import Settings
from etrust.signing import sm2
from etrust.trust import certificate_store
from etrust.trust.chains import Ground
from etrust.trust.crls import CrlSet, read_crls
from etrust.trust.x509 import read_certificate
from etrust.verification.files import verify_file
from etrust.verification.model import Overall, Verdict
from etrust.verification.seals import SEAL as KIND
from etrust.verification.seals import recognize
from etrust.wiring.home import ANCHOR_SM2_KEY, TIMESTAMP_SM2_KEY
from tests.seals.officers import BODY, GROUND, SEAL, Desk, desk


async def judged(at: Desk, data: bytes, kind: str = KIND, document: bytes | None = None) -> Verdict:
    """The verdict with the region's SM2 anchor and the revocation lists it has published."""
    lists = [each for row in await certificate_store.newest_crls(at.connection) for each in read_crls(row.crl)]
    anchor = read_certificate(at.rooms.cabinet.named(ANCHOR_SM2_KEY).certificate)
    assert recognize(data) == kind
    return verify_file(data, ground=Ground((anchor,), at.who().at, crls=CrlSet(lists)), document=document)


@pytest.mark.parametrize("generation", [Generation.V4, Generation.V5])
@pytest.mark.parametrize("kind", list(SealKind))
async def test_every_kind_of_seal_passes_with_the_regions_anchor(region: Settings, kind: SealKind, generation: Generation) -> None:
    name = "买买提" if kind is SealKind.PERSONAL else SEAL.name_zh
    async with desk(region) as at:
        code = await at.reach(SealState.MADE, replace(SEAL, kind=kind, name_zh=name, inscription="", generation=generation))
        data = await store.seal_file(at.connection, code)
        assert data is not None
        verdict = await judged(at, data)
        assert verdict.verdict is Overall.PASSED, verdict.findings
        seal = parse_seal(data)
        assert (seal.code, seal.generation, seal.properties.type) == (code, generation, Application(BODY, kind, name).facts.number)
        assert (seal.timestamp is not None) == (generation is Generation.V5)
        assert seal.properties.name == Application(BODY, kind, name).title
        facts = Application(BODY, kind, name).facts
        assert (seal.picture.type, seal.picture.width, seal.picture.height) == ("PNG", facts.width, facts.height)
        svg = await store.picture_of(at.connection, code)
        assert seal.picture.data == to_png(svg, width_mm=facts.width, height_mm=facts.height)
        assert await store.seal_digest(at.connection, code) == sm2.sm3(data)


@pytest.mark.parametrize("generation", [Generation.V4, Generation.V5])
@pytest.mark.parametrize("name", ["seal", TIMESTAMP_SM2_KEY])
async def test_who_signs_or_stamps_makes_no_seals(region: Settings, name: str, generation: Generation) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.ACTIVE)
        thief = at.rooms.cabinet.named(key_name(code) if name == "seal" else name)
        real, now = parse_seal(await store.seal_file(at.connection, code) or b""), at.who().at.replace(microsecond=0)
        properties = replace(real.properties, name="某厅公章", certificates=(thief.certificate,), created=now, valid_from=now)
        forged = make_seal(SealRecipe("6500009999999", properties, real.picture, generation), thief)
        verdict = await judged(at, forged)
        assert verdict.verdict is Overall.FAILED
        assert ("maker_key_usage", "key_usage") in {(each.step, each.reason) for each in verdict.findings}


async def test_a_crash_between_intent_and_signature_is_finished_later(region: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPROVED)
        shop = at.rooms.workshop

        class Broken:
            algorithm, kid, certificate = shop.maker.algorithm, shop.maker.kid, shop.maker.certificate

            def sign(self, data: bytes) -> bytes:
                raise ConnectionError("the token was pulled out")

        with pytest.raises(ConnectionError):
            await make(at.connection, replace(shop, maker=Broken()), code, who=at.who(), ground=GROUND)
        assert await at.state(code) is SealState.MAKING
        recorded = await store.making_of(at.connection, code)
        assert await store.seal_file(at.connection, code) is None
        event = await make(at.connection, shop, code, who=at.who(), ground=GROUND)
        assert (event.state, await store.making_of(at.connection, code)) == (SealState.MADE, recorded)
        data = await store.seal_file(at.connection, code)
        assert data is not None
        assert recorded is not None
        assert parse_seal(data).signed == recorded.info
        assert (await judged(at, data)).verdict is Overall.PASSED


async def test_a_crash_before_the_intent_was_kept_leaves_a_key_that_is_used_again(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPROVED)
        shop = at.rooms.workshop
        stray = shop.keys.create(f"seal-{code}", shop.maker.algorithm)
        await make(at.connection, shop, code, who=at.who(), ground=GROUND)
        found = await store.find(at.connection, code)
        assert found is not None
        assert found.certificate is not None
        assert read_certificate(found.certificate).spki == stray.public_spki()


async def test_a_changed_seal_takes_the_place_of_the_old_in_one_moment(region: Settings) -> None:
    async with desk(region) as at:
        old = await at.reach(SealState.ACTIVE)
        new = (await change(at.connection, old, who=at.who(), ground=GROUND)).code
        await at.advance(new, SealState.RECORDED)
        assert (await at.state(old), await at.state(new)) == (SealState.ACTIVE, SealState.RECORDED)
        await activate(at.connection, at.rooms.workshop, new, who=at.who("seals2"), ground=GROUND)
        assert (await at.state(old), await at.state(new)) == (SealState.SUPERSEDED, SealState.ACTIVE)
        assert (await store.events_of(at.connection, old))[-1].note == new
        before, after = await store.find(at.connection, old), await store.find(at.connection, new)
        assert before is not None
        assert after is not None
        assert after.application.replaces == old
        assert before.certificate != after.certificate  # a renewed certificate means a new seal
        data = await store.seal_file(at.connection, old)
        assert data is not None
        verdict = await judged(at, data)
        assert verdict.verdict is Overall.PASSED  # the seal's own maker is good; its signer's certificate is revoked:
        rows = await certificate_store.find_by_serial(at.connection, read_certificate(before.certificate or b"").serial)
        assert [row.reason for row in rows] == [4]


async def test_the_replaced_seal_must_still_be_there(region: Settings) -> None:
    async with desk(region) as at:
        old = await at.reach(SealState.ACTIVE)
        new = (await change(at.connection, old, who=at.who(), ground=GROUND)).code
        await at.advance(new, SealState.RECORDED)
        await cancel(at.connection, at.rooms.workshop, old, who=at.who(), ground=GROUND)
        with pytest.raises(EtrustError) as refused:
            await activate(at.connection, at.rooms.workshop, new, who=at.who("seals2"), ground=GROUND)
        assert (refused.value.code, await at.state(new)) == ("bad_transition", SealState.RECORDED)
        with pytest.raises(EtrustError) as refused:
            await change(at.connection, old, who=at.who(), ground=GROUND)
        assert refused.value.code == "not_replaceable"


@pytest.mark.parametrize(("state", "reason"), [(SealState.ACTIVE, 5), (SealState.LOST, 1), (SealState.MADE, 5)])
async def test_a_canceled_seals_certificate_is_revoked(region: Settings, state: SealState, reason: int) -> None:
    async with desk(region) as at:
        code = await at.reach(state)
        lost_at = (await store.events_of(at.connection, code))[-1].at
        event = await cancel(at.connection, at.rooms.workshop, code, who=at.who(), ground=GROUND)
        found = await store.find(at.connection, code)
        assert found is not None
        rows = await certificate_store.find_by_serial(at.connection, read_certificate(found.certificate or b"").serial)
        assert [(row.reason, row.revoked_since) for row in rows] == [(reason, lost_at if state is SealState.LOST else event.at)]


async def test_an_application_is_withdrawn_without_a_certificate(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.APPLIED)
        await cancel(at.connection, at.rooms.workshop, code, who=at.who(), ground=GROUND)
        assert await at.state(code) is SealState.CANCELED


@pytest.mark.parametrize(("changes", "code", "where"), [
    ({"name_zh": ""}, "bad_application", "name_zh"), ({"name_zh": "局" * 121}, "bad_application", "name"),
    ({"name_zh": "a\nb"}, "bad_application", "name"), ({"years": 6}, "bad_application", "years"),
    ({"code": "12345"}, "bad_application", "code"), ({"license_types": ("No!",)}, "bad_application", "license_types"),
    ({"name_zh": "局😀"}, "glyph_missing", "name"),
])  # fmt: skip
async def test_bad_applications(region: Settings, changes: dict[str, object], code: str, where: str) -> None:
    async with desk(region) as at:
        with pytest.raises(EtrustError) as refused:
            await at.apply(replace(SEAL, **changes))  # type: ignore[arg-type]  # fields by name
        assert (refused.value.code, refused.value.where.split(":")[0]) == (code, where)
        assert await at.connection.fetchval("SELECT count(*) FROM seals WHERE inscription = '行政审批专用章'") == 0


async def test_a_code_from_outside_is_kept_and_given_once(region: Settings) -> None:
    async with desk(region) as at:
        own = await at.apply()
        following = f"{int(own.code) + 1:014d}"
        assert (await at.apply(replace(SEAL, code=following))).code == following
        assert (await at.apply()).code == f"{int(own.code) + 2:014d}"  # the serial that was met is passed over
        with pytest.raises(EtrustError) as refused:
            await at.apply(replace(SEAL, code=following))
        assert refused.value.code == "seal_code_taken"


async def test_a_seal_ends_with_its_years(region: Settings) -> None:
    async with desk(region) as at:
        code = await at.reach(SealState.MADE, replace(SEAL, years=1))
        found = await store.find(at.connection, code)
        assert found is not None
        assert found.valid_from is not None
        assert found.valid_until is not None
        assert timedelta(days=364) < found.valid_until - found.valid_from < timedelta(days=367)
        assert read_certificate(found.certificate or b"").not_after >= found.valid_until

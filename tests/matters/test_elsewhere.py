"""Licenses of another region: a second real deployment is asked for what is missing here, and only for that."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio

from etrust.clock import official_date
from etrust.credentials.code import encode_code
from etrust.licenses import store as license_store
from etrust.licenses.intake.single import read_single
from etrust.licenses.intents import draft
from etrust.licenses.issue import issue_drafts
from etrust.licenses.model import Action, Provenance
from etrust.licenses.samples.family import family_records
from etrust.licenses.types import load_types
from etrust.matters.check_elsewhere import told_elsewhere
from etrust.matters.check_model import MatterCheck
from etrust.matters.model import Outcome
from etrust.onecode.model import Ground, Subject
from etrust.settings import Settings
from etrust.storage.stores import Stores
from tests.family import CHILD, HUSBAND, WIFE
from tests.matters.made import CODE, in_force, material, matter
from tests.matters.scene import Scene, scene
from tests.recognition.regions import GANSU, Partner, agree_with, another_region, free_port, know

VACCINE = "11650000MB1A0007XY"
FIELDS = ("holder_name", "holder_code", "vaccine", "batch", "valid_until")


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


async def vaccinated(partner: Partner) -> tuple[str, int]:
    """A vaccination certificate of the husband in the other region: serial and version."""
    rooms = partner.rooms
    at = rooms.clock()
    today = official_date(at)
    cells = {
        "holder_name": HUSBAND.name, "holder_code": HUSBAND.code, "holder_code_type": "111", "number": "62010020260601-01",
        "issued_on": str(today - timedelta(days=30)), "issuing_authority": "兰州市城关区疾控中心", "vaccine": "流感疫苗", "dose": "1",
        "vaccinated_on": str(today - timedelta(days=30)), "batch": "202606",
    }  # fmt: skip
    type_ = rooms.types["vaccination_certificate"]
    made = draft(rooms.issuing.numbering, type_.name, VACCINE, read_single(type_, cells, today=today))
    async with rooms.stores.pool.acquire() as connection:
        await issue_drafts(connection, rooms.issuing, type_, [made], who=Provenance("admin", VACCINE, at), source="test")
    await rooms.announce()
    return made.serial, made.version


async def on_duty(at: Scene) -> MatterCheck:
    codes = {"applicant": await at.code(HUSBAND)}
    return await at.check(codes, CODE, ground=Ground.DUTY, legal_basis="x")


async def asked_for(at: Scene) -> None:
    await in_force(at.rooms, matter(
        material("shot", "vaccination_certificate", fields=FIELDS), material("card", "resident_identity_card"),
        material("old", "passport"),
    ))  # fmt: skip


async def test_what_is_missing_here_is_found_there(region: Settings, gansu: Partner) -> None:
    await vaccinated(gansu)
    async with scene(region) as at:
        await asked_for(at)
        assert {each.key: each.outcome for each in (await on_duty(at)).materials}["shot"] is Outcome.MISSING
        await know(at.rooms, gansu)
        at.rooms.partners._known = None
        check = await on_duty(at)
        told = {each.key: each for each in check.materials}
        assert {key: each.outcome for key, each in told.items()} == {
            "shot": Outcome.SATISFIED, "card": Outcome.SATISFIED, "old": Outcome.EXPIRED
        }
        assert (told["shot"].region, told["card"].region) == (GANSU, "650000")
        # What the credential discloses of what the matter names; the batch is not in it.
        assert dict(told["shot"].fields) == {
            "holder_name": HUSBAND.name, "holder_code": HUSBAND.code, "vaccine": "流感疫苗", "valid_until": "长期"
        }
        assert len(check.evidence["trust_lists"]) == 2
        agreement = told["shot"].evidence["agreement"]
        assert agreement.startswith(f"HR-{GANSU}-")
        lists = {each for name, each in told["shot"].evidence.items() if name != "agreement"}
        assert lists <= {each for several in check.evidence.values() for each in several}
        case = await at.rooms.matters.case(check.case_number, at.clerk)
        assert case.materials["shot"].region == GANSU
        log = await gansu.rooms.consent.log(gansu.rooms.issuing.numbering.holder(HUSBAND))
        assert [(each.matter, each.case_number) for each in log.entries] == [(CODE, check.case_number)]  # he sees it there too


async def test_without_an_agreement_for_the_matter_it_is_missing(region: Settings, gansu: Partner) -> None:
    await vaccinated(gansu)
    async with scene(region) as at:
        await asked_for(at)
        await know(at.rooms, gansu, agreed=False)
        await agree_with(at.rooms, GANSU, consent_only=True)  # not on duty
        await agree_with(at.rooms, GANSU, matters=frozenset({"11653121MB1A0009XQ4000100010001"}))  # for another
        shot = next(each for each in (await on_duty(at)).materials if each.key == "shot")
        assert (shot.outcome, dict(shot.fields)) == (Outcome.MISSING, {})
        await agree_with(at.rooms, GANSU, matters=frozenset({CODE}), receipt_owed=True)
        shot = next(each for each in (await on_duty(at)).materials if each.key == "shot")
        assert shot.outcome is Outcome.SATISFIED


async def test_a_region_that_cannot_be_reached_makes_it_unknown(region: Settings, gansu: Partner) -> None:
    async with scene(region) as at:
        await asked_for(at)
        await know(at.rooms, gansu, address=f"http://127.0.0.1:{free_port()}")
        told = {each.key: each for each in (await on_duty(at)).materials}
        assert told["shot"].outcome is told["shot"].found is Outcome.UNKNOWN
        assert told["shot"].reason
        assert not told["shot"].fields
        assert (told["card"].outcome, told["old"].outcome) == (Outcome.SATISFIED, Outcome.EXPIRED)


async def test_a_license_revoked_there_is_revoked_here(region: Settings, gansu: Partner) -> None:
    serial, version = await vaccinated(gansu)
    there = Scene(gansu.rooms, {}, await gansu.rooms.operator("clerk"))
    async with gansu.rooms.stores.pool.acquire() as connection:
        found = await license_store.find(connection, serial, version)
    assert found is not None
    await there.change(found.identifier, Action.REVOKE)
    async with scene(region) as at:
        await asked_for(at)
        await know(at.rooms, gansu)
        shot = next(each for each in (await on_duty(at)).materials if each.key == "shot")
        assert shot.outcome in (Outcome.REVOKED, Outcome.MISSING)
        assert not shot.fields


async def test_of_two_holders_the_party_alone_is_told(at: Scene) -> None:
    identifier = at.family["marriage_certificate"][0]
    async with at.rooms.stores.pool.acquire() as connection:
        found = await license_store.find(connection, identifier.serial, identifier.version)
    assert found is not None
    text, type_ = encode_code(found.credential), load_types()["marriage_certificate"]
    wife = Subject(bytes(16), WIFE.name, WIFE.code, "111")
    assert told_elsewhere(text, type_, wife, ["holder_name", "holder_code"]) == {
        "holder_name": WIFE.name, "holder_code": WIFE.code
    }
    told = told_elsewhere(text, type_, wife, ["holder_a_name", "holder_a_code", "holder_b_code", "registrar", "valid_from"])
    assert told["holder_a_name"] == HUSBAND.name  # the matter names that position
    assert "*" in told["holder_a_code"]  # as the credential has it
    assert (told["holder_b_code"], "registrar" in told) == (WIFE.code, False)
    assert told["valid_from"] == dict(family_records(official_date(at.rooms.clock())))["marriage_certificate"]["issued_on"]
    assert CHILD.name not in str(told)



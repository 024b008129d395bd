"""Consent beforehand, consent on the phone, duty: what each allows, and what is told when there is none."""

import secrets
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from etrust.credentials.code import encode_code
from etrust.errors import EtrustError
from etrust.licenses import store as license_store
from etrust.licenses.model import Holder
from etrust.matters.check_model import CheckState, MatterCheck
from etrust.matters.check_waits import Presented, Wait, open_wait, seal_wait
from etrust.matters.model import Outcome
from etrust.matters.samples import NEWBORN, SCHOOL, SHOP
from etrust.onecode.model import Basis, CodeKind, Ground
from etrust.settings import Settings
from tests.matters.made import CODE, in_force, material, matter
from tests.matters.scene import CHILD, COMPANY, HUSBAND, WIFE, Scene, scene

ON_DUTY = {"ground": Ground.DUTY, "legal_basis": "《食品安全法》第一百一十条"}


async def refused(work: Awaitable[object]) -> str:
    """The code of the refusal."""
    with pytest.raises(EtrustError) as caught:
        await work
    return caught.value.code


async def given(at: Scene, holder: Holder, subject: Holder | None = None, matter: str = NEWBORN, uses: int = 1) -> str:
    """A code of a matter, consent given beforehand."""
    found = await at.rooms.catalogue.matter(matter)
    assert found is not None
    grant = await at.rooms.consent.give(
        await at.acting(holder, subject), matter=found, uses=uses, until=at.rooms.clock() + timedelta(days=1),
        by_session=at.session(holder),
    )
    return await at.code(holder, subject, kind=CodeKind.MATTER, matter=matter, grant=grant.id)


async def test_consent_beforehand_needs_no_answer(at: Scene) -> None:
    wife = await given(at, WIFE)
    check = await at.check({"applicant": wife, "spouse": await given(at, HUSBAND)})
    assert check.state is CheckState.DONE
    assert {each.grant[:2] for each in check.parties} == {"G-"}
    husband = at.rooms.issuing.numbering.holder(HUSBAND)
    entries = (await at.rooms.consent.log(husband)).entries
    looked = next(each for each in entries if not each.named)
    assert (looked.matter, looked.case_number, looked.operator) == (NEWBORN, check.case_number, "clerk")
    assert looked.fields == (
        "household_register.household_number", "household_register.relation", "resident_identity_card.holder_code",
        "resident_identity_card.holder_name",
    )  # fmt: skip
    assert HUSBAND.code not in str(entries)


async def test_one_beforehand_and_one_on_the_phone(at: Scene) -> None:
    codes = {"applicant": await given(at, WIFE), "spouse": await at.code(HUSBAND)}
    waiting = await at.check(codes)
    assert set(waiting.requests) == {"spouse"}
    await at.answer(waiting, {"spouse": HUSBAND})
    done = await at.rooms.matters.continue_check(waiting.check_id, operator=at.clerk)
    assert done.state is CheckState.DONE
    assert not done.lacking


async def test_consent_taken_back_or_refused_ends_the_check(region: Settings) -> None:
    async with scene(region) as at:
        matters, people = at.rooms.matters, {"applicant": WIFE, "spouse": HUSBAND}
        codes = {"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)}
        waiting = await at.check(codes)
        await at.answer(waiting, people)
        wife = await at.acting(WIFE)
        (grant,) = await at.rooms.consent.grants(wife)
        await at.rooms.consent.revoke(wife, grant.id)
        assert await refused(matters.continue_check(waiting.check_id, operator=at.clerk)) == "consent_revoked"
        second = await at.check({"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)})
        await at.answer(second, people, agree=False)
        assert await refused(matters.continue_check(second.check_id, operator=at.clerk)) == "consent_refused"
        assert await refused(matters.continue_check(second.check_id, operator=at.clerk)) == "no_such_check"
        assert not (await at.rooms.consent.log(wife.subject.key)).entries  # nothing was looked at
        case = await matters.case(second.case_number, at.clerk)
        assert [event.action.value for event in case.events] == ["open"]


async def test_only_who_scanned_goes_on_and_only_for_a_while(region: Settings) -> None:
    async with scene(region) as at:
        waiting = await at.check({"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)})
        await at.answer(waiting, {"applicant": WIFE, "spouse": HUSBAND})
        matters, colleague = at.rooms.matters, replace(at.clerk, username="clerk2")
        assert await refused(matters.continue_check(waiting.check_id, operator=colleague)) == "no_such_check"
        assert await refused(matters.continue_check("0" * 32, operator=at.clerk)) == "no_such_check"
        now = at.rooms.clock
        at.rooms.clock = lambda: now() + timedelta(minutes=11)
        assert await refused(matters.continue_check(waiting.check_id, operator=at.clerk)) == "no_such_check"


async def test_an_unanswered_question_runs_out(region: Settings) -> None:
    async with scene(region) as at:
        waiting = await at.check({"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)})
        now = at.rooms.clock
        at.rooms.clock = lambda: now() + timedelta(minutes=6)
        assert await refused(at.rooms.matters.continue_check(waiting.check_id, operator=at.clerk)) == "request_expired"


async def test_duty_where_the_matter_allows_it(at: Scene) -> None:
    codes = {"applicant": await at.code(HUSBAND), "company": await at.code(HUSBAND, COMPANY)}
    assert await refused(at.check(codes, SHOP, ground=Ground.DUTY)) == "bad_reason"  # the legal basis is missing
    check = await at.check(codes, SHOP, **ON_DUTY)
    assert {each.key: each.outcome for each in check.materials}["business_license"] is Outcome.SATISFIED
    assert {each.acting.basis for each in check.parties} == {Basis.SELF, Basis.LEGAL_REPRESENTATIVE}
    entry = (await at.rooms.consent.log(at.rooms.issuing.numbering.holder(COMPANY))).entries[0]
    assert (entry.ground, entry.legal_basis) == (Ground.DUTY, ON_DUTY["legal_basis"])


async def printed(at: Scene, type_name: str, place: int = 0) -> str:
    """The offline code of one license."""
    identifier = at.family[type_name][place]
    async with at.rooms.stores.pool.acquire() as connection:
        found = await license_store.find(connection, identifier.serial, identifier.version)
    assert found is not None
    return encode_code(found.credential)


async def test_a_printed_code_gives_no_consent_but_names_a_holder_on_duty(at: Scene) -> None:
    offline = {"applicant": await printed(at, "resident_identity_card"), "company": await printed(at, "business_license")}
    assert await refused(at.check(offline, SHOP)) == "offline_code_gives_no_consent"
    check = await at.check(offline, SHOP, **ON_DUTY)
    told = {each.key: each for each in check.materials}
    assert told["business_license"].outcome is Outcome.SATISFIED
    assert [each.acting.subject.code for each in check.parties] == [HUSBAND.code, COMPANY.code]
    assert await refused(at.check({**offline, "company": offline["applicant"]}, SHOP, **ON_DUTY)) == "wrong_party"
    married = {"applicant": await printed(at, "marriage_certificate"), "company": offline["company"]}
    assert await refused(at.check(married, SHOP, **ON_DUTY)) == "wrong_party"  # it has two holders: which one?
    gone = {**offline, "applicant": await printed(at, "passport")}
    assert await refused(at.check(gone, SHOP, **ON_DUTY)) == "offline_code_not_valid"


async def test_a_guardian_shows_the_childs_code(at: Scene) -> None:
    waiting = await at.check({"applicant": await at.code(WIFE), "child": await at.code(WIFE, CHILD)}, SCHOOL)
    await at.answer(waiting, {"applicant": WIFE, "child": WIFE})
    done = await at.rooms.matters.continue_check(waiting.check_id, operator=at.clerk)
    told = {each.key: each for each in done.materials}
    assert told["child_household_register"].outcome is Outcome.SATISFIED
    assert {each.key: each.acting.basis.value for each in done.parties} == {"applicant": "self", "child": "guardian"}


async def test_fewer_fields_are_asked_for_consented_to_and_told(at: Scene) -> None:
    codes = {"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)}
    waiting = await at.check(codes, fields={"identity_card": ("holder_name",)})
    request = await at.rooms.consent.request(waiting.requests["applicant"])
    assert {(need.material, need.fields) for need in request.needs if need.fields} == {("identity_card", ("holder_name",))}
    await at.answer(waiting, {"applicant": WIFE, "spouse": HUSBAND})
    done: MatterCheck = await at.rooms.matters.continue_check(waiting.check_id, operator=at.clerk)
    told = {each.key: dict(each.fields) for each in done.materials if each.fields}
    assert told == {"identity_card": {"holder_name": WIFE.name}}
    assert all(each.outcome is Outcome.SATISFIED for each in done.materials)


async def test_consent_to_an_older_version_is_not_consent_to_the_new_one(at: Scene) -> None:
    await in_force(at.rooms, matter(material("card", "resident_identity_card", fields=("holder_name",))))
    code = await given(at, HUSBAND, matter=CODE)
    await in_force(at.rooms, matter(material("card", "resident_identity_card", fields=("holder_name", "address"))))
    assert await refused(at.check({"applicant": code}, CODE)) == "no_consent"
    assert await at.rooms.matters.cases(at.clerk)  # the case was opened, and nothing looked at


async def test_what_waits_is_sealed_for_its_check_alone(at: Scene) -> None:
    acting, secret = await at.acting(WIFE), secrets.token_bytes(32)
    wait = Wait("a" * 32, NEWBORN, 1, "x", Ground.CONSENT, "r", "", None, (), (), (), (Presented("applicant", acting, "R-1"),))
    sealed = seal_wait(wait, secret)
    assert open_wait("a" * 32, sealed, secret) == wait
    assert WIFE.code.encode() not in sealed
    with pytest.raises(EtrustError, match="no_such_check"):
        open_wait("b" * 32, sealed, secret)



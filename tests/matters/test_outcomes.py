"""Every word a check has for a material, from real licenses in every state, and what may stand for those that are not good."""

from datetime import timedelta

import pytest

from etrust.clock import official_date
from etrust.licenses import store as license_store
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Action, Provenance
from etrust.licenses.types import by_code
from etrust.matters import check_store
from etrust.matters.case_model import Action as Step
from etrust.matters.check_judging import Judging, best, substitutes
from etrust.matters.check_model import MatterCheck, Substitute
from etrust.matters.model import Material, Outcome
from etrust.onecode.model import Ground
from etrust.settings import Settings
from etrust.status import store as status_store
from etrust.status.events import StatusEvent
from etrust.status.live import UnreachableSnapshot
from etrust.status.model import State
from etrust.wiring import Rooms
from tests.family import HUSBAND, WIFE
from tests.matters.made import CODE, FRIEND, PERSON, in_force, material, matter
from tests.matters.scene import Scene, scene

O = Outcome  # noqa: E741 - a table below is read, not spelled
DAYS = 15


async def on_duty(at: Scene, **more: object) -> MatterCheck:
    """A check that needs no answer on the phone."""
    return await at.check(
        {"applicant": await at.code(HUSBAND)}, CODE, ground=Ground.DUTY, legal_basis="《行政许可法》第三十四条", **more
    )


def outcomes(check: MatterCheck) -> dict[str, str]:
    return {each.key: each.outcome.value for each in check.materials}


async def under_objection(at: Scene, type_name: str, place: int = 0) -> None:
    identifier, rooms = at.family[type_name][place], at.rooms
    async with rooms.stores.pool.acquire() as connection:
        found = await license_store.find(connection, identifier.serial, identifier.version)
        assert found is not None
        await status_store.append_event(connection, StatusEvent(
            0, found.serial, found.version, found.list_no, found.list_index, int(State.UNDER_OBJECTION), "object", "x", "y",
            "officer", found.issuer, rooms.clock(), rooms.clock(),
        ))  # fmt: skip
    await rooms.announce()


async def issued_for_tomorrow(rooms: Rooms) -> None:
    """A vaccination certificate of the husband that is not in force yet."""
    today = official_date(rooms.clock())
    cells = {
        "holder_name": HUSBAND.name, "holder_code": HUSBAND.code, "number": "65312119880317-99", "issued_on": str(today),
        "valid_from": str(today + timedelta(days=1)), "issuing_authority": "x", "vaccine": "x", "dose": "1",
        "vaccinated_on": str(today),
    }  # fmt: skip
    async with rooms.stores.pool.acquire() as connection:
        await issue_one(
            connection, rooms.issuing, rooms.types["vaccination_certificate"], cells,
            who=Provenance("admin", "11650000MB1A0007XY", rooms.clock()),
        )


async def test_every_state_of_a_license_has_its_word(region: Settings) -> None:
    async with scene(region) as at:
        await at.change(at.family["driving_license"][0], Action.REVOKE)
        await at.change(at.family["vehicle_license"][0], Action.SUSPEND)
        await under_objection(at, "social_security_card")
        await issued_for_tomorrow(at.rooms)
        made = await in_force(at.rooms, matter(
            material("good", "resident_identity_card", fields=("holder_name", "address")), material("past", "passport"),
            material("revoked", "driving_license"), material("suspended", "vehicle_license"),
            material("objected", "social_security_card"), material("tomorrow", "vaccination_certificate"),
            material("gone", "birth_certificate"), material("promise", "birth_certificate", commitment=True),
            material("later", "birth_certificate", deferral=DAYS), material("optional", "passport", required=False),
            material("paper"), material("second", "passport", "household_register"),
            material("future", "resident_identity_card", since=official_date(at.rooms.clock()) + timedelta(days=1)),
        ))  # fmt: skip
        check = await on_duty(at)
        assert outcomes(check) == {
            "good": O.SATISFIED, "past": O.EXPIRED, "revoked": O.REVOKED, "suspended": O.SUSPENDED,
            "objected": O.UNDER_OBJECTION, "tomorrow": O.NOT_YET_VALID, "gone": O.MISSING, "promise": O.COMMITMENT_POSSIBLE,
            "later": O.DEFERRAL_POSSIBLE, "optional": O.NOT_NEEDED, "paper": O.MISSING, "second": O.SATISFIED,
            "future": O.MISSING,
        }
        told = {each.key: dict(each.fields) for each in check.materials if each.fields}
        assert told.keys() == {"good", "second"}
        assert told["good"]["holder_name"] == HUSBAND.name
        reasons = {each.key: each.reason for each in check.materials}
        assert (reasons["gone"], reasons["paper"], reasons["future"]) == ("no_license", "paper_only", "not_by_license_yet")
        assert not next(each for each in check.materials if each.key == "optional").identifier
        await _chosen(at, check, made.version)


async def _chosen(at: Scene, check: MatterCheck, version: int) -> None:
    """The applicant chooses: what the matter allows stands, what the register contradicts does not."""
    second = await on_duty(
        at, case_number=check.case_number, commitments=("promise",), deferrals=("later",), papers=("paper", "past", "revoked")
    )
    now = {each.key: each for each in second.materials}
    assert (second.case_number, second.step, second.version) == (check.case_number, check.step + 1, version)
    assert [now[key].outcome for key in ("promise", "later", "paper", "past", "revoked")] == [
        O.COMMITTED, O.DEFERRED, O.BROUGHT, O.BROUGHT, O.REVOKED
    ]
    assert now["revoked"].reason == "substitute_not_allowed"
    assert now["later"].deadline == official_date(second.at) + timedelta(days=DAYS)
    assert now["promise"].commitment is not None
    third = {each.key: each for each in (await on_duty(at, case_number=check.case_number)).materials}
    assert [third[key].outcome for key in ("promise", "later", "paper", "past")] == [
        O.COMMITTED, O.DEFERRED, O.BROUGHT, O.BROUGHT
    ]  # a further scan takes back nothing
    case = await at.rooms.matters.case(check.case_number, at.clerk)
    assert case.materials["promise"].commitment.startswith("sha256:")


async def test_a_promise_ends_when_the_register_contradicts_it(region: Settings) -> None:
    async with scene(region) as at:
        await in_force(at.rooms, matter(material("card", "passport", commitment=True)))
        first = await on_duty(at, commitments=("card",))
        assert outcomes(first) == {"card": O.COMMITTED}
        await at.change(at.family["passport"][0], Action.REVOKE)
        assert outcomes(await on_duty(at, case_number=first.case_number)) == {"card": O.REVOKED}


async def test_who_need_not_come_is_not_missed(at: Scene) -> None:
    await in_force(at.rooms, matter(
        material("card", "resident_identity_card"), material("other", "resident_identity_card", party="spouse"),
        parties=(PERSON, FRIEND),
    ))  # fmt: skip
    alone = await on_duty(at)
    assert outcomes(alone) == {"card": O.SATISFIED, "other": O.NOT_NEEDED}
    codes = {"applicant": await at.code(HUSBAND), "spouse": await at.code(WIFE)}
    both = await at.check(codes, CODE, ground=Ground.DUTY, legal_basis="x", case_number=alone.case_number)
    assert outcomes(both) == {"card": O.SATISFIED, "other": O.SATISFIED}
    again = await on_duty(at, case_number=alone.case_number)
    assert outcomes(again) == {"card": O.SATISFIED, "other": O.SATISFIED}  # the first scan of her stands
    assert not next(each for each in again.materials if each.key == "other").fields


async def test_what_cannot_be_known_is_unknown_and_never_satisfied(at: Scene) -> None:
    rooms = at.rooms
    key = rooms.issuing.numbering.holder(HUSBAND)
    async with rooms.stores.pool.acquire() as connection:
        held = await check_store.held(connection, [key], ["resident_identity_card", "passport", "driving_license"])
    trust = await rooms.trust.snapshot()
    judging = Judging(trust, UnreachableSnapshot(), rooms.clock(), by_code(rooms.types), "650000")
    sights = {each.license_type: judging.see(each) for each in held}
    assert sights["resident_identity_card"].outcome is O.UNKNOWN
    assert sights["resident_identity_card"].reason == "store_unavailable"
    assert best(sights.values()).outcome is O.UNKNOWN
    assert sights["passport"].outcome is O.EXPIRED  # whatever the list would say, its time is over


async def test_steps_by_hand_stand_only_for_what_is_not_there(at: Scene) -> None:
    await in_force(at.rooms, matter(
        material("card", "resident_identity_card"), material("later", "birth_certificate", deferral=DAYS), material("paper")
    ))  # fmt: skip
    number = (await on_duty(at)).case_number

    async def step(action: Step, *keys: str) -> str:
        case = await at.rooms.matters.take_step(number, action, operator=at.clerk, reason="x", materials=keys)
        return case.state.value

    for action, keys, code in (
        (Step.ACCEPT, (), "materials_missing"), (Step.COMMIT, ("later",), "not_allowed_for_material"),
        (Step.DEFER, ("card",), "satisfied_already"), (Step.DEFER, ("passport",), "unknown_material"),
        (Step.SUPPLEMENT, (), "unknown_material"),
    ):  # fmt: skip
        with pytest.raises(Exception, match=code):
            await step(action, *keys)
    assert await step(Step.DEFER, "later") == "open"
    assert await step(Step.SUPPLEMENT, "paper") == "open"
    assert await step(Step.ACCEPT) == "lacking"
    assert await step(Step.SUPPLEMENT, "later") == "supplemented"
    assert await step(Step.COMPLETE) == "completed"


@pytest.mark.parametrize(("found", "commitment", "deferral", "may"), [
    (O.MISSING, True, 5, {"commitment", "deferral", "paper"}), (O.EXPIRED, True, None, {"commitment", "paper"}),
    (O.UNKNOWN, False, 5, {"deferral", "paper"}), (O.REVOKED, True, 5, {"deferral"}), (O.SUSPENDED, True, None, set()),
    (O.UNDER_OBJECTION, True, 5, {"deferral"}), (O.NOT_YET_VALID, True, 5, {"deferral", "paper"}),
])  # fmt: skip
def test_no_promise_stands_against_the_register(found: Outcome, commitment: bool, deferral: int | None, may: set[str]) -> None:
    made: Material = material("x", "passport", commitment=commitment, deferral=deferral)
    assert {each.value for each in substitutes(made, found)} == may == {Substitute(each).value for each in may}

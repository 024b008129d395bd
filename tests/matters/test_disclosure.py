"""Least disclosure: whatever the matter and the licenses, what is told is within the policy, the question and the consent."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.clock import official_date
from etrust.errors import EtrustError
from etrust.licenses.samples.family import family_records
from etrust.licenses.types import LicenseType, load_types
from etrust.matters.check_model import MaterialResult
from etrust.matters.check_waits import Presented
from etrust.matters.fields import told_fields
from etrust.matters.model import FormField, Matter, Outcome, Words
from etrust.matters.policy import Place, narrowed, paths, prefilled
from etrust.onecode.model import Acting, Basis, Ground, Subject, Use
from etrust.wiring import Rooms
from etrust.wiring.matter_looking import look_up, tell
from tests.family import CHILD, COMPANY, HUSBAND, WIFE
from tests.matters.made import CODE, FRIEND, PERSON, material, matter
from tests.matters.scene import Scene

TYPES = load_types()
PEOPLE = (HUSBAND, WIFE, CHILD)
ROUNDS = 60


@given(st.sampled_from(sorted(TYPES)), st.lists(st.text(max_size=12) | st.sampled_from(["holder_name", "number", "holders", "fields"])))
def test_a_name_leads_to_its_own_place_or_nowhere(type_name: str, names: list[str]) -> None:
    found = paths(TYPES[type_name], names)
    assert {path.name for path in found} == set(names) & set(told_fields(TYPES[type_name]))
    assert len(found) == len({(path.place, path.key) for path in found})


@pytest.mark.parametrize("license_type", TYPES.values(), ids=lambda each: each.name)
def test_every_name_the_catalogue_knows_leads_somewhere(license_type: LicenseType) -> None:
    assert {path.name for path in paths(license_type, list(told_fields(license_type)))} == set(told_fields(license_type))


def test_another_holder_is_reached_only_by_position() -> None:
    married = TYPES["marriage_certificate"]
    reached = {path.name: path.place for path in paths(married, list(told_fields(married)))}
    assert {name for name, place in reached.items() if place is Place.HOLDER} == {
        "holder_a_name", "holder_a_code", "holder_b_name", "holder_b_code"
    }
    assert reached["holder_name"] is reached["holder_code"] is Place.OWN


@given(st.data())
def test_a_question_only_ever_narrows(data: st.DataObject) -> None:
    made = matter(material("a", "passport", fields=("number", "sex")), material("b", "resident_identity_card"))
    names = st.lists(st.sampled_from(["number", "sex", "address", "holder_name"]))
    asked = {key: tuple(each) for key, each in data.draw(st.dictionaries(st.sampled_from(["a", "b", "c"]), names)).items()}
    allowed = {"a": {"number", "sex"}, "b": {"number"}}
    if all(key in allowed and set(each) <= allowed[key] for key, each in asked.items()):
        told = {each.key: set(each.satisfied_by[0].fields) for each in narrowed(made, asked).materials}
        assert told == {key: set(asked.get(key, ())) for key in allowed}
    else:
        with pytest.raises(EtrustError, match="more_than_allowed"):
            narrowed(made, asked)


def a_matter(chance: random.Random, rooms: Rooms) -> Matter:
    """A matter that nobody would write: any types of any party, any fields."""
    tomorrow = official_date(rooms.clock()) + timedelta(days=1)
    materials = []
    for number in range(chance.randint(1, 6)):
        types = chance.sample(sorted(TYPES), chance.randint(1, 3))
        names = sorted({name for each in types for name in told_fields(TYPES[each])})
        materials.append(material(
            f"m{number}", *types, fields=tuple(chance.sample(names, chance.randint(0, 5))),
            party=chance.choice(["applicant", "spouse"]), required=chance.random() < 0.8,
            since=tomorrow if chance.random() < 0.1 else None,
        ))  # fmt: skip
    return matter(*materials, parties=(PERSON, FRIEND))


def allowed_of(chance: random.Random, made: Matter) -> dict[str, frozenset[tuple[str, str, str]]]:
    """What two parties consented to: mostly all of it, sometimes less."""
    everything = [
        (demand.party, (each.key, demand.license_type, name))
        for each in made.materials for demand in each.satisfied_by for name in demand.fields if chance.random() < 0.85
    ]  # fmt: skip
    return {party: frozenset(one for whose, one in everything if whose == party) for party in ("applicant", "spouse")}


async def test_what_is_told_is_within_policy_and_consent(at: Scene) -> None:
    rooms, chance, seen = at.rooms, random.Random(20261125), 0
    cells = family_records(official_date(rooms.clock()))
    for _ in range(ROUNDS):
        made, people = a_matter(chance, rooms), chance.sample((*PEOPLE, COMPANY), 2)
        parties = [
            Presented(party, Acting(
                Subject(rooms.issuing.numbering.holder(holder), holder.name, holder.code, holder.code_type), "p", Basis.SELF
            ))
            for party, holder in zip(("applicant", "spouse"), people[: chance.randint(1, 2)], strict=False)
        ]  # fmt: skip
        allowed = allowed_of(chance, made)
        use = Use(Ground.DUTY, CODE, CODE + "202611250001", "clerk", "x", "x", "x")
        looked = await look_up(rooms, made, parties, use)
        async with rooms.stores.pool.acquire() as connection:
            told = await tell(connection, rooms, made, looked, parties, allowed)
        for each in made.materials:
            sight, values = looked.sights[each.key], told.get(each.key, {})
            if sight.outcome is not Outcome.SATISFIED:
                assert not values
                continue
            assert sight.demand is not None
            within = {name for key, type_, name in allowed[sight.demand.party] if (key, type_) == (each.key, sight.license_type)}
            assert values.keys() <= within & set(sight.demand.fields)
            holder = next(one.acting.subject for one in parties if one.party == sight.demand.party)
            _belongs(values, sight.license_type, holder, cells)
            seen += len(values)
    assert seen > ROUNDS  # it told something


def _belongs(values: dict[str, str], type_name: str, holder: Subject, cells: list[tuple[str, dict[str, str]]]) -> None:
    """Values are those of a license of that type that the party holds; its own name, not the other's."""
    held = [each for name, each in cells if name == type_name and holder.code in each.values()]
    assert held
    for name, value in values.items():
        if name in ("holder_name", "holder_code"):
            assert value == (holder.name if name == "holder_name" else holder.code)
        elif name not in ("valid_from", "valid_until"):  # a type may derive them
            assert any(each.get(name) == value for each in held)


def test_the_form_takes_what_was_told_and_no_more() -> None:
    made = matter(material("a", "passport", fields=("number",)))
    form = (FormField("one", Words("一"), "a.number"), FormField("two", Words("二"), "a.sex"))
    result = MaterialResult(made.materials[0].key, Outcome.SATISFIED, Outcome.SATISFIED, fields={"number": "E1"})
    assert prefilled(form, [result]) == {"one": "E1"}
    assert prefilled(form, [replace(result, fields={})]) == {}

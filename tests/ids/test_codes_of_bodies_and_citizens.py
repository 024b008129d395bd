"""USCC (GB 32100-2015) and citizen numbers (GB 11643-1999)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.ids import USCC_ALPHABET, citizen_number_problem, make_citizen_check, make_uscc_check, uscc_is_valid


@pytest.mark.parametrize("code", ["11100000000013338W", "11430000006122244L"])  # public bodies
def test_codes_of_public_bodies_are_valid(code: str) -> None:
    assert uscc_is_valid(code)


@given(st.text(USCC_ALPHABET, min_size=17, max_size=17), st.data())
def test_one_wrong_character_of_a_uscc_is_found(first: str, data: st.DataObject) -> None:
    code = first + make_uscc_check(first)
    assert uscc_is_valid(code)
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from([c for c in USCC_ALPHABET if c != code[place]]))
    assert not uscc_is_valid(code[:place] + wrong + code[place + 1 :])


@pytest.mark.parametrize("code", ["", "1" * 17, "1" * 19, "11100000000013338w", "1110000000001333IW", "１" * 18])
def test_what_cannot_be_a_uscc(code: str) -> None:
    assert not uscc_is_valid(code)


def test_a_uscc_check_needs_seventeen_characters() -> None:
    with pytest.raises(ValueError, match="seventeen"):
        make_uscc_check("O" * 17)


@given(
    st.sampled_from(["110101", "650104", "653101", "659001", "652201"]),
    st.dates(date(1900, 1, 1), date(2030, 12, 31)),
    st.integers(0, 999),
)
def test_a_well_made_citizen_number_has_no_problem(division: str, born: date, sequence: int) -> None:
    first = f"{division}{born:%Y%m%d}{sequence:03d}"
    number = first + make_citizen_check(first)
    assert citizen_number_problem(number) == ""
    wrong = number[:16] + str((int(number[16]) + 1) % 10) + number[17]
    assert citizen_number_problem(wrong) == "check"


@pytest.mark.parametrize(("first", "problem"), [
    ("65010420230230001", "birth_date"), ("65010417000101001", "birth_date"), ("65450120000101001", "division"),
    ("65550120000101001", "division"), ("00010120000101001", "division"),
])  # fmt: skip
def test_date_and_division_are_judged(first: str, problem: str) -> None:
    assert citizen_number_problem(first + make_citizen_check(first)) == problem


@pytest.mark.parametrize(("number", "problem"), [
    ("", "length"), ("6501041968122107", "length"), ("65010419681221070x", "characters"), ("６50104196812210708", "characters"),
    ("6.5010419681E+1700", "characters"),
])  # fmt: skip
def test_form_is_judged(number: str, problem: str) -> None:
    assert citizen_number_problem(number) == problem

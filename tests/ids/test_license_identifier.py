"""License identifiers (GB/T 36904-2018): form, check character, tolerance in reading, strictness in judging."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier, make_uscc_check, parse_short
from etrust.ids.uscc import USCC_ALPHABET

# The two identifiers given with the standard's explanation.
GOOD = (
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

usccs = st.text(USCC_ALPHABET, min_size=17, max_size=17).map(lambda first: first + make_uscc_check(first))
identifiers = st.builds(
    LicenseIdentifier.make,
    st.builds(lambda body, number: f"{body}{number:03d}", usccs, st.integers(0, 999)),
    usccs,
    st.text(ALPHABET, min_size=20, max_size=20),
    st.integers(1, 999),
)


def iso_7064_mod_37_36(text: str) -> str:
    """The algorithm as ISO 7064 writes it down, without tables."""
    product = 36
    for character in text:
        total = (product + ALPHABET.index(character)) % 36
        product = (total or 36) * 2 % 37
    return ALPHABET[(37 - product) % 36]


@pytest.mark.parametrize("text", GOOD)
def test_published_examples_are_read_and_written_back(text: str) -> None:
    assert LicenseIdentifier.parse(text).text == text


@given(identifiers)
def test_check_character_is_that_of_iso_7064(identifier: LicenseIdentifier) -> None:
    body = f"{identifier.type_code}{identifier.issuer_code}{identifier.serial}{identifier.version:03d}"
    assert identifier.check == iso_7064_mod_37_36(body)
    assert LicenseIdentifier.parse(identifier.text) == identifier


@given(identifiers)
def test_short_number_has_twenty_four_characters_and_comes_back(identifier: LicenseIdentifier) -> None:
    assert len(identifier.short.replace("-", "")) == 24
    assert parse_short(identifier.short) == (identifier.serial, identifier.version, identifier.check)


@given(identifiers, st.data())
def test_every_single_wrong_character_of_the_serial_is_found(identifier: LicenseIdentifier, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, 19))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET if c != identifier.serial[place]]))
    serial = identifier.serial[:place] + wrong + identifier.serial[place + 1 :]
    text = f"1.2.156.3005.2.{identifier.type_code}.{identifier.issuer_code}.{serial}.{identifier.version:03d}.{identifier.check}"
    with pytest.raises(EtrustError, match="bad_check_character"):
        LicenseIdentifier.parse(text)


@pytest.mark.parametrize("disguise", [
    str.lower,
    lambda text: " " + text.replace(".", " . ") + "\n",
    lambda text: text.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ."}),
])  # fmt: skip
def test_letter_case_width_and_blanks_do_not_matter(disguise) -> None:  # type: ignore[no-untyped-def]
    assert LicenseIdentifier.parse(disguise(GOOD[0])).text == GOOD[0]


def test_an_old_six_digit_issuer_is_read() -> None:
    made = LicenseIdentifier.make("11100000000013338W011", "430000", "20230000403", 1)
    assert LicenseIdentifier.parse(made.text) == made


@pytest.mark.parametrize("text", [
    "", "1.2.156.3005.2", GOOD[0][:-2], GOOD[0] + ".X", GOOD[0].replace("3005.2", "3005.3"),
    GOOD[0].replace(".001.", ".000."), GOOD[0].replace("13338W", "13339W"), GOOD[0].replace("001.U", "０01.٣"), "1" * 121, "张三",
])  # fmt: skip
def test_what_is_no_identifier_is_refused(text: str) -> None:
    with pytest.raises(EtrustError) as caught:
        LicenseIdentifier.parse(text)
    assert caught.value.code == "bad_identifier"
    assert caught.value.zh
    assert caught.value.en


@given(st.text(max_size=130))
def test_no_text_makes_it_fall_over(text: str) -> None:
    for read in (LicenseIdentifier.parse, parse_short):
        try:
            read(text)
        except EtrustError as error:
            assert re.fullmatch("[a-z_]+", error.code)

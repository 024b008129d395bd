"""Serials: the same number always gets the same one, another gets another, and without the key nobody can tell which."""

import re

from hypothesis import given
from hypothesis import strategies as st

from etrust.licenses.model import Holder
from etrust.licenses.numbering import Numbering

KEYED = Numbering(b"s" * 32, b"h" * 32)
parts = st.text(min_size=1, max_size=30).filter(lambda text: "\0" not in text)


@given(parts, parts, parts)
def test_a_serial_is_twenty_characters_and_always_the_same(kind: str, issuer: str, number: str) -> None:
    serial = KEYED.serial(kind, issuer, number)
    assert re.fullmatch("[0-9A-Z]{20}", serial)
    assert KEYED.serial(kind, issuer, number) == serial


@given(st.tuples(parts, parts, parts), st.tuples(parts, parts, parts))
def test_another_type_issuer_or_number_is_another_serial(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    assert (KEYED.serial(*one) == KEYED.serial(*other)) == (one == other)


def test_another_key_other_serials() -> None:
    assert Numbering(b"t" * 32, b"h" * 32).serial("a", "b", "c") != KEYED.serial("a", "b", "c")


def test_serials_use_every_character_evenly() -> None:
    counts = dict.fromkeys("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", 0)
    for number in range(2000):
        for character in KEYED.serial("t", "i", str(number)):
            counts[character] += 1
    assert min(counts.values()) > 900  # 40,000 characters over 36: 1,111 each
    assert max(counts.values()) < 1300


def test_a_holder_is_found_by_type_and_code_together() -> None:
    keys = {KEYED.holder(Holder("n", code, kind)) for code, kind in (("1", "111"), ("1", "414"), ("2", "111"))}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {16}

"""The text of a code: what decodes, and the clear word for everything that does not."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.credentials import base45
from etrust.credentials.code import decode_code, encode_code, is_code
from etrust.errors import EtrustError


def refusal(text: str) -> str:
    with pytest.raises(EtrustError) as caught:
        decode_code(text)
    assert caught.value.zh.endswith("。")
    return caught.value.code


@given(st.binary(min_size=1, max_size=2048))
def test_round_trip(raw: bytes) -> None:
    assert decode_code(encode_code(raw)) == raw


def test_compressed_only_where_that_is_shorter() -> None:
    assert encode_code(b"a" * 300).startswith("ET1Z:")
    assert encode_code(bytes(range(256))).startswith("ET1:")


@pytest.mark.parametrize("disguise", [
    str.lower, lambda text: f"\r\n{text}\r\n",
    lambda text: "".join(chr(ord(c) + 0xFEE0) if c != " " else "\u3000" for c in text),  # a Chinese input method
])  # fmt: skip
def test_what_scanners_and_input_methods_do_to_a_code_is_undone(disguise) -> None:  # type: ignore[no-untyped-def]
    raw = bytes(range(250))
    assert decode_code(disguise(encode_code(raw))) == raw
    assert is_code(disguise(encode_code(raw)))


@pytest.mark.parametrize("text", ["https://example.com/", "EU:123", "6901234567892", "WIFI:S:x;;", "ET2:ABC"])
def test_foreign_codes(text: str) -> None:
    assert refusal(text) == "not_a_code"


@pytest.mark.parametrize("text", ["", "E", "ET1", "ET1:", "ET1Z:", "ET1:ABCD"])
def test_nothing_or_only_a_beginning(text: str) -> None:
    assert refusal(text) == "truncated"


def test_every_cut_through_a_compressed_code_is_found() -> None:
    text = encode_code(b"license " * 40)
    assert {refusal(text[:end]) for end in range(5, len(text))} <= {"truncated", "bad_code"}


def test_too_long() -> None:
    assert refusal("ET1:" + "A" * 5000) == "too_long"


def test_inflated() -> None:
    bomb = zlib.compress(b"\0" * 2_000_000, 9)
    assert refusal("ET1Z:" + base45.encode(bomb)) == "inflated"


def test_read_twice_by_the_scanner() -> None:
    assert refusal(encode_code(b"license") * 2) == "duplicated"


def test_something_after_the_end() -> None:
    assert refusal("ET1Z:" + base45.encode(zlib.compress(b"a" * 50) + b"more")) == "bad_code"


@pytest.mark.parametrize("text", ["ET1:!!!", "ET1:GGW", "ET1Z:BB8", "ET1:张三丰"])
def test_characters_that_cannot_be(text: str) -> None:
    assert refusal(text) == "bad_code"


@given(st.text(max_size=300))
def test_no_text_makes_it_fall_over(text: str) -> None:
    for candidate in (text, "ET1:" + text, "ET1Z:" + text):
        try:
            decode_code(candidate)
        except EtrustError as error:
            assert error.code in {"truncated", "not_a_code", "bad_code", "inflated", "too_long", "duplicated"}

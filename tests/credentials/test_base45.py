"""Base45 (RFC 9285)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.credentials import base45


@pytest.mark.parametrize(("data", "text"), [  # the examples of RFC 9285, section 4.3
    (b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0"), (b"", ""),
])  # fmt: skip
def test_examples_of_the_rfc(data: bytes, text: str) -> None:
    assert base45.encode(data) == text
    assert base45.decode(text) == data


@given(st.binary(max_size=600))
def test_round_trip(data: bytes) -> None:
    assert base45.decode(base45.encode(data)) == data


@given(st.binary(min_size=1, max_size=200))
def test_the_last_character_is_never_a_blank_that_trimming_would_lose(data: bytes) -> None:
    assert not base45.encode(data).endswith(" ")


@pytest.mark.parametrize("text", ["A", "ABCD", "abc", "GGW", ":::", "::", "AB\x00", "é12"])
def test_what_cannot_be_base45(text: str) -> None:
    with pytest.raises(ValueError, match=r"character|length|group"):
        base45.decode(text)

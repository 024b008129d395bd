"""What a partner may send, and how often it is asked after it failed."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.recognition.breaker import FAILURES, PAUSE, Breaker
from etrust.recognition.messages import MAX_ANSWER, MAX_CREDENTIALS, read_answer
from etrust.recognition.model import PartnerFault
from tests.support import NOW

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["credentials", "x"]), inner, max_size=2), max_leaves=8,
)  # fmt: skip


def told(data: bytes) -> list[str]:
    """What an answer holds whose sealed part stands open; opening it is tested in test_sealed.py."""
    return read_answer(data, json.loads)


def sealed(value: object) -> bytes:
    return json.dumps({"sealed": json.dumps(value)}).encode()


@settings(deadline=None)
@given(st.binary(max_size=200) | JSON.map(sealed) | JSON.map(lambda value: json.dumps(value).encode()))
def test_only_an_answer_is_read_as_one(data: bytes) -> None:
    try:
        texts = told(data)
    except PartnerFault as fault:
        assert fault.reason == "bad_answer"
    else:
        assert len(texts) <= MAX_CREDENTIALS
        assert all(text.startswith("ET1") for text in texts)


def test_as_many_as_allowed_and_no_more() -> None:
    assert told(sealed({"credentials": ["ET1:A"] * MAX_CREDENTIALS, "later": 1})) == ["ET1:A"] * MAX_CREDENTIALS
    for bad in ({"credentials": ["ET1:A"] * (MAX_CREDENTIALS + 1)}, {"credentials": ["ET1:" + "A" * 4096]}, {"credentials": ["ET2:A"]}):
        with pytest.raises(PartnerFault, match="bad_answer"):
            told(sealed(bad))
    with pytest.raises(PartnerFault, match="bad_answer"):
        told(b" " * MAX_ANSWER + sealed({"credentials": []}))


def test_after_three_failures_one_question_in_thirty_seconds() -> None:
    breaker = Breaker()
    for _ in range(FAILURES):
        assert breaker.lets_through(NOW)
        breaker.failed(NOW)
    assert not breaker.lets_through(NOW + PAUSE - timedelta(seconds=1))
    assert breaker.lets_through(NOW + PAUSE)
    assert not breaker.lets_through(NOW + PAUSE)  # one tries, the others wait for what it finds
    breaker.failed(NOW + PAUSE)
    assert not breaker.lets_through(NOW + 2 * PAUSE - timedelta(seconds=1))
    assert breaker.lets_through(NOW + 2 * PAUSE)
    breaker.answered()
    assert breaker.lets_through(NOW + 2 * PAUSE)


def test_failures_apart_do_not_add_up() -> None:
    breaker = Breaker()
    for _ in range(FAILURES * 2):
        breaker.failed(NOW)
        breaker.answered()
    assert breaker.lets_through(NOW)

"""Bytes changed at random: what was signed never passes again, and nothing but a verdict comes of it."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from etrust.documents.validate import judge_pdf
from etrust.errors import EtrustError
from etrust.verification.model import Overall
from etrust.verification.pdf import weigh_pdf
from tests.documents import attacks
from tests.documents.signed_pdfs import plain_pdf, sign, world

FILES = {level: sign(plain_pdf(), level) for level in ("B-B", "B-LTA")}


def overall(pdf: bytes) -> Overall:
    """The overall word; what cannot be read is a failure."""
    try:
        return weigh_pdf(judge_pdf(pdf, world().ground()).findings).overall
    except EtrustError as error:
        assert error.code in {"bad_pdf", "encrypted", "too_complex"}
        return Overall.FAILED


@pytest.mark.parametrize("level", list(FILES))
@settings(max_examples=80, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), value=st.integers(1, 255))
@example(place=0.0, value=1)
@example(place=0.626953125, value=64)  # in a key of a certificate among the validation data
def test_one_byte_changed_in_what_was_signed(level: str, place: float, value: int) -> None:
    """Elsewhere, in the value's padding and in later validation data, any verdict will do, but it is a verdict."""
    pdf = bytearray(FILES[level])
    _, length, second, rest = (int(each) for each in attacks.RANGE.findall(bytes(pdf))[-1])
    at = int(place * len(pdf))
    pdf[at] ^= value
    found = overall(bytes(pdf))
    if at < length or second <= at < second + rest:
        assert found is not Overall.PASSED


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_pieces_cut_out_doubled_and_moved(data: st.DataObject) -> None:
    pdf = FILES["B-LTA"]
    start = data.draw(st.integers(9, len(pdf) - 2))
    end = data.draw(st.integers(start + 1, min(len(pdf), start + 400)))
    piece, where = pdf[start:end], data.draw(st.integers(9, len(pdf)))
    _, _, second, rest = (int(each) for each in attacks.RANGE.findall(pdf)[-1])
    for changed in (pdf[:start] + pdf[end:], pdf[:where] + piece + pdf[where:]):
        if changed[: second + rest] != pdf[: second + rest]:
            assert overall(changed) is not Overall.PASSED


@settings(max_examples=60, deadline=None)
@given(tail=st.binary(max_size=200))
def test_anything_that_begins_like_a_pdf(tail: bytes) -> None:
    assert overall(b"%PDF-1.7\n" + tail) is not Overall.PASSED

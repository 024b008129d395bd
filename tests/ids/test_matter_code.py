"""Implementation codes (实施编码): every part judged by itself, whatever a person typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.ids.matter import DIVISIONS, MATTER_LEVELS, MATTER_TYPES, MatterCode
from etrust.ids.uscc import USCC_ALPHABET, make_uscc_check

bodies = st.text(USCC_ALPHABET, min_size=17, max_size=17).map(lambda first: first + make_uscc_check(first))
digits = st.text("0123456789", min_size=3, max_size=3)
codes = st.builds(
    MatterCode, bodies, st.sampled_from(sorted(MATTER_LEVELS)).map(int), st.sampled_from(sorted(DIVISIONS)),
    st.sampled_from(sorted(MATTER_TYPES)), st.integers(1, 99).map("{:02d}".format), st.integers(1, 999).map("{:03d}".format), digits,
)  # fmt: skip
GOOD = "11653121MB1A0009XQ4000709001001"


@given(codes)
def test_what_is_written_is_read(code: MatterCode) -> None:
    assert MatterCode.parse(code.text) == code
    assert len(code.text) == 31
    assert code.text.endswith(code.basic)
    typed = " ".join(code.text.lower()).translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert MatterCode.parse(typed) == code


@pytest.mark.parametrize(("text", "said"), [
    (GOOD[:-1], "bad_matter_code"), (GOOD + "0", "bad_matter_code"), ("", "bad_matter_code"), ("x" * 5000, "bad_matter_code"),
    ("2" + GOOD[1:], "bad_matter_body"), (GOOD[:18] + "7" + GOOD[19:], "bad_matter_level"), (GOOD[:19] + "99" + GOOD[21:], "bad_matter_division"),
    (GOOD[:21] + "11" + GOOD[23:], "bad_matter_type"), (GOOD[:23] + "00" + GOOD[25:], "bad_matter_department"),
    (GOOD[:25] + "000" + GOOD[28:], "bad_matter_item"), (GOOD[:28] + "A01", "bad_matter_sub_item"),
])  # fmt: skip
def test_the_part_that_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(EtrustError) as caught:
        MatterCode.parse(text)
    assert caught.value.code == said

"""The code's picture holds the same modules that another implementation makes."""

import re

import pytest
import qrcode
from qrcode.constants import ERROR_CORRECT_Q

from etrust.documents.code_picture import code_svg
from etrust.errors import EtrustError


def modules_of(svg: str) -> set[tuple[int, int]]:
    path = re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", svg.rsplit("<path", 1)[1])
    return {(x, y) for left, top, w, h in (map(int, run) for run in path) for x in range(left, left + w) for y in range(top, top + h)}


def expected(text: str, mask: int) -> set[tuple[int, int]]:
    drawing = qrcode.QRCode(error_correction=ERROR_CORRECT_Q, border=4, mask_pattern=mask)
    drawing.add_data(text, optimize=0)
    drawing.make(fit=True)
    return {(x, y) for y, row in enumerate(drawing.get_matrix()) for x, dark in enumerate(row) if dark}


@pytest.mark.parametrize("length", [4, 100, 384, 600])
def test_the_modules_are_those_of_another_implementation(length: int) -> None:
    text = ("ET1:" + "6BF0X7Y2QK8G9W3V5N1M4T0ZLPJ$%*+-./:" * 20)[:length]
    assert modules_of(code_svg(text)) in [expected(text, mask) for mask in range(8)]


@pytest.mark.parametrize("text", ["A" * 5000, ""])
def test_what_does_not_fit_is_told(text: str) -> None:
    with pytest.raises(EtrustError) as caught:
        code_svg(text)
    assert caught.value.code == "too_long"

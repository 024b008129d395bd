"""The PNG of a seal: at its true size, red on nothing."""

import io

import pytest
from PIL import Image

from etrust.seals.drawing import picture_recipe
from etrust.seals.model import Application, SealKind
from etrust.seals.picture import draw_seal
from etrust.seals.raster import DOTS_PER_INCH, to_png

BODY = "11650000MB1A0004XU"


@pytest.mark.parametrize("kind", list(SealKind))
def test_size_color_and_ground(kind: SealKind) -> None:
    application = Application(BODY, kind, "买买提明" if kind is SealKind.PERSONAL else "疏附县行政审批局")
    drawn = draw_seal(picture_recipe(application, "65312100000001"))
    data = to_png(drawn.svg, width_mm=drawn.width_mm, height_mm=drawn.height_mm)
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGBA")
    dots = tuple(round(size / 25.4 * DOTS_PER_INCH) for size in (drawn.width_mm, drawn.height_mm))
    assert picture.format is None
    assert picture.size == dots
    pixels = [pixel for pixel in picture.get_flattened_data() if pixel[3] > 250]
    assert 0.02 < len(pixels) / (picture.width * picture.height) < 0.5  # lines and letters, and much left free
    assert all(red > 180 and green < 40 and blue < 60 for red, green, blue, _ in pixels)
    assert data == to_png(drawn.svg, width_mm=drawn.width_mm, height_mm=drawn.height_mm)

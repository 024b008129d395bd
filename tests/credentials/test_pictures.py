"""Codes in pictures: as phones take them, as people send them, and as attackers make them."""

import io
import struct
import zlib

import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps
from tests.support import Recipe, make_signer

from etrust.credentials.code import encode_code
from etrust.credentials.image import MAX_BYTES, read_codes
from etrust.credentials.qr import matrix, png, svg, terminal, version
from etrust.errors import EtrustError

CODE = encode_code(Recipe(fields={1: ["阿不都热合曼·古丽巴哈尔", "李勇"], 2: ["650102********1799"] * 2}).signed(make_signer()))


def picture(scale: int = 6) -> Image.Image:
    return Image.open(io.BytesIO(png(CODE, scale=scale))).convert("RGB")


def sent(image: Image.Image, form: str = "PNG", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **how)
    return out.getvalue()


PHOTOS = {
    "clean": lambda image: image,
    "turned": lambda image: image.rotate(17, expand=True, fillcolor="white"),
    "upside down": lambda image: image.rotate(180),
    "blurred": lambda image: image.filter(ImageFilter.GaussianBlur(2)),
    "in low light": lambda image: ImageEnhance.Brightness(ImageEnhance.Contrast(image).enhance(0.35)).enhance(0.4),
    "small on a large page": lambda image: _on_page(image.resize((330, 330))),
}


def _on_page(image: Image.Image) -> Image.Image:
    page = Image.new("RGB", (1600, 2200), "#eee")
    page.paste(image, (900, 1500))
    ImageDraw.Draw(page).text((100, 100), "a page with a code on it", fill="black")
    return page


@pytest.mark.parametrize("photo", PHOTOS)
def test_photographed(photo: str) -> None:
    assert read_codes(sent(PHOTOS[photo](picture()))) == [CODE]


@pytest.mark.parametrize(("form", "how"), [("PNG", {}), ("JPEG", {"quality": 40}), ("WEBP", {"quality": 40}), ("GIF", {}), ("BMP", {})])
def test_every_usual_form(form: str, how: dict[str, object]) -> None:
    assert read_codes(sent(picture(), form, **how)) == [CODE]


def test_a_transparent_ground_counts_as_white() -> None:
    image = Image.new("RGBA", picture().size, (0, 0, 0, 0))
    image.putalpha(ImageOps.invert(picture().convert("L")))
    assert read_codes(sent(image)) == [CODE]


def test_two_codes_are_both_told() -> None:
    page = Image.new("RGB", (1400, 700), "white")
    page.paste(picture(4), (10, 10))
    page.paste(Image.open(io.BytesIO(png("HELLO", scale=8))), (900, 100))
    assert sorted(read_codes(sent(page))) == sorted([CODE, "HELLO"])


def test_no_code() -> None:
    assert read_codes(sent(Image.new("L", (300, 300), 255))) == []


def _png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG that claims to be enormous."""
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("data", "code"), [
    (b"", "not_an_image"), (b"hello", "not_an_image"), (b"%PDF-1.7", "not_an_image"), (b"\x89PNG\r\n\x1a\n", "not_an_image"),
    (png(CODE)[:200], "not_an_image"), (_png_claiming(50_000, 50_000), "image_too_large"), (_png_claiming(2**31 - 1, 2**31 - 1), "image_too_large"),
    (b"\0" * (MAX_BYTES + 1), "image_too_large"), (b"\xff\xd8" + b"\xff\xda" * 200, "image_too_large"), (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not_an_image"),
], ids=["empty", "text", "pdf", "only a start", "cut off", "bomb", "larger bomb", "too many bytes", "too many scans", "svg"])  # fmt: skip
def test_what_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(EtrustError) as caught:
        read_codes(data)
    assert caught.value.code == code


@given(st.integers(8, len(png("HELLO"))), st.binary(min_size=1, max_size=20))
def test_no_damaged_picture_makes_it_fall_over(place: int, junk: bytes) -> None:
    whole = png("HELLO")
    try:
        assert set(read_codes(whole[:place] + junk + whole[place + len(junk) :])) <= {"HELLO"}
    except EtrustError as error:
        assert error.code in {"not_an_image", "image_too_large"}


@pytest.mark.parametrize("level", ["M", "Q"])
def test_a_code_of_two_long_names_is_at_most_version_14_on_a_screen(level: str) -> None:
    assert version(CODE, level) <= {"M": 14, "Q": 17}[level]
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png(CODE, level))))
    assert read.ec_level == level


def test_the_svg_has_the_modules_of_the_code_and_its_quiet_zone() -> None:
    drawn = svg(CODE)
    side = len(matrix(CODE)) + 8
    assert f'viewBox="0 0 {side} {side}"' in drawn
    assert drawn.count("<path") == 2


def test_a_terminal_shows_every_module() -> None:
    lines = terminal(CODE).splitlines()
    side = len(matrix(CODE)) + 8
    assert {len(line) for line in lines} == {side}
    image = Image.new("L", (side, 2 * len(lines)), 0)
    for y, line in enumerate(lines):
        for x, block in enumerate(line):
            image.putpixel((x, 2 * y), 255 if block in "█▀" else 0)
            image.putpixel((x, 2 * y + 1), 255 if block in "█▄" else 0)
    image = image.resize((side * 4, 8 * len(lines)), Image.Resampling.NEAREST)
    assert [barcode.text for barcode in zxingcpp.read_barcodes(image)] == [CODE]


def test_too_long_for_a_code() -> None:
    with pytest.raises(EtrustError, match="too_long"):
        matrix("A" * 5000)

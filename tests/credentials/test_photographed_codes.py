"""Codes as a counter's camera sees them on a phone: turned, blurred, dim, noisy, aslant. Made with Pillow, the same every time.

A phone's screen shows the code 44 mm wide; the camera of the counter, half a metre away, gives that some 300 to 420 pixels,
of which a module of a version 10 code has five to six, and one of a printed version 14 code a little less.
"""

import io
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image, ImageChops, ImageEnhance, ImageFilter
from tests.support import NOW, TYPE_CODE, Recipe, make_signer

from etrust.credentials.code import encode_code
from etrust.credentials.image import read_codes
from etrust.credentials.online_code import CodeFor, CodeState, OnlineClaims, sign_online_code
from etrust.credentials.qr import png, version

_COMPANY = "新疆维吾尔自治区喀什地区塔什库尔干塔吉克自治县帕米尔高原农牧业综合开发有限责任公司"
_SIGNER = make_signer("photographs")
ONLINE = sign_online_code(
    OnlineClaims(
        "650000", NOW, NOW + timedelta(seconds=60), bytes(range(16)), CodeFor.LICENSE, _COMPANY, TYPE_CODE,
        "ABCDEFGHIJKLMNOPQRST001X", CodeState.VALID,
    ),
    _SIGNER,
)
OFFLINE = encode_code(Recipe(fields={1: ["阿不都热合曼·古丽巴哈尔", "李勇"], 2: ["650102********1799"] * 2}).signed(_SIGNER))
CODES = {"online": ONLINE, "offline": OFFLINE}
SIDE = {"online": 360, "offline": 420}
"""Pixels of the code in the camera's picture, its quiet zone included."""

Change = Callable[[Image.Image], Image.Image]


def photograph(code: str, side: int, change: Change) -> bytes:
    """A camera's frame with a phone in it that shows the code."""
    shown = Image.open(io.BytesIO(png(code, scale=10))).convert("L").resize((side, side), Image.Resampling.BICUBIC)
    frame = Image.new("L", (960, 720), 70)
    frame.paste(Image.new("L", (side + 40, side + 160), 245), (960 // 2 - side // 2 - 20, 720 // 2 - side // 2 - 60))
    frame.paste(shown, (960 // 2 - side // 2, 720 // 2 - side // 2))
    out = io.BytesIO()
    change(frame).convert("RGB").save(out, "JPEG", quality=82)
    return out.getvalue()


def noisy(strength: int) -> Change:
    """Grain of so many levels of gray, the same every time."""

    def change(frame: Image.Image) -> Image.Image:
        dice = random.Random(strength)
        grain = Image.frombytes("L", frame.size, dice.randbytes(frame.width * frame.height))
        quiet = grain.point([round(level * strength / 255) for level in range(256)])
        return ImageChops.subtract(ImageChops.add(frame, quiet), Image.new("L", frame.size, strength // 2))

    return change


def aslant(pull: int) -> Change:
    """The phone held at an angle: two corners pulled in by so many pixels."""

    def change(frame: Image.Image) -> Image.Image:
        width, height = frame.size
        corners = (0, 0, 0, height, width, height - pull, width, pull)  # upper left, lower left, lower right, upper right
        return frame.transform(frame.size, Image.Transform.PERSPECTIVE, _plane(corners, width, height), Image.Resampling.BICUBIC)

    return change


def _plane(corners: tuple[int, ...], width: int, height: int) -> list[float]:
    """Coefficients of the plane through which each corner of the new picture sees its place in the old one (Pillow's form)."""
    to = [(0, 0), (0, height), (width, height), (width, 0)]
    seen = [(corners[place], corners[place + 1]) for place in range(0, 8, 2)]
    rows = []
    for (x, y), (u, v) in zip(to, seen, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return _solved(rows)


def _solved(rows: list[list[float]]) -> list[float]:
    """Gauss and Jordan, with eight unknowns."""
    for column in range(8):
        best = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[best] = rows[best], rows[column]
        rows[column] = [value / rows[column][column] for value in rows[column]]
        for row in range(8):
            if row != column:
                factor = rows[row][column]
                rows[row] = [value - factor * own for value, own in zip(rows[row], rows[column], strict=True)]
    return [row[8] for row in rows]


def dim(brightness: float, contrast: float) -> Change:
    """Little light: so much of the brightness and of the contrast is left."""
    return lambda frame: ImageEnhance.Brightness(ImageEnhance.Contrast(frame).enhance(contrast)).enhance(brightness)


def turned(degrees: float) -> Change:
    """The phone turned in the hand."""
    return lambda frame: frame.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=70)


def blurred(radius: float) -> Change:
    """Out of focus by so many pixels."""
    return lambda frame: frame.filter(ImageFilter.GaussianBlur(radius))


def then(*changes: Change) -> Change:
    """Several at once, as it is at a counter."""

    def change(frame: Image.Image) -> Image.Image:
        for each in changes:
            frame = each(frame)
        return frame

    return change


CONDITIONS: dict[str, Change] = {
    "as it is": lambda frame: frame,
    **{f"turned {degrees}": turned(degrees) for degrees in (5, 12, 30, 45, 90, 180, 233)},
    **{f"blurred {radius}": blurred(radius) for radius in (0.8, 1.4, 2.0)},
    **{f"light {brightness} contrast {contrast}": dim(brightness, contrast) for brightness, contrast in ((0.6, 0.6), (0.4, 0.4), (0.25, 0.3))},
    **{f"noise {strength}": noisy(strength) for strength in (40, 80, 160)},
    **{f"aslant {pull}": aslant(pull) for pull in (60, 120, 200)},
    "an evening at the counter": then(turned(8), aslant(70), blurred(1.0), dim(0.5, 0.5), noisy(30)),
    "a shaking hand": then(turned(-14), aslant(50), blurred(1.4), noisy(40)),
}  # fmt: skip


@pytest.mark.parametrize("kind", CODES)
@pytest.mark.parametrize("condition", CONDITIONS)
def test_read_from_a_photograph(kind: str, condition: str) -> None:
    assert read_codes(photograph(CODES[kind], SIDE[kind], CONDITIONS[condition])) == [CODES[kind]]


@pytest.mark.parametrize(("kind", "least"), [("online", 220), ("offline", 260)])
def test_how_small_it_may_be(kind: str, least: int) -> None:
    assert read_codes(photograph(CODES[kind], least, turned(7))) == [CODES[kind]]


def test_the_versions_that_were_promised() -> None:
    assert version(ONLINE, "M") <= 10
    assert version(OFFLINE, "M") <= 14

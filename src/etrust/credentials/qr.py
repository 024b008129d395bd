"""Pictures of a code: SVG for pages, PNG for files, characters for a terminal. Level M on a screen, Q in print.

A code whose names are so long that level M would need more than version 14 is drawn at level L on a screen: nothing wears
a screen off, but modules that are too small for a counter's camera cannot be read at all.
"""

import io
from functools import lru_cache

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M, ERROR_CORRECT_Q
from qrcode.exceptions import DataOverflowError

from etrust.errors import EtrustError, Kind

QUIET_ZONE = 4
"""Modules of white around a code (ISO/IEC 18004, section 5.3.8)."""

SCREEN = "screen"
"""The level of a screen: M, or L where M would need more than `SCREEN_VERSION`."""
SCREEN_VERSION = 14

LEVELS = {"L": ERROR_CORRECT_L, "M": ERROR_CORRECT_M, "Q": ERROR_CORRECT_Q}
Matrix = tuple[tuple[bool, ...], ...]


@lru_cache(maxsize=512)
def matrix(code: str, level: str = "M") -> Matrix:
    """The modules of a code without its quiet zone, in alphanumeric mode.

    Args:
        code: the text.
        level: of error correction: L, M, Q, or `SCREEN`.

    Raises:
        EtrustError: ``too_long`` for a QR code.
    """
    if level == SCREEN:
        level = "M" if version(code, "M") <= SCREEN_VERSION else "L"
    drawing = qrcode.QRCode(error_correction=LEVELS[level], border=0)
    try:
        drawing.add_data(code, optimize=0)  # the library finds that it is alphanumeric
        drawing.make(fit=True)
    except (DataOverflowError, ValueError) as error:
        raise EtrustError(
            Kind.TOO_LARGE, "too_long", where="code", zh="内容过长，无法生成二维码。", en="Too long for a QR code."
        ) from error
    return tuple(tuple(bool(module) for module in row) for row in drawing.get_matrix())


def version(code: str, level: str = "M") -> int:
    """The version (1 to 40) a code needs."""
    return (len(matrix(code, level)) - 17) // 4


def svg(code: str, level: str = SCREEN) -> str:
    """An SVG element, black on white with its quiet zone, sized by the page it stands on."""
    modules = matrix(code, level)
    side = len(modules) + 2 * QUIET_ZONE
    path = "".join(_runs(y, row) for y, row in enumerate(modules))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def _runs(y: int, row: tuple[bool, ...]) -> str:
    """The dark runs of one row as rectangles of a path."""
    parts = []
    x = 0
    while x < len(row):
        end = x
        while end < len(row) and row[end]:
            end += 1
        if end > x:
            parts.append(f"M{x + QUIET_ZONE} {y + QUIET_ZONE}h{end - x}v1h-{end - x}z")
        x = end + 1
    return "".join(parts)


def png(code: str, level: str = SCREEN, *, scale: int = 8) -> bytes:
    """A PNG with `scale` pixels a module."""
    modules = matrix(code, level)
    side = len(modules) + 2 * QUIET_ZONE
    picture = Image.new("1", (side, side), 1)
    for y, row in enumerate(modules):
        for x, dark in enumerate(row):
            if dark:
                picture.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    out = io.BytesIO()
    picture.resize((side * scale, side * scale), Image.Resampling.NEAREST).save(out, "PNG")
    return out.getvalue()


_HALVES = {(False, False): "█", (True, False): "▄", (False, True): "▀", (True, True): " "}


def terminal(code: str, level: str = SCREEN) -> str:
    """Half blocks for a terminal, light on dark as terminals are; scanners on phones read it."""
    blank = (False,) * (len(matrix(code, level)) + 2 * QUIET_ZONE)
    side = (False,) * QUIET_ZONE
    rows = [blank] * QUIET_ZONE + [side + row + side for row in matrix(code, level)] + [blank] * QUIET_ZONE
    if len(rows) % 2:
        rows.append(blank)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join("".join(map(_HALVES.__getitem__, zip(upper, lower, strict=True))) for upper, lower in pairs)

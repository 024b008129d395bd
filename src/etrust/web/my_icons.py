"""Icons of the installed pages: drawn of ``mark.svg`` when they are first asked for, kept in memory."""

import re
from functools import lru_cache

from etrust.resources import resource

SIZES = (180, 192, 512)
MASKABLE = "maskable"
"""The icon whose rim a phone may cut off: the mark fills the middle four fifths (W3C Manifest, section "Icon masks")."""

_SHEET = b"""#set page(width: float(sys.inputs.side) * 1pt, height: float(sys.inputs.side) * 1pt, margin: 0pt, fill: none)
#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)"""
_POINTS_PER_INCH = 72


@lru_cache(maxsize=8)
def icon(name: str) -> bytes:
    """A square PNG: ``180``, ``192``, ``512`` or ``maskable`` (512). Takes some 30 ms the first time."""
    import typst  # noqa: PLC0415 - needed only where an icon is drawn

    svg = resource("templates", "static", "mark.svg").read_text("utf-8")
    side = max(SIZES) if name == MASKABLE else int(name)
    drawn: bytes = typst.compile(
        _SHEET, format="png", ppi=_POINTS_PER_INCH, ignore_system_fonts=True,
        sys_inputs={"svg": _with_rim(svg) if name == MASKABLE else svg, "side": str(side)},
    )  # fmt: skip
    return drawn


def _with_rim(svg: str) -> str:
    """The mark on a whole square of its own blue, a fifth smaller."""
    inner = re.sub(r"</?svg[^>]*>", "", svg)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" fill="#0b5cad"/>'
        f'<g transform="translate(6.4 6.4) scale(0.8)">{inner}</g></svg>'
    )

"""XML of OFD packages written: the namespace, numbers, boxes, elements. Strings in, strings out, so the bytes are ours."""

import html
from collections.abc import Iterable

from etrust.documents.ofd_drawing import Box, Matrix, Segment

NAMESPACE = "http://www.ofdspec.org/2016"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_DECIMALS = 4  # of a millimeter: a tenth of a thousandth


def number(value: float) -> str:
    """A length or factor without needless digits."""
    text = f"{value:.{_DECIMALS}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def numbers(values: Iterable[float]) -> str:
    """A list of numbers (ST_Array)."""
    return " ".join(map(number, values))


def box(area: Box) -> str:
    """ST_Box: left, top, width, height."""
    return numbers((area.left, area.top, area.right - area.left, area.bottom - area.top))


def matrix(value: Matrix) -> str:
    """A CTM; its factors need more digits than lengths."""
    factors = (value.a, value.b, value.c, value.d, value.e, value.f)
    texts = (f"{each:.6f}".rstrip("0").rstrip(".") for each in factors)
    return " ".join("0" if text == "-0" else text for text in texts)


def path(segments: Iterable[Segment], left: float = 0.0, top: float = 0.0) -> str:
    """AbbreviatedData, relative to a corner."""
    words = []
    for name, points in segments:
        words.append(name)
        words += [number(each) for x, y in points for each in (x - left, y - top)]
    return " ".join(words)


def element(name: str, attributes: dict[str, str] | None = None, *children: str, text: str = "") -> str:
    """An element; children are elements already, text is escaped."""
    listed = "".join(f' {key}="{html.escape(value)}"' for key, value in (attributes or {}).items())
    inner = "".join(children) + html.escape(text, quote=False)
    return f"<ofd:{name}{listed}>{inner}</ofd:{name}>" if inner else f"<ofd:{name}{listed}/>"


def document(name: str, attributes: dict[str, str] | None = None, *children: str) -> bytes:
    """A whole file with its root element."""
    root = {"xmlns:ofd": NAMESPACE} | (attributes or {})
    return (_HEAD + element(name, root, *children)).encode("utf-8")

"""What the bytes of a PDF say before anything is parsed: the range a signature covers, its gap, what stands at the end.

Signature wrapping, forged ranges and unsigned tails are attacks on these bytes (Mladenov et al., "1 Trillion Dollar
Refund", 2019), so they are looked at here and not through a parser that may read them in its own way.
"""

import binascii
import re
from collections.abc import Sequence

MAX_PDF = 20 * 1024 * 1024
_HEADER_WITHIN = 1024  # ISO 32000-1, annex H: the header may stand a little into the file
_BLANK = b"\0\t\n\f\r "
_END = re.compile(rb"startxref[\0\t\n\f\r ]+(\d{1,12})[\0\t\n\f\r ]+%%EOF")
_TAIL = 64 * 1024
_RANGE = 4


def is_pdf(data: bytes) -> bool:
    """Whether the bytes are meant to be a PDF."""
    return b"%PDF-" in data[:_HEADER_WITHIN]


def range_problem(data: bytes, numbers: Sequence[int], contents: bytes) -> tuple[str, str] | None:
    """What is wrong with a /ByteRange; None when it is two pieces around nothing but the signature's own value.

    Reasons: ``byte_range`` (not four numbers that fit the file), ``signature_wrapping`` (the gap holds more than the value).
    """
    if len(numbers) != _RANGE or any(type(each) is not int for each in numbers):
        return "byte_range", f"{len(numbers)} entries, four numbers are needed"
    start, length, second, rest = numbers
    if start != 0 or min(numbers) < 0 or second < length or second + rest > len(data):
        return "byte_range", f"[{start} {length} {second} {rest}] of {len(data)} bytes"
    gap = data[length:second].strip(_BLANK)
    value = _hexadecimal(gap)
    if value is None:
        if not gap:
            return "byte_range", "no gap for the signature's value"
        return "signature_wrapping", f"{second - length} bytes between the signed pieces hold more than the signature"
    if value != contents:
        return "signature_wrapping", "the signature's value does not stand between the signed pieces"
    return None


def _hexadecimal(gap: bytes) -> bytes | None:
    if not (gap.startswith(b"<") and gap.endswith(b">")):
        return None
    try:
        return binascii.unhexlify(gap[1:-1].translate(None, _BLANK))
    except binascii.Error:
        return None


def regular_end(data: bytes) -> int:
    """Where the last regular end of file (startxref, number, %%EOF) ends; 0 when there is none near the end."""
    ends = list(_END.finditer(data, max(0, len(data) - _TAIL)))
    return ends[-1].end() if ends else 0


def unsigned_tail(data: bytes, last_startxref: int, signed_to: int) -> str:
    """Why bytes at the end belong to no revision of the file; empty when all is in order.

    Args:
        last_startxref: the cross-reference section that was read as the last one.
        signed_to: how far signatures reach; what they cover was there when they were made.
    """
    if signed_to >= len(data):
        return ""
    base = max(0, len(data) - _TAIL)
    ends = list(_END.finditer(data, base))
    if not ends:
        return f"no end of file within the last {_TAIL} bytes"
    left = data[ends[-1].end() :].strip(_BLANK)
    if left:
        return f"{len(left)} bytes after the end of the file"
    if int(ends[-1][1]) != last_startxref:
        return f"the file ends with cross-references at {int(ends[-1][1])}, read were those at {last_startxref}"
    return ""

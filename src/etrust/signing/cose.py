"""COSE_Sign1 (RFC 9052): read strictly, written canonically. The private key stays behind the `Signer` port.

Two things of the RFC are easy to get wrong and are tested: an empty protected map (``h'A0'``) counts as the empty byte
string in what is signed (section 3), and a map with the same key twice is refused (section 9 of RFC 8949's rules).
"""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import cbor2

from etrust.errors import EtrustError, Kind
from etrust.signing.model import Signer

ALGORITHM = 1
CONTENT_TYPE = 3
KEY_ID = 4
TYPE = 16
X5CHAIN = 33
CERTIFICATES = 33  # x5chain (RFC 9360)
TIMESTAMP = 270  # 3161-ctt (RFC 9921): unprotected, over the signature as CBOR
MAX_DEPTH = 8
_CONTEXT = b"\x84\x6aSignature1"  # array of four, text "Signature1"
_EMPTY = b"\x40"


@dataclass(frozen=True, slots=True)
class Sign1:
    """The parts of a COSE_Sign1 as they were received."""

    protected_bytes: bytes
    protected: Mapping[int, object]
    unprotected: Mapping[int, object]
    payload: bytes
    signature: bytes

    @property
    def kid(self) -> bytes | None:
        """The key id, from either header."""
        value = self.protected.get(KEY_ID, self.unprotected.get(KEY_ID))
        return value if isinstance(value, bytes) else None


def sign1(payload: bytes, protected: Mapping[int, object], signer: Signer) -> bytes:
    """Sign a payload; the headers given are all protected."""
    header = encode_header(protected)
    return assemble(header, payload, signer.sign(to_be_signed(header, payload)))


def encode_header(protected: Mapping[int, object]) -> bytes:
    """A protected header as bytes; the empty map is the empty string."""
    return cbor2.dumps(dict(protected), canonical=True) if protected else b""


def assemble(protected_bytes: bytes, payload: bytes, signature: bytes, unprotected: Mapping[int, object] | None = None) -> bytes:
    """A tagged COSE_Sign1, its unprotected header empty unless one is given."""
    header = cbor2.dumps(dict(unprotected), canonical=True) if unprotected else b"\xa0"
    return b"\xd2\x84" + _bytes(protected_bytes) + header + _bytes(payload) + _bytes(signature)


def timestamped(signature: bytes) -> bytes:
    """What a timestamp in `TIMESTAMP` is over: the signature as a CBOR byte string, head included (RFC 9921, section 3.1)."""
    return _bytes(signature)


def to_be_signed(protected_bytes: bytes, payload: bytes) -> bytes:
    """The Sig_structure of section 4.4, without external data."""
    header = b"" if protected_bytes == b"\xa0" else protected_bytes
    return _CONTEXT + _bytes(header) + _EMPTY + _bytes(payload)


def parse_sign1(data: bytes, max_size: int) -> Sign1:
    """Take a COSE_Sign1 apart without judging its signature.

    Raises:
        EtrustError: ``too_large``, or ``bad_cose`` for anything that is not one well-formed COSE_Sign1 and nothing else.
    """
    if len(data) > max_size:
        raise EtrustError(Kind.TOO_LARGE, "too_large", zh="内容过长。", en=f"More than {max_size} bytes.")
    body = data[1:] if data[:1] == b"\xd2" else data
    parts = strict_loads(body)
    if not isinstance(parts, list) or len(parts) != 4:
        raise _bad("not an array of four")
    protected_bytes, unprotected, payload, signature = parts
    if not (isinstance(protected_bytes, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise _bad("protected header, payload and signature must be byte strings")
    protected = strict_loads(protected_bytes) if protected_bytes else {}
    if not isinstance(protected, dict) or not isinstance(unprotected, dict):
        raise _bad("headers must be maps")
    if KEY_ID in protected and KEY_ID in unprotected and protected[KEY_ID] != unprotected[KEY_ID]:
        raise _bad("two different key ids")
    if 2 in protected:
        raise _bad("critical headers are not understood")
    return Sign1(protected_bytes, protected, unprotected, payload, signature)


def strict_loads(data: bytes) -> object:
    """One CBOR item and nothing after it: definite lengths, shortest forms, no key twice, depth at most eight.

    The rules of deterministic encoding (RFC 8949, section 4.2.1) but for the order of map keys, which others sort in
    other ways.
    """
    try:
        value, end = _item(data, 0, 0)
    except IndexError:
        raise _bad("ends too early") from None
    except UnicodeDecodeError:
        raise _bad("text is not UTF-8") from None
    if end != len(data):
        raise _bad("bytes left over" if end < len(data) else "ends too early")
    return value


def _item(data: bytes, at: int, depth: int) -> tuple[object, int]:  # noqa: PLR0911 - each kind returns at once
    """The item at a place, and the place after it; the commonest kinds first, for every check reads some thirty items.

    A string cut off by the end of the data is not noticed here: the place after it is then past the end, where nothing
    can be read, and `strict_loads` does not end well.
    """
    first = data[at]
    at += 1
    if first < 24:
        return first, at
    argument = first & 31
    if argument >= 24:
        if first >= 0xE0:
            return _simple(data, at - 1)
        argument, at = _long_argument(data, at, argument)
    major = first >> 5
    if major == 3:
        end = at + argument
        return data[at:end].decode(), end
    if major == 0:
        return argument, at
    if major == 5:
        return _map(data, at, argument, depth)
    if major == 2:
        end = at + argument
        return data[at:end], end
    return _READERS[major](data, at, argument, depth)


def _long_argument(data: bytes, at: int, code: int) -> tuple[int, int]:
    if code == 24:
        value, end = data[at], at + 1
    elif code > 27:
        raise _bad("indefinite length")
    else:
        end = at + (1 << (code - 24))
        value = int.from_bytes(data[at:end], "big")
    if value < _LEAST[code]:
        raise _bad("number not in its shortest form")
    return value, end


def _negative(_data: bytes, at: int, argument: int, _depth: int) -> tuple[object, int]:
    return -1 - argument, at


def _array(data: bytes, at: int, argument: int, depth: int) -> tuple[object, int]:
    _bound(data, at, argument, depth)
    items = []
    for _ in range(argument):
        item, at = _item(data, at, depth + 1)
        items.append(item)
    return items, at


def _map(data: bytes, at: int, argument: int, depth: int) -> tuple[object, int]:
    _bound(data, at, argument * 2, depth)
    depth += 1
    found: dict[object, object] = {}
    for _ in range(argument):
        key, at = _item(data, at, depth)
        if not isinstance(key, _KEYS) or key in found:
            raise _bad("a map key stands twice or is neither number nor text")
        found[key], at = _item(data, at, depth)
    return found, at


def _bound(data: bytes, at: int, items: int, depth: int) -> None:
    """Refuse a container before anything is made of it: more items than bytes, or too deep."""
    if items > len(data) - at:
        raise _bad("ends too early")
    if items and depth == MAX_DEPTH:
        raise _bad("nested too deep")


def _tag(_data: bytes, _at: int, _argument: int, _depth: int) -> tuple[object, int]:
    raise _bad("unexpected tag")


def _constant(data: bytes, at: int, _argument: int, _depth: int) -> tuple[object, int]:
    return _simple(data, at - 1)


def _simple(data: bytes, at: int) -> tuple[object, int]:
    """Booleans, null and floats; cbor2 reads the floats."""
    if data[at] in (0xF4, 0xF5, 0xF6):
        return (False, True, None)[data[at] - 0xF4], at + 1
    length = {0xF9: 3, 0xFA: 5, 0xFB: 9}.get(data[at])
    if length is None or at + length > len(data):
        raise _bad("unknown simple value")
    return cbor2.load(io.BytesIO(data[at : at + length])), at + length


_KEYS = (int, str)
_LEAST = {24: 24, 25: 256, 26: 65536, 27: 1 << 32}  # the smallest number that needs so many bytes, by its code
_READERS: Mapping[int, Callable[[bytes, int, int, int], tuple[object, int]]] = {1: _negative, 4: _array, 6: _tag, 7: _constant}


def _bytes(value: bytes) -> bytes:
    length = len(value)
    if length < 24:
        return bytes((0x40 | length,)) + value
    if length < 256:
        return bytes((0x58, length)) + value
    if length < 65536:
        return b"\x59" + length.to_bytes(2, "big") + value
    return b"\x5a" + length.to_bytes(4, "big") + value


def _bad(why: str) -> EtrustError:
    return EtrustError(Kind.MALFORMED, "bad_cose", zh="内容不是有效的签名结构。", en=f"Not a valid COSE_Sign1: {why}.")

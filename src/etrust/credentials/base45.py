"""Base45 (RFC 9285). Every check decodes one, so the groups of a text are worked on side by side in one large number."""

import struct

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_ALPHABET = ALPHABET.encode()
_NONE = 255
_VALUES = bytes(_ALPHABET.index(byte) if byte in _ALPHABET else _NONE for byte in range(256))


def encode(data: bytes) -> str:
    """The bytes as text of the alphanumeric mode of QR codes."""
    pairs = len(data) // 2
    parts: list[str] = []
    for value in struct.unpack(f">{pairs}H", data[: pairs * 2]):
        rest, low = divmod(value, 45)
        high, middle = divmod(rest, 45)
        parts.append(ALPHABET[low] + ALPHABET[middle] + ALPHABET[high])
    if len(data) % 2:
        high, low = divmod(data[-1], 45)
        parts.append(ALPHABET[low] + ALPHABET[high])
    return "".join(parts)


def decode(text: str) -> bytes:
    """The bytes of a text.

    Raises:
        ValueError: a character outside the alphabet, a length that none can have, or a value that overflows.
    """
    values = text.encode("ascii", "replace").translate(_VALUES)
    if _NONE in values:
        raise ValueError("a character is not of base45")
    rest = len(values) % 3
    if rest == 1:
        raise ValueError("the length cannot be right")
    return _groups(values[:-rest]) + _last(values[-rest:]) if rest else _groups(values)


def _groups(values: bytes) -> bytes:
    """Two bytes from every three characters, each group in a lane of three bytes that no sum can leave."""
    length = len(values)
    low, middle, high = (_lanes(values[place::3], length) for place in range(3))
    lanes = (low + 45 * middle + 2025 * high).to_bytes(length, "big")
    if lanes[0::3] != bytes(length // 3):
        raise ValueError("a group is larger than its bytes")
    data = bytearray(length // 3 * 2)
    data[0::2], data[1::2] = lanes[1::3], lanes[2::3]
    return bytes(data)


def _lanes(values: bytes, length: int) -> int:
    lanes = bytearray(length)
    lanes[2::3] = values
    return int.from_bytes(lanes, "big")


def _last(values: bytes) -> bytes:
    value = values[0] + 45 * values[1]
    if value > 255:  # noqa: PLR2004 - what fits a byte
        raise ValueError("a group is larger than its bytes")
    return bytes((value,))

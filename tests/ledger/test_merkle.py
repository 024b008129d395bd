"""The tree, its tiles and its proofs against the definitions of RFC 6962 written out as they stand."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.ledger import merkle
from etrust.ledger.tiles import WIDTH, Tile, growing, hashes_in, pack_entries, unpack_entries

SIZES = st.integers(min_value=1, max_value=700)


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(b"%d" % each) for each in range(size)]


def mth(found: list[bytes]) -> bytes:
    """MTH of section 2.1, over leaf hashes."""
    if not found:
        return hashlib.sha256(b"").digest()
    if len(found) == 1:
        return found[0]
    k = split(len(found))
    return merkle.node_hash(mth(found[:k]), mth(found[k:]))


def split(n: int) -> int:
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, found: list[bytes]) -> list[bytes]:
    """PATH of section 2.1.1."""
    if len(found) == 1:
        return []
    k = split(len(found))
    if m < k:
        return [*path(m, found[:k]), mth(found[k:])]
    return [*path(m - k, found[k:]), mth(found[:k])]


def proof(m: int, found: list[bytes]) -> list[bytes]:
    """PROOF of section 2.1.2."""

    def subproof(m: int, found: list[bytes], *, known: bool) -> list[bytes]:
        if m == len(found):
            return [] if known else [mth(found)]
        k = split(len(found))
        if m <= k:
            return [*subproof(m, found[:k], known=known), mth(found[k:])]
        return [*subproof(m - k, found[k:], known=False), mth(found[:k])]

    return subproof(m, found, known=True) if 0 < m < len(found) else []


def direct(found: list[bytes]) -> merkle.HashAt:
    return lambda level, index: mth(found[index << level : (index + 1) << level])


def tiled(found: list[bytes], *steps: int) -> dict[tuple[int, int], bytes]:
    """The tiles of a log that grew in steps, made the way they grow: each from the one below."""
    tiles: dict[tuple[int, int], bytes] = {}
    before = 0
    for size in [*steps, len(found)]:
        for tile in growing(before, size):
            level, start = tile.level or 0, tile.index * WIDTH
            hashes = [mth(found[at << 8 * level : (at + 1) << 8 * level]) for at in range(start, start + tile.width)]
            tiles[level, tile.index] = b"".join(hashes)
        before = size
    return tiles


@given(SIZES)
@settings(max_examples=60, deadline=None)
def test_root(size: int) -> None:
    found = leaves(size)
    assert merkle.root(size, direct(found)) == mth(found)
    assert merkle.root(0, direct([])) == mth([])


@given(SIZES, st.data())
@settings(max_examples=60, deadline=None)
def test_inclusion(size: int, data: st.DataObject) -> None:
    found = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    made = merkle.proof_of(merkle.inclusion_places(index, size), direct(found))
    assert made == path(index, found)
    assert merkle.check_inclusion(found[index], index, size, made, mth(found))
    assert not merkle.check_inclusion(merkle.leaf_hash(b"x"), index, size, made, mth(found))
    assert not merkle.check_inclusion(found[index], index, size, [*made, b"\0" * 32], mth(found))
    assert not made or not merkle.check_inclusion(found[index], index, size, made[:-1], mth(found))
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index) if size > 1 else st.just(size))
    assert not merkle.check_inclusion(found[index], other, size, made, mth(found))


@given(SIZES, st.data())
@settings(max_examples=60, deadline=None)
def test_consistency(size: int, data: st.DataObject) -> None:
    found = leaves(size)
    old = data.draw(st.integers(0, size))
    made = merkle.proof_of(merkle.consistency_places(old, size), direct(found))
    assert made == proof(old, found)
    assert merkle.check_consistency(old, mth(found[:old]), size, mth(found), made)
    assert not merkle.check_consistency(old, b"\1" * 32, size, mth(found), made)
    assert old == 0 or not merkle.check_consistency(old, mth(found[:old]), size, b"\1" * 32, made)
    assert not merkle.check_consistency(old, mth(found[:old]), size, mth(found), [*made, b"\0" * 32])
    if made:
        assert not merkle.check_consistency(old, mth(found[:old]), size, mth(found), made[:-1])
        changed = [bytes(32), *made[1:]]
        assert not merkle.check_consistency(old, mth(found[:old]), size, mth(found), changed)


def test_places_outside_the_tree() -> None:
    for bad in (lambda: merkle.inclusion_places(5, 5), lambda: merkle.inclusion_places(-1, 5), lambda: merkle.consistency_places(6, 5)):
        with pytest.raises(ValueError, match=r"."):
            bad()
    assert not merkle.check_inclusion(b"\0" * 32, 0, 0, [], merkle.EMPTY_ROOT)
    assert not merkle.check_consistency(2, b"\0" * 32, 1, b"\0" * 32, [])
    assert not merkle.check_consistency(3, b"\0" * 32, 2**62, b"\0" * 32, [b"\0" * 32] * 65)
    assert not merkle.check_inclusion(b"\0" * 32, 1, 4, [b"short", b"\0" * 32], b"\0" * 32)


@given(st.integers(1, 1500), st.data())
@settings(max_examples=15, deadline=None)
def test_tiles_hold_every_hash(size: int, data: st.DataObject) -> None:
    found = leaves(size)
    steps = sorted(data.draw(st.lists(st.integers(0, size), max_size=4)))
    hash_at = hashes_in(tiled(found, *steps))
    assert merkle.root(size, hash_at) == mth(found)
    index = data.draw(st.integers(0, size - 1))
    assert merkle.proof_of(merkle.inclusion_places(index, size), hash_at) == path(index, found)
    old = data.draw(st.integers(1, size))
    assert merkle.proof_of(merkle.consistency_places(old, size), hash_at) == proof(old, found)


def test_a_tree_of_70000_from_tiles_of_three_levels() -> None:
    found = leaves(70_000)
    tiles = tiled(found, 256, 65_536)
    assert {level for level, _ in tiles} == {0, 1, 2}
    assert merkle.root(70_000, hashes_in(tiles)) == mth(found)
    for index in (0, 65_535, 65_536, 69_999):
        proof_ = merkle.proof_of(merkle.inclusion_places(index, 70_000), hashes_in(tiles))
        assert merkle.check_inclusion(found[index], index, 70_000, proof_, mth(found))


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (Tile(0, 0), "0/000"), (Tile(1, 1_234_067, 8), "1/x001/x234/067.p/8"), (Tile(None, 12, 255), "entries/012.p/255"),
        (Tile(0, 999), "0/999"), (Tile(0, 1000), "0/x001/000"), (Tile(6, 5, 1), "6/005.p/1"),
    ],
)  # fmt: skip
def test_names_of_tiles(tile: Tile, name: str) -> None:
    assert tile.path == name
    assert Tile.parse(name) == tile


@pytest.mark.parametrize(
    "name",
    ["0/00", "0/0000", "7/000", "0/x000/001", "0/000.p/0", "0/000.p/256", "0/000.p/01", "0/000.p/999", "x/000", "0/1", "0/x1/000",
     "0/000/", "", "0/" + "x001/" * 9 + "000", "0/００１"],
)  # fmt: skip
def test_names_that_no_tile_has(name: str) -> None:
    assert Tile.parse(name) is None


@given(st.integers(0, 10**9), st.integers(0, 6), st.integers(1, 256))
def test_names_go_both_ways(index: int, level: int, width: int) -> None:
    assert Tile.parse(Tile(level, index, width).path) == Tile(level, index, width)


@given(st.lists(st.binary(max_size=300), max_size=256))
@settings(max_examples=40)
def test_bundles(entries: list[bytes]) -> None:
    assert unpack_entries(pack_entries(entries)) == entries


@pytest.mark.parametrize("data", [b"\0", b"\0\2x", b"\0\0" * 257])
def test_broken_bundles(data: bytes) -> None:
    with pytest.raises(EtrustError, match="bundle"):
        unpack_entries(data)

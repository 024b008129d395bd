"""The Merkle tree of RFC 6962, section 2.1: hashes, proofs made from stored hashes, and proofs checked. Pure.

A tree is known by its complete subtrees: `hash_at(level, index)` is the root of the 2**level leaves from index * 2**level on.
Those never change as the tree grows, which is why they can lie in tiles.
"""

import hashlib
from collections.abc import Callable, Sequence

HASH_BYTES = 32
MAX_PROOF = 64
"""Hashes of a proof at most: no tree has 2**64 leaves."""
EMPTY_ROOT = hashlib.sha256(b"").digest()

HashAt = Callable[[int, int], bytes]
"""The root of a complete subtree, by level and index."""
Place = tuple[int, int]
"""Level and index of a complete subtree."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> list[Place]:
    """The largest complete subtrees that a tree of that size is made of, from left to right."""
    return _cover(0, size)


def root(size: int, hash_at: HashAt) -> bytes:
    """The root of a tree (Merkle Tree Hash)."""
    return _joined([hash_at(*place) for place in peaks(size)]) if size else EMPTY_ROOT


def inclusion_places(index: int, size: int) -> list[list[Place]]:
    """Which subtrees make up each hash of an inclusion proof, from the leaf upwards (PATH of section 2.1.1).

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    found: list[list[Place]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            found.append(_cover(middle, end))
            end = middle
        else:
            found.append(_cover(start, middle))
            start = middle
    return found[::-1]


def consistency_places(old: int, new: int) -> list[list[Place]]:
    """Which subtrees make up each hash of a consistency proof (PROOF of section 2.1.2); empty for 0 and for equal sizes.

    Raises:
        ValueError: the old tree is larger.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {old} does not grow into one of {new}")
    found: list[list[Place]] = []
    start, end = 0, new
    known = True  # the subtree at hand is a whole tree that the checker knows the root of
    while old not in (0, end):
        middle = start + _split(end - start)
        if old <= middle:
            found.append(_cover(middle, end))
            end = middle
        else:
            found.append(_cover(start, middle))
            start, known = middle, False
    if not known:
        found.append(_cover(start, end))
    return found[::-1]


def proof_of(places: Sequence[Sequence[Place]], hash_at: HashAt) -> list[bytes]:
    """The hashes of a proof."""
    return [_joined([hash_at(*place) for place in group]) for group in places]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected: bytes) -> bool:
    """Whether a proof shows that a leaf hash is at an index of the tree with that root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size or not _is_well_formed(proof):
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node_hash(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node_hash(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == expected


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that one tree is the beginning of another (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new or not _is_well_formed(proof):
        return False
    if old in (0, new):
        return not proof and (old_root == (EMPTY_ROOT if old == 0 else new_root))
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        return False
    at, last = old - 1, new - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    older = newer = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            older, newer = node_hash(each, older), node_hash(each, newer)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            newer = node_hash(newer, each)
        at, last = at >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def _is_well_formed(proof: Sequence[bytes]) -> bool:
    return len(proof) <= MAX_PROOF and all(len(each) == HASH_BYTES for each in proof)


def _split(size: int) -> int:
    """The largest power of two below a size: where RFC 6962 parts a tree."""
    return 1 << (size - 1).bit_length() - 1


def _cover(start: int, end: int) -> list[Place]:
    """The complete subtrees between two leaves, `start` being a multiple of every one of them."""
    found: list[Place] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def _joined(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees from left to right: the smaller ones on the right belong together first."""
    found = hashes[-1]
    for each in reversed(hashes[:-1]):
        found = node_hash(each, found)
    return found

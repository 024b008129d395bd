"""Reads a tile log over HTTP without a line of ours: names of tiles and bundles from the C2SP text, hashes and signatures by another package."""

import urllib.request
from dataclasses import dataclass

from proofbundle.checkpoint import verify_checkpoint
from proofbundle.merkle import leaf_hash, merkle_tree_hash


@dataclass(frozen=True)
class Log:
    """A log as it was read: the head, and every entry under it."""

    origin: str
    size: int
    root: bytes
    entries: list[bytes]
    note: str


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - loopback
        data: bytes = answer.read()
        return data


def name(index: int) -> str:
    """The three-digit path elements of tlog-tiles: all but the last begin with an x."""
    parts = [f"{index % 1000:03d}"]
    while index >= 1000:
        index //= 1000
        parts.insert(0, f"x{index % 1000:03d}")
    return "/".join(parts)


def split(bundle: bytes) -> list[bytes]:
    found = []
    while bundle:
        length = bundle[0] * 256 + bundle[1]
        assert len(bundle) >= 2 + length
        found.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return found


def read_log(prefix: str, vkey: str) -> Log:
    """The whole log at an address: signature, tiles of the lowest level and the root are checked on the way."""
    note = get(f"{prefix}/checkpoint").decode()
    judged = verify_checkpoint(note, vkey)
    assert judged["ok"], judged
    size, root = judged["tree_size"], judged["root"]
    entries: list[bytes] = []
    for tile in range((size + 255) // 256):
        width = min(256, size - tile * 256)
        partial = "" if width == 256 else f".p/{width}"
        bundle = split(get(f"{prefix}/tile/entries/{name(tile)}{partial}"))
        hashes = get(f"{prefix}/tile/0/{name(tile)}{partial}")
        assert len(bundle) == width
        assert hashes == b"".join(leaf_hash(each) for each in bundle)
        entries += bundle
    assert merkle_tree_hash(entries) == root
    return Log(judged["origin"], size, root, entries, note)

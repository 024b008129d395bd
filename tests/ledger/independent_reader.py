"""Reads a C2SP tile log over HTTP, written from the format texts alone: not a line of etrust is in it.

Sources: c2sp.org/tlog-tiles, /signed-note, /tlog-checkpoint, /tlog-cosignature, /tlog-proof, and RFC 6962, section 2.1. It is
the referee of tests, so it is slow and plain: trees are hashed from their definitions, proofs checked by recursion, not by the
loops of RFC 9162. Whatever does not hold is an AssertionError.
"""

import base64
import hashlib
import urllib.request
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH, HASH = 256, 32
DASH = "\N{EM DASH} "


@dataclass(frozen=True)
class Head:
    """A checkpoint whose signature held."""

    origin: str
    size: int
    root: bytes
    note: str


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


# Notes


def key_of(vkey: str) -> tuple[str, bytes, int, bytes]:
    """Name, key id, type and public key of a vkey."""
    name, hexed, encoded = vkey.split("+", 2)
    raw = base64.b64decode(encoded, validate=True)
    key_id = bytes.fromhex(hexed)
    assert hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4] == key_id
    assert len(raw) == 33
    return name, key_id, raw[0], raw[1:]


def signatures(note: str, vkey: str) -> tuple[str, list[bytes]]:
    """The text of a note, and what its lines of a key hold after the key id."""
    text, gap, lines = note.rpartition("\n\n")
    assert gap
    assert lines.endswith("\n")
    name, key_id, _, _ = key_of(vkey)
    found = []
    for line in lines[:-1].split("\n"):
        assert line.startswith(DASH)
        signer, encoded = line.removeprefix(DASH).split(" ")
        raw = base64.b64decode(encoded, validate=True)
        if (signer, raw[:4]) == (name, key_id):
            found.append(raw[4:])
    return text + "\n", found


def holds(public: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except InvalidSignature:
        return False
    return True


def open_checkpoint(note: str, vkey: str) -> Head:
    """A checkpoint, signed by the key of its log."""
    name, _, kind, public = key_of(vkey)
    text, found = signatures(note, vkey)
    assert kind == 1
    assert found
    assert all(holds(public, each, text.encode()) for each in found)
    origin, size, root, *_ = text.split("\n")
    assert origin == name
    assert size == str(int(size))
    assert len(base64.b64decode(root, validate=True)) == HASH
    return Head(origin, int(size), base64.b64decode(root), note)


def cosigned_at(note: str, vkey: str) -> int | None:
    """When a witness cosigned a checkpoint (cosignature/v1); None when it did not."""
    _, _, kind, public = key_of(vkey)
    text, found = signatures(note, vkey)
    assert kind == 4
    times = [int.from_bytes(each[:8], "big") for each in found
             if holds(public, each[8:], b"cosignature/v1\ntime %d\n" % int.from_bytes(each[:8], "big") + text.encode())]  # fmt: skip
    return max(times, default=None)


# Trees: RFC 6962, section 2.1, word for word


def leaf(entry: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + entry).digest()


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split_at(size: int) -> int:
    """The largest power of two smaller than a size."""
    found = 1
    while found * 2 < size:
        found *= 2
    return found


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH, over leaves already hashed."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split_at(len(leaves))
    return node(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def root_by_inclusion(leaf_hash: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """The root that an inclusion proof leads to: PATH(m, D[n]) read backwards."""
    assert 0 <= index < size
    if size == 1:
        assert not proof
        return leaf_hash
    assert proof
    k, last, rest = split_at(size), proof[-1], proof[:-1]
    if index < k:
        return node(root_by_inclusion(leaf_hash, index, k, rest), last)
    return node(last, root_by_inclusion(leaf_hash, index - k, size - k, rest))


def grew(old: Head | Log, new: Head | Log, proof: list[bytes]) -> bool:
    """Whether a consistency proof shows that one tree is the beginning of another: PROOF(m, D[n]) read backwards."""
    assert 0 < old.size <= new.size
    try:
        return _roots(old.size, new.size, proof, old.root, whole=True) == (old.root, new.root)
    except AssertionError:
        return False


def _roots(m: int, n: int, proof: list[bytes], old_root: bytes, *, whole: bool) -> tuple[bytes, bytes]:
    """SUBPROOF(m, D[n], b): the roots of the first m leaves and of all n."""
    if m == n:
        if whole:
            assert not proof
            return old_root, old_root
        assert len(proof) == 1
        return proof[0], proof[0]
    assert proof
    k, last, rest = split_at(n), proof[-1], proof[:-1]
    if m <= k:
        older, newer = _roots(m, k, rest, old_root, whole=whole)
        return older, node(newer, last)
    older, newer = _roots(m - k, n - k, rest, old_root, whole=False)
    return node(last, older), node(last, newer)


# Tiles


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


def tiles_of(size: int, level: int) -> list[tuple[int, int]]:
    """Index and width of the tiles that a log of a size has at a level."""
    full, partial = divmod(size // WIDTH**level, WIDTH)
    return [(index, WIDTH) for index in range(full)] + ([(full, partial)] if partial else [])


def path(level: int | str, index: int, width: int) -> str:
    return f"tile/{level}/{name(index)}" + ("" if width == WIDTH else f".p/{width}")


def read_log(prefix: str, vkey: str) -> Log:
    """The whole log at an address: signature, every bundle, every tile of every level and the root are checked on the way."""
    head = open_checkpoint(get(f"{prefix}/checkpoint").decode(), vkey)
    entries: list[bytes] = []
    for index, width in tiles_of(head.size, 0):
        bundle = split(get(f"{prefix}/{path('entries', index, width)}"))
        assert len(bundle) == width
        entries += bundle
    level, hashes = 0, [leaf(each) for each in entries]
    while tiles_of(head.size, level):
        published = b"".join(get(f"{prefix}/{path(level, *tile)}") for tile in tiles_of(head.size, level))
        assert published == b"".join(hashes)
        hashes = [tree_hash(hashes[at : at + WIDTH]) for at in range(0, len(hashes) // WIDTH * WIDTH, WIDTH)]
        level += 1
    assert tree_hash([leaf(each) for each in entries]) == head.root
    return Log(head.origin, head.size, head.root, entries, head.note)


def read_consistency(prefix: str, old: int, new: int) -> list[bytes]:
    """The consistency proof that the log itself offers beside its tiles."""
    return [base64.b64decode(line) for line in get(f"{prefix}/consistency?old={old}&new={new}").decode().splitlines()]


# Proofs that stand alone (tlog-proof)


@dataclass(frozen=True)
class Shown:
    """What a proof shows."""

    index: int
    extra: bytes
    head: Head


def open_proof(text: str, entry: bytes, vkey: str) -> Shown:
    """A tlog-proof over an entry: the signature of its checkpoint and the way to its root."""
    lines, gap, note = text.partition("\n\n")
    assert gap
    first, *rest = lines.split("\n")
    assert first == "c2sp.org/tlog-proof@v1"
    extra = base64.b64decode(rest.pop(0).removeprefix("extra "), validate=True) if rest[0].startswith("extra ") else b""
    assert rest[0].startswith("index ")
    index = int(rest[0].removeprefix("index "))
    proof = [base64.b64decode(each, validate=True) for each in rest[1:]]
    head = open_checkpoint(note, vkey)
    assert root_by_inclusion(leaf(entry), index, head.size, proof) == head.root
    return Shown(index, extra, head)

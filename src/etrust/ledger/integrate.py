"""Gives what waits its index, grows the tiles and signs the next checkpoint: one transaction, one integrator at a time.

Nothing of it is seen before it is committed, and what was seen is never signed otherwise: a crash at any instant leaves the
log as it was, and the entries still waiting.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.ledger import merkle, store
from etrust.ledger.contents import load_subjects
from etrust.ledger.entries import entry_of
from etrust.ledger.merkle import HASH_BYTES, leaf_hash
from etrust.ledger.notes import Checkpoint, sign
from etrust.ledger.tiles import HEIGHT, MAX_LEVEL, WIDTH, Tile, growing, hashes_in, subtree
from etrust.signing.model import Signer
from etrust.signing.spki import certificate_spki
from etrust.storage.postgres import Connection

BATCH = 5_000
"""Entries under one checkpoint at most: so many are integrated well within a second."""
Tiles = dict[tuple[int, int], bytes]


@dataclass(frozen=True, slots=True)
class Log:
    """The region's own log.

    Attributes:
        signer: Ed25519; signs checkpoints.
        secret: what salts follow from.
    """

    origin: str
    signer: Signer
    secret: bytes

    @property
    def public(self) -> bytes:
        """The 32 bytes of its public key."""
        return raw_public_key(self.signer.certificate)


def raw_public_key(certificate: bytes) -> bytes:
    """The 32 bytes of the Ed25519 key of a certificate (RFC 8410: they end its SubjectPublicKeyInfo)."""
    return certificate_spki(certificate)[-32:]


async def integrate(connection: Connection, log: Log, *, at: datetime, limit: int = BATCH, patient: bool = True) -> int:
    """Integrate some of what waits.

    Args:
        connection: outside a transaction.
        patient: wait while another integrator is at work, rather than leave it all to that one.

    Returns:
        How many entries; 0 when nothing waits or another integrator is at work.
    """
    async with connection.transaction():
        if patient:
            await store.lock(connection)
        elif not await store.try_lock(connection):
            return 0
        waiting = await store.pending(connection, limit)
        subjects = await load_subjects(connection, [(kind, name) for _, kind, name in waiting])
        known = [(number, subjects[kind, name]) for number, kind, name in waiting if (kind, name) in subjects]
        if not known:
            return 0
        newest = await store.newest_checkpoint(connection)
        size = 0 if newest is None else newest.size
        entries = [entry_of(subject, log.secret) for _, subject in known]
        await store.copy_entries(
            connection,
            [(size + place, subject.kind.value, subject.name, entry)
             for place, ((_, subject), entry) in enumerate(zip(known, entries, strict=True))],
        )  # fmt: skip
        await _grow(connection, log, size, [leaf_hash(entry) for entry in entries], at)
        await store.done(connection, [number for number, _ in known])
    return len(known)


async def _grow(connection: Connection, log: Log, size: int, leaves: Sequence[bytes], at: datetime) -> None:
    new = size + len(leaves)
    changed = growing(size, new)
    tiles = await store.tiles(connection, edge_of(size, changed))
    grown = grow(tiles, size, leaves, changed)
    root = merkle.root(new, hashes_in({**tiles, **grown}))
    await store.keep_tiles(connection, [(level, tile, hashes) for (level, tile), hashes in grown.items()])
    note = sign(Checkpoint(log.origin, new, root), log.signer, log.public)
    await store.add_checkpoint(connection, store.CheckpointRow(new, root, note.data, at))


def edge_of(size: int, changed: Sequence[Tile]) -> list[tuple[int, int]]:
    """The tiles that growing needs: those that change, and the unfinished ones on the right edge of the tree at hand."""
    held = [(level, size >> HEIGHT * level) for level in range(MAX_LEVEL + 1)]
    return sorted({(tile.level or 0, tile.index) for tile in changed} | {(each, at // WIDTH) for each, at in held if at % WIDTH})


def grow(tiles: Tiles, size: int, leaves: Sequence[bytes], changed: Sequence[Tile]) -> Tiles:
    """The tiles that change when leaves are added to a tree, each with all its hashes. Pure."""
    found: Tiles = {}
    fresh: Sequence[bytes] = leaves
    for level in sorted({tile.level or 0 for tile in changed}):
        place = size >> HEIGHT * level
        for tile in (each for each in changed if each.level == level):
            start = max(place, tile.index * WIDTH)
            added = fresh[start - place : tile.index * WIDTH + tile.width - place]
            found[level, tile.index] = tiles.get((level, tile.index), b"")[: (start % WIDTH) * HASH_BYTES] + b"".join(added)
        fresh = [
            subtree([hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)])
            for (tile_level, _), hashes in sorted(found.items()) if tile_level == level and len(hashes) == WIDTH * HASH_BYTES
        ]  # fmt: skip
    return found

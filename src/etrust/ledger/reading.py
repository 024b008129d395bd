"""Reads the log as it was published: checkpoints, tiles, bundles, and proofs made from tiles."""

from collections.abc import Sequence

from etrust.errors import EtrustError, Kind
from etrust.ledger import merkle, store
from etrust.ledger.entries import opening
from etrust.ledger.integrate import Log
from etrust.ledger.merkle import HASH_BYTES, Place
from etrust.ledger.notes import Note
from etrust.ledger.proofs import Proof
from etrust.ledger.tiles import WIDTH, Tile, hashes_in, pack_entries, place_of
from etrust.storage.postgres import Connection


async def checkpoint(connection: Connection) -> tuple[int, Note] | None:
    """The newest checkpoint with the signatures of its witnesses, and its size; None for an empty log."""
    row = await store.newest_checkpoint(connection)
    if row is None:
        return None
    return row.size, await _with_witnesses(connection, row)


async def cosigned_checkpoint(connection: Connection, at_least: int) -> tuple[int, Note] | None:
    """The newest checkpoint that a witness cosigned and that has so many entries, else the newest of all."""
    row = await store.newest_cosigned_checkpoint(connection, at_least)
    if row is None:
        return await checkpoint(connection)
    return row.size, await _with_witnesses(connection, row)


async def _with_witnesses(connection: Connection, row: store.CheckpointRow) -> Note:
    """A note goes on with further signature lines just as it is."""
    return Note.parse(row.note + "".join(await store.cosignatures(connection, row.size)).encode())


async def tile(connection: Connection, wanted: Tile) -> bytes | None:
    """The content of a tile or bundle; None while the log has not got that far."""
    if wanted.level is None:
        start = wanted.index * WIDTH
        found = await store.entries(connection, start, start + wanted.width)
        return pack_entries(found) if len(found) == wanted.width else None
    hashes = (await store.tiles(connection, [(wanted.level, wanted.index)])).get((wanted.level, wanted.index), b"")
    return hashes[: wanted.width * HASH_BYTES] if len(hashes) >= wanted.width * HASH_BYTES else None


async def inclusion(connection: Connection, index: int, size: int) -> list[bytes]:
    """The inclusion proof of an entry in the tree of a size."""
    return await _proof(connection, merkle.inclusion_places(index, size))


async def consistency(connection: Connection, old: int, new: int) -> list[bytes]:
    """The consistency proof between two sizes.

    Raises:
        EtrustError: ``bad_size``: the sizes are not 0 <= old <= new <= the size of the log.
    """
    newest = await store.newest_checkpoint(connection)
    if not 0 <= old <= new <= (0 if newest is None else newest.size):
        raise EtrustError(
            Kind.INVALID, "bad_size", where="old",
            zh="规模参数须满足 0 ≤ old ≤ new ≤ 日志当前规模。", en="Sizes are 0 <= old <= new <= the size of the log.",
        )
    return await _proof(connection, merkle.consistency_places(old, new))


async def prove(connection: Connection, log: Log, kind: str, subject: str) -> Proof | None:
    """The proof that something has its entry, with what opens it; None while it has none."""
    found = await store.find_entry(connection, kind, subject)
    if found is None:
        return None
    index, entry = found
    head = await cosigned_checkpoint(connection, index + 1)
    if head is None or head[0] <= index:
        return None
    size, note = head
    return Proof(index, tuple(await inclusion(connection, index, size)), note, opening(entry, log.secret, kind, subject))


async def _proof(connection: Connection, places: Sequence[Sequence[Place]]) -> list[bytes]:
    needed = {((tile := place_of(*place)[0]).level or 0, tile.index) for group in places for place in group}
    return merkle.proof_of(places, hashes_in(await store.tiles(connection, sorted(needed))))

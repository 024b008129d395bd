"""The auditor (日志审计): re-checks a region from its public log files and its database, and names the first index that is wrong.

It believes nothing: leaves and tiles are hashed anew from the published entries, the root is held against every checkpoint that
was signed on the way, every entry against one made anew from the row it is about, and every row against the entries. States of
the log from earlier (of audits, checkpoints that were kept, proofs) show a history that was rewritten since.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from etrust.errors import EtrustError, Kind
from etrust.ledger import audit_store, merkle
from etrust.ledger.audit_model import Audit, Known, Seen, Wrong
from etrust.ledger.audit_rows import made_anew
from etrust.ledger.audit_store import Signed
from etrust.ledger.entries import Entry
from etrust.ledger.merkle import HASH_BYTES, Place, check_consistency, leaf_hash, node_hash
from etrust.ledger.notes import Checkpoint, Note, NoteKey
from etrust.ledger.tiles import HEIGHT, WIDTH, Tile, hashes_in, place_of, unpack_entries
from etrust.storage.postgres import Connection

MOST = 100
"""Findings of one kind that are told; where one thing is wrong, often all that follow are."""
LATE = timedelta(hours=1)
"""An entry that says it is so much older than its checkpoint was put in afterwards."""

OnStep = Callable[[Audit], Awaitable[None]]


class Source(Protocol):
    """Where the published files of a log are read; a folder and a web address keep the same promise.

    Promise: `read` returns the bytes of a file by its name below the log's address, and raises `EtrustError` NOT_FOUND where
    there is none.
    """

    async def read(self, name: str) -> bytes:
        """The content of a file."""


async def audit(
    source: Source, connection: Connection, *, keys: Sequence[NoteKey], secret: bytes, before: Seen | None, on_step: OnStep,
    known: Sequence[Known] = (), witnesses: Sequence[NoteKey] = (),
) -> Audit:  # fmt: skip
    """Audit a region.

    Args:
        keys: of the log, by which its checkpoints may be signed.
        secret: what the salts of the region follow from.
        before: where an audit that was stopped goes on; None: from the first entry.
        on_step: told after every bundle of entries.
        known: states of the log from earlier.
        witnesses: keys whose cosignature makes a known checkpoint count as well.
    """
    note = Note.parse(await source.read("checkpoint"))
    checkpoint = Checkpoint.parse(note.text)
    found = Audit(checkpoint.size, before or Seen(checkpoint.origin, 0, ()))
    if not _signed(note, checkpoint.origin, keys):
        found.wrong.append(Wrong(None, "checkpoint_not_signed", checkpoint.origin))
        return found
    earlier = [*known, *([Known(before.origin, before.size, before.root, "--state", seen=before)] if before else [])]
    if _went_back(found, checkpoint, earlier, keys, witnesses):
        return found
    now = Known(checkpoint.origin, checkpoint.size, checkpoint.root, "checkpoint", note, own=True)
    try:
        if before is None or await _grew_from(source, found, [each for each in earlier if each.size <= before.size], now):
            await _entries(source, connection, found, secret, [*known, now], on_step)
            await _upper_tiles(source, found)
    except EtrustError as error:
        if error.kind is not Kind.NOT_FOUND:
            raise
        found.wrong.append(Wrong(None, "file_missing", error.where))
    await _rows(connection, found)
    return found


def _signed(note: Note, origin: str, keys: Sequence[NoteKey]) -> bool:
    return any(key.name == origin and note.signed_by(key) for key in keys)


def _went_back(
    found: Audit, checkpoint: Checkpoint, earlier: Sequence[Known], keys: Sequence[NoteKey], witnesses: Sequence[NoteKey]
) -> bool:
    """Whether the log is another or shorter than it was, or something is held against it that nobody signed."""
    for each in earlier:
        if each.origin != checkpoint.origin:
            found.wrong.append(Wrong(None, "another_log", f"{each.where}: {each.origin}"))
        elif each.note and not (_signed(each.note, each.origin, keys) or any(map(each.note.cosigned_by, witnesses))):
            found.wrong.append(Wrong(None, "checkpoint_not_signed", each.where))
        elif each.size > checkpoint.size:
            found.wrong.append(Wrong(checkpoint.size, "history_shrunk", f"{each.where}: {each.size}"))
    return bool(found.wrong)


async def _entries(
    source: Source, connection: Connection, found: Audit, secret: bytes, known: Sequence[Known], on_step: OnStep
) -> None:
    """Bundle by bundle: hashes, tiles, the rows that entries are about, and the roots that are known."""
    first = await audit_store.first_size(connection)
    for index in range(found.seen.size // WIDTH * WIDTH, found.size, WIDTH):
        bundle = Tile(None, index // WIDTH, min(WIDTH, found.size - index))
        try:
            entries = unpack_entries(await source.read(f"tile/{bundle.path}"))
            hashes = await source.read(f"tile/{Tile(0, bundle.index, bundle.width).path}")
        except EtrustError as error:
            first_gap = await _first_gap(connection, index, bundle.width)
            found.wrong.append(Wrong(first_gap, "file_missing", error.where or error.code))
            return
        if not _bundle_fits(found, index, bundle.width, entries, hashes):
            return
        signed = await audit_store.signed_after(connection, index, WIDTH + 1)
        await _about(connection, found, index, entries, secret, signed, first)
        await _grow(source, found, index, [leaf_hash(each) for each in entries], [*_of_database(found, signed), *known])
        found.entries += len(entries)
        await on_step(found)
    if found.seen.size == found.size:
        await _compare(source, found, known[-1])


def _of_database(found: Audit, signed: Sequence[Signed]) -> list[Known]:
    return [Known(found.seen.origin, each.size, each.root, f"checkpoint {each.size}", own=True) for each in signed]


def _bundle_fits(found: Audit, index: int, width: int, entries: Sequence[bytes], hashes: bytes) -> bool:
    for place, entry in enumerate(entries):
        if leaf_hash(entry) != hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]:
            found.wrong.append(Wrong(index + place, "tile_differs", "the tile has another hash than the entry"))
            return False
    if len(entries) != width:
        found.wrong.append(Wrong(index + min(width, len(entries)), "entries_missing"))
        return False
    return True


async def _first_gap(connection: Connection, index: int, width: int) -> int:
    """The first entry that the database lacks too, where a bundle is missing; else the first of the bundle."""
    there = {at for at, *_ in await audit_store.entries(connection, index, index + width)}
    return next((at for at in range(index, index + width) if at not in there), index)


async def _about(
    connection: Connection, found: Audit, index: int, entries: Sequence[bytes], secret: bytes, signed: Sequence[Signed],
    first: int,
) -> None:
    """Every entry against the row that it is about.

    Args:
        signed: the checkpoints that came after these entries.
        first: the size of the first checkpoint of all, which may hold old ones.
    """
    rows = {at: (kind, subject, entry) for at, kind, subject, entry in
            await audit_store.entries(connection, index, index + len(entries))}  # fmt: skip
    anew = await made_anew(connection, secret, [(kind, subject) for kind, subject, _ in rows.values()])
    for place, entry in enumerate(entries):
        at = index + place
        if at not in rows or rows[at][2] != entry:
            _tell(found, Wrong(at, "entry_differs", "the database has another entry, or none, under this index"))
            continue
        kind, name, _ = rows[at]
        if (kind, name) not in anew:
            _tell(found, Wrong(at, "row_missing", f"{kind} {name}"))
        elif anew[kind, name] != entry:
            _tell(found, Wrong(at, "row_differs", f"{kind} {name}"))
        elif at >= first and _is_late(Entry.parse(entry).seconds, at, signed):
            _tell(found, Wrong(at, "backdated", f"{kind} {name}"))


def _is_late(seconds: int, index: int, signed: Sequence[Signed]) -> bool:
    """Whether an entry says that it is much older than the checkpoint it came in with."""
    came = next((each for each in signed if each.size > index), None)
    return came is not None and came.signed_at.timestamp() - seconds > LATE.total_seconds()


async def _grow(source: Source, found: Audit, index: int, leaves: Sequence[bytes], known: Sequence[Known]) -> None:
    """Add leaves, and compare the root wherever one is known."""
    end = index + len(leaves)
    for each in sorted(known, key=lambda each: each.size):
        if found.seen.size < each.size <= end:
            found.seen = grown(found.seen, leaves[found.seen.size - index : each.size - index])
        if found.seen.size == each.size:
            await _compare(source, found, each)
    found.seen = grown(found.seen, leaves[found.seen.size - index :])


async def _compare(source: Source, found: Audit, known: Known) -> None:
    """Hold the root as it was hashed anew against one that is known; the first that differs tells, all later ones do too."""
    found.compared += 1
    if found.seen.root == known.root:
        found.good[known.own] = max(found.good[known.own], known.size)
    elif known.own not in found.differs:
        await _differs(source, found, known)


async def _differs(source: Source, found: Audit, known: Known) -> None:
    found.differs.add(known.own)
    first = found.good[known.own]
    exact = [each.index for each in found.wrong if each.index is not None and first <= each.index < known.size]
    index = min(exact) if exact else await _first_difference(source, found, known)
    found.wrong.append(Wrong(index, "root_differs", f"{known.where}: {known.size}"))


async def _grew_from(source: Source, found: Audit, earlier: Sequence[Known], now: Known) -> bool:
    """Whether the log grew from what is older than where this audit goes on: by proofs from the tiles, which prove themselves."""
    for each in sorted(earlier, key=lambda each: each.size):
        found.compared += 1
        places = merkle.consistency_places(each.size, now.size)
        proof = merkle.proof_of(places, await _hashes(source, now.size, [place for group in places for place in group]))
        if not check_consistency(each.size, each.root, now.size, now.root, proof):
            await _differs(source, found, each)
            return False
        found.good[each.own] = each.size
    return True


async def _first_difference(source: Source, found: Audit, known: Known) -> int:
    """The first entry that can be another than it was: by the subtrees that are known, else the last state that held."""
    good = found.good[known.own]
    if known.seen is None:
        return good
    places = known.seen.places
    now = await _hashes(source, found.size, list(places))
    return next((max(good, index << level) for (level, index), root in places.items() if now(level, index) != root), good)


async def _hashes(source: Source, size: int, places: Sequence[Place]) -> merkle.HashAt:
    """Hashes of complete subtrees from the published tiles, whatever those are worth."""
    found: dict[tuple[int, int], bytes] = {}
    for place in places:
        tile, *_ = place_of(*place)
        level = tile.level or 0
        held = min(WIDTH, (size >> HEIGHT * level) - tile.index * WIDTH)
        if (level, tile.index) not in found:
            found[level, tile.index] = await source.read(f"tile/{Tile(level, tile.index, held).path}")
    return hashes_in(found)


def grown(seen: Seen, leaves: Sequence[bytes]) -> Seen:
    """What was seen, and these leaves after it."""
    peaks, size = list(seen.places.items()), seen.size
    for leaf in leaves:
        (level, at), top = (0, size), leaf
        while peaks and peaks[-1][0][0] == level:
            top = node_hash(peaks.pop()[1], top)
            level, at = level + 1, at >> 1
        peaks.append(((level, at), top))
        size += 1
    return replace(seen, size=size, peaks=tuple(each for _, each in peaks))


async def _upper_tiles(source: Source, found: Audit) -> None:
    """The tiles above the leaves, each against the ones below it."""
    level = 1
    while (held := found.size >> HEIGHT * level) and not found.wrong:
        for index in range(-(-held // WIDTH)):
            tile = Tile(level, index, min(WIDTH, held - index * WIDTH))
            content = await source.read(f"tile/{tile.path}")
            for place in range(tile.width):
                below = await source.read(f"tile/{Tile(level - 1, index * WIDTH + place).path}")
                expected = merkle.root(WIDTH, _leaves(below))
                if content[place * HASH_BYTES : (place + 1) * HASH_BYTES] != expected:
                    first = (index * WIDTH + place) << HEIGHT * level
                    found.wrong.append(Wrong(first, "tile_differs", f"level {level}"))
                    return
        level += 1


def _leaves(tile: bytes) -> merkle.HashAt:
    def hash_at(level: int, index: int) -> bytes:
        if level == 0:
            return tile[index * HASH_BYTES : (index + 1) * HASH_BYTES]
        return node_hash(hash_at(level - 1, 2 * index), hash_at(level - 1, 2 * index + 1))

    return hash_at


async def _rows(connection: Connection, found: Audit) -> None:
    """Every row against the entries, and the rules that no row may break."""
    found.waiting = await audit_store.waiting_since(connection)
    for kind in audit_store.UNLOGGED:
        for subject in await audit_store.unlogged(connection, kind, MOST):
            found.wrong.append(Wrong(None, "not_logged", f"{kind} {subject}"))
    for seq in await audit_store.turned_back(connection, MOST):
        index = await audit_store.index_of(connection, "status", str(seq))
        found.wrong.append(Wrong(index, "status_turned_back", f"status {seq}"))
    for what, rows in (
        ("number_given_twice", await audit_store.numbers_given_twice(connection, MOST)),
        ("version_missing", await audit_store.versions_missing(connection, MOST)),
        ("status_index_given_twice", await audit_store.indices_given_twice(connection, MOST)),
    ):
        found.wrong.extend(Wrong(None, what, each) for each in rows)


def _tell(found: Audit, wrong: Wrong) -> None:
    if sum(each.what == wrong.what for each in found.wrong) < MOST:
        found.wrong.append(wrong)

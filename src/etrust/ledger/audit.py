"""The auditor (日志审计): re-checks a region from its public log files and its database, and names the first index that is wrong.

It believes nothing: leaves and tiles are hashed anew from the published entries, the root is held against the signed
checkpoint, every entry against the row it is about, and every row against the entries. A state file carries what was seen the
last time, so that a history that was rewritten since is found, and a long audit goes on where it stopped.
"""

import bisect
import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, Self

from etrust.errors import EtrustError, Kind
from etrust.ledger import audit_store, merkle
from etrust.ledger.contents import load_subjects
from etrust.ledger.entries import Entry, entry_of
from etrust.ledger.merkle import HASH_BYTES, leaf_hash, node_hash
from etrust.ledger.notes import Checkpoint, Note, NoteKey
from etrust.ledger.tiles import HEIGHT, WIDTH, Tile, unpack_entries
from etrust.storage.postgres import Connection

MOST = 100
"""Findings of one kind that are told; where one thing is wrong, often all that follow are."""
LATE = timedelta(hours=1)
"""An entry that says it is so much older than its checkpoint was put in afterwards."""

OnStep = Callable[[int, int], Awaitable[None]]


class Source(Protocol):
    """Where the published files of a log are read; a folder and a web address keep the same promise.

    Promise: `read` returns the bytes of a file by its name below the log's address, and raises `EtrustError` NOT_FOUND where
    there is none.
    """

    async def read(self, name: str) -> bytes:
        """The content of a file."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something that does not hold.

    Attributes:
        index: of the entry; None for what has none.
    """

    index: int | None
    what: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What was audited: the log up to a size, by the roots of its complete subtrees."""

    origin: str
    size: int
    peaks: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The root at that size."""
        return merkle.root(self.size, _lookup(merkle.peaks(self.size), self.peaks))

    def to_json(self) -> str:
        """As a state file."""
        return json.dumps({"origin": self.origin, "size": self.size, "peaks": [each.hex() for each in self.peaks]}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read a state file.

        Raises:
            EtrustError: ``bad_state``.
        """
        try:
            found = json.loads(text)
            size, seen = int(found["size"]), tuple(bytes.fromhex(each) for each in found["peaks"])
            if size < 0 or len(seen) != len(merkle.peaks(size)) or any(len(each) != HASH_BYTES for each in seen):
                raise _bad_state()
            return cls(str(found["origin"]), size, seen)
        except (ValueError, KeyError, TypeError) as error:
            raise _bad_state() from error


@dataclass(slots=True)
class Audit:
    """What an audit came to.

    Attributes:
        seen: up to where the log was re-hashed; what the next audit goes on from.
    """

    size: int
    seen: Seen
    entries: int = 0
    waiting: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def first_wrong(self) -> int | None:
        """The first index that is wrong."""
        return min((each.index for each in self.wrong if each.index is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "origin": self.seen.origin, "size": self.size, "root": self.seen.root.hex() if self.seen.size else "",
            "entries": self.entries, "waiting": self.waiting, "first_wrong": self.first_wrong,
            "wrong": [{"index": each.index, "what": each.what, "detail": each.detail} for each in self.wrong],
        }  # fmt: skip


async def audit(
    source: Source, connection: Connection, *, keys: Sequence[NoteKey], secret: bytes, before: Seen | None, on_step: OnStep
) -> Audit:
    """Audit a region.

    Args:
        keys: of the log, by which its checkpoints may be signed.
        secret: what the salts of the region follow from.
        before: what an earlier audit saw, None for the first.
        on_step: told how many entries of how many are done.
    """
    note = Note.parse(await source.read("checkpoint"))
    checkpoint = Checkpoint.parse(note.text)
    found = Audit(checkpoint.size, before or Seen(checkpoint.origin, 0, ()))
    if not any(note.signed_by(key) and key.name == checkpoint.origin for key in keys):
        found.wrong.append(Wrong(None, "checkpoint_not_signed", checkpoint.origin))
        return found
    if found.seen.origin != checkpoint.origin or found.seen.size > checkpoint.size:
        found.wrong.append(Wrong(checkpoint.size, "history_shrunk", f"{found.seen.size} entries were seen before"))
        return found
    await _entries(source, connection, found, secret, on_step)
    if not found.wrong and found.seen.size == checkpoint.size and checkpoint.size and found.seen.root != checkpoint.root:
        index = 0 if before is None else before.size
        found.wrong.append(Wrong(index, "root_differs", "the checkpoint is signed over other entries than these"))
    await _rows(connection, found)
    return found


async def _entries(source: Source, connection: Connection, found: Audit, secret: bytes, on_step: OnStep) -> None:
    """Bundle by bundle: hashes, tiles, and the rows that entries are about."""
    start = found.seen.size // WIDTH * WIDTH
    times = await audit_store.checkpoint_times(connection)
    for index in range(start, found.size, WIDTH):
        bundle = Tile(None, index // WIDTH, min(WIDTH, found.size - index))
        try:
            entries = unpack_entries(await source.read(f"tile/{bundle.path}"))
            hashes = await source.read(f"tile/{Tile(0, bundle.index, bundle.width).path}")
        except EtrustError as error:
            found.wrong.append(Wrong(index, "file_missing", error.code))
            return
        if not _bundle_fits(found, index, bundle.width, entries, hashes):
            return
        await _about(connection, found, index, entries, secret, times)
        found.seen = _grown(found.seen, [leaf_hash(each) for each in entries], index)
        found.entries += len(entries)
        await on_step(min(index + WIDTH, found.size), found.size)
    await _upper_tiles(source, found)


def _bundle_fits(found: Audit, index: int, width: int, entries: Sequence[bytes], hashes: bytes) -> bool:
    if len(entries) != width:
        found.wrong.append(Wrong(index + len(entries), "entries_missing"))
        return False
    for place, entry in enumerate(entries):
        if leaf_hash(entry) != hashes[place * HASH_BYTES : (place + 1) * HASH_BYTES]:
            found.wrong.append(Wrong(index + place, "tile_differs", "the tile has another hash than the entry"))
            return False
    return True


async def _about(
    connection: Connection, found: Audit, index: int, entries: Sequence[bytes], secret: bytes,
    times: Sequence[tuple[int, datetime]],
) -> None:
    """Every entry against the row that it is about."""
    rows = {at: (kind, subject, entry) for at, kind, subject, entry in
            await audit_store.entries(connection, index, index + len(entries))}  # fmt: skip
    subjects = await load_subjects(connection, [(kind, subject) for kind, subject, _ in rows.values()])
    for place, entry in enumerate(entries):
        at = index + place
        if at not in rows or rows[at][2] != entry:
            _tell(found, Wrong(at, "entry_differs", "the database has another entry, or none, under this index"))
            continue
        kind, name, _ = rows[at]
        subject = subjects.get((kind, name))
        if subject is None:
            _tell(found, Wrong(at, "row_missing", f"{kind} {name}"))
        elif entry_of(subject, secret) != entry:
            _tell(found, Wrong(at, "row_differs", f"{kind} {name}"))
        elif _is_late(Entry.parse(entry).seconds, at, times):
            _tell(found, Wrong(at, "backdated", f"{kind} {name}"))


def _is_late(seconds: int, index: int, times: Sequence[tuple[int, datetime]]) -> bool:
    """Whether an entry says that it is much older than the checkpoint it came in with; the first one may hold old ones."""
    place = bisect.bisect_right([size for size, _ in times], index)
    if place == 0 or place >= len(times):
        return False
    return times[place][1].timestamp() - seconds > LATE.total_seconds()


def _grown(seen: Seen, leaves: Sequence[bytes], index: int) -> Seen:
    """What was seen, and these leaves from an index on; those that were seen already are passed over."""
    peaks, size = list(zip(merkle.peaks(seen.size), seen.peaks, strict=True)), seen.size
    for leaf in leaves[max(0, seen.size - index) :]:
        (level, at), top = (0, size), leaf
        while peaks and peaks[-1][0][0] == level:
            top = node_hash(peaks.pop()[1], top)
            level, at = level + 1, at >> 1
        peaks.append(((level, at), top))
        size += 1
    return Seen(seen.origin, size, tuple(each for _, each in peaks))


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


def _lookup(places: Sequence[merkle.Place], hashes: Sequence[bytes]) -> merkle.HashAt:
    known = dict(zip(places, hashes, strict=True))
    return lambda level, index: known[level, index]


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


def _bad_state() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_state", where="--state",
        zh="状态文件无法读取；如需从头审计，请换一个文件名。",
        en="The state file cannot be read; to begin anew, name another file.",
    )

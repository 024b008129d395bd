"""All lists of a region in a folder, for checks that ask nobody (离线核验): the newest of each, by changes where that is less.

Everything is fetched, whoever is to be checked, so the region learns nothing of that. Files are named by their digests and judged
before they are kept: a cache on the way can withhold, but not alter. What is refused leaves the folder as it was.
"""

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from etrust.client.faults import BadAnswer
from etrust.client.transport import Transport
from etrust.errors import EtrustError
from etrust.signing import base64url
from etrust.status.deltas import Delta, is_delta, newest, read_delta
from etrust.status.tokens import SignedList, read_status_list
from etrust.trust.following import Known, follow
from etrust.trust.list_manifest import MAX_MANIFEST, FileEntry, Manifest, StatusEntry, read_manifest
from etrust.trust.lists import peek_region
from etrust.trust.model import TrustSnapshot

T = TypeVar("T")
MOST_DELTAS = 40
"""Changes kept of one list before the whole list is fetched again."""
_OK = 200
MANIFEST_PATH = "/.well-known/etrust/lists"
MANIFEST_FILE = "manifest.jws"


@dataclass(slots=True)
class Fetched:
    """What a fetch did.

    Attributes:
        whole: status lists that came whole; `changed` by a change; `same` those at hand already.
        size: bytes that were fetched.
    """

    region: str
    sequence: int
    until: datetime
    whole: int = 0
    changed: int = 0
    same: int = 0
    size: int = 0


@dataclass(slots=True)
class _Held:
    """What is in the folder of a region."""

    lists: dict[str, list[tuple[str, SignedList]]] = field(default_factory=dict)
    deltas: dict[str, list[tuple[str, Delta]]] = field(default_factory=dict)

    def reached(self, uri: str) -> list[SignedList]:
        """The lists at hand and those that the changes lead to."""
        return newest((each for _, each in self.lists.get(uri, [])), (each for _, each in self.deltas.get(uri, [])))


async def fetch_lists(
    transport: Transport, folder: Path, *, region: str, anchor: bytes, at: datetime
) -> Fetched:
    """Bring a folder up to date with all lists of a region; they lie in ``FOLDER/REGION``.

    Args:
        anchor: the region's anchor certificate (DER), compared through another channel.

    Raises:
        RegionFault: nothing was changed.
    """
    own = folder / region
    own.mkdir(parents=True, exist_ok=True)
    raw = await _get(transport, MANIFEST_PATH, MAX_MANIFEST)
    trust_file = await _file(transport, _trust_entry(raw))
    known = _judged(lambda: follow(_known(own, region, anchor, at), trust_file, region=region, anchor=anchor, at=at))
    manifest = _judged(lambda: read_manifest(raw, trust=known.snapshot, at=at))
    held, older = _held(own, known.snapshot, at), _manifest_before(own)
    if older is not None and (manifest.issued_at, manifest.sequence) < (older.issued_at, older.sequence):
        raise BadAnswer("the page of lists is older than the one at hand", "older_lists")
    done = Fetched(region, manifest.sequence, manifest.next_update, size=len(raw) + len(trust_file))
    files = {manifest.trust_list.sha256: trust_file}
    wanted = {manifest.trust_list.sha256}
    for entry in manifest.status:
        wanted |= await _status(transport, entry, held, known.snapshot, at, files, done)
    for crl in manifest.revocation:
        wanted.add(crl.sha256)
        if not (own / crl.sha256).is_file():
            files[crl.sha256] = await _file(transport, crl)
            done.size += crl.size
    for name, content in files.items():
        write_whole(own / name, content)
    write_whole(own / MANIFEST_FILE, raw)
    for each in own.iterdir():
        if each.name not in wanted and each.name != MANIFEST_FILE and len(each.name) == 64:  # noqa: PLR2004 - of a digest
            each.unlink()
    return done


async def _status(
    transport: Transport, entry: StatusEntry, held: _Held, trust: TrustSnapshot, at: datetime, files: dict[str, bytes],
    done: Fetched,
) -> set[str]:
    """The files that a status list rests on from now on; what is missing is fetched."""
    reached = held.reached(entry.uri)
    if any(each.issued_at > entry.issued_at for each in reached):
        raise BadAnswer("a status list is older than the one at hand", "older_lists")
    kept = {name for name, _ in (*held.lists.get(entry.uri, ()), *held.deltas.get(entry.uri, ()))}
    if any(each.digest == entry.bitmap and each.issued_at >= entry.issued_at for each in reached):
        done.same += 1
        return kept
    digests = {each.digest for each in reached}
    change = next((each for each in sorted(entry.deltas, key=lambda each: each.size) if each.since in digests), None)
    if change is not None and len(held.deltas.get(entry.uri, ())) < MOST_DELTAS:
        content = await _file(transport, change)
        delta = _judged(lambda: read_delta(content, trust=trust, at=at))
        base = next(each for each in reached if each.digest == change.since)
        _judged(lambda: delta.apply(base))
        files[change.sha256], done.changed, done.size = content, done.changed + 1, done.size + change.size
        return {*kept, change.sha256}
    content = await _file(transport, entry)
    found = _judged(lambda: read_status_list(content, trust=trust, at=at))
    if (found.uri, found.digest) != (entry.uri, entry.bitmap):
        raise BadAnswer("another status list than the one named")
    files[entry.sha256], done.whole, done.size = content, done.whole + 1, done.size + entry.size
    return {entry.sha256}


async def export_lists(transport: Transport, folder: Path) -> Manifest:
    """Write all files of a region as a static site that any server can carry: the page and ``/lists/…`` at their paths.

    Returns:
        What the page says; it is judged by whoever fetches from there.
    """
    raw = await _get(transport, MANIFEST_PATH, MAX_MANIFEST)
    manifest = _unjudged(raw)
    place = folder / "lists"
    place.mkdir(parents=True, exist_ok=True)
    entries: list[FileEntry] = [manifest.trust_list, *manifest.revocation, *manifest.status]
    entries += [delta for each in manifest.status for delta in each.deltas]
    for entry in entries:
        if not (place / entry.sha256).is_file():
            write_whole(place / entry.sha256, await _file(transport, entry))
    page = folder / MANIFEST_PATH.removeprefix("/")
    page.parent.mkdir(parents=True, exist_ok=True)
    write_whole(page, raw)  # last: it never names a file that is not there
    return manifest


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there whole or as it was before."""
    aside = path.with_name(f".{path.name}.part")
    aside.write_bytes(content)
    aside.replace(path)


async def _get(transport: Transport, path: str, limit: int) -> bytes:
    heard = await transport.ask("GET", path, limit=limit)
    if heard.status != _OK:
        raise BadAnswer(f"{path}: {heard.status}")
    return heard.body


async def _file(transport: Transport, entry: FileEntry) -> bytes:
    content = await _get(transport, f"/lists/{entry.sha256}", entry.size)
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        raise BadAnswer(f"the file {entry.sha256} has another digest")
    return content


def _manifest_before(own: Path) -> Manifest | None:
    """The page that was accepted last; it was judged then, and says now only what must not be older."""
    try:
        return _unjudged((own / MANIFEST_FILE).read_bytes())
    except (FileNotFoundError, BadAnswer):
        return None


def _trust_entry(raw: bytes) -> FileEntry:
    return _unjudged(raw).trust_list


def _unjudged(raw: bytes) -> Manifest:
    """What the page says, not judged: only which files to look at."""
    try:
        return Manifest.model_validate(json.loads(base64url.decode(raw.strip().split(b".")[1])))
    except (ValidationError, ValueError, IndexError, RecursionError) as error:
        raise BadAnswer("no page of lists") from error


def _files(own: Path) -> Iterator[tuple[str, bytes]]:
    for each in sorted(own.iterdir()):
        if each.is_file() and len(each.name) == 64:  # noqa: PLR2004 - of a digest
            content = each.read_bytes()
            if hashlib.sha256(content).hexdigest() == each.name:
                yield each.name, content


def _known(own: Path, region: str, anchor: bytes, at: datetime) -> Known | None:
    """The trust list that was kept last; none for one whose time is over."""
    found: Sequence[Known] = []
    for _, content in _files(own):
        with contextlib.suppress(EtrustError):
            if content[:2] == b"ey" and peek_region(content) == region:
                found = [*found, follow(None, content, region=region, anchor=anchor, at=at)]
    return max(found, key=lambda each: each.snapshot.trust_list.sequence, default=None)


def _held(own: Path, trust: TrustSnapshot, at: datetime) -> _Held:
    held = _Held()
    for name, content in _files(own):
        with contextlib.suppress(EtrustError):
            if is_delta(content):
                delta = read_delta(content, trust=trust, at=at)
                held.deltas.setdefault(delta.uri, []).append((name, delta))
            elif content[:1] in (b"\xd2", b"\x84"):
                found = read_status_list(content, trust=trust, at=at)
                held.lists.setdefault(found.uri, []).append((name, found))
    return held


def _judged(work: Callable[[], T]) -> T:
    try:
        return work()
    except EtrustError as error:
        raise BadAnswer(error.en, error.code) from error

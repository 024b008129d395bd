"""`rooms.list_files`: the region's lists as files that never change, and the signed page that names the newest.

Anybody can carry them, a cache, a copy in another network, a disk; whoever checks asks nobody. Of a status list there are changes
since the publications before, an hour, six hours, a day, three and seven days ago, so that even a large one costs little.
"""

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.errors import EtrustError, Kind
from etrust.status import file_store as store
from etrust.status import store as status_store
from etrust.status.bits import Bitmap
from etrust.status.deltas import encode_delta
from etrust.status.file_store import Publication
from etrust.status.tokens import encode_status_cwt, packed_of
from etrust.storage.postgres import Connection
from etrust.trust.certificate_store import newest_crls
from etrust.trust.list_manifest import DeltaEntry, FileEntry, Manifest, StatusEntry, sign_manifest
from etrust.wiring.home import STATUS_KEY

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

EVERY = timedelta(minutes=5)
"""A list that changed is published again after so long."""
MANIFEST_LIFETIME = timedelta(hours=6)
_MANIFEST_AGE = timedelta(seconds=30)
_BASES = tuple(timedelta(hours=each) for each in (1, 6, 24, 72, 168))
_KEPT, _ALL_KEPT = timedelta(days=8), timedelta(days=1)
_MOST = 400  # publications looked at for bases: more than a day of them, and a week of days
_LOOK_SECONDS = 30.0
_log = logging.getLogger(__name__)


class ListFiles:
    """Publishes lists as files."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._kept: tuple[bytes, datetime] | None = None

    async def keep(self) -> None:
        """Publish what changed, for as long as the process serves."""
        while True:
            try:
                await self.publish()
            except EtrustError as error:
                _log.warning("lists were not published as files: %s", error.code)
            await asyncio.sleep(_LOOK_SECONDS)

    async def publish(self, *, anew: bool = False) -> int:
        """Publish every status list that changed or grew old, and the trust and revocation lists; how many were published.

        Args:
            anew: now, however young the last publication is.
        """
        at, live = self._rooms.clock(), self._rooms.live
        await live.refresh()
        token = await self._rooms.trust.token()
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            if not await store.lock_publishing(connection):
                return 0
            await _add(connection, token, at)
            for crl in await newest_crls(connection):
                await _add(connection, crl.crl, at)
            numbers = await self._numbers(connection)
            done = [await self._publish(connection, number, at, anew=anew) for number in numbers]
            await store.forget(connection, all_before=at - _KEPT, but_one_a_day_before=at - _ALL_KEPT)
            await store.forget_files(connection, at - 2 * _ALL_KEPT)
        return sum(done)

    async def _numbers(self, connection: Connection) -> Sequence[int]:
        """Our lists, by number, each known to the live state."""
        found = []
        for uri in await status_store.lists(connection):
            await self._rooms.live.know(uri)
            number = self._rooms.live.number(uri)
            if number is not None:
                found.append(number)
        return sorted(found)

    async def _publish(self, connection: Connection, list_no: int, at: datetime, *, anew: bool) -> bool:
        live, settings = self._rooms.live, self._rooms.settings
        bitmap, uri = live.bitmap(list_no), live.uri(list_no)
        assert bitmap is not None and uri is not None  # noqa: S101, PT018 - known above
        bitmap = bitmap.copy()  # it may change while this goes on
        digest = bytes.fromhex(bitmap.digest().removeprefix("sha256:"))
        older = await store.publications(connection, list_no, _MOST)
        lifetime = timedelta(seconds=settings.status_list_lifetime_seconds)
        if older and not anew and not _is_due(older[0], digest, at, lifetime):
            return False
        issued, signer = at.replace(microsecond=0), self._rooms.cabinet.current(STATUS_KEY)
        if older:  # times are told in whole seconds, and of two lists the later one counts
            issued = max(issued, older[0].issued_at + timedelta(seconds=1))
        times = {"iat": issued, "exp": issued + lifetime}
        whole = encode_status_cwt(uri, bitmap, signer, ttl=settings.status_list_ttl_seconds, **times)
        number = older[0].number + 1 if older else 1
        made = Publication(list_no, number, await _add(connection, whole, at), digest, issued, issued + lifetime)
        await store.add_publication(connection, made)
        for base in _bases(older, at):
            body = await store.file(connection, base.file)
            if body is None:
                continue
            before = Bitmap.unpack(packed_of(body))
            change = encode_delta(uri, before, bitmap, signer, ttl=settings.status_list_ttl_seconds, **times)
            if len(change) < len(whole):
                await store.add_delta(connection, list_no, number, base.bitmap, await _add(connection, change, at))
        return True

    async def manifest(self) -> bytes:
        """The signed page, half a minute old at most.

        Raises:
            EtrustError: the store is out of reach, or the trust list's time is over.
        """
        at = self._rooms.clock()
        if self._kept is None or at - self._kept[1] >= _MANIFEST_AGE:
            self._kept = (await self._manifest(at), at)
        return self._kept[0]

    async def _manifest(self, at: datetime) -> bytes:
        trust = await self._rooms.trust.snapshot()
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.current(connection)
            known = {each.list_no for each in found}
            if any(self._rooms.live.number(uri) not in known for uri in await status_store.lists(connection)):
                found = []
        if not found:
            await self.publish()
            async with self._rooms.stores.pool.acquire() as connection:
                found = await store.current(connection)
        token = await self._rooms.trust.token()
        async with self._rooms.stores.pool.acquire() as connection:
            await _add(connection, token, at)
            crls = [await _entry(connection, row.crl, at) for row in await newest_crls(connection)]
            wanted = [digest for each in found for digest in (each.file, *(file for _, file in each.deltas))]
            sizes = await store.sizes(connection, wanted)
        for each in found:
            await self._rooms.live.know(self._rooms.live.own_uri(each.list_no))
        manifest = Manifest(
            region=self._rooms.settings.region, issued_at=at.replace(microsecond=0), next_update=at + MANIFEST_LIFETIME,
            trust_list=FileEntry(sha256=hashlib.sha256(token).hexdigest(), size=len(token)), sequence=trust.trust_list.sequence,
            status=[self._status(each, sizes) for each in found], revocation=crls,
        )  # fmt: skip
        return sign_manifest(manifest, self._rooms.cabinet.current(STATUS_KEY))

    def _status(self, found: Publication, sizes: dict[bytes, int]) -> StatusEntry:
        uri = self._rooms.live.uri(found.list_no)
        return StatusEntry(
            uri=uri or self._rooms.live.own_uri(found.list_no), sha256=found.file.hex(), size=sizes[found.file],
            bitmap=f"sha256:{found.bitmap.hex()}", issued_at=found.issued_at, expires_at=found.expires_at,
            deltas=[
                DeltaEntry(since=f"sha256:{since.hex()}", sha256=file.hex(), size=sizes[file]) for since, file in found.deltas
            ],
        )  # fmt: skip

    async def file(self, digest: bytes) -> bytes:
        """A file by its SHA-256.

        Raises:
            EtrustError: NOT_FOUND ``no_such_file``.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.file(connection, digest)
        if found is None:
            raise EtrustError(Kind.NOT_FOUND, "no_such_file", zh="没有该列表文件。", en="There is no such file of a list.")
        return found


async def _add(connection: Connection, body: bytes, at: datetime) -> bytes:
    digest = hashlib.sha256(body).digest()
    await store.add_file(connection, digest, body, at)
    return digest


async def _entry(connection: Connection, body: bytes, at: datetime) -> FileEntry:
    return FileEntry(sha256=(await _add(connection, body, at)).hex(), size=len(body))


def _is_due(last: Publication, digest: bytes, at: datetime, lifetime: timedelta) -> bool:
    age = at - last.issued_at
    return age >= lifetime / 4 or (digest != last.bitmap and age >= EVERY)


def _bases(older: Sequence[Publication], at: datetime) -> list[Publication]:
    """The publications that changes are offered from: the last one, and the newest of each age; each list once."""
    chosen = list(older[:1])
    for age in _BASES:
        chosen += [each for each in older if at - each.issued_at >= age][:1]
    return list({each.bitmap: each for each in chosen}.values())

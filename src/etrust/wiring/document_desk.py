"""Documents at work: the workers, and what they need of keys, certificates and timestamps."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.documents import store
from etrust.documents.archive import Renewing
from etrust.documents.evidence import evidence_for
from etrust.documents.register import OWN, DocumentKey, DocumentKind
from etrust.documents.timestamper import ValidationData
from etrust.documents.workers import Workers
from etrust.errors import EtrustError
from etrust.licenses.documents import Making
from etrust.licenses.holder_links import linked_license
from etrust.signing import digests
from etrust.signing.model import Signer
from etrust.trust.chains import Ground

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_KEPT = timedelta(minutes=1)
_COUNTED_SECONDS = 10.0


class DocumentDesk:
    """Gives what documents are made with; workers start with the first document and end with `close`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._workers: Workers | None = None
        self._making: Making | None = None
        self._evidence: dict[bytes, ValidationData] = {}
        self._ground: Ground | None = None
        self._kept_since: datetime | None = None
        self._counting = asyncio.Lock()
        self._counted: Mapping[str, int] | None = None
        self._counted_at = 0.0

    @property
    def making(self) -> Making:
        """What documents are made with."""
        if self._making is None:
            rooms = self._rooms
            self._making = Making(
                workers=self.workers, clock=rooms.clock, types=rooms.types, document_key=self._document_key,
                evidence=self.evidence, timestamp_certificate=self._timestamp_certificate, stamp=self.stamp,
                seal_signer=rooms.cabinet.named, seal_stamping=rooms.seal_stamping,
            )  # fmt: skip
        return self._making

    @property
    def renewing(self) -> Renewing:
        """What renewals are made with."""
        return Renewing(self.workers, self._rooms.clock, self.ground, self.stamp_evidence, self.stamp)

    @property
    def workers(self) -> Workers:
        """The worker processes; none runs before the first job."""
        if self._workers is None:
            self._workers = Workers(self._rooms.home.keys, self._rooms.settings.document_workers)
        return self._workers

    async def evidence(self, certificate: bytes) -> ValidationData:
        """What proves a certificate in force; lists that have run out are issued anew first.

        Raises:
            EtrustError: ``no_evidence``.
        """
        ground = await self.ground()
        if certificate not in self._evidence:
            try:
                self._evidence[certificate] = evidence_for(certificate, ground=ground)
            except EtrustError:
                await self._rooms.authorities.renew()
                self._kept_since = None
                self._evidence[certificate] = evidence_for(certificate, ground=await self.ground())
        return self._evidence[certificate]

    async def ground(self) -> Ground:
        """What the region's own certificates are held against, as read within the last minute."""
        now = self._rooms.clock()
        if self._ground is None or self._kept_since is None or now - self._kept_since > _KEPT:
            self._ground, self._evidence, self._kept_since = await self._rooms.authorities.ground(), {}, now
        return replace(self._ground, now=now)

    async def stamp(self, imprint: bytes) -> bytes:
        """A timestamp token over a SHA-256 digest."""
        return (await self._rooms.timestamps.tokens([(imprint, digests.SHA256)]))[0]

    async def stamp_evidence(self) -> ValidationData:
        """What proves the timestamp service's certificate."""
        return await self.evidence(self._timestamp_certificate())

    def _timestamp_certificate(self) -> bytes:
        return self._rooms.timestamps.authority().signer.certificate

    def _document_key(self, body: str) -> tuple[str, Signer]:
        signer = self._rooms.cabinet.current(f"document-{body}")
        return self._rooms.cabinet.name_of(signer), signer

    async def counts(self) -> Mapping[str, int]:
        """How the register of documents stands, at most ten seconds ago; whoever asks meanwhile waits for one count.

        Anybody may ask, and counting goes through the whole register.
        """
        async with self._counting:
            now = asyncio.get_running_loop().time()
            if self._counted is None or now - self._counted_at > _COUNTED_SECONDS:
                at = self._rooms.clock()
                async with self._rooms.stores.pool.acquire() as connection:
                    self._counted = await store.counts(connection, before=at, now=at)
                self._counted_at = now
            return self._counted

    async def made_for_holder(self, token: str) -> list[DocumentKind]:
        """Which documents the license of a holder's link has."""
        async with self._rooms.stores.pool.acquire() as connection:
            stored = await linked_license(connection, token, self._rooms.clock())
            if stored is None:
                return []
            records = await store.of_license(connection, stored.serial, stored.version)
        return [record.key.kind for record in records if record.is_made and record.key.copy_no == OWN]

    async def holders_document(self, token: str, kind: DocumentKind) -> tuple[bytes, str] | None:
        """The bytes and the file name of a document for the holder of a link; None when there is none."""
        async with self._rooms.stores.pool.acquire() as connection:
            stored = await linked_license(connection, token, self._rooms.clock())
            if stored is None:
                return None
            data = await store.read(connection, DocumentKey(stored.serial, stored.version, kind))
        return None if data is None else (data, f"{stored.license_type}-{stored.identifier.short}.{kind.value}")

    async def close(self) -> None:
        """End the workers."""
        if self._workers is not None:
            await self._workers.close()

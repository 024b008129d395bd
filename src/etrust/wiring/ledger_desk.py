"""The transparency log at work: integrates what waits, several times a second, and shows what was published."""

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from etrust.credentials.receipt import read_receipt_id
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.ledger import reading, store
from etrust.ledger.entries import EntryKind
from etrust.ledger.integrate import Log, integrate
from etrust.ledger.notes import ED25519, Note, NoteKey
from etrust.ledger.proofs import Proof
from etrust.ledger.tiles import Tile
from etrust.licenses import store as license_store
from etrust.storage.postgres import Connection
from etrust.wiring.home import LOG_KEY

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_LOOK_SECONDS = 0.25


class LedgerDesk:
    """`rooms.ledger`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._named: tuple[str, bytes] | None = None  # origin and secret, once they were read

    async def keep(self) -> None:
        """Integrate what waits, a quarter of a second after it came at the latest, until cancelled."""
        while True:
            with contextlib.suppress(EtrustError):  # a store or the key is out of reach: what waits goes on waiting
                await self.integrate(patient=False)
            await asyncio.sleep(_LOOK_SECONDS)

    async def integrate(self, *, patient: bool = True) -> int:
        """Integrate all that waits; returns how many entries. When it ends, no entry waits that was there at its beginning.

        Args:
            patient: wait for another integrator at work; without it all is left to that one.

        Raises:
            EtrustError: ``no_key`` and others of the key for checkpoints.
        """
        total = 0
        async with self._rooms.stores.pool.acquire() as connection:
            if not await store.has_pending(connection):
                return 0
            log = await self.log(connection)
            while done := await integrate(connection, log, at=self._rooms.clock(), patient=patient):
                total += done
        return total

    async def log(self, connection: Connection) -> Log:
        """The region's own log, with the key in force."""
        if self._named is None:
            secret = await store.secret(connection, secrets.token_bytes(32))
            self._named = (await store.origin(connection, self._proposed_origin()), secret)
        origin, secret = self._named
        return Log(origin, self._rooms.cabinet.current(LOG_KEY), secret)

    def _proposed_origin(self) -> str:
        """A name like an address without its scheme (tlog-checkpoint), and the region's, for trials share an address."""
        parts = urlsplit(self._rooms.settings.public_url)
        return f"{parts.netloc}{parts.path.rstrip('/')}/log/{self._rooms.settings.region}"

    async def key(self) -> NoteKey:
        """The public key of the log, by which its checkpoints are judged."""
        async with self._rooms.stores.pool.acquire() as connection:
            log = await self.log(connection)
        return NoteKey(log.origin, ED25519, log.public)

    async def checkpoint(self) -> Note | None:
        """The newest checkpoint with the signatures of witnesses; None for an empty log."""
        async with self._rooms.stores.pool.acquire() as connection:
            found = await reading.checkpoint(connection)
        return None if found is None else found[1]

    async def tile(self, path: str) -> bytes:
        """A tile or a bundle of entries by its name below ``tile/``.

        Raises:
            EtrustError: NOT_FOUND ``no_such_tile``.
        """
        wanted = Tile.parse(path)
        content: bytes | None = None
        if wanted is not None:
            async with self._rooms.stores.pool.acquire() as connection:
                content = await reading.tile(connection, wanted)
        if content is None:
            raise EtrustError(Kind.NOT_FOUND, "no_such_tile", zh="日志中没有该数据块。", en="The log has no such tile.")
        return content

    async def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the log of one size is the beginning of the one of another; see `ledger.reading`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await reading.consistency(connection, old, new)

    async def prove(self, kind: str, subject: str) -> Proof | None:
        """The proof of inclusion of something, None while it has no entry."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await reading.prove(connection, await self.log(connection), kind, subject)

    async def prove_license(self, identifier: LicenseIdentifier) -> Proof | None:
        """The proof that a license has its entry; None as well when type, issuer or check character are another's."""
        async with self._rooms.stores.pool.acquire() as connection:
            found = await license_store.find(connection, identifier.serial, identifier.version)
        if found is None or found.identifier != identifier:
            return None
        return await self.prove(EntryKind.LICENSE, f"{identifier.serial}.{identifier.version:03d}")

    async def prove_receipt(self, text: str) -> Proof | None:
        """The proof that a receipt has its entry, by its number as people write it; None for what is no number, too."""
        try:
            number = read_receipt_id(text)
        except EtrustError:
            return None
        return await self.prove(EntryKind.RECEIPT, number.hex())

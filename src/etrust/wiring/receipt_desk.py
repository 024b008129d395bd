"""The desk of receipts (查验回执): given with a case's step, signed and stamped afterwards, shown as COSE and as PDF."""

import asyncio
import contextlib
import logging
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from etrust.access import store as access_store
from etrust.credentials.receipt import NUMBER_BYTES, field_digest, field_salt, read_receipt, read_receipt_id, receipt_id
from etrust.errors import EtrustError, Kind
from etrust.ledger.entries import EntryKind
from etrust.licenses import store as license_store
from etrust.matters import case_store, catalogue_store, receipt_store
from etrust.matters.catalogue import unknown_matter
from etrust.matters.check_model import MatterCheck
from etrust.matters.receipt_pages import Paging, page_of
from etrust.matters.receipts import Giving, finished, no_receipt, receipt_of, record_receipt, signed_bytes
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.wiring.home import RECEIPT_KEY

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_FINISH_SECONDS = 1.0
_LOG_SECONDS = 2.0
_AT_ONCE = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Given:
    """A receipt that was given; its signature follows after the transaction."""

    id: str


class ReceiptDesk:
    """Receipts of the region."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._giving: Giving | None = None

    async def give(self, check: MatterCheck, *, connection: Connection) -> Given:
        """Record the receipt of a check in the caller's transaction; it is signed after the commit (`finish`).

        Raises:
            EtrustError: NOT_FOUND ``unknown_matter``; ``no_key``: this home has no key for receipts.
        """
        giving = await self.giving(connection)
        matter = await catalogue_store.version(connection, check.matter, check.version)
        if matter is None:
            raise unknown_matter(check.matter)
        bodies = await access_store.bodies(connection)
        body = next((each for each in bodies if each.code == check.body), None)
        number = secrets.token_bytes(NUMBER_BYTES)
        await record_receipt(
            connection, receipt_of(check, matter, body, giving, number), giving, self._rooms.clock()
        )
        return Given(receipt_id(number))

    async def finish(self, receipt: str) -> bytes:
        """The signed receipt (COSE_Sign1), signed and stamped now where it was not yet.

        Raises:
            EtrustError: NOT_FOUND ``receipt_not_found``; those of `matters.receipts.finished`.
        """
        number = read_receipt_id(receipt)
        async with self._rooms.stores.pool.acquire() as connection:
            row = await finished(connection, number, await self.giving(connection))
        if row is None:
            raise no_receipt()
        return signed_bytes(row)

    async def cose(self, receipt: str, *, body: str | None = None) -> bytes:
        """The same for whoever asks: a body sees its own receipts and those of bodies below it.

        Raises:
            EtrustError: NOT_FOUND ``receipt_not_found`` for one that is not there and another body's alike.
        """
        await self._require_seen(receipt, body)
        return await self.logged(receipt)

    async def logged(self, receipt: str) -> bytes:
        """The signed receipt with the proof of its own entry in the log, once there is one.

        Raises:
            EtrustError: as `finish`.
        """
        number = read_receipt_id(receipt)
        async with self._rooms.stores.pool.acquire() as connection:
            row = await finished(connection, number, await self.giving(connection))
        if row is None:
            raise no_receipt()
        return signed_bytes(row, await self._log_proof(number))

    async def _log_proof(self, number: bytes) -> str:
        """The proof that is kept; else the one of now, kept once witnesses stand for it. None is no reason to wait."""
        async with self._rooms.stores.pool.acquire() as connection:
            kept = await receipt_store.log_proof(connection, number)
        if kept is not None:
            return kept
        try:
            proof = await self._rooms.ledger.prove(EntryKind.RECEIPT, number.hex())
        except EtrustError:  # the key of the log is out of reach
            return ""
        if proof is None:
            return ""
        if len(proof.note.signatures) > 1 or not await self._rooms.partners.regions_in_force():
            async with self._rooms.stores.pool.acquire() as connection:
                await receipt_store.add_log_proof(connection, number, proof.text, self._rooms.clock())
        return proof.text

    async def settled(self, receipt: str, *, body: str | None = None) -> bytes:
        """The same for what is kept: the log is given a moment to take the receipt in.

        Raises:
            EtrustError: as `cose`.
        """
        await self._require_seen(receipt, body)
        await self.finish(receipt)
        with contextlib.suppress(EtrustError, TimeoutError):
            async with asyncio.timeout(_LOG_SECONDS):
                await self._rooms.ledger.integrate()
        return await self.logged(receipt)

    async def pdf(self, receipt: str, *, body: str | None = None) -> bytes:
        """The receipt as a sealed page, made at the first asking, the same bytes ever after.

        Raises:
            EtrustError: NOT_FOUND ``receipt_not_found``; ``documents_busy``, ``document_failed``; those of `finish`.
        """
        cose = await self.settled(receipt, body=body)
        async with self._rooms.stores.pool.acquire() as connection:
            return await page_of(connection, read_receipt_id(receipt), cose, self._paging)

    async def of_case(self, connection: Connection, case_number: str) -> list[str]:
        """The receipts of a case, the first one first."""
        return [receipt_id(row.number) for row in await receipt_store.of_case(connection, case_number)]

    async def proves(self, receipt: str, *, material: str, field: str, value: str, body: str | None = None) -> bytes | None:
        """Whether a receipt was given over a value: the salt that opens its digest, None when the value is another.

        With the salt anybody can prove the value from the receipt alone (`credentials.receipt.field_digest`).

        Raises:
            EtrustError: NOT_FOUND ``receipt_not_found``; ``no_such_field``.
        """
        signed = read_receipt(await self.cose(receipt, body=body))
        async with self._rooms.stores.pool.acquire() as connection:
            secret = (await self.giving(connection)).secret
        told = {each.key: each.fields for each in signed.receipt.materials}
        if field not in told.get(material, {}):
            raise EtrustError(
                Kind.NOT_FOUND, "no_such_field", where=f"{material}.{field}",
                zh="该回执没有披露这一项目。", en="The receipt tells of no such field.",
            )
        salt = field_salt(secret, signed.receipt.number, material, field)
        good = secrets.compare_digest(field_digest(salt, material, field, value), told[material][field])
        return salt if good else None

    async def finish_open(self) -> int:
        """Sign what a crash or a timestamp service out of reach left unsigned; returns how many."""
        async with self._rooms.stores.pool.acquire() as connection:
            numbers, done = await receipt_store.unsigned(connection, _AT_ONCE), 0
            giving = await self.giving(connection) if numbers else None
            for number in numbers:
                assert giving is not None  # noqa: S101 - there are numbers
                try:
                    await finished(connection, number, giving)
                except EtrustError as error:
                    if error.kind is Kind.UNAVAILABLE:
                        raise
                    _log.warning("receipt %s stays unsigned: %s", receipt_id(number), error.code)
                else:
                    done += 1
        return done

    async def keep_finishing(self) -> None:
        """Look every second, for as long as the process serves."""
        while True:
            with contextlib.suppress(EtrustError):
                await self.finish_open()
            await asyncio.sleep(_FINISH_SECONDS)

    async def giving(self, connection: Connection) -> Giving:
        """What receipts are given with."""
        if self._giving is None:
            rooms = self._rooms
            secret = await license_store.secret(connection, "receipts", secrets.token_bytes(32))
            self._giving = Giving(
                region=rooms.settings.region, types=rooms.types, secret=secret, signer=self.signer,
                evidence=rooms.documents.evidence, stamp=rooms.documents.stamp,
                stamp_certificate=lambda: rooms.timestamps.authority().signer.certificate,
            )  # fmt: skip
        return self._giving

    @property
    def _paging(self) -> Paging:
        rooms = self._rooms
        signer = self.signer(None)
        return Paging(
            workers=rooms.documents.workers, clock=rooms.clock, types=rooms.types,
            key=(rooms.cabinet.name_of(signer), signer), evidence=rooms.documents.evidence, stamp=rooms.documents.stamp,
            stamp_evidence=rooms.documents.stamp_evidence,
        )  # fmt: skip

    def signer(self, kid: bytes | None) -> Signer:
        """The region's key for receipts: the one in force, or the one with that key id."""
        cabinet = self._rooms.cabinet
        return cabinet.current(RECEIPT_KEY) if kid is None else cabinet.of_line(RECEIPT_KEY, kid)

    async def _require_seen(self, receipt: str, body: str | None) -> None:
        number = read_receipt_id(receipt)
        async with self._rooms.stores.pool.acquire() as connection:
            row = await receipt_store.find(connection, number)
            if row is None or (body is not None and not await case_store.is_at_or_below(connection, row.body, body)):
                raise no_receipt()

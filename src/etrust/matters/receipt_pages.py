"""The page of a receipt made: asked for once, made once, found from then on.

It is signed with the region's key for receipts, PAdES B-LTA. It shows the official seal of the body that checked where that
body has one in use and granted its use to the operator who checked; the use is logged like any other before the page is signed.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from etrust.clock import Clock
from etrust.credentials.receipt import Receipt, read_receipt
from etrust.documents.frames import Question
from etrust.documents.jobs import Asked, ReceiptJob
from etrust.documents.levels import SignatureWords
from etrust.documents.model import SealPicture
from etrust.documents.timestamper import ValidationData
from etrust.documents.workers import Workers
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.matters import receipt_store as store
from etrust.matters.receipt_page import receipt_page
from etrust.matters.receipt_store import PageRow
from etrust.seals import store as seal_store
from etrust.seals import usage_store
from etrust.seals.model import Purpose, SealKind, SealRecord
from etrust.seals.use import permit_use, user
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Paging:
    """What pages are made with.

    Attributes:
        key: name and signer of the region's key for receipts in force.
        evidence: chain and revocation lists of a certificate (DER) in force; `stamp_evidence` those of the timestamp service.
        stamp: a timestamp token over a SHA-256 digest.
    """

    workers: Workers
    clock: Clock
    types: Mapping[str, LicenseType]
    key: tuple[str, Signer]
    evidence: Callable[[bytes], Awaitable[ValidationData]]
    stamp: Callable[[bytes], Awaitable[bytes]]
    stamp_evidence: Callable[[], Awaitable[ValidationData]]


async def page_of(connection: Connection, number: bytes, cose: bytes, paging: Paging) -> bytes:
    """The PDF of a receipt; of two made at once the first that is kept is given to both.

    Args:
        connection: outside a transaction.
        cose: the signed receipt.

    Raises:
        EtrustError: ``documents_busy``, ``document_failed``; ``no_evidence``; ``glyph_missing`` and others of the face.
    """
    kept = await store.page(connection, number)
    if kept is None:
        await store.add_page(connection, number, await _Maker(connection, read_receipt(cose).receipt, cose, paging).make())
        kept = await store.page(connection, number)
    assert kept is not None  # noqa: S101 - kept a moment ago
    return kept.pdf


class _Maker:
    """Makes one page: what it needs is gathered here, a worker does the work and asks back."""

    def __init__(self, connection: Connection, receipt: Receipt, cose: bytes, paging: Paging) -> None:
        self._connection, self._receipt, self._cose, self._paging = connection, receipt, cose, paging
        self._seal: SealRecord | None = None
        self._use: int | None = None

    async def make(self) -> PageRow:
        """The page; without the seal when the right to show it is refused."""
        found = await seal_store.usable_seals(self._connection, self._receipt.body, SealKind.OFFICIAL, "")
        for seal in (*found[:1], None):
            self._seal = seal
            try:
                pdf = await self._paging.workers.run(await self._job(), self._reply)
            except EtrustError as error:
                if seal is None or error.kind not in (Kind.FORBIDDEN, Kind.CONFLICT, Kind.NOT_FOUND):
                    raise
                continue
            break
        at = self._paging.clock()
        if self._use is not None:
            await usage_store.add_signed(self._connection, self._use, at)
        code = "" if self._seal is None else self._seal.code
        return PageRow(pdf, hashlib.sha256(pdf).digest(), code, self._receipt.operator, at)

    async def _job(self) -> ReceiptJob:
        paging, seal = self._paging, self._seal
        picture = None
        if seal is not None:
            facts = seal.application.facts
            picture = SealPicture(await seal_store.picture_of(self._connection, seal.code), facts.width, facts.height)
        name, signer = paging.key
        receipt = self._receipt
        return ReceiptJob(
            page=receipt_page(self._cose, paging.types, seal=picture), at=paging.clock().replace(microsecond=0),
            words=SignatureWords(f"查验回执 {receipt.id}", receipt.region, receipt.body_names[0] or receipt.body),
            key=(name, signer.kid), evidence=await paging.evidence(signer.certificate),
            stamp_evidence=await paging.stamp_evidence(),
        )  # fmt: skip

    async def _reply(self, question: Question) -> bytes:
        if question.what is Asked.STAMP:
            return await self._paging.stamp(question.digest)
        assert self._seal is not None  # noqa: S101 - only a page with a seal asks for the right to show it
        receipt = self._receipt
        who = await user(self._connection, operator=receipt.operator, body=receipt.body, at=self._paging.clock())
        purpose = Purpose(matter=receipt.matter, document=receipt.case_number)
        permit = await permit_use(
            self._connection, code=self._seal.code, digest=question.digest, purpose=purpose, who=who
        )
        self._use = permit.use_id
        return b""

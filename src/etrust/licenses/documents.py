"""A license's documents: signed face as PDF and OFD. Asked for once, made once, found from then on.

That a document is to be made is recorded before a key is used; the use of the seal is logged with its digest before the seal
is put under it. A crash leaves an intent, which the next asking finishes.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.model import Body
from etrust.clock import Clock, official_date
from etrust.documents import store as document_store
from etrust.documents.frames import Question
from etrust.documents.jobs import Asked, Job, OfdJob, PdfJob
from etrust.documents.levels import Level, SignatureWords, renewal_due
from etrust.documents.model import Annotation, SealPicture
from etrust.documents.register import OWN, DocumentKey, DocumentKind, DocumentRecord, Revision
from etrust.documents.timestamper import ValidationData
from etrust.documents.workers import Workers
from etrust.errors import EtrustError, Kind
from etrust.licenses.face_content import face_content
from etrust.licenses.model import Provenance, StoredLicense
from etrust.licenses.types import LicenseType
from etrust.seals import store as seal_store
from etrust.seals import usage_store
from etrust.seals.model import Actor, Purpose, SealKind, SealRecord
from etrust.seals.stamping import Stamping
from etrust.seals.use import SignerOf, permit_use, use_seal, user
from etrust.signing.model import Signer
from etrust.status import store as status_store
from etrust.status.events import latest
from etrust.status.model import State
from etrust.storage.postgres import Connection
from etrust.trust.x509 import read_certificate

SES_LEVEL = "SES"


@dataclass(frozen=True, slots=True)
class Making:
    """What documents are made with; wired once for a process.

    Attributes:
        document_key: name and signer of a body's document key in force.
        evidence: chain and revocation lists of a certificate (DER) in force, from the region's own ground.
        timestamp_certificate: of the timestamp service, DER.
        stamp: a timestamp token over a SHA-256 digest.
        seal_signer: the signer of a seal by the name of its key; `seal_stamping` its timestamps.
        level: of PDF documents.
    """

    workers: Workers
    clock: Clock
    types: Mapping[str, LicenseType]
    document_key: Callable[[str], tuple[str, Signer]]
    evidence: Callable[[bytes], Awaitable[ValidationData]]
    timestamp_certificate: Callable[[], bytes]
    stamp: Callable[[bytes], Awaitable[bytes]]
    seal_signer: SignerOf
    seal_stamping: Stamping
    level: Level = Level.B_LTA


async def make_documents(
    connection: Connection, making: Making, stored: StoredLicense, kinds: Sequence[DocumentKind], *, who: Provenance,
    annotation: Annotation | None = None, copy_no: int = OWN,
) -> list[DocumentRecord]:
    """The documents of a license in force, made where they are not yet.

    Args:
        connection: outside a transaction.
        annotation: with `copy_no`, what an annotated copy is for; it must be recorded already.

    Raises:
        EtrustError: ``not_in_force``; ``no_license_seal``; ``documents_busy``, ``document_failed``; ``no_evidence``,
            ``no_key``; ``seal_not_usable`` and others of `seals.use`; ``glyph_missing`` and others of the face.
    """
    await require_in_force(connection, stored, making.clock())
    found = []
    for kind in kinds:
        key = DocumentKey(stored.serial, stored.version, kind, copy_no)
        await document_store.ask_for(
            connection, key, license_type=stored.license_type, body=stored.issuer, operator=who.operator, at=who.at
        )
        record = await document_store.find(connection, key)
        if record is None or not record.is_made:
            record = await _Maker(connection, making, stored, who, annotation).make(key)
        found.append(record)
    return found


async def require_in_force(connection: Connection, stored: StoredLicense, at: datetime) -> None:
    """Return quietly when a license is in force; documents are made of no other.

    Raises:
        EtrustError: ``not_in_force``.
    """
    events = await status_store.events_of(connection, stored.list_no, stored.list_index)
    event = latest(events, at=at, known_at=at)
    today = official_date(at)
    in_time = stored.valid_from <= today and (stored.valid_until is None or today <= stored.valid_until)
    if not in_time or (event is not None and event.state != State.VALID):
        raise EtrustError(
            Kind.CONFLICT, "not_in_force", where=stored.identifier.text,
            zh="该证照不在有效状态，不能制作文书。", en="The license is not in force; no documents are made of it.",
        )


class _Maker:
    """Makes one document: what it needs is gathered here, a worker does the work and asks back."""

    def __init__(
        self, connection: Connection, making: Making, stored: StoredLicense, who: Provenance, annotation: Annotation | None
    ) -> None:
        self._connection = connection
        self._making = making
        self._stored = stored
        self._who = who
        self._annotation = annotation
        self._at = making.clock().replace(microsecond=0)  # PDF tells whole seconds
        self._seal_use: int | None = None

    async def make(self, key: DocumentKey) -> DocumentRecord:
        """The document made and kept; another process's when that was faster."""
        try:
            seal = await self._find_seal()
            job = await (self._pdf(seal) if key.kind is DocumentKind.PDF else self._ofd(seal))
            data = await self._making.workers.run(job, lambda question: self._reply(question, seal))
        except EtrustError as error:
            await document_store.note_trouble(self._connection, key, error.code, due_at=None)
            raise
        await document_store.add_revision(self._connection, key, 1, self._revision(key.kind, data))
        if key.kind is DocumentKind.PDF and self._seal_use is not None:
            await usage_store.add_signed(self._connection, self._seal_use, self._at)
        record = await document_store.find(self._connection, key)
        assert record is not None  # noqa: S101 - the row was asked for before
        return record

    def _revision(self, kind: DocumentKind, data: bytes) -> Revision:
        digest, size = hashlib.sha256(data).digest(), len(data)
        level, until, due = SES_LEVEL, None, None
        if kind is DocumentKind.PDF:
            level = self._making.level
            if level is Level.B_LTA:
                certificate = self._making.timestamp_certificate()
                until, due = read_certificate(certificate).not_after, renewal_due(certificate)
        return Revision(
            level=str(level), digest=digest, size=size, added=data, made_at=self._at, operator=self._who.operator,
            timestamp_until=until, due_at=due, seal_use=self._seal_use,
        )  # fmt: skip

    async def _pdf(self, seal: SealRecord) -> Job:
        body, making = await self._body(), self._making
        name, signer = making.document_key(self._stored.issuer)
        facts = seal.application.facts
        picture = SealPicture(await seal_store.picture_of(self._connection, seal.code), facts.width, facts.height)
        return PdfJob(
            face=face_content(
                self._stored, self._type, authority_ug=self._authority_ug(body), made_at=self._at, seal=picture,
                annotation=self._annotation,
            ),
            level=making.level, at=self._at, words=self._words(body), key=(name, signer.kid),
            evidence=await making.evidence(signer.certificate),
            stamp_evidence=await making.evidence(making.timestamp_certificate()),
        )  # fmt: skip

    async def _ofd(self, seal: SealRecord) -> Job:
        data = await seal_store.seal_file(self._connection, seal.code)
        assert data is not None  # noqa: S101 - a seal in use has been made
        face = face_content(
            self._stored, self._type, authority_ug=self._authority_ug(await self._body()), made_at=self._at,
            annotation=self._annotation,
        )
        facts = seal.application.facts
        return OfdJob(face, self._at, data, (facts.width, facts.height))

    async def _reply(self, question: Question, seal: SealRecord) -> bytes:
        match question.what:
            case Asked.STAMP:
                return await self._making.stamp(question.digest)
            case Asked.PERMIT:
                permit = await permit_use(
                    self._connection, code=seal.code, digest=question.digest, purpose=self._purpose, who=await self._actor()
                )
                self._seal_use = permit.use_id
                return b""
            case Asked.SEAL:
                used = await use_seal(
                    self._connection, code=seal.code, digest=question.digest, purpose=self._purpose, who=await self._actor(),
                    property_info=question.detail, signer_of=self._making.seal_signer, stamping=self._making.seal_stamping,
                )
                self._seal_use = used.use_id
                return used.signed_value

    async def _actor(self) -> Actor:
        return await user(self._connection, operator=self._who.operator, body=self._who.body, at=self._making.clock())

    async def _find_seal(self) -> SealRecord:
        found = await seal_store.usable_seals(
            self._connection, self._stored.issuer, SealKind.LICENSE, self._stored.license_type
        )
        if not found:
            raise EtrustError(
                Kind.CONFLICT, "no_license_seal", where=self._stored.issuer,
                zh="颁发机构没有可用于该类证照的在用证照专用章，请先办理印章。",
                en="The issuing body has no license seal in use for this type; have one made and put into use first.",
            )
        return found[0]

    async def _body(self) -> Body | None:
        found = await access_store.bodies(self._connection)
        return next((each for each in found if each.code == self._stored.issuer), None)

    def _authority_ug(self, body: Body | None) -> str:
        return body.name_ug if body is not None and body.name_zh == self._stored.issuing_authority else ""

    def _words(self, body: Body | None) -> SignatureWords:
        reason, copy = f"签发{self._type.zh}", self._annotation
        if copy is not None:
            reason = f"加注件 {copy.number}：仅用于{copy.purpose}；提供给{copy.recipient}；有效期至 {copy.valid_until}"
        return SignatureWords(reason, "" if body is None else body.division, self._stored.issuing_authority)

    @property
    def _type(self) -> LicenseType:
        return self._making.types[self._stored.license_type]

    @property
    def _purpose(self) -> Purpose:
        return Purpose(license_type=self._stored.license_type, document=self._stored.identifier.text)

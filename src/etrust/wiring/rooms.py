"""Opens the rooms of one deployment: everything a handler or a command needs, made once."""

import asyncio
import contextlib
import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from etrust.access import sessions
from etrust.access.accounts import require_operator
from etrust.access.cache import FailedSignIns
from etrust.access.model import Operator
from etrust.clock import Clock, system_clock
from etrust.credentials.code import decode_code, encode_code, is_code
from etrust.credentials.credential import parse
from etrust.credentials.online_code import is_online_code, read_online_code
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.holder_links import linked_license
from etrust.licenses.issue import Issuing, finish_open_batches
from etrust.licenses.model import StoredLicense
from etrust.licenses.numbering import Numbering
from etrust.licenses.types import LicenseType, by_code, describe_fields, load_types
from etrust.resources import resource
from etrust.seals.make import Workshop
from etrust.settings import Settings
from etrust.signing import sm2
from etrust.status.cache import announce_change, follow_changes
from etrust.status.live import LiveStatus
from etrust.storage.migrations import require_current
from etrust.storage.postgres import Connection
from etrust.storage.stores import Stores, open_stores
from etrust.verification.many import ManyChecks
from etrust.verification.model import Verdict
from etrust.verification.online import OnlineVerifier, undetermined
from etrust.wiring.agreement_desk import AgreementDesk
from etrust.wiring.archive_desk import ArchiveDesk
from etrust.wiring.audit_desk import AuditDesk
from etrust.wiring.authorities import Authorities
from etrust.wiring.background import end
from etrust.wiring.cabinet import SignerCabinet
from etrust.wiring.catalogue_desk import CatalogueDesk
from etrust.wiring.code_desk import CodeDesk
from etrust.wiring.consent_desk import ConsentDesk
from etrust.wiring.correction_desk import CorrectionDesk
from etrust.wiring.counter_desk import CounterDesk
from etrust.wiring.directory_desk import DirectoryDesk
from etrust.wiring.document_desk import DocumentDesk
from etrust.wiring.file_checks import FileChecks
from etrust.wiring.foreign_files import ForeignFiles
from etrust.wiring.gauges import GaugeDesk
from etrust.wiring.holder_desk import HolderDesk
from etrust.wiring.home import ANCHOR_KEY, ANCHOR_SM2_KEY, SEAL_MAKER_KEY, Home
from etrust.wiring.ledger_desk import LedgerDesk
from etrust.wiring.list_files import ListFiles
from etrust.wiring.matter_desk import MatterDesk
from etrust.wiring.notice_desk import NoticeDesk
from etrust.wiring.objection_desk import ObjectionDesk
from etrust.wiring.partner_gate import PartnerGate
from etrust.wiring.partners import PartnerDesk
from etrust.wiring.people_desk import PeopleDesk
from etrust.wiring.receipt_desk import ReceiptDesk
from etrust.wiring.sharing_desk import SharingDesk
from etrust.wiring.signed_lists import SignedLists
from etrust.wiring.stamp_desk import StampDesk, watch_for
from etrust.wiring.trust_desk import TrustDesk
from etrust.wiring.trust_keeper import TrustKeeper
from etrust.wiring.witness_desk import WitnessDesk

_log = logging.getLogger(__name__)
_LOOK_SECONDS = 0.25
_KEYS_SECONDS = 2


@dataclass(frozen=True, slots=True)
class HolderView:
    """One license as its holder sees it."""

    license_type: LicenseType
    identifier: LicenseIdentifier
    code: str
    verdict: Verdict
    fields: list[dict[str, object]]
    holder_names: str
    issued_on: str
    valid_from: str
    valid_until: str | None
    issuing_authority: str
    number: str


@dataclass(slots=True)
class Rooms:
    """Everything one process of a deployment works with."""

    settings: Settings
    clock: Clock
    home: Home
    stores: Stores
    types: Mapping[str, LicenseType]
    cabinet: SignerCabinet
    issuing: Issuing
    live: LiveStatus
    trust: TrustKeeper
    verifier: OnlineVerifier
    failures: FailedSignIns
    signed_lists: SignedLists
    authorities: Authorities
    timestamps: StampDesk
    files: FileChecks
    namespace: str = field(default="")
    documents: DocumentDesk = field(init=False)
    catalogue: CatalogueDesk = field(init=False)
    codes: CodeDesk = field(init=False)
    directory: DirectoryDesk = field(init=False)
    partners: PartnerDesk = field(init=False)
    consent: ConsentDesk = field(init=False)
    space: HolderDesk = field(init=False)
    counter: CounterDesk = field(init=False)
    people: PeopleDesk = field(init=False)
    receipts: ReceiptDesk = field(init=False)
    archives: ArchiveDesk = field(init=False)
    matters: MatterDesk = field(init=False)
    ledger: LedgerDesk = field(init=False)
    trusted: TrustDesk = field(init=False)
    gate: PartnerGate = field(init=False)
    agreements: AgreementDesk = field(init=False)
    objections: ObjectionDesk = field(init=False)
    corrections: CorrectionDesk = field(init=False)
    notices: NoticeDesk = field(init=False)
    audit: AuditDesk = field(init=False)
    witness: WitnessDesk = field(init=False)
    sharing: SharingDesk = field(init=False)
    list_files: ListFiles = field(init=False)
    gauges: GaugeDesk = field(init=False)

    def __post_init__(self) -> None:
        self.documents = DocumentDesk(self)
        self.catalogue = CatalogueDesk(self)
        self.codes = CodeDesk(self)
        self.directory = DirectoryDesk(self)
        self.partners = PartnerDesk(self)
        self.consent = ConsentDesk(self)
        self.space = HolderDesk(self)
        self.counter = CounterDesk(self)
        self.people = PeopleDesk(self)
        self.receipts = ReceiptDesk(self)
        self.archives = ArchiveDesk(self)
        self.matters = MatterDesk(self)
        self.ledger = LedgerDesk(self)
        self.trusted = TrustDesk(self)
        self.gate = PartnerGate(self)
        self.agreements = AgreementDesk(self)
        self.notices = NoticeDesk(self)
        self.objections = ObjectionDesk(self)
        self.corrections = CorrectionDesk(self)
        self.audit = AuditDesk(self)
        self.witness = WitnessDesk(self)
        self.sharing = SharingDesk(self)
        self.list_files = ListFiles(self)
        self.gauges = GaugeDesk(self)
        self.files.elsewhere = ForeignFiles(self)

    async def check(
        self, presented: str, *, actor: Operator | None = None, at: datetime | None = None, known_at: datetime | None = None
    ) -> Verdict:
        """The verdict on presented text, now or for a past moment; an online code (一码) is used up by a check of now.

        Args:
            actor: who asks; without one, all that is wrong with an online code is one answer.
        """
        if is_online_code(presented):
            foreign = await self._online_elsewhere(presented, at)
            return foreign or await self.codes.check(presented, operator=actor, at=at)
        if (foreign := await self._elsewhere(presented, at)) is not None:
            return foreign
        try:
            trust = await self.trust.snapshot()
        except EtrustError as error:
            return undetermined(error.code, at or self.clock())
        return await self.verifier.check(presented, trust=trust, at=at, known_at=known_at)

    async def _elsewhere(self, presented: str, at: datetime | None) -> Verdict | None:
        """The verdict on the code of a license of a partner region; None for anything else."""
        try:
            credential = parse(decode_code(presented)) if is_code(presented) else None
        except EtrustError:  # the verifier says what is wrong with it
            return None
        if credential is None or credential.claims.region == self.settings.region:
            return None
        return await self.partners.check(credential, at=at)

    async def _online_elsewhere(self, presented: str, at: datetime | None) -> Verdict | None:
        try:
            region = read_online_code(presented).claims.region
        except EtrustError:
            return None
        return None if region == self.settings.region else await self.partners.check_online(presented, region, at=at)

    async def check_many(self, presented: Sequence[str]) -> list[Verdict]:
        """The verdicts on texts, in their order, as of now; online codes are not used up here, see `verification.many`."""
        try:
            trust = await self.trust.snapshot()
        except EtrustError as error:
            return [undetermined(error.code, self.clock())] * len(presented)
        return await ManyChecks(self.verifier, self.settings.region).check(presented, trust=trust, alone=self.check)

    async def announce(self) -> None:
        """Tell the other processes that a status changed, and look oneself."""
        await announce_change(self.stores.redis, self.namespace)
        await self.live.refresh()

    def anchor_certificate(self) -> bytes:
        """The region's trust anchor, a DER certificate."""
        return self.cabinet.named(ANCHOR_KEY).certificate

    @property
    def workshop(self) -> Workshop:
        """What seals are made with."""
        return Workshop(
            keys=self.home.keys, authority=self.cabinet.current(ANCHOR_SM2_KEY), maker=self.cabinet.current(SEAL_MAKER_KEY),
            public_url=self.settings.public_url, stamping=self.seal_stamping, older_authority=self.authorities.signer,
        )  # fmt: skip

    async def seal_stamping(self, signature: bytes) -> bytes:
        """A timestamp on a seal or seal signature; see `seals.stamping.Stamping`."""
        tokens = await self.timestamps.tokens([(sm2.sm3(signature), sm2.SM3)], sm2=True)
        return tokens[0]

    async def operator(self, username: str) -> Operator:
        """An account by name; see `require_operator`."""
        async with self.stores.pool.acquire() as connection:
            return await require_operator(connection, username)

    async def health(self) -> dict[str, bool]:
        """Which parts answer: database, redis, trust_list."""
        return {
            "database": await _answers(self.live.refresh()),
            "redis": await _answers(self.stores.ping_redis()),
            "trust_list": await _answers(self.trust.snapshot()),
        }

    async def sign_in(self, username: str, password: str, *, client: str) -> str:
        """Open a session and return its token; see `access.sessions.sign_in`."""
        return await sessions.sign_in(
            self.stores.pool, self.failures, username=username, password=password, client=client, at=self.clock()
        )

    async def operator_of(self, token: str) -> Operator | None:
        """Whose session a token opens."""
        async with self.stores.pool.acquire() as connection:
            return await sessions.operator_of(connection, token, self.clock())

    async def sign_out(self, token: str) -> None:
        """End a session."""
        async with self.stores.pool.acquire() as connection:
            await sessions.sign_out(connection, token)

    async def holder_view(self, token: str) -> HolderView | None:
        """The license a holder's link shows, or None for an unknown and an expired link alike."""
        async with self.stores.pool.acquire() as connection:
            found = await linked_license(connection, token, self.clock())
        return None if found is None else await self._view(found)

    async def _view(self, found: StoredLicense) -> HolderView:
        code = encode_code(found.credential)
        license_type = self.types[found.license_type]
        return HolderView(
            license_type=license_type,
            identifier=found.identifier,
            code=code, verdict=await self.check(code),
            fields=describe_fields(license_type, found.holders, found.number, found.fields),
            holder_names="、".join(name for name, _, _ in found.holders),
            issued_on=found.issued_on.isoformat(), valid_from=found.valid_from.isoformat(),
            valid_until=None if found.valid_until is None else found.valid_until.isoformat(),
            issuing_authority=found.issuing_authority, number=found.number,
        )


async def _answers(question: Awaitable[object]) -> bool:
    try:
        await question
    except EtrustError:
        return False
    return True


ROOMS = web.AppKey("rooms", Rooms)


@asynccontextmanager
async def open_rooms(
    settings: Settings, *, clock: Clock = system_clock, follow: bool = False
) -> AsyncIterator[Rooms]:
    """Open a founded and migrated home.

    Args:
        follow: keep up with other processes in the background, as servers do.

    Raises:
        EtrustError: no home, migrations pending, or a store out of reach.
    """
    home = Home.of(settings)
    home.require_founded()
    async with open_stores(settings) as stores:
        async with stores.pool.acquire() as connection:
            await require_current(connection, resource("migrations"))
            rooms = await _make_rooms(settings, home, stores, connection, clock)
        await rooms.directory.load()
        background = [asyncio.create_task(work) for work in _background(rooms)] if follow else []
        try:
            yield rooms
        finally:
            await end(background)
            await rooms.partners.close()
            await rooms.notices.close()
            await rooms.files.close()
            await rooms.documents.close()


async def _make_rooms(
    settings: Settings, home: Home, stores: Stores, connection: Connection, clock: Clock
) -> Rooms:
    types = load_types()
    cabinet = SignerCabinet(home.keys, clock)
    await cabinet.refresh(connection)
    uri_prefix = f"{settings.public_url.rstrip('/')}/status/"
    numbering = Numbering(
        serial_key=await license_store.secret(connection, "serial", secrets.token_bytes(32)),
        holder_key=await license_store.secret(connection, "holder", secrets.token_bytes(32)),
    )
    live = LiveStatus(stores.pool, clock, uri_prefix)
    authorities = Authorities(stores.pool, clock, home, cabinet)
    trust = TrustKeeper(stores.pool, clock, home, cabinet, settings.region)
    verifier = OnlineVerifier(stores.pool, live, clock, by_code(types))
    return Rooms(
        settings=settings, clock=clock, home=home, stores=stores, types=types, cabinet=cabinet,
        issuing=Issuing(clock, cabinet.of_body, numbering, settings.region, uri_prefix),
        live=live, trust=trust, verifier=verifier,
        failures=FailedSignIns(stores.redis, numbering.holder_key),
        signed_lists=SignedLists(
            live, clock, cabinet, lifetime=settings.status_list_lifetime_seconds, ttl=settings.status_list_ttl_seconds
        ),
        authorities=authorities,
        files=FileChecks(
            stores.pool, clock, authorities, trust, verifier, workers=settings.file_workers, fetch=settings.fetch_for_validation
        ),
        timestamps=StampDesk(stores.pool, cabinet, settings, watch_for(settings, clock)),
        namespace=hashlib.blake2b(b"channel", key=numbering.holder_key, digest_size=8).hexdigest(),
    )


def _background(rooms: Rooms) -> list[Coroutine[None, None, None]]:
    return [
        _look_often(rooms), follow_changes(rooms.stores.redis, rooms.namespace, rooms.live.refresh), _finish(rooms),
        rooms.authorities.keep_renewing(), _follow_keys(rooms), rooms.receipts.keep_finishing(),
        rooms.ledger.keep(), rooms.trusted.keep(), rooms.agreements.keep(), rooms.objections.keep(),
        rooms.notices.keep(), rooms.witness.keep(), rooms.list_files.keep(),
        rooms.directory.keep(),
    ]


async def _look_often(rooms: Rooms) -> None:
    """Read status changes several times a second, so that no check has to wait for it."""
    while True:
        with contextlib.suppress(EtrustError):
            await rooms.live.refresh()
        await asyncio.sleep(_LOOK_SECONDS)


async def _follow_keys(rooms: Rooms) -> None:
    """Notice every other second that another process rotated a key, or marked one compromised."""
    while True:
        with contextlib.suppress(EtrustError):
            async with rooms.stores.pool.acquire() as connection:
                await rooms.cabinet.refresh(connection)
        await asyncio.sleep(_KEYS_SECONDS)


async def _finish(rooms: Rooms) -> None:
    """Sign what a crash left unsigned."""
    try:
        async with rooms.stores.pool.acquire() as connection:
            finished = await finish_open_batches(connection, rooms.issuing)
    except EtrustError as error:
        if error.kind is not Kind.UNAVAILABLE:
            raise
    else:
        if finished:
            _log.info("signed %d licenses that an interrupted run had prepared", finished)

"""Checks against the region's own stores: fetches what the pure verifier needs, and lets it judge."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from etrust.clock import Clock
from etrust.credentials.code import decode_code, is_code
from etrust.credentials.credential import parse
from etrust.credentials.model import Claims, Credential
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier, parse_short
from etrust.licenses import store as license_store
from etrust.licenses.model import StoredLicense
from etrust.signing.cose import to_be_signed
from etrust.status import store as status_store
from etrust.status.live import HistorySnapshot, LiveStatus, UnreachableSnapshot
from etrust.status.model import StatusSnapshot
from etrust.storage.postgres import Pool
from etrust.trust.model import Purpose, TrustSnapshot
from etrust.verification.judgment import judge
from etrust.verification.model import Finding, Outcome, Status, Verdict
from etrust.verification.verify import Names, Step, unreadable, verify_parsed

MAX_SHORT = 40
_DOTS = 4  # between the five parts of an identifier
MAX_PRESENTED = 4096
"""Characters of presented text; longer input is not looked at."""


@dataclass(frozen=True, slots=True)
class OnlineVerifier:
    """Answers checks of codes, identifiers and short numbers for one region."""

    pool: Pool
    live: LiveStatus
    clock: Clock
    types: Names

    async def check(
        self, presented: str, *, trust: TrustSnapshot, at: datetime | None = None, known_at: datetime | None = None
    ) -> Verdict:
        """The verdict on what was presented, now or for a past moment.

        Args:
            at: the moment asked about; the present when left out.
            known_at: what was known by then counts; everything known now when left out.
        """
        now = self.clock()
        try:
            raw = await self._credential(presented[: MAX_PRESENTED + 1])
            credential = None if raw is None else parse(raw)
        except EtrustError as error:
            return _unanswered(error, at or now)
        if credential is None:
            return undetermined("not_found", at or now)
        status = await self._status(credential.claims, at=at, known_at=known_at or now)
        return verify_parsed(
            credential, trust=trust, status=status, at=at or now, known_at=known_at or now, types=self.types,
            proven=await self._proven(credential, trust),
        )

    async def _credential(self, presented: str) -> bytes | None:
        text = presented.strip()
        if is_code(text):
            return decode_code(text)
        found = await self._look_up(text)
        return None if found is None else found.credential

    async def _look_up(self, text: str) -> StoredLicense | None:
        wanted = what_was_typed(text)
        async with self.pool.acquire() as connection:
            found = await license_store.find(connection, wanted.serial, wanted.version)
        return found if found is not None and wanted.fits(found) else None

    async def _proven(self, credential: Credential, trust: TrustSnapshot) -> datetime | None:
        """When this very credential was recorded here; looked up only for keys that were compromised."""
        keys = trust.keys_for(credential.kid, Purpose.CREDENTIAL)
        if all(entry.compromised_since is None for entry in keys):
            return None
        identifier = credential.claims.identifier
        try:
            async with self.pool.acquire() as connection:
                found = await license_store.find(connection, identifier.serial, identifier.version)
        except EtrustError:  # no proof at hand; the verdict then is the stricter one
            return None
        if found is None or found.signature != credential.signature:
            return None
        return found.signed_at if to_be_signed(found.protected, found.payload) == credential.to_be_signed else None

    async def status_of(self, claims: Claims, *, at: datetime | None = None) -> StatusSnapshot:
        """Where the status of one license is looked up, now or for a past moment; never raises for a store out of reach."""
        return await self._status(claims, at=at, known_at=self.clock())

    async def status_of_all(self, claims: Iterable[Claims]) -> StatusSnapshot:
        """Where the status of many licenses is looked up now; never raises for a store out of reach."""
        try:
            snapshot = await self.live.snapshot()
            if any(not snapshot.knows(each.status_uri) and self.live.is_ours(each.status_uri) for each in claims):
                await self.live.look_for_lists()
        except EtrustError:
            return UnreachableSnapshot()
        return snapshot

    async def _status(self, claims: Claims, *, at: datetime | None, known_at: datetime) -> StatusSnapshot:
        try:
            snapshot = await self.live.snapshot()
            if not snapshot.knows(claims.status_uri) and self.live.is_ours(claims.status_uri):
                await self.live.know(claims.status_uri)
            if at is None:
                return snapshot
            return await self._history(claims.status_uri, claims.status_index, known_at)
        except EtrustError:  # a store out of reach means that no status can be had
            return UnreachableSnapshot()

    async def _history(self, uri: str, index: int, known_at: datetime) -> StatusSnapshot:
        number = self.live.number(uri)
        if number is None:
            return UnreachableSnapshot()
        async with self.pool.acquire() as connection:
            events = await status_store.events_of(connection, number, index)
        return HistorySnapshot(uri, index, events, known_at=known_at)


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed: a whole identifier, or only serial, version and check character."""

    serial: str
    version: int
    check: str
    identifier: LicenseIdentifier | None = None

    def fits(self, found: StoredLicense) -> bool:
        """Whether the record found is the one meant."""
        if self.identifier is not None:
            return found.identifier == self.identifier
        return found.identifier.check == self.check


def what_was_typed(text: str) -> Typed:
    """The number in a text that is no code.

    Raises:
        EtrustError: ``bad_identifier`` or what `decode_code` says of a text that is no number at all.
    """
    if text.count(".") + text.count("．") < _DOTS:
        return _short_or_foreign(text)
    identifier = LicenseIdentifier.parse(text)
    return Typed(identifier.serial, identifier.version, identifier.check, identifier)


def _short_or_foreign(text: str) -> Typed:
    try:
        return Typed(*parse_short(text))
    except EtrustError:
        if len(text) > MAX_SHORT or not text.replace("-", "").replace(" ", "").isalnum():
            decode_code(text)  # says more exactly what is wrong with a text that is no number at all
        raise


def _unanswered(error: EtrustError, at: datetime) -> Verdict:
    if error.kind is Kind.UNAVAILABLE:
        return undetermined(error.code, at)
    return unreadable(error, at)


def undetermined(reason: str, at: datetime) -> Verdict:
    """The verdict where something that is needed cannot be had: never "valid", with the reason why."""
    step = Step(Finding("lookup", Outcome.UNKNOWN, reason), Status.UNKNOWN)
    return judge([step], at=at, evidence={}, license=None)

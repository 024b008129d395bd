"""`rooms.partners`: the partner regions, what they are asked, and how what is theirs counts here."""

import asyncio
import json
import logging
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.access.cache import FailedSignIns
from etrust.access.model import ApiKey
from etrust.credentials.model import Credential
from etrust.errors import EtrustError, Kind
from etrust.licenses.model import StoredLicense
from etrust.licenses.types import LicenseType, by_code
from etrust.onecode.model import Ground, Subject, Use
from etrust.recognition import partner_store, serve
from etrust.recognition.agreements import Agreement, Footing, agreement_for, agreement_with, recognised
from etrust.recognition.judging import of_region, read_credential, used_there
from etrust.recognition.messages import HOLDINGS_PATH, Question, personal_part, question_json, read_answer
from etrust.recognition.model import PartnerFault, PartnerFinding, PartnerOutcome, PartnerRegion, TrustAlarm
from etrust.recognition.signatures import Request
from etrust.status.tokens import ListSnapshot, SignedList
from etrust.trust.crls import Crl
from etrust.trust.model import TrustSnapshot
from etrust.verification.model import Verdict
from etrust.verification.online import undetermined
from etrust.verification.online_code import CODE, verify_online_code
from etrust.verification.verify import verify_parsed
from etrust.wiring.partner_lines import BACKGROUND_SECONDS, SECONDS, PartnerLine, new_session
from etrust.wiring.partner_revocation import MAX_REVOCATION_LISTS, REVOCATION_PLACE

if TYPE_CHECKING:
    import aiohttp

    from etrust.wiring.rooms import Rooms

PER_MINUTE = 300
"""Questions that one partner's key may ask in a minute."""
_LOOK_AGAIN = timedelta(seconds=10)
_MAX_COSIGNATURE = 16 * 1024
_OK = 200
_REFUSALS = {400, 401, 403, 404, 409, 413, 422, 429}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartnerHealth:
    """How the line to a partner is, in this process.

    Attributes:
        sequence: of its trust list in use, None when there is none.
        ends: until when that list counts.
        is_resting: it failed again and again, and is left alone for a while.
        status_lists: how many are kept; `oldest_list` and `newest_list`: when they were fetched.
        fault: why no trust list can be had, empty when one can.
    """

    partner: PartnerRegion
    answered_at: datetime | None
    looked_at: datetime | None
    sequence: int | None
    ends: datetime | None
    is_resting: bool
    status_lists: int
    oldest_list: datetime | None
    newest_list: datetime | None
    fault: str = ""


class PartnerDesk:
    """`rooms.partners`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._session: aiohttp.ClientSession | None = None
        self._lines: dict[int, PartnerLine] = {}
        self._known: tuple[Sequence[PartnerRegion], datetime] | None = None
        self._types = by_code(rooms.types)
        self._pace = FailedSignIns(
            rooms.stores.redis, rooms.issuing.numbering.holder_key, limit=PER_MINUTE, window=timedelta(minutes=1),
            name="recognition",
        )

    async def regions_in_force(self) -> list[PartnerRegion]:
        """The partner regions of this moment, as known for ten seconds at most."""
        at = self._rooms.clock()
        if self._known is None or at - self._known[1] >= _LOOK_AGAIN:
            async with self._rooms.stores.pool.acquire() as connection:
                self._known = (await partner_store.partners(connection), at)
        return [each for each in self._known[0] if each.is_in_force(at)]

    def look_again(self) -> None:
        """Forget which partners there are, for one was added or removed."""
        self._known = None

    async def wake(self, region: str) -> None:
        """Ask a region at the next question, though it failed again and again: somebody says that it is back."""
        partner = await self.region(region)
        if partner is not None:
            self._line(partner).told(None)

    async def region(self, region: str) -> PartnerRegion | None:
        """A partner region by its division, None for one that is none."""
        return next((each for each in await self.regions_in_force() if each.region == region), None)

    async def trust_of(self, region: str, *, kid: bytes | None = None) -> TrustSnapshot:
        """The trust list of a partner region; see `PartnerLine.trust`.

        Raises:
            PartnerFault: ``no_partner``; ``partner_slow``; those of `PartnerLine.trust`.
        """
        line = await self._line_of(region)
        if line is None:
            raise PartnerFault.refused("no_partner")
        try:
            async with asyncio.timeout(SECONDS):
                return await line.trust(kid=kid)
        except TimeoutError as error:
            raise PartnerFault.unreachable("partner_slow") from error

    async def refresh(self, partner: PartnerRegion) -> None:
        """Fetch the lists of a partner again before a counter has to; takes its time.

        Raises:
            PartnerFault: as `PartnerLine.trust`.
        """
        line = self._line(partner)
        trust = await line.refresh()
        async with self._rooms.stores.pool.acquire() as connection:
            uris = await partner_store.status_uris(connection, partner.region)
            places = await partner_store.revocation_places(connection, partner.region)
        for uri in uris:
            await line.status_list(uri, trust, seconds=BACKGROUND_SECONDS)
        for place in places:
            await line.revocation_list(place, trust, seconds=BACKGROUND_SECONDS)

    async def anchors_of(self, region: str) -> tuple[bytes, ...]:
        """The certificates (DER) by which the lists of a region are judged; none for one that is no partner."""
        line = await self._line_of(region)
        return () if line is None else line.anchors

    async def revocation_lists(self, region: str, points: Iterable[str], trust: TrustSnapshot) -> list[Crl]:
        """The revocation lists of a region at these addresses, all of them looked for under the partner's own."""
        line = await self._line_of(region)
        if line is None:
            return []
        places = sorted({found[0] for point in points if (found := REVOCATION_PLACE.search(point)) is not None})
        lists = await asyncio.gather(*(line.revocation_list(place, trust) for place in places[:MAX_REVOCATION_LISTS]))
        return [each for each in lists if each is not None]

    async def _line_of(self, region: str) -> PartnerLine | None:
        partner = await self.region(region)
        return None if partner is None else self._line(partner)

    async def token_of(self, region: str) -> bytes:
        """The same as it was signed; empty when there is none at hand."""
        try:
            await self.trust_of(region)
        except PartnerFault:
            return b""
        partner = await self.region(region)
        return b"" if partner is None else self._line(partner).token

    async def status_of(self, region: str, uri: str, trust: TrustSnapshot) -> SignedList | None:
        """A status list of a partner region, None when it cannot be had."""
        line = await self._line_of(region)
        return None if line is None else await line.status_list(uri, trust)

    async def send(
        self, partner: PartnerRegion, request: Request, *, seconds: float, limit: int | None = None
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send a request as it is, when the partner is not resting; see `PartnerLine.send`."""
        line = self._line(partner)
        line.require_rest_over()
        fault: PartnerFault | None = PartnerFault.unreachable("partner_slow")  # also when whoever waits gives up
        try:
            async with asyncio.timeout(seconds):
                answer = await line.send(request, limit=limit, seconds=seconds)
            fault = None
        except TimeoutError as error:
            raise PartnerFault.unreachable("partner_slow") from error
        except PartnerFault as error:
            fault = error
            raise
        finally:
            line.told(fault)
        return answer

    async def add_checkpoint(self, partner: PartnerRegion, body: bytes) -> tuple[int, bytes]:
        """Ask a partner to cosign a checkpoint of our log (tlog-witness); status and body of the answer."""
        request = Request("POST", f"{partner.base_url}/log/add-checkpoint", {"Content-Type": "text/plain"}, body)
        status, _, content = await self.send(partner, request, seconds=SECONDS, limit=_MAX_COSIGNATURE)
        return status, content

    async def find(self, holder: Subject, license_type: str, use: Use) -> list[PartnerFinding]:
        """What the partner regions have of a license type for a holder: what was found, and who could not say.

        Every credential is judged by the pure verifier with its own region's lists, and counts by an agreement. All partners
        are asked at once; none is waited for longer than `SECONDS`. A partner that has nothing adds nothing.

        Args:
            license_type: by our own name; its national type code is what partners are asked for.
            use: the ground, matter, case and reason; a partner records them for the holder.
        """
        type_ = self._rooms.types[license_type]
        question = Question(holder, type_.code, use)
        partners = await self.regions_in_force()
        found = await asyncio.gather(*(self._ask(partner, question, type_) for partner in partners))
        return [finding for several in found for finding in several]

    async def _ask(self, partner: PartnerRegion, question: Question, license_type: LicenseType) -> list[PartnerFinding]:
        if await self._agreement(partner.region, license_type.code, question.use) is None:
            return []  # nothing of theirs would count: nobody's number is told without need
        try:
            async with asyncio.timeout(SECONDS):
                texts = await self._answers(partner, question)
                return [await self._judge(partner, text, question, license_type) for text in texts]
        except PartnerFault as error:
            fault = error
        except TimeoutError:
            fault = PartnerFault.unreachable("partner_slow")
        except EtrustError as error:  # our own store, or no key to encrypt to: nothing can be told of this partner now
            fault = PartnerFault.unreachable(error.code)
        _log.warning("partner region %s: %s", partner.region, fault.reason)
        return [_failed(partner, fault)]

    async def _answers(self, partner: PartnerRegion, question: Question) -> list[str]:
        """The texts of the credentials the partner answers with, none of them judged."""
        trust = await self.trust_of(partner.region)
        sealed = self._rooms.gate.seal_for(trust, partner.region, personal_part(question))
        body = json.dumps({**question_json(question), "sealed": sealed}).encode()
        answer = await self._rooms.gate.exchange(
            partner, "POST", HOLDINGS_PATH, body=body, idempotency_key=secrets.token_urlsafe(24)
        )
        if answer.status_code in _REFUSALS:
            raise PartnerFault.refused("partner_refuses")
        if answer.status_code != _OK:
            raise PartnerFault.unreachable("partner_unreachable")
        return read_answer(answer.body, self._rooms.gate.unseal)

    async def _judge(
        self, partner: PartnerRegion, text: str, question: Question, license_type: LicenseType
    ) -> PartnerFinding:
        credential = read_credential(text, question, license_type, partner.region)
        use = question.use
        verdict = await self.verdict_on(credential, matter=use.matter, on_duty=use.ground is Ground.DUTY)
        return PartnerFinding(partner.region, partner.name_zh, PartnerOutcome.FOUND, verdict=verdict, code=text)

    async def _agreement(self, region: str, type_code: str, use: Use) -> Agreement | None:
        return agreement_for(
            await self._rooms.agreements.all(), region=region, type_code=type_code, matter=use.matter, at=self._rooms.clock(),
            on_duty=use.ground is Ground.DUTY,
        )  # fmt: skip

    async def verdict_on(
        self, credential: Credential, *, matter: str = "", on_duty: bool = False, at: datetime | None = None
    ) -> Verdict:
        """The verdict on a credential of a partner region: by the region's own lists, and by the agreement with it.

        Args:
            matter: what it is presented for; empty outside of any matter.
            at: a past moment; the lists at hand say nothing of one before them, so its status then stays unknown.

        Raises:
            PartnerFault: no trust list of the region can be had.
        """
        region, claims, now = credential.claims.region, credential.claims, self._rooms.clock()
        trust = await self.trust_of(region, kid=credential.kid)
        verdict = verify_parsed(credential, trust=trust, status=ListSnapshot([]), at=at or now, known_at=now, types=self._types)
        status: SignedList | None = None
        if verdict.license is not None:  # for a forged one nobody is asked
            status = await self.status_of(region, claims.status_uri, trust)
            lists = ListSnapshot([] if status is None else [status])
            verdict = verify_parsed(credential, trust=trust, status=lists, at=at or now, known_at=now, types=self._types)
        agreement = agreement_for(
            await self._rooms.agreements.all(), region=region, type_code=claims.identifier.type_code, matter=matter, at=at or now,
            on_duty=on_duty,
        )  # fmt: skip
        footing = await self.footing(region, status, matter=matter)
        return recognised(of_region(verdict, await self.region(region)), agreement, footing)

    async def footing(self, region: str, status: SignedList | None, *, matter: str = "") -> Footing:
        """What a verdict rests on, for the duties of an agreement."""
        line, now = await self._line_of(region), self._rooms.clock()
        if status is None or line is None:
            return Footing(matter=matter)
        return Footing(now - status.issued_at, line.is_current(status.uri), matter)

    async def check(self, credential: Credential, *, at: datetime | None = None) -> Verdict | None:
        """The verdict on a credential presented here that names another region; None when that is no partner."""
        if await self.region(credential.claims.region) is None:
            return None
        try:
            return await self.verdict_on(credential, at=at)
        except PartnerFault as fault:
            return undetermined(fault.reason, at or self._rooms.clock())
        except EtrustError as error:
            return undetermined(error.code, at or self._rooms.clock())

    async def check_online(self, text: str, region: str, *, at: datetime | None = None) -> Verdict | None:
        """The verdict on a code that a holder of another region shows; None when that is no partner.

        It is judged as without a network: whether it was shown elsewhere a moment ago only its own region knows, so it never
        is good by itself.
        """
        partner = await self.region(region)
        if partner is None:
            return None
        at = at or self._rooms.clock()
        try:
            trust = await self.trust_of(region)
        except PartnerFault as fault:
            return replace(undetermined(fault.reason, at), kind=CODE)
        agreement = agreement_with(await self._rooms.agreements.all(), region=region, at=at)
        verdict = of_region(verify_online_code(text, trust=trust, at=at, types=self._types, use=used_there(partner)), partner)
        return recognised(verdict, agreement)

    async def health(self) -> list[PartnerHealth]:
        """How the lines to the partners are."""
        return [*await asyncio.gather(*(self._health(each) for each in await self.regions_in_force()))]

    async def _health(self, partner: PartnerRegion) -> PartnerHealth:
        line, fault = self._line(partner), ""
        try:
            await self.trust_of(partner.region)
        except PartnerFault as error:
            fault = error.reason
        async with self._rooms.stores.pool.acquire() as connection:
            kept, oldest, newest = await partner_store.list_ages(connection, partner.region)
        return PartnerHealth(
            partner, line.answered_at, line.looked_at, line.sequence, line.list_ends, line.is_resting, kept, oldest, newest, fault
        )

    async def alarms(self, limit: int = 100) -> list[TrustAlarm]:
        """The newest alarms about trust lists that were refused."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await partner_store.alarms(connection, limit)

    def _line(self, partner: PartnerRegion) -> PartnerLine:
        if partner.partner_id not in self._lines:
            if self._session is None or self._session.closed:
                self._session = new_session()
            self._lines[partner.partner_id] = PartnerLine(
                partner, self._session, self._rooms.stores.pool, self._rooms.clock, self._rooms.directory.named
            )
        return self._lines[partner.partner_id]

    async def holdings(
        self, asker: str, *, holder_code: str, holder_code_type: str, license_type: str, use: Use
    ) -> list[StoredLicense]:
        """What a region, or a program of this one, is answered; see `etrust.recognition.serve`.

        Args:
            asker: who is recorded as asking: ``region:620000``, or the account of a program.
            license_type: 21-character type code.
        """
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            return await serve.holdings(
                connection, self._rooms.issuing.numbering, holder_code=holder_code, holder_code_type=holder_code_type,
                license_type=self._types.get(license_type), use=use, partner=asker, at=at,
            )

    async def require_pace(self, key: ApiKey) -> None:
        """Return quietly unless a program's key asks too often.

        Raises:
            EtrustError: RATE_LIMITED ``too_many_questions``.
        """
        at = self._rooms.clock()
        minute = f"{key.key_id} {int(at.timestamp()) // 60}"  # a count of its own for every minute
        if await self._pace.add(minute, at) > PER_MINUTE:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_questions",
                zh=f"查询过于频繁：每分钟最多 {PER_MINUTE} 次。", en=f"Too many questions: at most {PER_MINUTE} a minute.",
            )

    async def close(self) -> None:
        """Close what was opened for asking."""
        if self._session is not None:
            await self._session.close()


def _failed(partner: PartnerRegion, fault: PartnerFault) -> PartnerFinding:
    return PartnerFinding(partner.region, partner.name_zh, fault.outcome, reason=fault.reason)

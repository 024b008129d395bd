"""`rooms.partners`: asks the partner regions for licenses, all at once and within bounds, and answers those that ask."""

import asyncio
import logging
import stat
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from etrust.access.cache import FailedSignIns
from etrust.access.model import ApiKey
from etrust.errors import EtrustError, Kind
from etrust.licenses.model import StoredLicense
from etrust.licenses.types import LicenseType, by_code
from etrust.onecode.model import Subject, Use
from etrust.recognition import partner_store, serve
from etrust.recognition.judging import read_credential
from etrust.recognition.messages import Question
from etrust.recognition.model import PartnerFault, PartnerFinding, PartnerOutcome, PartnerRegion
from etrust.status.tokens import ListSnapshot
from etrust.verification.verify import verify_parsed
from etrust.wiring.partner_lines import SECONDS, PartnerLine, new_session

if TYPE_CHECKING:
    import aiohttp

    from etrust.wiring.rooms import Rooms

PER_MINUTE = 300
"""Questions that one partner's key may ask in a minute."""
KEY_FOLDER = "partners"
_LOOK_AGAIN = timedelta(seconds=10)
_MAX_KEY = 200
_log = logging.getLogger(__name__)


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

    async def find(self, holder: Subject, license_type: str, use: Use) -> list[PartnerFinding]:
        """What the partner regions have of a license type for a holder: what was found, and who could not say.

        Every credential is judged by the pure verifier with its own region's lists. All partners are asked at once; none
        is waited for longer than `SECONDS`. A partner that has nothing adds nothing.

        Args:
            license_type: by our own name; its national type code is what partners are asked for.
            use: the ground, matter, case and reason; a partner records them for the holder.
        """
        at = self._rooms.clock()
        partners = [partner for partner in await self._partners(at) if partner.is_in_force(at)]
        question = Question(holder, self._rooms.types[license_type].code, use)
        found = await asyncio.gather(*(self._ask(partner, question, self._rooms.types[license_type]) for partner in partners))
        return [finding for several in found for finding in several]

    async def _ask(self, partner: PartnerRegion, question: Question, license_type: LicenseType) -> list[PartnerFinding]:
        fault: PartnerFault | None = None
        try:
            line = self._line(partner)
        except PartnerFault as error:
            return [_failed(partner, error)]
        findings: list[PartnerFinding] = []
        try:
            async with asyncio.timeout(SECONDS):
                findings = await self._answers(line, question, license_type)
        except PartnerFault as error:
            fault = error
        except TimeoutError:
            fault = PartnerFault(PartnerOutcome.UNREACHABLE, "partner_slow")
        except EtrustError as error:  # our own store: nothing can be told of this partner now
            return [_failed(partner, PartnerFault(PartnerOutcome.UNREACHABLE, error.code))]
        line.told(fault)
        if fault is not None:
            _log.warning("partner region %s: %s", partner.region, fault.reason)
            return [_failed(partner, fault)]
        return findings

    async def _answers(self, line: PartnerLine, question: Question, license_type: LicenseType) -> list[PartnerFinding]:
        texts = await line.ask(question)
        return [await self._judge(line, text, question, license_type) for text in texts]

    async def _judge(
        self, line: PartnerLine, text: str, question: Question, license_type: LicenseType
    ) -> PartnerFinding:
        partner = line.partner
        credential = read_credential(text, question, license_type, partner.region)
        trust = await line.trust(kid=credential.kid)
        status = await line.status_list(credential.claims.status_uri, trust)
        verdict = verify_parsed(
            credential, trust=trust, status=ListSnapshot([] if status is None else [status]), at=self._rooms.clock(),
            types=self._types,
        )
        return PartnerFinding(partner.region, partner.name_zh, PartnerOutcome.FOUND, verdict=verdict, code=text)

    def _line(self, partner: PartnerRegion) -> PartnerLine:
        if partner.partner_id not in self._lines:
            if self._session is None or self._session.closed:
                self._session = new_session()
            key = partner_key(self._rooms.home.path, partner.region)
            self._lines[partner.partner_id] = PartnerLine(
                partner, self._session, self._rooms.stores.pool, self._rooms.clock, key
            )
        return self._lines[partner.partner_id]

    async def _partners(self, at: datetime) -> Sequence[PartnerRegion]:
        if self._known is None or at - self._known[1] >= _LOOK_AGAIN:
            async with self._rooms.stores.pool.acquire() as connection:
                self._known = (await partner_store.partners(connection), at)
        return self._known[0]

    async def holdings(
        self, key: ApiKey, *, holder_code: str, holder_code_type: str, license_type: str, use: Use
    ) -> list[StoredLicense]:
        """What a partner region is answered; see `etrust.recognition.serve`.

        Args:
            license_type: 21-character type code.

        Raises:
            EtrustError: ``too_many_questions``.
        """
        at = self._rooms.clock()
        minute = f"{key.key_id} {int(at.timestamp()) // 60}"  # a count of its own for every minute
        if await self._pace.add(minute, at) > PER_MINUTE:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_questions",
                zh=f"查询过于频繁：每分钟最多 {PER_MINUTE} 次。", en=f"Too many questions: at most {PER_MINUTE} a minute.",
            )
        async with self._rooms.stores.pool.acquire() as connection:
            return await serve.holdings(
                connection, self._rooms.issuing.numbering, holder_code=holder_code, holder_code_type=holder_code_type,
                license_type=self._types.get(license_type), use=use, partner=key.operator, at=at,
            )

    async def close(self) -> None:
        """Close what was opened for asking."""
        if self._session is not None:
            await self._session.close()


def _failed(partner: PartnerRegion, fault: PartnerFault) -> PartnerFinding:
    return PartnerFinding(partner.region, partner.name_zh, fault.outcome, reason=fault.reason)


def key_file(home: Path, region: str) -> Path:
    """Where the key is kept with which a partner region is asked."""
    return home / KEY_FOLDER / f"{region}.key"


def partner_key(home: Path, region: str) -> str:
    """The API key for a partner region, from the file in the home that nobody else may read.

    Raises:
        PartnerFault: ``no_partner_key``.
    """
    path = key_file(home, region)
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise PartnerFault(PartnerOutcome.REFUSED, "partner_key_readable_by_others")
        with path.open() as file:
            key = file.read(_MAX_KEY).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise PartnerFault(PartnerOutcome.REFUSED, "no_partner_key") from error
    if not key.isascii() or not key.isprintable() or not key:
        raise PartnerFault(PartnerOutcome.REFUSED, "no_partner_key")
    return key

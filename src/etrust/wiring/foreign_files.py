"""Files of partner regions presented here: judged by that region's authorities and lists alone, counted by the agreement.

One file is judged by one region: whatever the own authorities do not vouch for is held against those of the region whose
license it carries, or whose list knows who signed it. So nothing is good because half of it is from here and half from there.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from etrust.credentials.credential import parse
from etrust.errors import EtrustError
from etrust.recognition.agreements import recognised_by
from etrust.recognition.foreign import authorities_of, ground_of, needed_agreements
from etrust.recognition.judging import of_region
from etrust.recognition.model import PartnerFault, PartnerRegion
from etrust.status.tokens import ListSnapshot, SignedList
from etrust.trust.chains import Ground
from etrust.trust.model import TrustSnapshot
from etrust.verification import foreign
from etrust.verification.files import Examined, conclude
from etrust.verification.inside import Register, license_inside
from etrust.verification.model import Verdict
from etrust.verification.online import undetermined
from etrust.verification.verify import verify_credential
from etrust.wiring.file_checks import FileReport

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

Examine = Callable[[Ground], Awaitable[Examined]]
"""Reads the file again, with other authorities."""


class ForeignFiles:
    """Answers for files of other regions."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def check(self, found: Examined, examine: Examine, *, ground: Ground, at: datetime | None) -> FileReport | None:
        """The verdict on a file of a partner region; None when it is of none.

        Args:
            found: what was found with the own authorities.
            examine: finds again.
            ground: the own one.
        """
        if found.credential is not None:
            verdict = await self._code(found.credential, at)
            return None if verdict is None else FileReport(verdict, found, ground)
        partner = await self._region_of(found)
        if partner is None:
            return None
        try:
            return await self._judge(partner, found, examine, at or self._rooms.clock())
        except PartnerFault as fault:
            reason = fault.reason
        except EtrustError as error:  # the own store is out of reach
            reason = error.code
        return FileReport(replace(undetermined(reason, at or self._rooms.clock()), kind=found.kind), found, ground)

    async def _code(self, raw: bytes, at: datetime | None) -> Verdict | None:
        credential = parse(raw)
        if credential.claims.region == self._rooms.settings.region:
            return None
        return await self._rooms.partners.check(credential, at=at)

    async def _region_of(self, found: Examined) -> PartnerRegion | None:
        claimed = foreign.claimed_region(found)
        if claimed:
            return None if claimed == self._rooms.settings.region else await self._rooms.partners.region(claimed)
        if not foreign.has_unknown_chain(found):
            return None
        for partner in await self._rooms.partners.regions_in_force():
            try:
                trust = await self._rooms.partners.trust_of(partner.region)
            except PartnerFault:
                continue
            if foreign.vouches_for(trust, authorities_of(trust, await self._rooms.partners.anchors_of(partner.region)), found):
                return partner
        return None

    async def _judge(self, partner: PartnerRegion, found: Examined, examine: Examine, at: datetime) -> FileReport:
        region = partner.region
        trust = await self._rooms.partners.trust_of(region)
        ground = ground_of(trust, await self._rooms.partners.anchors_of(region), at)
        status, ground = await asyncio.gather(self._status(region, found, trust), self._with_lists(region, trust, ground, found))
        found = await examine(ground)
        if found.missing_lists:
            more = await self._rooms.partners.revocation_lists(region, found.missing_lists, trust)
            ground = replace(ground, crls=ground.crls.with_lists(more))
            found = await examine(ground) if more else found
        register = Register(trust, ListSnapshot([] if status is None else [status]), self._rooms.verifier.types)
        verdict = foreign.limited(conclude(found, ground=ground, register=register), foreign.limits(found, trust))
        footing = await self._rooms.partners.footing(region, status)
        needed = needed_agreements(await self._rooms.agreements.all(), region=region, found=found, at=at)
        counted = recognised_by(of_region(verdict, partner), needed, footing)
        return FileReport(counted, found, ground)

    async def _with_lists(self, region: str, trust: TrustSnapshot, ground: Ground, found: Examined) -> Ground:
        points = foreign.crl_points(foreign.certificates_of(found), trust, ground)
        lists = await self._rooms.partners.revocation_lists(region, points, trust)
        return replace(ground, crls=ground.crls.with_lists(lists))

    async def _status(self, region: str, found: Examined, trust: TrustSnapshot) -> SignedList | None:
        raw = license_inside(found.files)
        if raw is None:
            return None
        alone = verify_credential(
            raw, trust=trust, status=ListSnapshot([]), at=self._rooms.clock(), types=self._rooms.verifier.types
        )
        if alone.license is None:  # for a forged one nobody is asked
            return None
        return await self._rooms.partners.status_of(region, parse(raw).claims.status_uri, trust)

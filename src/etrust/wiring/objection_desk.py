"""`rooms.objections`: objections at work, here and together with other regions."""

import asyncio
import base64
import contextlib
import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.body_tree import bodies_below
from etrust.access.model import Body, Operator, Role
from etrust.credentials.code import decode_code, is_code
from etrust.credentials.credential import parse
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses.issue import finish
from etrust.licenses.types import by_code
from etrust.notices.model import Recipient, RecipientKind
from etrust.notices.post import post
from etrust.objections import evidence, review, store
from etrust.objections.calendar import working_days
from etrust.objections.handling import Actor, Handling, case_for, no_such_objection, take_step
from etrust.objections.model import OPEN_STATES, Action, Event, EvidenceFile, Objection, Opener, Outcome, State
from etrust.objections.open import Opening, no_such_license, open_objection
from etrust.objections.sealing import Sealing
from etrust.objections.store import Wanted
from etrust.onecode.model import Acting
from etrust.recognition.model import PartnerFault
from etrust.storage.postgres import Connection
from etrust.wiring.objection_arrivals import APPEALED, FORWARDED, WITHDRAWN, ObjectionArrivals

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

SHOWN = 200
_LOOK_SECONDS = 60.0
_log = logging.getLogger(__name__)


class ObjectionDesk:
    """`rooms.objections`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self.handling = Handling(
            rooms.settings.region, Sealing(rooms.issuing.numbering.holder_key), working_days(rooms.settings.region),
            rooms.issuing, by_code(rooms.types),
        )  # fmt: skip
        ObjectionArrivals(rooms, self.handling).listen()

    async def keep(self) -> None:
        """Tell the bodies above of what is overdue, and archive what is over, until cancelled."""
        while True:
            with contextlib.suppress(EtrustError):
                await self.look_after()
            await asyncio.sleep(_LOOK_SECONDS)

    async def look_after(self) -> tuple[int, int]:
        """Do so once; how many were escalated and archived."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            late = await review.escalate_overdue(connection, self.handling, at=at)
            return late, await review.archive_old(connection, self.handling, at=at)

    async def open_by_holder(
        self, acting: Acting, *, license_: str, field: str = "", claim: str = "", words: str, number: str = "", entry: int = 0,
        body: str = "",
    ) -> Objection:
        """A holder objects to a license of theirs, or to a look at them.

        Args:
            number: given by the one tap before; a second call with it is the same case.
            body: whom a look was by.

        Raises:
            EtrustError: NOT_FOUND ``no_such_license`` for one that is not theirs, too; see `objections.open`.
        """
        issuer = await self._in_charge(body) if body else LicenseIdentifier.parse(license_).issuer_code
        return await self._open(Opening(
            Opener.HOLDER, acting.person, issuer, self._rooms.settings.region, issuer, words, license=license_, entry=entry,
            field=field, claim=claim, subject_key=acting.subject.key, number=number,
        ))  # fmt: skip

    async def _in_charge(self, body: str) -> str:
        """The body that answers for a look: itself, or the region's highest one for a look by another region."""
        bodies = await self.bodies()
        return body if any(each.code == body for each in bodies) else next(each.code for each in bodies if each.parent is None)

    async def open_by_clerk(
        self, who: Operator, *, license_: str, field: str = "", claim: str = "", words: str
    ) -> Objection:
        """A clerk or a department's program objects to what a license says; it may be another region's.

        Args:
            license_: an identifier, or the text of a code, which tells whose license it is.

        Raises:
            EtrustError: ``no_role``; ``no_such_license``; ``no_partner_region``; see `objections.open`.
        """
        if not {Role.CLERK, Role.CASE_OFFICER} & who.roles:
            require_role(who, Role.CLERK)
        identifier, region = self._whose(license_)
        if region != self._rooms.settings.region and await self._rooms.partners.region(region) is None:
            raise EtrustError(
                Kind.NOT_FOUND, "no_partner_region", where="license",
                zh="该证照由未建立互认关系的地区签发，请持证人向签发地区提出。",
                en="The license is of a region that is no partner; its holder objects there.",
            )
        opened = await self._open(Opening(
            Opener.CLERK, who.username, who.body, region, identifier.issuer_code, words, license=identifier.text, field=field,
            claim=claim,
        ))  # fmt: skip
        return opened if region == self._rooms.settings.region else await self._forward(opened)

    def _whose(self, text: str) -> tuple[LicenseIdentifier, str]:
        try:
            if is_code(text):
                claims = parse(decode_code(text)).claims
                return claims.identifier, claims.region
            return LicenseIdentifier.parse(text), self._rooms.settings.region
        except EtrustError:
            raise no_such_license() from None

    async def _open(self, opening: Opening) -> Objection:
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            objection = await open_objection(connection, self.handling, opening, at=self._rooms.clock())
        await self._rooms.announce()
        return objection

    async def _forward(self, objection: Objection) -> Objection:
        """Send a case to the region whose license it is; what is claimed is sealed to it."""
        sealed = await self._sealed_for(objection.region, objection.issuer, {"claim": objection.claim, "words": objection.words})
        at = self._rooms.clock()
        content = {
            "number": objection.number, "license": objection.license, "field": objection.field, "sealed": sealed,
            "opener": objection.opener.value, "body": objection.charge,
        }  # fmt: skip
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            await store.lock(connection, objection.number)
            await take_step(
                connection, self.handling, objection, Action.FORWARD, Actor(objection.opener_name, objection.charge),
                reason=f"转送签发地区 {objection.region}", at=at,
            )  # fmt: skip
            recipient = Recipient(RecipientKind.REGION, objection.region)
            await post(
                connection, stream=review.stream_of(objection), recipient=recipient, kind=FORWARDED, content=content, at=at
            )
            found = await store.find(connection, objection.number, self.handling.sealing)
        assert found is not None  # noqa: S101 - it was there a moment ago
        return found

    async def _sealed_for(self, region: str, body: str, fields: Mapping[str, object]) -> str:
        try:
            return self._rooms.gate.seal_for(await self._rooms.partners.trust_of(region), body, fields)
        except PartnerFault as fault:
            raise EtrustError(
                Kind.UNAVAILABLE, "no_partner_list", where=region,
                zh=f"暂时取不到地区 {region} 的信任列表，无法加密转送，请稍后再试。",
                en=f"The trust list of region {region} cannot be had now, so nothing can be sealed to it; try again later.",
            ) from fault

    async def find(self, number: str, who: Operator) -> Objection:
        """A case that an officer may see; see `objections.handling.case_for`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await case_for(connection, self.handling, number, who)

    async def of_holder(self, acting: Acting) -> list[Objection]:
        """A holder's own cases, the open ones first."""
        async with self._rooms.stores.pool.acquire() as connection:
            wanted = Wanted(subject_key=acting.subject.key)
            return await store.search(connection, wanted, self.handling.sealing, limit=SHOWN)

    async def own(self, number: str, acting: Acting) -> Objection:
        """A holder's own case.

        Raises:
            EtrustError: NOT_FOUND ``no_such_objection`` for an unknown one and another's.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.find(connection, number, self.handling.sealing)
        if found is None or found.subject_key != acting.subject.key:
            raise no_such_objection()
        return found

    async def queue(self, who: Operator, *, states: Sequence[State] | None = None) -> list[Objection]:
        """The cases of an officer's body and of those below it, by deadline.

        Raises:
            EtrustError: ``no_role``.
        """
        require_role(who, Role.CASE_OFFICER)
        async with self._rooms.stores.pool.acquire() as connection:
            charges = bodies_below(await access_store.bodies(connection), who.body)
            wanted = Wanted(charges=charges, states=states or sorted(OPEN_STATES))
            return await store.search(connection, wanted, self.handling.sealing, limit=SHOWN)

    async def opened_by(self, who: Operator) -> list[Objection]:
        """The cases that an account opened."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.search(connection, Wanted(opener_name=who.username), self.handling.sealing, limit=SHOWN)

    async def opened_case(self, number: str, who: Operator) -> Objection:
        """A case that an account opened.

        Raises:
            EtrustError: NOT_FOUND ``no_such_objection``.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.find(connection, number, self.handling.sealing)
        if found is None or found.opener_name != who.username or found.opener is not Opener.CLERK:
            raise no_such_objection()
        return found

    async def bodies(self) -> Sequence[Body]:
        """The bodies of the region."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await access_store.bodies(connection)

    async def accept(self, number: str, *, who: Operator) -> Event:
        """See `objections.review.accept`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await review.accept(connection, self.handling, number, who=who, at=self._rooms.clock())

    async def refuse(self, number: str, reason: str, *, who: Operator) -> Event:
        """See `objections.review.refuse`."""
        async with self._rooms.stores.pool.acquire() as connection:
            event = await review.refuse(connection, self.handling, number, reason, who=who, at=self._rooms.clock())
        await self._rooms.announce()
        return event

    async def propose(
        self, number: str, outcome: Outcome, reason: str, *, who: Operator, changes: Mapping[str, str] | None = None
    ) -> Event:
        """See `objections.review.propose`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await review.propose(
                connection, self.handling, number, outcome, reason, who=who, changes=changes, at=self._rooms.clock()
            )

    async def send_back(self, number: str, reason: str, *, who: Operator) -> Event:
        """See `objections.review.send_back`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await review.send_back(connection, self.handling, number, reason, who=who, at=self._rooms.clock())

    async def decide(self, number: str, *, who: Operator) -> review.Settled:
        """See `objections.review.decide`; a new version is signed before this returns."""
        async with self._rooms.stores.pool.acquire() as connection:
            settled = await review.decide(connection, self.handling, number, who=who, at=self._rooms.clock())
            if settled.prepared is not None:
                await finish(connection, self.handling.issuing, settled.prepared)
        await self._rooms.announce()
        return settled

    async def proposed_changes(self, objection: Objection) -> dict[str, str]:
        """The right values that wait for a second person, by cell."""
        proposal = objection.proposal()
        if proposal is None:
            return {}
        async with self._rooms.stores.pool.acquire() as connection:
            sealed = await store.proposed_changes(connection, objection.number, proposal.step)
        return self.handling.sealing.open_json(f"{objection.number}/{proposal.step}", sealed)

    async def appeal(self, objection: Objection, reason: str) -> Event:
        """Appeal against a dismissal; the caller has seen that the case is the appellant's own."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            fresh = await self._fresh(connection, objection)
            event = await review.appeal(connection, self.handling, fresh, reason, at=at)
            await self._tell_region(connection, fresh, APPEALED, {"reason": reason})
        return event

    async def withdraw(self, objection: Objection) -> Event:
        """Take a case back; the caller has seen that it is the opener's own."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            fresh = await self._fresh(connection, objection)
            event = await review.withdraw(connection, self.handling, fresh, at=at)
            await self._tell_region(connection, fresh, WITHDRAWN, {})
        await self._rooms.announce()
        return event

    async def _fresh(self, connection: Connection, objection: Objection) -> Objection:
        await store.lock(connection, objection.number)
        found = await store.find(connection, objection.number, self.handling.sealing)
        assert found is not None  # noqa: S101 - nothing is ever deleted
        return found

    async def _tell_region(
        self, connection: Connection, objection: Objection, kind: str, content: Mapping[str, object]
    ) -> None:
        """Tell the region that has the case, when it is another's license."""
        if objection.region == self._rooms.settings.region:
            return
        await post(
            connection, stream=review.stream_of(objection), recipient=Recipient(RecipientKind.REGION, objection.region),
            kind=kind, content={"number": objection.number, **content}, at=self._rooms.clock(),
        )  # fmt: skip

    async def add_evidence(self, objection: Objection, name: str, content: bytes, *, given_by: str) -> EvidenceFile:
        """See `objections.evidence.add`; the caller has seen that the case is theirs."""
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            fresh = await self._fresh(connection, objection)
            return await evidence.add(
                connection, self.handling, fresh, name, content, given_by=given_by, at=self._rooms.clock()
            )

    async def files(self, objection: Objection) -> list[tuple[EvidenceFile, bytes]]:
        """The evidence of a case: what was given here, and, of a case of another region, what was given there."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.files(connection, objection.number, self.handling.sealing)

    async def fetch_evidence(self, objection: Objection) -> list[tuple[EvidenceFile, bytes]]:
        """The evidence that was given where a case was opened, asked for in a signed message.

        Raises:
            PartnerFault: the region does not answer.
        """
        partner = await self._rooms.partners.region(objection.opener_name)
        if objection.opener is not Opener.REGION or partner is None:
            return []
        answer = await self._rooms.gate.exchange(
            partner, "GET", f"/api/v1/recognition/objections/{objection.linked}/files", seconds=10, limit=evidence.MAX_SENT
        )
        if answer.status_code != 200:  # noqa: PLR2004 - HTTP
            return []
        unseal = partial(self._rooms.gate.unseal, limit=evidence.MAX_SENT)
        return evidence.received(answer.body, unseal, self._rooms.clock())

    async def evidence_for(self, region: str, number: str) -> list[tuple[EvidenceFile, bytes]]:
        """The evidence of a case that was forwarded to a region.

        Raises:
            EtrustError: NOT_FOUND ``no_such_objection`` for one that was not forwarded there.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.find(connection, number, self.handling.sealing)
            if found is None or found.region != region:
                raise no_such_objection()
            return await store.files(connection, number, self.handling.sealing)


def evidence_json(found: Sequence[tuple[EvidenceFile, bytes]]) -> dict[str, object]:
    """Evidence as it is sent to another region, before it is sealed."""
    return {"files": [
        {"name": file.name, "media_type": file.media_type, "content": base64.b64encode(content).decode()}
        for file, content in found
    ]}  # fmt: skip

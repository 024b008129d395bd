"""What arrives from other regions about objections (异议): cases of theirs, and how ours go there."""

import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.notices.model import Arrived, Recipient, RecipientKind
from etrust.notices.post import post
from etrust.objections import review, store
from etrust.objections.handling import Actor, Handling, take_step
from etrust.objections.model import Action, Objection, Opener, Outcome, State
from etrust.objections.open import Opening, open_objection
from etrust.objections.reliance import PERIOD
from etrust.storage.postgres import Connection

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

FORWARDED, PROGRESS, DECIDED, APPEALED, WITHDRAWN = (
    "objection.forwarded", "objection.progress", "objection.decided", "objection.appealed", "objection.withdrawn",
)  # fmt: skip
CORRECTED, REVOKED = "license.corrected", "license.revoked"
_OF_OUTCOME = {Outcome.STANDS: Action.DISMISS, Outcome.CORRECTED: Action.CORRECT, Outcome.REVOKED: Action.REVOKE}


class ObjectionArrivals:
    """Takes the steps that notices of other regions tell, in their order."""

    def __init__(self, rooms: "Rooms", handling: Handling) -> None:
        self._rooms = rooms
        self.handling = handling

    def listen(self) -> None:
        """Hear the notices about objections from now on."""
        for kind, handler in (
            (FORWARDED, self._forwarded), (PROGRESS, self._progress), (DECIDED, self._decided), (APPEALED, self._appealed),
            (WITHDRAWN, self._withdrawn), (CORRECTED, self._changed), (REVOKED, self._changed),
        ):  # fmt: skip
            self._rooms.notices.on(kind, handler)

    async def _forwarded(self, connection: Connection, arrived: Arrived) -> None:
        """Another region sends a case about a license of this one."""
        content: Mapping[str, Any] = arrived.notice.content
        told: Mapping[str, Any] = {}
        with contextlib.suppress(EtrustError):
            told = self._rooms.gate.unseal(str(content.get("sealed", "")))
        try:
            issuer = LicenseIdentifier.parse(str(content.get("license", ""))).issuer_code
            await open_objection(connection, self.handling, Opening(
                Opener.REGION, arrived.sender, "", self._rooms.settings.region, issuer, str(told.get("words", ""))[:500] or "–",
                license=str(content["license"]), field=str(content.get("field", ""))[:60], claim=str(told.get("claim", ""))[:500],
                linked=str(content.get("number", ""))[:60],
            ), at=self._rooms.clock())  # fmt: skip
        except (EtrustError, KeyError) as error:
            code = error.code if isinstance(error, EtrustError) else "bad_request"
            await self._answer_refused(connection, arrived, code)

    async def _answer_refused(self, connection: Connection, arrived: Arrived, code: str) -> None:
        """What cannot be taken up is answered, so that the case does not hang where it was opened."""
        number = str(arrived.notice.content.get("number", ""))[:60]
        await post(
            connection, stream=f"objection/{number}", recipient=Recipient(RecipientKind.REGION, arrived.sender), kind=DECIDED,
            content={"number": number, "state": State.REFUSED.value, "outcome": None, "reason": code}, at=self._rooms.clock(),
        )  # fmt: skip

    async def _sent(self, connection: Connection, arrived: Arrived) -> Objection | None:
        """The case of ours that a notice of the region that has it speaks of."""
        number = str(arrived.notice.content.get("number", ""))
        await store.lock(connection, number)
        found = await store.find(connection, number, self.handling.sealing)
        return found if found is not None and found.region == arrived.sender else None

    async def _progress(self, connection: Connection, arrived: Arrived) -> None:
        objection = await self._sent(connection, arrived)
        if objection is not None and objection.state is State.FORWARDED:
            state = str(arrived.notice.content.get("state", ""))[:40]
            await take_step(
                connection, self.handling, objection, Action.PROGRESS, Actor(f"region:{arrived.sender}"), reason=state or "–",
                at=self._rooms.clock(),
            )  # fmt: skip

    async def _decided(self, connection: Connection, arrived: Arrived) -> None:
        """The region that has a case of ours has decided it; whoever opened it here is told."""
        objection = await self._sent(connection, arrived)
        content = arrived.notice.content
        if objection is None or objection.state is not State.FORWARDED:
            return
        outcome = next((each for each in Outcome if each.value == content.get("outcome")), None)
        action = Action.REFUSE if outcome is None else _OF_OUTCOME[outcome]
        event = await take_step(
            connection, self.handling, objection, action, Actor(f"region:{arrived.sender}"), outcome=outcome,
            reason=str(content.get("reason", ""))[:500] or "–", at=self._rooms.clock(),
        )  # fmt: skip
        new = str(content.get("replaced_by", ""))[:120]
        await review.tell_opener(connection, objection, DECIDED, event, license=objection.license, replaced_by=new)

    async def _appealed(self, connection: Connection, arrived: Arrived) -> None:
        objection = await self._linked(connection, arrived)
        if objection is not None and objection.state is State.DISMISSED and not objection.appealed:
            reason = str(arrived.notice.content.get("reason", ""))[:500] or "–"
            await review.appeal(connection, self.handling, objection, reason, at=self._rooms.clock())

    async def _withdrawn(self, connection: Connection, arrived: Arrived) -> None:
        objection = await self._linked(connection, arrived)
        if objection is not None and objection.state in (State.RECEIVED, State.REVIEW):
            await review.withdraw(connection, self.handling, objection, at=self._rooms.clock())

    async def _linked(self, connection: Connection, arrived: Arrived) -> Objection | None:
        number = str(arrived.notice.content.get("number", ""))[:60]
        found = await store.find_linked(connection, arrived.sender, number, self.handling.sealing)
        if found is None:
            return None
        await store.lock(connection, found.number)
        return await store.find(connection, found.number, self.handling.sealing)

    async def _changed(self, connection: Connection, arrived: Arrived) -> None:
        """A license of another region was corrected or revoked: the bodies here that relied on it are told."""
        license_ = str(arrived.notice.content.get("license", ""))[:120]
        at = self._rooms.clock()
        for body in await store.checked_for(connection, license_, at - PERIOD):
            await post(
                connection, stream=arrived.notice.stream, recipient=Recipient(RecipientKind.BODY, body),
                kind=arrived.notice.kind, content={**arrived.notice.content, "region": arrived.sender}, at=at,
            )  # fmt: skip

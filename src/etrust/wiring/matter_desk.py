"""The desk of matters: one scan checked against what a matter needs, and the cases (办件) it belongs to.

The order is the promise. Everything that can be wrong is told first; then the codes are used up; then consent is proven; then
licenses are looked for and judged; then, in one transaction, the consent is counted, the values are read, and what was
decided is kept. Only then the answer leaves (docs/matter-checks.md).
"""

import contextlib
import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from etrust.access.model import Operator
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.licenses import store as license_store
from etrust.matters import case_store, cases, catalogue_store, check_store
from etrust.matters.case_model import Action, Case, CaseActor
from etrust.matters.catalogue import unknown_matter
from etrust.matters.check_admission import admit
from etrust.matters.check_deciding import choose, decide_all
from etrust.matters.check_model import CheckParty, CheckState, MatterCheck, MatterQuestion, Substitute
from etrust.matters.check_records import evidence_of, kept, looks, record_check
from etrust.matters.check_repeats import Repeats
from etrust.matters.check_waits import Presented, Wait, new_check_id, no_such_check, open_wait, seal_wait
from etrust.matters.model import Matter
from etrust.matters.policy import narrowed, prefilled
from etrust.matters.ratings_store import bodies_under
from etrust.onecode.consent_model import Grant, RequestState
from etrust.onecode.model import Ground, Use
from etrust.storage.postgres import Connection
from etrust.wiring.matter_codes import Scanned, take_codes
from etrust.wiring.matter_counts import MatterCounts
from etrust.wiring.matter_looking import Looked, look_up, tell

if TYPE_CHECKING:  # the rooms hold this desk
    from etrust.wiring.rooms import Rooms

WAIT = timedelta(minutes=10)
"""How long a check waits for consent; a request lives five minutes."""

_BY_HAND = {Action.COMMIT: Substitute.COMMITMENT, Action.DEFER: Substitute.DEFERRAL, Action.SUPPLEMENT: Substitute.PAPER}


class _Undo(Exception):  # noqa: N818 - not an error: it ends a trial
    """Takes back what a trial did."""


class MatterDesk:
    """Checks and cases of the region."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._secret = b""
        self.counts = MatterCounts()

    async def check(self, question: MatterQuestion) -> MatterCheck:
        """One scan, one call: the answer, or a check that waits until the holders agreed.

        Raises:
            EtrustError: NOT_FOUND ``unknown_matter``; what `admit` and `take_codes` raise; ``case_numbers_used_up``; what the
                consent room raises when consent given beforehand is not for this use.
        """
        rooms = self._rooms
        matter = await rooms.catalogue.matter(question.matter)
        if matter is None:
            raise unknown_matter(question.matter)
        trust = await rooms.trust.snapshot()
        at = rooms.clock()
        with self.counts.refusals():
            async with rooms.stores.pool.acquire() as connection:
                matter = await admit(connection, question, matter, trust=trust, at=at)
            scanned = await take_codes(rooms, question, matter, trust=trust, at=at)
        number = question.case_number or await self._open(matter, question, at)
        wait = _wait_of(question, matter, number, scanned)
        asking = [each for each in scanned if _must_be_asked(each, matter, question.ground)]
        if asking:
            return await self._ask(wait, matter, asking, question.operator)
        return await self._finish(wait, matter, question.operator, waited=False)

    async def continue_check(self, check_id: str, *, operator: Operator) -> MatterCheck:
        """Go on with a check that waits for consent, without a second scan; the same waiting answer while it is not given.

        Raises:
            EtrustError: NOT_FOUND ``no_such_check`` for an unknown check, one that is over or went on already, and another
                operator's alike; FORBIDDEN ``consent_refused``; CONFLICT ``request_expired``.
        """
        wait = await self._waiting(check_id, operator)
        found = await self._rooms.catalogue.matter_version(wait.matter, wait.version)
        if found is None:
            raise unknown_matter(wait.matter)
        matter = narrowed(found, wait.fields)
        requests = [await self._rooms.consent.request(each.consent) for each in wait.parties if each.consent.startswith("R-")]
        if any(each.state is RequestState.REFUSED for each in requests):
            await self._forget(check_id)
            raise EtrustError(
                Kind.FORBIDDEN, "consent_refused",
                zh="持证人不同意此次用证。可请其自行提交材料。", en="The holder refused. The documents may be brought instead.",
            )
        if any(each.state is RequestState.EXPIRED for each in requests):
            await self._forget(check_id)
            raise EtrustError(
                Kind.CONFLICT, "request_expired",
                zh="征求同意已超时，请重新扫码。", en="The question to the holder has run out; scan again.",
            )
        if any(each.state is RequestState.PENDING for each in requests):
            return _waiting_answer(wait, operator, self._rooms.clock(), min(each.expires_at for each in requests))
        return await self._finish(wait, matter, operator, waited=True)

    async def case(self, number: str, operator: Operator) -> Case:
        """A case of the operator's body or of one below it; see `cases.find_case`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await cases.find_case(connection, number, operator.body)

    async def cases(
        self, operator: Operator, *, matter: str = "", state: str = "", before: datetime | None = None, limit: int = 50
    ) -> list[tuple[str, str, datetime]]:
        """Numbers, states and opening times of cases of the operator's body and those below it, the latest first."""
        async with self._rooms.stores.pool.acquire() as connection:
            bodies = await bodies_under(connection, operator.body)
            return await case_store.cases_of(connection, bodies, matter=matter, state=state, before=before, limit=limit)

    async def overdue(self, operator: Operator, limit: int = 100) -> list[tuple[str, str, date]]:
        """Case, material and deadline of what that body and those below it wait for in vain, the longest overdue first."""
        today = official_date(self._rooms.clock())
        async with self._rooms.stores.pool.acquire() as connection:
            return await case_store.overdue(connection, await bodies_under(connection, operator.body), today, limit)

    async def take_step(
        self, number: str, action: Action, *, operator: Operator, reason: str, materials: Sequence[str] = ()
    ) -> Case:
        """Take a step in a case by hand; see `cases.move`, `cases.accept` and `check_deciding.choose`.

        Args:
            materials: keys of the materials that a commitment, a deferral or paper now stands for.
        """
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            await case_store.lock_case(connection, number)  # nothing changes between looking and the step
            case = await cases.find_case(connection, number, operator.body)
            matter = await catalogue_store.version(connection, case.matter, case.current_version)
            if matter is None:
                raise unknown_matter(case.matter)
            if action is Action.ACCEPT:
                return await cases.accept(connection, number, matter=matter, operator=operator, reason=reason, at=at)
            chosen = choose(matter, case.materials, _BY_HAND[action], materials, at) if action in _BY_HAND else ()
            return await cases.move(connection, number, action, operator=operator, reason=reason, at=at, materials=chosen)

    async def repeats(self) -> Repeats:
        """Answers that may be asked for again after a broken connection."""
        return Repeats(self._rooms.stores.pool, self._rooms.clock, await self._key())

    async def waiting(self) -> int:
        """How many checks wait for consent."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await check_store.count_waits(connection, self._rooms.clock())

    async def _open(self, matter: Matter, question: MatterQuestion, at: datetime) -> str:
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            return await cases.open_case(connection, matter, CaseActor.of(question.operator, at), question.reason.strip())

    async def _ask(
        self, wait: Wait, matter: Matter, asking: Sequence[Scanned], operator: Operator
    ) -> MatterCheck:
        use, at = _use(wait, operator), self._rooms.clock()
        requests = {
            each.party.key: await self._rooms.consent.ask(
                each.acting.subject, use, matter=matter, acting=each.acting, session=each.session, party=each.party.key
            )
            for each in asking
        }
        wait = replace(wait, parties=tuple(
            replace(each, consent=requests[each.party].id) if each.party in requests else each for each in wait.parties
        ))  # fmt: skip
        secret = await self._key()
        async with self._rooms.stores.pool.acquire() as connection:
            await check_store.forget_waits(connection, at)
            await check_store.add_wait(
                connection, check_id=wait.check_id, number=wait.number, operator=operator.username, body=operator.body,
                sealed=seal_wait(wait, secret), expires_at=at + WAIT,
            )
        self.counts.waited()
        return _waiting_answer(wait, operator, at, min(each.expires_at for each in requests.values()))

    async def _waiting(self, check_id: str, operator: Operator) -> Wait:
        secret = await self._key()
        async with self._rooms.stores.pool.acquire() as connection:
            sealed = await check_store.wait(connection, check_id, operator.username, operator.body, self._rooms.clock())
        if sealed is None:
            raise no_such_check()
        return open_wait(check_id, sealed, secret)

    async def _forget(self, check_id: str) -> None:
        async with self._rooms.stores.pool.acquire() as connection:
            await check_store.end_wait(connection, check_id)

    async def _finish(self, wait: Wait, matter: Matter, operator: Operator, *, waited: bool) -> MatterCheck:
        use = _use(wait, operator)
        await self._prove(wait, use)
        looked = await look_up(self._rooms, matter, wait.parties, use)
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            if waited and not await check_store.end_wait(connection, wait.check_id):
                raise no_such_check()  # it went on at the same time
            check = await self._decide(connection, wait, matter, looked, use, operator)
        self.counts.done(check)
        return check

    async def _prove(self, wait: Wait, use: Use) -> None:
        """Make sure of the consent before anything is looked up; it is counted together with the record of the check."""
        if use.ground is not Ground.CONSENT:
            return
        async with self._rooms.stores.pool.acquire() as connection:
            with contextlib.suppress(_Undo):
                async with connection.transaction():
                    await self._use_consent(connection, wait, use)
                    raise _Undo

    async def _use_consent(self, connection: Connection, wait: Wait, use: Use) -> dict[str, Grant]:
        return {
            each.party: await self._rooms.consent.use(
                each.consent, use, subject=each.acting.subject, version=wait.version, connection=connection
            )
            for each in wait.parties if each.consent
        }  # fmt: skip

    async def _ground(self, connection: Connection, wait: Wait, matter: Matter, use: Use) -> dict[str, Grant]:
        """Count the use of every party's licenses, on the ground of the check."""
        if use.ground is Ground.CONSENT:
            return await self._use_consent(connection, wait, use)
        asked = _asked(matter)
        return {
            each.party: await self._rooms.consent.on_duty(
                each.acting.subject, use, matter=matter, party=each.party, connection=connection
            )
            for each in wait.parties if each.party in asked
        }  # fmt: skip

    async def _decide(
        self, connection: Connection, wait: Wait, matter: Matter, looked: Looked, use: Use, operator: Operator
    ) -> MatterCheck:
        grants = await self._ground(connection, wait, matter, use)
        await case_store.lock_case(connection, wait.number)
        standing = await case_store.materials_of(connection, wait.number)
        told = await tell(connection, self._rooms, matter, looked, wait.parties, _consented(grants))
        results = decide_all(matter, looked.sights, told, wait, standing, looked.at)
        event = await cases.take_step(
            connection, wait.number, Action.CHECK, who=CaseActor.of(operator, looked.at), reason=wait.reason,
            materials=[kept(each, matter.version) for each in results], standing=standing,
        )
        parties = tuple(CheckParty(each.party, each.acting, _grant_id(grants, each)) for each in wait.parties)
        check = MatterCheck(
            wait.check_id, wait.number, event.step, matter.code, matter.version, event.at, CheckState.DONE, wait.ground,
            wait.reason, wait.legal_basis, operator.username, operator.body, parties, materials=results,
            form=prefilled(matter.form, results), evidence=evidence_of(results, looked.trust_list),
        )
        await record_check(connection, check)
        for entry in looks(matter, results, parties, use, event.at):
            await self._rooms.consent.record(entry, connection=connection)
        return replace(check, receipt=(await self._rooms.receipts.give(check, connection=connection)).id)

    async def _key(self) -> bytes:
        if not self._secret:
            async with self._rooms.stores.pool.acquire() as connection:
                self._secret = await license_store.secret(connection, "checks", secrets.token_bytes(32))
        return self._secret


def _asked(matter: Matter) -> frozenset[str]:
    """Parties whose licenses the matter uses."""
    return frozenset(demand.party for material in matter.materials for demand in material.satisfied_by)


def _must_be_asked(scanned: Scanned, matter: Matter, ground: Ground) -> bool:
    return ground is Ground.CONSENT and not scanned.grant and scanned.party.key in _asked(matter)


def _wait_of(question: MatterQuestion, matter: Matter, number: str, scanned: Sequence[Scanned]) -> Wait:
    asked = _asked(matter)
    parties = tuple(
        Presented(each.party.key, each.acting, each.grant if each.party.key in asked else "") for each in scanned
    )
    return Wait(
        new_check_id(), matter.code, matter.version, number, question.ground, question.reason.strip(),
        question.legal_basis.strip(), question.fields, question.commitments, question.deferrals, question.papers, parties,
    )


def _use(wait: Wait, operator: Operator) -> Use:
    return Use(wait.ground, wait.matter, wait.number, operator.username, operator.body, wait.reason, wait.legal_basis)


def _waiting_answer(wait: Wait, operator: Operator, at: datetime, until: datetime) -> MatterCheck:
    requests = {each.party: each.consent for each in wait.parties if each.consent.startswith("R-")}
    return MatterCheck(
        wait.check_id, wait.number, 0, wait.matter, wait.version, at, CheckState.CONSENT_NEEDED, wait.ground, wait.reason,
        wait.legal_basis, operator.username, operator.body, requests=requests, waits_until=until,
    )


def _consented(grants: dict[str, Grant]) -> dict[str, frozenset[tuple[str, str, str]]]:
    return {
        party: frozenset((need.material, need.license_type, name) for need in grant.needs for name in need.fields)
        for party, grant in grants.items()
    }


def _grant_id(grants: dict[str, Grant], presented: Presented) -> str:
    grant = grants.get(presented.party)
    return "" if grant is None else grant.id

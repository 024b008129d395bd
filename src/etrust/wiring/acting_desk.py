"""Who acts for whom in one deployment, and whom holders let act: the half of `rooms.consent` about people."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from etrust.access.person_model import HolderSession, Person
from etrust.errors import EtrustError, Kind
from etrust.licenses import store as license_store
from etrust.licenses.model import Holder
from etrust.onecode import delegation_store, delegations
from etrust.onecode.delegation_model import Delegation, DelegationState, NameBox, Named
from etrust.onecode.model import Acting, Basis
from etrust.onecode.representation import Ground, actings, still_stands
from etrust.storage.postgres import Connection

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

OWN_AFFAIRS = frozenset({Basis.SELF, Basis.LEGAL_REPRESENTATIVE, Basis.GUARDIAN})
"""Who sees a subject's access log, grants and delegations: not its delegates, nor a company's staff."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A delegation as those it concerns see it; `named` is None when its names cannot be opened."""

    delegation: Delegation
    state: DelegationState
    named: Named | None


class ActingDesk:
    """Representation and delegation."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._box: NameBox | None = None

    async def actings(self, person: Person) -> tuple[Acting, ...]:
        """For whom a person may act now, the person first; see `onecode.representation`."""
        async with self._rooms.stores.pool.acquire() as connection:
            box = await self._names(connection)
        ground = Ground(await self._rooms.space.register(), self._rooms.issuing.numbering, box)
        async with self._rooms.stores.pool.acquire() as connection:
            return await actings(connection, person, ground)

    async def acting(self, session: HolderSession) -> Acting:
        """For whom the person of a session acts, made out anew; for oneself when the other right has ended."""
        found = await self.actings(session.person)
        return next((each for each in found if each.choice == session.acting_for), found[0])

    async def anew(self, acting: Acting, session: HolderSession) -> Acting:
        """The same right to act, made out anew.

        Raises:
            EtrustError: FORBIDDEN ``not_acting`` when it has ended or was another person's.
        """
        found = await self.actings(session.person)
        now = next((each for each in found if each.choice == acting.choice), None)
        if now is None or acting.person != session.person.id or now.subject.key != acting.subject.key:
            raise _not_acting()
        return now

    async def anew_for(self, subject_key: bytes, matter: str, session: HolderSession) -> Acting:
        """A right of a session's person to act for a subject in a matter, made out anew.

        Raises:
            EtrustError: FORBIDDEN ``not_acting``.
        """
        for each in await self.actings(session.person):
            if each.subject.key == subject_key and each.matter in ("", matter):
                return each
        raise _not_acting()

    async def delegate(
        self, acting: Acting, session: HolderSession, *, name: str, number: str, matters: Sequence[str], until: datetime
    ) -> Delegation:
        """Let a person act; see `delegations.offer`. Matters must be in force in the catalogue.

        Raises:
            EtrustError: as `delegations.offer`; FORBIDDEN ``not_acting``.
        """
        now = await self.anew(acting, session)
        for code in matters:
            if await self._rooms.catalogue.matter(code) is None:
                raise EtrustError(
                    Kind.INVALID, "bad_matters", where="matters", zh="没有这个事项。", en="There is no such matter.",
                )
        async with self._rooms.stores.pool.acquire() as connection:
            return await delegations.offer(
                connection, self._rooms.issuing.numbering, await self._names(connection), now, giver=_holder(session),
                name=name, number=number, matters=matters, until=until, at=self._rooms.clock(),
            )

    async def delegations(self, acting: Acting) -> Sequence[Shown]:
        """Whom a subject lets act, the latest first.

        Raises:
            EtrustError: FORBIDDEN ``not_yours``.
        """
        require_own_affairs(acting)
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            box = await self._names(connection)
            found = await delegation_store.given(connection, acting.subject.key, delegations.SHOWN)
        return [Shown(each, each.state(at), box.open(each)) for each in found]

    async def entrusted(self, session: HolderSession) -> Sequence[Shown]:
        """What the person of a session was offered or may do, the latest first."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            box = await self._names(connection)
            found = await delegations.received(connection, box, _holder(session), self._rooms.issuing.numbering, at)
        return [Shown(each, each.state(at), box.open(each)) for each, _ in found]

    async def accept(self, session: HolderSession, delegation_id: str) -> None:
        """See `delegations.accept`."""
        async with self._rooms.stores.pool.acquire() as connection:
            await delegations.accept(
                connection, await self._names(connection), _holder(session), self._rooms.issuing.numbering, delegation_id,
                self._rooms.clock(),
            )

    async def decline(self, session: HolderSession, delegation_id: str) -> None:
        """See `delegations.decline`."""
        async with self._rooms.stores.pool.acquire() as connection:
            await delegations.decline(
                connection, await self._names(connection), _holder(session), self._rooms.issuing.numbering, delegation_id,
                self._rooms.clock(),
            )

    async def take_back(self, acting: Acting, delegation_id: str) -> None:
        """See `delegations.take_back`."""
        async with self._rooms.stores.pool.acquire() as connection:
            await delegations.take_back(connection, acting, delegation_id, self._rooms.clock())

    async def _stands(self, connection: Connection, reference: str) -> bool:
        """See `representation.still_stands`; read within the transaction of the use."""
        box = await self._names(connection)
        ground = Ground(await self._rooms.space.register(), self._rooms.issuing.numbering, box)
        return await still_stands(connection, reference, ground)

    async def _names(self, connection: Connection) -> NameBox:
        if self._box is None:
            self._box = NameBox(await license_store.secret(connection, "delegations", secrets.token_bytes(32)))
        return self._box

    @asynccontextmanager
    async def _connected(self, connection: Connection | None) -> AsyncIterator[Connection]:
        """The caller's connection, or one of our own."""
        if connection is not None:
            yield connection
            return
        async with self._rooms.stores.pool.acquire() as own:
            yield own


def require_own_affairs(acting: Acting) -> None:
    """Return quietly for the holder, the legal representative and a guardian.

    Raises:
        EtrustError: FORBIDDEN ``not_yours``.
    """
    if acting.basis not in OWN_AFFAIRS:
        raise EtrustError(
            Kind.FORBIDDEN, "not_yours",
            zh="只有持证人本人（单位的法定代表人、孩子的监护人）可以查看。",
            en="Only the holder sees this, or the legal representative, or a guardian.",
        )


def _holder(session: HolderSession) -> Holder:
    return Holder(session.person.name, session.person.code, session.person.code_type)


def _not_acting() -> EtrustError:
    return EtrustError(
        Kind.FORBIDDEN, "not_acting", zh="您现在无权代表该持证人。", en="You may not act for this holder now.",
    )

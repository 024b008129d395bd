"""`rooms.people.passkeys`: passkeys with the stores and the clock of one deployment."""

from datetime import datetime
from typing import TYPE_CHECKING

from etrust.access import passkey_store, passkeys, persons
from etrust.access.passkey_store import Passkey
from etrust.access.passkeys import Party
from etrust.access.person_model import HolderSession
from etrust.access.persons import STRONG, Opened

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms


class PasskeyDesk:
    """Makes, asks for, names and removes passkeys; see `etrust.access.passkeys`, also for what each raises."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def of(self, session: HolderSession) -> tuple[Passkey, ...]:
        """The passkeys of a person, the oldest first."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await passkey_store.passkeys(connection, session.person.id)

    async def begin_making(self, session: HolderSession, party: Party) -> str:
        """What the browser needs to make one, as JSON."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await passkeys.begin_making(connection, session, party, self._rooms.clock())

    async def finish_making(self, session: HolderSession, party: Party, answer: str, *, name: str) -> Opened | None:
        """Keep the one the browser made, which counts as used; see `finish_using` for what comes back."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            await passkeys.finish_making(connection, session, party, answer, name=name, at=at)
        return await self._strengthened(session, at)

    async def begin_using(self, session: HolderSession, party: Party) -> str:
        """What the browser needs to ask for one, as JSON."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await passkeys.begin_using(connection, session, party, self._rooms.clock())

    async def finish_using(self, session: HolderSession, party: Party, answer: str) -> Opened | None:
        """The session under a new token, strong for ten minutes; None when it ended meanwhile. Its codes end."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            await passkeys.finish_using(connection, session, party, answer, at)
        return await self._strengthened(session, at)

    async def rename(self, session: HolderSession, handle: str, name: str) -> None:
        """Call one by another name."""
        async with self._rooms.stores.pool.acquire() as connection:
            await passkeys.rename(connection, session, handle, name)

    async def remove(self, session: HolderSession, handle: str) -> None:
        """Forget one; whoever is signed in as this person elsewhere must sign in again."""
        async with self._rooms.stores.pool.acquire() as connection:
            await passkeys.remove(connection, session, handle, self._rooms.clock())
        await self._rooms.people.sign_out_elsewhere(session)

    async def _strengthened(self, session: HolderSession, at: datetime) -> Opened | None:
        async with self._rooms.stores.pool.acquire() as connection:
            opened = await persons.renew(connection, session, at, strong_until=at + STRONG)
        await self._rooms.codes.end_session(session.digest)
        return opened

"""`rooms.consent`: consent and duty, and who looked; with the catalogue and numbering of one deployment."""

from collections.abc import Sequence
from datetime import datetime

from etrust.access.person_model import HolderSession
from etrust.matters.model import Matter
from etrust.onecode import access_log, access_log_store, access_objections, consent, consent_requests, consent_store
from etrust.onecode.access_log_model import AccessEntry, LogPage, Objection
from etrust.onecode.consent_model import ConsentRequest, Grant, Need, Terms
from etrust.onecode.model import Acting, Subject, Use
from etrust.storage.postgres import Connection
from etrust.wiring.acting_desk import ActingDesk, require_own_affairs

SHOWN = 100


class ConsentDesk(ActingDesk):
    """Consent, representation and the access log of the region."""

    async def give(
        self, acting: Acting, *, matter: Matter, case_number: str = "", body: str = "", uses: int = 1, until: datetime,
        by_session: HolderSession,
    ) -> Grant:
        """Agree beforehand; see `consent.give`. The right to act is made out anew.

        Raises:
            EtrustError: as `consent.give`; FORBIDDEN ``not_acting``.
        """
        now = await self.anew(acting, by_session)
        async with self._rooms.stores.pool.acquire() as connection:
            return await consent.give(
                connection, now, terms_of(matter, now.subject), body=body, case_number=case_number, uses=uses, until=until,
                at=self._rooms.clock(),
            )

    async def ask(
        self, subject: Subject, use: Use, *, matter: Matter, acting: Acting, session: bytes, party: str = ""
    ) -> ConsentRequest:
        """Ask who showed a code; see `consent_requests.ask`.

        Args:
            subject: whose licenses are wanted; the one who is acted for.
            session: digest of the session that showed the code (`Shown.session`).
            party: which party of the matter the subject is; empty for all it can be.
        """
        if subject.key != acting.subject.key:
            raise consent.no_consent()
        async with self._rooms.stores.pool.acquire() as connection:
            return await consent_requests.ask(
                connection, acting, use, terms_of(matter, subject, party), session=session, at=self._rooms.clock()
            )

    async def request(self, request_id: str) -> ConsentRequest:
        """A request as it stands.

        Raises:
            EtrustError: NOT_FOUND ``no_such_request``.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await consent_store.request(connection, request_id, self._rooms.clock())
        if found is None:
            raise consent_requests.no_such_request()
        return found

    async def requests(self, session: HolderSession) -> Sequence[ConsentRequest]:
        """What a session was asked, the latest first."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            return await consent_store.requests_of_session(
                connection, session.digest, since=at - consent_requests.SHOWN_SINCE, at=at, limit=SHOWN
            )

    async def answer(self, request_id: str, session: HolderSession, agree: bool) -> Grant | None:  # noqa: FBT001 - the answer itself
        """Answer a request; see `consent_requests.answer`. The right to act is made out anew.

        Raises:
            EtrustError: as `consent_requests.answer`; FORBIDDEN ``not_acting``.
        """
        asked = await self.request(request_id)
        if asked.session != session.digest:
            raise consent_requests.no_such_request()
        acting = await self.anew_for(asked.subject_key, asked.matter, session)
        async with self._rooms.stores.pool.acquire() as connection:
            return await consent_requests.answer(
                connection, request_id, acting, session=session.digest, agree=agree, at=self._rooms.clock()
            )

    async def use(
        self, reference: str, use: Use, *, subject: Subject, version: int, connection: Connection | None = None
    ) -> Grant:
        """Count one use of a grant or of an answered request; see `consent.use`.

        Args:
            connection: in a transaction of the caller's, so that the use counts exactly when the caller's work is kept.

        Raises:
            EtrustError: as `consent.use`; also ``no_consent`` when the right of who agreed has ended since.
        """
        async with self._connected(connection) as found:
            return await consent.use(
                found, reference, use, subject_key=subject.key, version=version, at=self._rooms.clock(),
                stands=self._stands,
            )

    async def on_duty(
        self, subject: Subject, use: Use, *, matter: Matter, party: str = "", connection: Connection | None = None
    ) -> Grant:
        """Use somebody's licenses on duty, as one counted use; see `consent.take_on_duty`."""
        async with self._connected(connection) as found:
            return await consent.take_on_duty(
                found, subject, use, terms_of(matter, subject, party), at=self._rooms.clock()
            )

    async def grants(self, acting: Acting, *, before: datetime | None = None) -> Sequence[Grant]:
        """What a holder agreed to, the latest first.

        Raises:
            EtrustError: FORBIDDEN ``not_yours`` for a delegate and for staff.
        """
        require_own_affairs(acting)
        async with self._rooms.stores.pool.acquire() as connection:
            return await consent_store.grants_of(connection, acting.subject.key, before=before, limit=SHOWN)

    async def revoke(self, acting: Acting, grant_id: str) -> Grant:
        """Take consent back; see `consent.revoke`."""
        require_own_affairs(acting)
        async with self._rooms.stores.pool.acquire() as connection:
            return await consent.revoke(
                connection, acting.subject.key, grant_id, person=acting.person, at=self._rooms.clock()
            )

    async def record(self, entry: AccessEntry, *, connection: Connection | None = None) -> int:
        """Keep a look for everybody it concerns; see `access_log.record`."""
        async with self._connected(connection) as found:
            return await access_log.record(found, self._rooms.issuing.numbering, entry)

    async def log(self, subject_key: bytes, after: int = 0, limit: int = access_log.PAGE) -> LogPage:
        """A page of a subject's log; see `access_log.log`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await access_log.log(connection, subject_key, after=after, limit=limit)

    async def object(self, acting: Acting, *, entry: int = 0, license_: str = "") -> Objection:
        """Object to a look (by its number) or to a license (by its identifier); see `access_objections`.

        Raises:
            EtrustError: FORBIDDEN ``not_yours``; NOT_FOUND ``no_such_entry``, ``no_such_license``.
        """
        require_own_affairs(acting)
        key, at = acting.subject.key, self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            if entry:
                return await access_objections.object_to_access(connection, key, entry, person=acting.person, at=at)
            return await access_objections.object_to_license(
                connection, self._rooms.issuing.numbering, key, license_, person=acting.person, at=at
            )

    async def objections(self, acting: Acting) -> Sequence[Objection]:
        """A subject's objections, the latest first.

        Raises:
            EtrustError: FORBIDDEN ``not_yours``.
        """
        require_own_affairs(acting)
        async with self._rooms.stores.pool.acquire() as connection:
            return await access_log_store.objections_of(connection, acting.subject.key, SHOWN)


def terms_of(matter: Matter, subject: Subject, party: str = "") -> Terms:
    """What a matter would learn of a subject, as one party of it or as all it can be by the type of its code."""
    mine = {each.key for each in matter.parties if each.key == party or (not party and subject.code_type in each.code_types)}
    needs = tuple(
        Need(demand.license_type, demand.fields, material.key, demand.party)
        for material in matter.materials for demand in material.satisfied_by if demand.party in mine
    )  # fmt: skip
    return Terms(matter.code, matter.version, matter.body, matter.grounds, needs)

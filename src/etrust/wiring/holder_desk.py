"""The holder's space and digital cards, with the register they are judged by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from etrust.credentials.code import encode_code
from etrust.documents import store as document_store
from etrust.documents.register import OWN, DocumentKey, DocumentKind
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.licenses.types import LicenseType, by_code, describe_fields
from etrust.onecode import cards
from etrust.onecode.envelope import handle_digest
from etrust.onecode.model import Acting, Basis
from etrust.onecode.reconcile_store import CodeUse, first_use
from etrust.onecode.space import HeldLicense, Register, Space, held_license, space
from etrust.status.live import UnreachableSnapshot
from etrust.status.model import StatusSnapshot

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

SHARED = frozenset({Basis.SELF, Basis.LEGAL_REPRESENTATIVE})
"""Whose licenses may stand on one's own card: one's own, and those of a company one represents."""


@dataclass(frozen=True, slots=True)
class LicenseView:
    """One license as its holder sees it.

    Attributes:
        fields: everything on its face, see `describe_fields`.
        offline_code: the signed minimal credential as a code, for places without a network.
        documents: which documents can be downloaded.
        versions: its versions that are this holder's, the newest first.
    """

    held: HeldLicense
    license_type: LicenseType
    fields: list[dict[str, object]]
    issued_on: str
    valid_from: str
    valid_until: str | None
    issuing_authority: str
    number: str
    offline_code: str
    documents: tuple[DocumentKind, ...]
    versions: tuple[LicenseIdentifier, ...]


class HolderDesk:
    """Gives the holder's pages what they show; a delegate, who acts in one matter, is given nothing."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def register(self) -> Register:
        """What licenses are judged with now; without a status store no license is called valid."""
        rooms = self._rooms
        status: StatusSnapshot
        try:
            await rooms.live.look_for_lists()
            status = await rooms.live.snapshot()
        except EtrustError:
            status = UnreachableSnapshot()
        return Register(rooms.types, by_code(rooms.types), await rooms.trust.snapshot(), status, rooms.clock())

    async def of(self, acting: Acting, *, text: str = "", only: str = "", after: str = "") -> Space:
        """The licenses of whom one acts for; see `onecode.space.space`."""
        if acting.limited:
            return Space(())
        register = await self.register()
        async with self._rooms.stores.pool.acquire() as connection:
            return await space(connection, acting.subject, register, text=text, only=only, after=after)

    async def license(self, acting: Acting, identifier: str) -> LicenseView:
        """One license with its face and documents.

        Raises:
            EtrustError: NOT_FOUND ``no_such_license`` for an unknown one and another's alike.
        """
        if acting.limited:
            identifier = ""
        register = await self.register()
        async with self._rooms.stores.pool.acquire() as connection:
            held, versions = await held_license(connection, acting.subject, identifier, register)
            stored = held.stored
            records = await document_store.of_license(connection, stored.serial, stored.version)
        return LicenseView(
            held=held, license_type=held.license_type,
            fields=describe_fields(held.license_type, stored.holders, stored.number, stored.fields),
            issued_on=stored.issued_on.isoformat(), valid_from=stored.valid_from.isoformat(),
            valid_until=None if stored.valid_until is None else stored.valid_until.isoformat(),
            issuing_authority=stored.issuing_authority, number=stored.number, offline_code=encode_code(stored.credential),
            documents=tuple(each.key.kind for each in records if each.is_made and each.key.copy_no == OWN), versions=versions,
        )

    async def document(self, held: HeldLicense, kind: DocumentKind) -> tuple[bytes, str] | None:
        """The bytes and the file name of a document of a license; None when there is none."""
        stored = held.stored
        async with self._rooms.stores.pool.acquire() as connection:
            data = await document_store.read(connection, DocumentKey(stored.serial, stored.version, kind))
        return None if data is None else (data, f"{stored.license_type}-{stored.identifier.short}.{kind.value}")

    def code_reference(self, handle: bytes) -> str:
        """Under what a page asks whether its code was used: the digest of the handle, which redeems nothing."""
        return handle_digest(handle, self._rooms.issuing.numbering.holder_key).hex()

    async def code_use(self, reference: str) -> CodeUse | None:
        """The first use of a code one showed, None as long as there was none."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await first_use(connection, bytes.fromhex(reference))

    async def choices(self, actings: Sequence[Acting]) -> list[tuple[Acting, HeldLicense]]:
        """The licenses whose fields may stand on one's card."""
        return [
            (acting, held) for acting in actings if acting.basis in SHARED for held in (await self.of(acting)).held
            if cards.choices(held)
        ]

    async def make_card(
        self, mine: Acting, actings: Sequence[Acting], wanted: Sequence[str], *, lifetime: timedelta, max_views: int
    ) -> tuple[int, str]:
        """See `onecode.cards.make_card`."""
        offered = [(acting.subject.key, held) for acting, held in await self.choices(actings)]
        async with self._rooms.stores.pool.acquire() as connection:
            return await cards.make_card(
                connection, holder_key=mine.subject.key, offered=offered, wanted=wanted, at=self._rooms.clock(),
                lifetime=lifetime, max_views=max_views,
            )

    async def own_cards(self, mine: Acting) -> tuple[cards.Card, ...]:
        """See `onecode.cards.cards_of`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await cards.cards_of(connection, mine.subject.key)

    async def renew_card(self, mine: Acting, number: int) -> tuple[cards.Card, str]:
        """See `onecode.cards.renew_link`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await cards.renew_link(connection, mine.subject.key, number, self._rooms.clock())

    async def revoke_card(self, mine: Acting, number: int) -> None:
        """See `onecode.cards.revoke_card`."""
        async with self._rooms.stores.pool.acquire() as connection:
            await cards.revoke_card(connection, mine.subject.key, number, self._rooms.clock())

    async def card_is_open(self, token: str) -> bool:
        """See `onecode.cards.can_be_opened`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await cards.can_be_opened(connection, token, self._rooms.clock())

    async def open_card(self, token: str, *, counted: bool = True) -> tuple[cards.Card, tuple[cards.Told, ...]] | None:
        """See `onecode.cards.open_card`."""
        register = await self.register()
        async with self._rooms.stores.pool.acquire() as connection:
            return await cards.open_card(connection, token, register, counted=counted)

    def contact_ticket(self, token: str, until: datetime) -> str:
        """See `onecode.cards.contact_ticket`."""
        key = self._rooms.issuing.numbering.holder_key
        return cards.contact_ticket(key, token, int(until.timestamp()))

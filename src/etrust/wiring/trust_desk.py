"""`rooms.trusted`: writing the region's own trust list: drafts, the second person, the differences, and older lists."""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from etrust.access.model import Operator
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import LicenseType
from etrust.trust import draft_store, drafts, store
from etrust.trust.differences import Change, differences
from etrust.trust.drafts import Draft, Edit
from etrust.trust.lists import content_of, sign_cbor_list
from etrust.trust.model import Endpoint, StateName, TrustList, TrustSnapshot, TypeName
from etrust.trust.publish import publish_trust_list
from etrust.wiring.home import ANCHOR_KEY

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

SHOWN = 50
_LOOK_SECONDS = 600.0
STATES = (
    StateName("valid", "01", "有效"), StateName("suspended", "02", "暂扣"), StateName("revoked", "03", "撤销"),
    StateName("expired", "04", "过期"), StateName("superseded", "05", "被新版本替代"),
    StateName("under_objection", "06", "异议处理中"),
    StateName("not_yet_valid", "07", "未到有效期"),
)  # fmt: skip
"""Words of verdicts by the region's own codes of 证照状态; a partner maps them by its list."""


def facts_of(public_url: str, types: Mapping[str, LicenseType]) -> dict[str, Any]:
    """What the settings and the license types of a deployment say: addresses, types and states."""
    base = public_url.rstrip("/")
    places = {
        "api": "/api/v1", "recognition": "/api/v1/recognition", "status": "/status", "log": "/log",
        "lists": "/.well-known/etrust", "notices": "/api/v1/recognition/notices",
    }  # fmt: skip
    return {
        "endpoints": [asdict(Endpoint(kind, base + path)) for kind, path in places.items()],
        "types": [
            asdict(TypeName(each.code, each.name, each.zh, each.ug, each.en))
            for each in sorted(types.values(), key=lambda each: each.code)
        ],
        "states": [asdict(each) for each in STATES],
    }


@dataclass(frozen=True, slots=True)
class Published:
    """A list that was published."""

    sequence: int
    digest: str
    at: datetime
    operator: str


class TrustDesk:
    """`rooms.trusted`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._types = frozenset(rooms.types)

    async def keep(self) -> None:
        """Let the list say what the settings say, now and whenever they were changed elsewhere, until cancelled."""
        while True:
            with contextlib.suppress(EtrustError):
                await self.follow_settings()
            await asyncio.sleep(_LOOK_SECONDS)

    async def follow_settings(self) -> bool:
        """Publish a list that says what the settings say now; whether one was needed."""
        wanted = facts_of(self._rooms.settings.public_url, self._rooms.types)
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            await store.lock_publication(connection)
            if await draft_store.facts(connection) == wanted:
                return False
            await draft_store.add_facts(connection, wanted, operator="settings", at=self._rooms.clock())
            await publish_trust_list(
                connection, region=self._rooms.settings.region, anchor=self._rooms.cabinet.named(ANCHOR_KEY), operator="settings",
                at=self._rooms.clock(),
            )  # fmt: skip
        self._rooms.trust.look_again()
        return True

    async def propose(self, edits: Sequence[Edit], reason: str, legal_basis: str, *, who: Operator) -> int:
        """See `trust.drafts.propose`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await drafts.propose(
                connection, edits, reason, legal_basis, region=self._rooms.settings.region, types=self._types, who=who,
                at=self._rooms.clock(),
            )  # fmt: skip

    async def preview(self, edits: Sequence[Edit]) -> list[Change]:
        """See `trust.drafts.preview`."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await drafts.preview(
                connection, edits, region=self._rooms.settings.region, types=self._types, at=self._rooms.clock()
            )

    async def publish(self, number: int, *, who: Operator) -> TrustSnapshot:
        """See `trust.drafts.publish`."""
        async with self._rooms.stores.pool.acquire() as connection:
            snapshot = await drafts.publish(
                connection, number, region=self._rooms.settings.region, types=self._types,
                anchor=self._rooms.cabinet.named(ANCHOR_KEY), who=who, at=self._rooms.clock(),
            )  # fmt: skip
        self._rooms.trust.look_again()
        return snapshot

    async def refuse(self, number: int, note: str, *, who: Operator) -> None:
        """See `trust.drafts.refuse`."""
        async with self._rooms.stores.pool.acquire() as connection:
            await drafts.refuse(connection, number, note, who=who, at=self._rooms.clock())

    async def drafts(self) -> list[Draft]:
        """Drafts, the newest first."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await drafts.newest(connection, SHOWN)

    async def draft(self, number: int) -> Draft:
        """One draft.

        Raises:
            EtrustError: NOT_FOUND ``no_such_draft``.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await drafts.find(connection, number)
        if found is None:
            raise EtrustError(Kind.NOT_FOUND, "no_such_draft", zh="没有这份草案。", en="There is no such draft.")
        return found

    async def published(self) -> list[Published]:
        """The lists that were published, the newest first."""
        async with self._rooms.stores.pool.acquire() as connection:
            return [Published(*each) for each in await store.published(connection, SHOWN)]

    async def form(self, *, sequence: int | None = None, digest: str | None = None, cbor: bool = False) -> bytes:
        """A published list as it was signed; the newest when neither number nor digest is given.

        Raises:
            EtrustError: NOT_FOUND ``no_such_list``.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.list_by(connection, sequence=sequence, digest=digest)
        if found is None:
            raise EtrustError(Kind.NOT_FOUND, "no_such_list", zh="没有这一份信任列表。", en="There is no such trust list.")
        if not cbor:
            return found[1]
        # Lists from before this form was kept are signed in it when they are asked for.
        return found[2] or sign_cbor_list(content_of(found[1]), found[1], self._rooms.cabinet.named(ANCHOR_KEY))

    async def content(self, sequence: int) -> TrustList:
        """What a published list says.

        Raises:
            EtrustError: NOT_FOUND ``no_such_list``.
        """
        return content_of(await self.form(sequence=sequence))

    async def changes(self, sequence: int) -> list[Change]:
        """What a published list changed in the one before it."""
        before = None if sequence == 1 else await self.content(sequence - 1)
        return differences(before, await self.content(sequence))

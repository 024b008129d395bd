"""`rooms.audit`: the audit trail for those who read it, and accounts for those who keep them: three roles apart (三员分立)."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import TYPE_CHECKING

from etrust.access import account_store, trail
from etrust.access import store as access_store
from etrust.access.accounts import require_operator, require_role, require_separate
from etrust.access.body_tree import bodies_below
from etrust.access.model import Operator, Role
from etrust.access.trail import MAX_EXPORT, PAGE, Entry, Source, Wanted
from etrust.clock import BEIJING
from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.cleaning import guard
from etrust.storage.postgres import Connection

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

COLUMNS = tuple(each.name for each in fields(Entry))
_GROUP = 1000


class AuditDesk:
    """`rooms.audit`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def search(
        self, wanted: Wanted, *, who: Operator, before: tuple[datetime, Source, int] | None = None, limit: int = PAGE
    ) -> list[Entry]:
        """Entries of the auditor's body and of those below it, the latest first; that they looked is an entry, too.

        Raises:
            EtrustError: ``no_role``; those of `access.trail.search`.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            wanted = await self._bounded(connection, wanted, who)
            trail.check(wanted)
            if before is None:
                await self._noted(connection, "audit.search", who, wanted, "")
            return await trail.search(connection, wanted, limit=limit, before=before)

    async def export(self, wanted: Wanted, reason: str, *, who: Operator) -> AsyncIterator[bytes]:
        """What a search finds, at most `MAX_EXPORT`, as CSV in pieces; why it is exported is recorded first.

        Raises:
            EtrustError: as `search`; INVALID ``export_reason``.
        """
        if not 1 <= len(reason.strip()) <= 200 or not reason.isprintable():  # noqa: PLR2004 - as the trail keeps it
            raise EtrustError(
                Kind.INVALID, "export_reason", where="reason",
                zh="请写明导出的事由，不超过 200 字。", en="Say why it is exported, in at most 200 characters.",
            )
        async with self._rooms.stores.pool.acquire() as connection:
            wanted = await self._bounded(connection, wanted, who)
            trail.check(wanted)
            await self._noted(connection, "audit.export", who, wanted, reason)
        return self._pieces(wanted)

    async def _pieces(self, wanted: Wanted) -> AsyncIterator[bytes]:
        yield b"\xef\xbb\xbf" + _csv([COLUMNS])
        before, left = None, MAX_EXPORT
        while left > 0:
            async with self._rooms.stores.pool.acquire() as connection:
                found = await trail.search(connection, wanted, limit=min(_GROUP, left), before=before)
            if not found:
                return
            yield _csv(map(_cells, found))
            left -= len(found)
            before = (found[-1].at, found[-1].source, found[-1].number)

    async def _bounded(self, connection: Connection, wanted: Wanted, who: Operator) -> Wanted:
        require_role(who, Role.AUDITOR)
        bodies = await access_store.bodies(connection)
        top = {each.code for each in bodies if each.parent is None}
        return replace(wanted, bodies=None if who.body in top else bodies_below(bodies, who.body))

    async def _noted(self, connection: Connection, action: str, who: Operator, wanted: Wanted, reason: str) -> None:
        subject = f"{wanted.since.isoformat()}/{wanted.until.isoformat()}"
        await access_store.record(
            connection,
            at=self._rooms.clock(),
            operator=who.username,
            body=who.body,
            action=action,
            subject=subject,
            reason=reason,
        )

    async def change_roles(self, username: str, roles: Sequence[Role], reason: str, *, who: Operator) -> None:
        """Give an account other roles; nobody changes their own.

        Raises:
            EtrustError: ``no_role``; ``unknown_operator``; FORBIDDEN ``own_account``; INVALID ``roles_apart``.
        """
        require_role(who, Role.SECURITY)
        _require_other(username, who)
        require_separate(roles)
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            before = await require_operator(connection, username)
            await account_store.set_roles(connection, username, sorted(roles))
            told = f"{' '.join(sorted(before.roles))} → {' '.join(sorted(roles))}: {reason}"
            await self._changed(connection, "account.roles", username, who, told)

    async def disable(self, username: str, reason: str, *, who: Operator) -> None:
        """Disable an account: its sessions and its programs' keys end with it.

        Raises:
            EtrustError: ``no_role``; ``unknown_operator``; FORBIDDEN ``own_account``.
        """
        require_role(who, Role.SECURITY)
        _require_other(username, who)
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            await require_operator(connection, username)
            await account_store.disable(connection, username, self._rooms.clock())
            await self._changed(connection, "account.disable", username, who, reason)

    async def _changed(self, connection: Connection, action: str, username: str, who: Operator, reason: str) -> None:
        await access_store.record(
            connection, at=self._rooms.clock(), operator=who.username, body=who.body, action=action, subject=username,
            reason=reason[:200],
        )  # fmt: skip


def _require_other(username: str, who: Operator) -> None:
    if username == who.username:
        raise EtrustError(
            Kind.FORBIDDEN, "own_account", zh="不得变更自己的账号。", en="Nobody changes their own account.",
        )  # fmt: skip


def _csv(rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def _cells(entry: Entry) -> list[str]:
    """An entry as cells; one that a spreadsheet would run as a formula is guarded."""
    at = entry.at.astimezone(BEIJING).isoformat(sep=" ", timespec="milliseconds")
    return [at if name == "at" else guard(str(getattr(entry, name))) for name in COLUMNS]

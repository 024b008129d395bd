"""`rooms.directory`: the list of lists of an operator of regions, followed where one is configured; see `trust.directory`."""

import asyncio
import contextlib
import hashlib
import logging
from pathlib import Path
from typing import TYPE_CHECKING

from etrust.errors import EtrustError
from etrust.recognition import partner_store
from etrust.recognition.model import PartnerFault
from etrust.recognition.region_changes import MAX_CERTIFICATE, read_anchor
from etrust.recognition.signatures import Request
from etrust.trust.directory import MAX_DIRECTORY, Directory, follow_directory, read_older, require_not_back
from etrust.trust.following import Named
from etrust.wiring.partner_lines import BACKGROUND_SECONDS, fetch, new_session

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

LOOK_SECONDS = 600.0
SUBJECT = "directory"
"""What alarms about it are raised under, where others name a region."""
ALARMS = frozenset(
    {"untrusted_directory", "older_directory", "same_number_other_directory", "region_turned_back", "expired_directory"}
)
_OK = 200
_REMEMBERED = 50
_log = logging.getLogger(__name__)


class DirectoryDesk:
    """Keeps the newest list of lists that was accepted."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._url = rooms.settings.region_directory_url
        self._file = rooms.settings.region_directory_certificate
        self._known: Directory | None = None
        self._named: dict[str, Named] = {}

    @property
    def known(self) -> Directory | None:
        """The list of lists in use; None where none is, or its time is over."""
        found = self._known
        return None if found is None or self._rooms.clock() >= found.next_update else found

    def named(self, region: str) -> Named | None:
        """What it said of a region's newest trust list; None where it never said anything.

        Out of its time it still holds: what was newest once is never too new.
        """
        return self._named.get(region)

    async def keep(self) -> None:
        """Look every ten minutes; where none is configured there is nothing to do."""
        while self._url is not None and self._file is not None:
            try:
                await self.refresh()
            except (EtrustError, PartnerFault, OSError) as error:
                _log.warning("list of lists: %s", error)
                with contextlib.suppress(EtrustError):
                    await self._alarm_when_over()
            await asyncio.sleep(LOOK_SECONDS)

    async def refresh(self) -> Directory | None:
        """Fetch it and judge it; what is refused raises an alarm, and the one known goes on until its own end.

        Raises:
            PartnerFault: ``partner_unreachable``.
            EtrustError: as `trust.directory.follow_directory`.
        """
        if self._url is None or self._file is None:
            return None
        operator, at = read_anchor(_read(self._file)), self._rooms.clock()
        name = hashlib.sha256(operator).digest()
        await self.load()
        async with new_session() as session:
            request = Request("GET", self._url, {})
            status, _, token = await fetch(session, request, limit=MAX_DIRECTORY, seconds=BACKGROUND_SECONDS)
        if status != _OK:
            raise PartnerFault.unreachable("partner_unreachable")
        try:
            found = follow_directory(self._known, token, operator=operator, at=at)
            for line in found.regions:
                require_not_back(line, self._named.get(line.region))
        except EtrustError as error:
            if error.code in ALARMS:
                async with self._rooms.stores.pool.acquire() as connection:
                    await partner_store.raise_alarm(
                        connection, region=SUBJECT, reason=error.code, detail=error.en, token=token, at=at
                    )
            raise
        async with self._rooms.stores.pool.acquire() as connection:
            await partner_store.keep_directory(
                connection, operator=name, sequence=found.sequence, digest=found.digest, token=token, at=at
            )
        self._take(found)
        return found

    def _take(self, found: Directory) -> None:
        """Put it in use; of a region that it leaves out the last word is remembered."""
        self._known = found
        for line in found.regions:
            before = self._named.get(line.region)
            if before is None or before.sequence <= line.sequence:
                self._named[line.region] = line.named

    async def _alarm_when_over(self) -> None:
        """Say that the one in use is out of its time: somebody may be withholding newer ones."""
        if self._known is not None and self.known is None:
            async with self._rooms.stores.pool.acquire() as connection:
                await partner_store.raise_alarm(
                    connection, region=SUBJECT, reason="expired_directory", detail="No newer list of lists can be had.",
                    token=self._known.digest.encode(), at=self._rooms.clock(),
                )

    async def load(self) -> None:
        """Those accepted before, by this process or another: nobody comes back from a restart with an older one."""
        if self._url is None or self._file is None or self._known is not None:
            return
        operator = read_anchor(_read(self._file))
        async with self._rooms.stores.pool.acquire() as connection:
            tokens = await partner_store.newest_directories(connection, hashlib.sha256(operator).digest(), _REMEMBERED)
        for token in reversed(tokens):
            with contextlib.suppress(EtrustError):
                self._take(read_older(token, operator=operator))


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_CERTIFICATE + 1)

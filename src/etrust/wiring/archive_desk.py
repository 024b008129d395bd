"""`rooms.archives`: cases packed, kept and renewed."""

from typing import TYPE_CHECKING

from etrust.access.model import Operator
from etrust.credentials.receipt import read_receipt
from etrust.matters import archive_store, catalogue_store
from etrust.matters.archive import Packed, Stamping, pack, stamped
from etrust.matters.case_model import Case
from etrust.matters.catalogue import unknown_matter
from etrust.matters.check_report import case_json
from etrust.matters.documents import matter_document
from etrust.storage.postgres import Connection
from etrust.verification.archive_package import read_package

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_AT_ONCE = 100


class ArchiveDesk:
    """Archive packages (单套归档) of the region's cases."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms

    async def of_case(self, number: str, operator: Operator) -> bytes:
        """The package of a case as it stands, made when it is asked for the first time and kept.

        Raises:
            EtrustError: NOT_FOUND for a case that is none or another body's; what the timestamp service raises.
        """
        case = await self._rooms.matters.case(number, operator)
        step = len(case.events)
        async with self._rooms.stores.pool.acquire() as connection:
            kept = await archive_store.newest(connection, number, step)
        if kept is not None:
            return kept[1]
        packed = await self._pack(case)
        return await self._keep(number, step, 1, packed, operator.username)

    async def renew_due(self, operator: Operator) -> int:
        """Renew the packages that are due; how many."""
        async with self._rooms.stores.pool.acquire() as connection:
            due = await archive_store.due(connection, self._rooms.clock(), _AT_ONCE)
        for number, step in due:
            async with self._rooms.stores.pool.acquire() as connection:
                kept = await archive_store.newest(connection, number, step)
            assert kept is not None  # noqa: S101 - packages are never taken away
            packed = await stamped(read_package(kept[1]), self._stamping)
            await self._keep(number, step, kept[0] + 1, packed, operator.username)
        return len(due)

    async def renewed(self, content: bytes) -> bytes:
        """A package from elsewhere, such as an archive's own shelf, with one more timestamp.

        Raises:
            EtrustError: ``bad_archive``.
        """
        return (await stamped(read_package(content), self._stamping)).content

    @property
    def _stamping(self) -> Stamping:
        return Stamping(self._rooms.documents.stamp, self._rooms.documents.stamp_evidence)

    async def _pack(self, case: Case) -> Packed:
        rooms = self._rooms
        async with rooms.stores.pool.acquire() as connection:
            matter = await catalogue_store.version(connection, case.matter, case.version)
            numbers = await rooms.receipts.of_case(connection, case.number)
        if matter is None:
            raise unknown_matter(case.matter)
        receipts = {number: (await rooms.receipts.settled(number), await rooms.receipts.pdf(number)) for number in numbers}
        async with rooms.stores.pool.acquire() as connection:
            lists = await self._trust_lists(connection, [cose for cose, _ in receipts.values()])
        return await pack(
            case_json(case), matter_document(matter), receipts, lists, at=rooms.clock(), stamping=self._stamping
        )

    async def _trust_lists(self, connection: Connection, receipts: list[bytes]) -> dict[str, bytes]:
        digests = {f"sha256:{each.hex()}" for cose in receipts for each in read_receipt(cose).receipt.trust_lists}
        return await archive_store.trust_lists(connection, sorted(digests))

    async def _keep(self, number: str, step: int, revision: int, packed: Packed, operator: str) -> bytes:
        async with self._rooms.stores.pool.acquire() as connection:
            await archive_store.add(connection, number, step, revision, packed, operator=operator, at=self._rooms.clock())
            kept = await archive_store.newest(connection, number, step)
        assert kept is not None  # noqa: S101 - one was kept just now, this one or another's
        return kept[1]

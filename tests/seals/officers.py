"""What the tests of seals share: a founded region, two officers, and a seal brought to any state by the real steps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from etrust.access.model import Role
from etrust.seals import store
from etrust.seals.activate import activate
from etrust.seals.apply import apply_for_seal
from etrust.seals.cancel import cancel
from etrust.seals.file_record import file_record
from etrust.seals.make import make
from etrust.seals.model import Actor, Application, Ground, SealKind, SealRecord, SealState
from etrust.seals.restore import restore
from etrust.seals.review import review
from etrust.seals.suspend import freeze, report_lost
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.wiring import Rooms, open_rooms

CENTER = "11650000MB1A0001XQ"
BODY = "11650000MB1A0004XU"
GROUND = Ground("业务需要", "电子印章管理办法第九条")
SEAL = Application(
    BODY, SealKind.LICENSE, "新疆维吾尔自治区市场监督管理局", inscription="行政审批专用章", license_types=("business_license",)
)


@dataclass
class Desk:
    """Two officers at work on one connection."""

    rooms: Rooms
    connection: Connection

    def who(self, operator: str = "seals", body: str = CENTER) -> Actor:
        return Actor(operator, body, frozenset({Role.SEAL_OFFICER}), self.rooms.clock())

    async def apply(self, application: Application = SEAL, operator: str = "seals") -> SealRecord:
        return await apply_for_seal(self.connection, application, who=self.who(operator), ground=GROUND)

    async def reach(self, state: SealState, application: Application = SEAL) -> str:
        """The code of a new seal in a state."""
        code = (await self.apply(application)).code
        await self.advance(code, state)
        return code

    async def advance(self, code: str, state: SealState) -> None:
        """Take a new application to a state; two officers in turn."""
        connection, shop = self.connection, self.rooms.workshop
        if state in (SealState.APPLIED, SealState.CANCELED):
            if state is SealState.CANCELED:
                await cancel(connection, shop, code, who=self.who(), ground=GROUND)
            return
        await review(connection, code, approve=state is not SealState.REJECTED, who=self.who("seals2"), ground=GROUND)
        if state in (SealState.REJECTED, SealState.APPROVED):
            return
        await make(connection, replace(shop), code, who=self.who(), ground=GROUND)
        if state is SealState.MADE:
            return
        await file_record(connection, code, record_number="公备2026-7", who=self.who(), ground=GROUND)
        if state is SealState.RECORDED:
            return
        await activate(connection, shop, code, who=self.who("seals2"), ground=GROUND)
        if state is SealState.FROZEN:
            await freeze(connection, code, who=self.who(), ground=GROUND)
        if state is SealState.LOST:
            await report_lost(connection, code, who=self.who(), ground=GROUND)

    async def restored(self, code: str) -> None:
        """Lift a freeze: one proposes, the other does it."""
        await restore(self.connection, code, who=self.who("seals"), ground=GROUND)
        await restore(self.connection, code, who=self.who("seals2"), ground=GROUND)

    async def state(self, code: str) -> SealState:
        """Where a seal stands."""
        found = await store.find(self.connection, code)
        assert found is not None
        return found.state


@asynccontextmanager
async def desk(region: Settings) -> AsyncIterator[Desk]:
    """The officers' desk in a region."""
    async with open_rooms(region) as rooms, rooms.stores.pool.acquire() as connection:
        yield Desk(rooms, connection)

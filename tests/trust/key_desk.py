"""Two administrators of a founded region at work on its keys, with a clock set by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tests.licenses.issuing import BODIES, code_of

from etrust.access.model import Operator
from etrust.clock import Clock
from etrust.credentials.credential import parse
from etrust.licenses.model import StoredLicense
from etrust.settings import Settings
from etrust.signing.model import Algorithm
from etrust.storage.postgres import Connection
from etrust.trust.rotation import Plan, activate_key, propose_key
from etrust.trust.rotation_store import KeyProposal
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.home import ANCHOR_KEY, ANCHOR_SM2_KEY

BODY = BODIES["business_license"]
OLD = f"credential-{BODY}"
DAY = timedelta(days=1)


@dataclass
class Hand:
    """A clock set by hand, some days after the founding."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC) + DAY)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Desk:
    """What the tests work with; `admin` and `admin2` are the two administrators."""

    rooms: Rooms
    connection: Connection
    clock: Hand
    admin: Operator
    admin2: Operator

    async def propose(self, plan: Plan, who: Operator | None = None) -> KeyProposal:
        return await propose_key(
            self.connection, self.rooms.home.keys, plan, who=who or self.admin, at=self.clock(),
            authority_of=lambda algorithm: self.rooms.cabinet.named(ANCHOR_SM2_KEY if algorithm is Algorithm.SM2 else ANCHOR_KEY),
        )  # fmt: skip

    async def activate(self, number: int, who: Operator | None = None) -> KeyProposal:
        done = await activate_key(
            self.connection, number, region=self.rooms.settings.region, anchor=self.rooms.cabinet.named(ANCHOR_KEY),
            who=who or self.admin2, reason="复核", at=self.clock(),
        )
        await self.rooms.cabinet.refresh(self.connection)
        return done

    async def rotated(self, plan: Plan) -> KeyProposal:
        return await self.activate((await self.propose(plan)).number)

    async def status(self, license_: StoredLicense) -> tuple[str, list[str]]:
        self.rooms.trust._read_at = None  # ten seconds are over
        verdict = await self.rooms.check(code_of(license_))
        return verdict.status, [finding.reason for finding in verdict.findings if finding.reason]


@asynccontextmanager
async def open_desk(region: Settings) -> AsyncIterator[Desk]:
    clock = Hand()
    async with open_rooms(region, clock=clock) as rooms, rooms.stores.pool.acquire() as connection:
        yield Desk(rooms, connection, clock, await rooms.operator("admin"), await rooms.operator("admin2"))


def plan(clock: Clock, **changes: object) -> Plan:
    made = Plan(replaces=OLD, valid_from=clock() + 2 * DAY, overlap=30 * DAY, reason="定期更换", legal_basis="《密码法》第十四条")
    return replace(made, **changes)  # type: ignore[arg-type]


def kid_of(license_: StoredLicense) -> bytes:
    return parse(license_.credential).kid

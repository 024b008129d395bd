"""The sample family at a counter of the sample region: they show codes, the clerk checks matters, they agree on the phone."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from etrust.access.model import Operator, Scope
from etrust.access.person_model import CompanyRole, HolderSession, Person, Position
from etrust.ids import LicenseIdentifier
from etrust.licenses.change import Ground as ChangeGround
from etrust.licenses.change import change_status
from etrust.licenses.model import Action, Holder, Provenance
from etrust.matters.check_model import MatterCheck, MatterQuestion
from etrust.matters.samples import NEWBORN
from etrust.onecode.model import Acting, Basis, CodeKind, Ground
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.api.calling import Api, new_key, running
from tests.family import CHILD, COMPANY, HUSBAND, WIFE, Family, issue_family

Json = dict[str, Any]
REASON = "办理新生儿出生一件事"


@dataclass
class Scene:
    """A region with the family's licenses, its clerk, and everybody's phone."""

    rooms: Rooms
    family: Family
    clerk: Operator
    sessions: dict[str, HolderSession] = field(default_factory=dict)

    def session(self, holder: Holder) -> HolderSession:
        """The phone of a person, signed in."""
        if holder.code not in self.sessions:
            companies = (CompanyRole(COMPANY.code, COMPANY.name, Position.LEGAL_REPRESENTATIVE),) if holder == HUSBAND else ()
            person = Person(secrets.token_hex(16), holder.name, holder.code, holder.code_type, companies)
            at = self.rooms.clock()
            self.sessions[holder.code] = HolderSession(person, secrets.token_bytes(32), at, at + timedelta(hours=1))
        return self.sessions[holder.code]

    async def acting(self, holder: Holder, subject: Holder | None = None) -> Acting:
        """A person acting for itself or for somebody else."""
        key = self.rooms.issuing.numbering.holder(subject or holder)
        return next(each for each in await self.rooms.consent.actings(self.session(holder).person) if each.subject.key == key)

    async def code(
        self, holder: Holder, subject: Holder | None = None, *, kind: CodeKind = CodeKind.HOLDER, **more: str
    ) -> str:
        """A fresh code on somebody's phone."""
        acting, session = await self.acting(holder, subject), self.session(holder)
        return (await self.rooms.codes.show(acting, session=session.digest, kind=kind, **more)).text

    async def question(self, codes: Mapping[str, str], matter: str = NEWBORN, **more: object) -> MatterQuestion:
        """What the clerk asks."""
        said: dict[str, object] = {"operator": self.clerk, "ground": Ground.CONSENT, "reason": REASON}
        return MatterQuestion(matter, codes, **{**said, **more})  # type: ignore[arg-type]

    async def check(self, codes: Mapping[str, str], matter: str = NEWBORN, **more: object) -> MatterCheck:
        """A check as the clerk gets it."""
        return await self.rooms.matters.check(await self.question(codes, matter, **more))

    async def answer(self, check: MatterCheck, people: Mapping[str, Holder], *, agree: bool = True) -> None:
        """Everybody who is asked answers on the phone."""
        for party, request in check.requests.items():
            await self.rooms.consent.answer(request, self.session(people[party]), agree)

    async def newborn(self, **more: object) -> MatterCheck:
        """The whole way through the registration of a birth: scan both parents, both agree, go on."""
        codes = {"applicant": await self.code(WIFE), "spouse": await self.code(HUSBAND)}
        waiting = await self.check(codes, **more)
        await self.answer(waiting, {"applicant": WIFE, "spouse": HUSBAND})
        return await self.rooms.matters.continue_check(waiting.check_id, operator=self.clerk)

    async def change(self, identifier: LicenseIdentifier, action: Action) -> None:
        """Revoke or suspend a license, by the body that issued it."""
        who = Provenance("officer", identifier.issuer_code, self.rooms.clock())
        async with self.rooms.stores.pool.acquire() as connection:
            await change_status(
                connection, serial=identifier.serial, version=identifier.version, action=action,
                ground=ChangeGround("x", "y"), who=who,
            )
        await self.rooms.announce()


@dataclass
class Http:
    """The clerk's program, over real HTTP."""

    api: Api
    key: str

    async def post(self, path: str, body: object, **headers: str) -> tuple[int, Json]:
        """Status and body of an answer."""
        status, told, _ = await self.api.call("POST", f"/api/v1/{path}", key=self.key, json=body, headers=headers)
        assert isinstance(told, dict), told
        return status, told

    async def get(self, path: str) -> tuple[int, Json]:
        """Status and body of an answer."""
        status, told, _ = await self.api.call("GET", f"/api/v1/{path}", key=self.key)
        assert isinstance(told, dict), told
        return status, told

    async def check(self, codes: Mapping[str, str], matter: str = NEWBORN, **more: object) -> tuple[int, Json]:
        """A check; `again` is an Idempotency-Key."""
        headers = {"Idempotency-Key": str(more.pop("again"))} if "again" in more else {}
        return await self.post(f"matters/{matter}/checks", {"codes": codes, "reason": REASON, **more}, **headers)


@asynccontextmanager
async def http_scene(region: Settings) -> AsyncIterator[tuple[Scene, Http]]:
    """The family at a counter whose program works over HTTP."""
    async with running(region) as api:
        at = Scene(api.rooms, await issue_family(api.rooms), await api.rooms.operator("clerk"))
        yield at, Http(api, await new_key(api.rooms, "clerk", [Scope.MATTERS]))


@asynccontextmanager
async def scene(region: Settings) -> AsyncIterator[Scene]:
    """The family at the counter."""
    async with open_rooms(region) as rooms:
        yield Scene(rooms, await issue_family(rooms), await rooms.operator("clerk"))


__all__ = ["CHILD", "COMPANY", "HUSBAND", "REASON", "WIFE", "Basis", "Http", "Json", "Scene", "http_scene", "scene"]

"""Seals for the pages to show: one that waits for review, one in use that was used."""

import hashlib
from dataclasses import replace

from etrust.access.model import Role
from etrust.seals.grants import give_grant
from etrust.seals.model import Actor, GranteeKind, NewGrant, Purpose, SealState
from etrust.seals.use import use_seal
from etrust.wiring import Rooms
from tests.seals.officers import BODY, GROUND, SEAL, Desk

UYGHUR = "شىنجاڭ ئۇيغۇر ئاپتونوم رايونلۇق بازار نازارەت قىلىپ باشقۇرۇش ئىدارىسى"


async def applied(rooms: Rooms) -> str:
    """The code of a seal that `seals` has applied for."""
    async with rooms.stores.pool.acquire() as connection:
        return await Desk(rooms, connection).reach(SealState.APPLIED, replace(SEAL, name_ug=UYGHUR, inscription="登记专用章"))


async def in_state(rooms: Rooms, state: SealState) -> str:
    """The code of a seal in a state."""
    async with rooms.stores.pool.acquire() as connection:
        return await Desk(rooms, connection).reach(state)


async def used(rooms: Rooms) -> str:
    """The code of a seal in use that an issuer may use, and used."""
    async with rooms.stores.pool.acquire() as connection:
        desk = Desk(rooms, connection)
        code = await desk.reach(SealState.ACTIVE, replace(SEAL, name_ug=UYGHUR))
        for grant in (
            NewGrant(GranteeKind.OPERATOR, "officer", ("business_license",)),
            NewGrant(GranteeKind.ROLE, "clerk", (), ("650000000001",)), NewGrant(GranteeKind.BODY, BODY),
        ):  # fmt: skip
            await give_grant(connection, code, grant, who=desk.who(), ground=GROUND)
        who = Actor("officer", BODY, frozenset({Role.ISSUER}), rooms.clock())
        for number in range(3):
            await use_seal(
                connection, code=code, digest=hashlib.sha256(bytes([number])).digest(), who=who,
                purpose=Purpose("business_license", document=f"650000.{number}"), property_info="/Doc_0/Signs/Sign_0/Signature.xml",
                signer_of=rooms.cabinet.named,
            )  # fmt: skip
    return code

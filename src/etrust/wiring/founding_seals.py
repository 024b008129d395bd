"""The first seals of a region: a 证照专用章 for every body that issues licenses, by the same steps as any seal.

Two accounts of the region file take them, so the two-person rules hold here too. What is there already stays, and what a
crash left halfway is carried on.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.model import Body, Role
from etrust.errors import EtrustError, Kind
from etrust.seals import store
from etrust.seals.activate import activate
from etrust.seals.apply import apply_for_seal
from etrust.seals.file_record import file_record
from etrust.seals.grants import give_grant
from etrust.seals.make import Workshop, make
from etrust.seals.model import Actor, Application, GranteeKind, Ground, NewGrant, SealKind, SealRecord, SealState
from etrust.seals.review import review
from etrust.storage.postgres import Connection

_GROUND = Ground("建立区域时制发", "国务院关于在线政务服务的若干规定")
_SEAL_KEY = re.compile(r"seal-\d+")
_GOING_ON = (SealState.APPLIED, SealState.APPROVED, SealState.MAKING, SealState.MADE, SealState.RECORDED)


@dataclass(frozen=True, slots=True)
class _Two:
    """The one who applies, makes and records; and the one who reviews and puts into use."""

    first: Actor
    second: Actor


async def found_seals(
    connection: Connection, workshop: Workshop, *, officers: Sequence[str], license_types: Mapping[str, Sequence[str]],
    at: datetime,
) -> list[str]:
    """Give every issuing body a license seal in use, which its issuers may use for the license types it issues.

    Args:
        connection: outside a transaction.
        officers: accounts of seal officers; with fewer than two nothing is done, since one alone may not.
        license_types: names of license types by the code of the body that issues them.

    Returns:
        The codes of the seals that were put into use now.

    Raises:
        EtrustError: ``register_lost``: the home has keys of seals that this database knows nothing of.
    """
    two = await _two(connection, officers, at)
    if two is None:
        return []
    await _require_own_register(connection, workshop)
    bodies = {body.code: body for body in await access_store.bodies(connection)}
    reach = await store.subordinate_bodies(connection, two.first.body)
    found = [
        await _found_seal(connection, workshop, bodies[code], tuple(names), two)
        for code, names in license_types.items() if code in reach
    ]  # fmt: skip
    return [code for code in found if code]


async def _require_own_register(connection: Connection, workshop: Workshop) -> None:
    """An empty register would give codes anew that seals out in the world have already."""
    kept = sorted(name for name in workshop.keys.names() if _SEAL_KEY.fullmatch(name))
    if kept and not await store.list_seals(connection, limit=1):
        raise EtrustError(
            Kind.CONFLICT, "register_lost", where=kept[0],
            zh="工作目录中有印章密钥，而数据库中没有任何印章：数据库已丢失或更换。请恢复数据库备份，或改用新的工作目录。",
            en="The home has keys of seals, and this database has no seal: it was lost, or it is another one. Restore the"
               " database from its backup, or begin in a new home.",
        )  # fmt: skip


async def _two(connection: Connection, officers: Sequence[str], at: datetime) -> _Two | None:
    accounts = [await access_store.operator(connection, each) for each in officers]
    actors = [Actor.of(each, at) for each in accounts if each is not None and Role.SEAL_OFFICER in each.roles]
    return _Two(actors[0], actors[1]) if len(actors) > 1 and actors[0].body == actors[1].body else None


async def _found_seal(
    connection: Connection, workshop: Workshop, body: Body, license_types: tuple[str, ...], two: _Two
) -> str:
    """The code of the seal that was put into use; empty when the body had one."""
    known = await store.list_seals(connection, bodies=[body.code])
    own = [seal for seal in known if seal.application.kind is SealKind.LICENSE]
    begun = next((seal for seal in own if seal.state in _GOING_ON), None)
    if own and begun is None:
        return ""
    seal = begun or await apply_for_seal(
        connection,
        Application(
            body=body.code, kind=SealKind.LICENSE, name_zh=body.name_zh, name_ug=body.name_ug, license_types=license_types
        ),
        who=two.first, ground=_GROUND,
    )  # fmt: skip
    await _carry_on(connection, workshop, seal, two)
    await give_grant(
        connection, seal.code, NewGrant(GranteeKind.ROLE, Role.ISSUER, license_types), who=two.first, ground=_GROUND
    )
    return seal.code


async def _carry_on(connection: Connection, workshop: Workshop, seal: SealRecord, two: _Two) -> None:
    code, steps = seal.code, _GOING_ON[_GOING_ON.index(seal.state) :]
    if SealState.APPLIED in steps:
        await review(connection, code, approve=True, who=two.second, ground=_GROUND)
    if SealState.MAKING in steps:
        await make(connection, workshop, code, who=two.first, ground=_GROUND)
    if SealState.MADE in steps:
        await file_record(connection, code, record_number=f"样例{code}", who=two.first, ground=_GROUND)
    await activate(connection, workshop, code, who=two.second, ground=_GROUND)

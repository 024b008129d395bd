"""申请: a body applies for a seal, which gets its code (印章编码) now."""

import asyncio
import re

from etrust.access import store as access_store
from etrust.errors import EtrustError, Kind
from etrust.seals import store
from etrust.seals.drawing import picture_recipe
from etrust.seals.model import MAX_YEARS, Action, Actor, Application, Ground, SealRecord, SealState
from etrust.seals.picture import draw_seal
from etrust.seals.steps import check_ground, event_of, find_for, keep, not_found, require_officer
from etrust.ses.model import Generation
from etrust.storage.postgres import Connection

MAX_NAME = 120
"""Characters of any name; how many can be drawn is the picture's to say."""
MAX_LICENSE_TYPES = 50
_CODE = re.compile(r"\d{13,14}")
_TYPE_NAME = re.compile(r"[a-z0-9_]{1,64}")
_DIVISION_DIGITS, _SERIAL_DIGITS = 6, 8
CODE_DIGITS = _DIVISION_DIGITS + _SERIAL_DIGITS
"""Length of the codes we give."""


async def apply_for_seal(connection: Connection, application: Application, *, who: Actor, ground: Ground) -> SealRecord:
    """Enter an application and give it its code: six digits of the body's division and a serial of eight.

    Args:
        connection: outside a transaction.
        application: `code` only where the public security authority has given one already.

    Raises:
        EtrustError: ``no_role``; ``bad_ground``; ``bad_application`` naming the field; ``seal_not_found`` for a body, or a
            seal to be replaced, that is not the officer's; ``seal_code_taken``; ``not_replaceable``; as `draw_seal` for a
            name that cannot be drawn.
    """
    require_officer(who)
    check_ground(ground)
    _check(application)
    division = await _division(connection, application.body, who)
    async with connection.transaction():
        if application.replaces is not None:
            await _check_replaced(connection, application, who)
        code = await _enter(connection, application, division, who)
        await keep(connection, event_of(code, 1, Action.APPLY, SealState.APPLIED, who=who, ground=ground))
    found = await store.find(connection, code)
    assert found is not None  # noqa: S101 - entered a moment ago; this tells the type checker
    return found


async def _division(connection: Connection, body: str, who: Actor) -> str:
    if body in await store.subordinate_bodies(connection, who.body):
        for known in await access_store.bodies(connection):
            if known.code == body:
                return known.division[:_DIVISION_DIGITS]
    raise EtrustError(
        Kind.NOT_FOUND, "seal_not_found", where="body",
        zh="没有该机构，或不归您管理。", en="No such body, or not one you act for.",
    )


async def _enter(connection: Connection, application: Application, division: str, who: Actor) -> str:
    if application.code is not None:
        if not await _add(connection, application.code, application, who):
            raise EtrustError(
                Kind.CONFLICT, "seal_code_taken", where="code",
                zh="该印章编码已被使用。", en="This seal code is taken.",
            )
        return application.code
    while True:  # a serial may meet a code that was given by the public security authority
        code = f"{division}{await store.next_serial(connection, division):0{_SERIAL_DIGITS}d}"
        if await _add(connection, code, application, who):
            return code


async def _add(connection: Connection, code: str, application: Application, who: Actor) -> bool:
    """Keep the application with its picture: what is reviewed is what will be made."""
    picture = await asyncio.to_thread(draw_seal, picture_recipe(application, code))
    return await store.add_seal(connection, code, application, picture=picture.svg, at=who.at)


async def _check_replaced(connection: Connection, application: Application, who: Actor) -> None:
    """The seal to be replaced must be one of the same body that could be superseded."""
    old = await find_for(connection, str(application.replaces), who)
    if old.application.body != application.body:
        raise not_found()
    if old.state not in (SealState.ACTIVE, SealState.FROZEN, SealState.LOST):
        raise EtrustError(
            Kind.CONFLICT, "not_replaceable", where="replaces",
            zh="只有启用后、未注销的印章可以变更。", en="Only a seal that was put into use and not canceled can be replaced.",
        )


def _check(application: Application) -> None:
    names = (application.name_zh, application.name_ug, application.inscription)
    problems = {
        "name_zh": not application.name_zh.strip(),
        "name": any(len(name) > MAX_NAME or not name.isprintable() for name in names),
        "years": not 1 <= application.years <= MAX_YEARS,
        "generation": application.generation not in (Generation.V4, Generation.V5),
        "code": application.code is not None and not _CODE.fullmatch(application.code),
        "license_types": len(application.license_types) > MAX_LICENSE_TYPES
        or not all(_TYPE_NAME.fullmatch(each) for each in application.license_types),
    }  # fmt: skip
    for where, wrong in problems.items():
        if wrong:
            raise EtrustError(
                Kind.INVALID, "bad_application", where=where,
                zh=f"印章申请内容不正确：{where}。", en=f"The application is not right: {where}.",
            )

"""Letting another person act (代办, 经办人): offered by citizen number, accepted by that person, never passed on.

The answer to an offer is the same whether anybody has that number, has ever signed in, or bears that name: the offer is kept
under a keyed digest of the number, and shows itself only to a person who signs in with this very number and name.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.ids.citizen import citizen_number_problem
from etrust.licenses.model import Holder
from etrust.licenses.numbering import Numbering
from etrust.onecode import delegation_store as store
from etrust.onecode.consent import new_id
from etrust.onecode.delegation_model import (
    MAX_A_DAY,
    MAX_LIFETIME,
    MAX_MATTERS,
    MAX_NAME,
    Delegation,
    DelegationKind,
    DelegationState,
    NameBox,
    birth_date_of,
    coming_of_age,
    same_name,
)
from etrust.onecode.model import Acting, Basis
from etrust.storage.postgres import Connection

CITIZEN = "111"
SHOWN = 100
_MATTER = re.compile(r"[0-9A-Z]{31}")
_GIVERS = {DelegationKind.DELEGATE: {Basis.SELF, Basis.GUARDIAN}, DelegationKind.STAFF: {Basis.LEGAL_REPRESENTATIVE}}


async def offer(
    connection: Connection, numbering: Numbering, box: NameBox, acting: Acting, *, giver: Holder, name: str, number: str,
    matters: Sequence[str], until: datetime, at: datetime,
) -> Delegation:
    """Let a person act: for oneself or one's child in one matter; for a company, in named matters or all (none named).

    Args:
        giver: who signs this, as the identity platform has it.
        name: of who may act; with the number it must be that person's.
        number: citizen number, as typed.

    Raises:
        EtrustError: FORBIDDEN ``not_passed_on``; INVALID ``bad_delegate_name``, ``bad_delegate_number``,
            ``delegate_is_minor``, ``delegate_is_self``, ``bad_matters``, ``bad_until``; RATE_LIMITED ``too_many_delegations``.
    """
    kind = DelegationKind.STAFF if acting.subject.is_company else DelegationKind.DELEGATE
    if acting.basis not in _GIVERS[kind]:
        raise EtrustError(
            Kind.FORBIDDEN, "not_passed_on",
            zh="代办权限不能再转给他人；单位的经办人由法定代表人指定。",
            en="A right to act is not passed on; a company's staff are named by its legal representative.",
        )
    number, name = number.strip().upper(), name.strip()
    _require_good(kind, acting, name=name, number=number, matters=matters, until=until, at=at)
    delegate_key = numbering.holder(Holder(name, number, CITIZEN))
    giver_key = numbering.holder(giver)
    if delegate_key in (giver_key, acting.subject.key):
        raise _bad("delegate_is_self", "number", "不能授权给自己。", "Not to yourself.")
    identifier = new_id("D")
    delegation = Delegation(
        identifier, kind, acting.subject.key, giver_key, delegate_key, tuple(dict.fromkeys(matters)),
        box.seal(identifier, name=name, number=number, giver=giver), at, until,
    )
    async with connection.transaction():
        await store.lock_subject(connection, acting.subject.key)
        if await store.count_since(connection, acting.subject.key, at - timedelta(days=1)) >= MAX_A_DAY:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_delegations",
                zh="今天授权的人数已达上限，请明天再试。", en="You named many people today; try again tomorrow.",
            )
        await store.add(connection, delegation)
    return delegation


def _require_good(
    kind: DelegationKind, acting: Acting, *, name: str, number: str, matters: Sequence[str], until: datetime, at: datetime
) -> None:
    born = birth_date_of(number)
    limit = at + MAX_LIFETIME if acting.until is None else min(at + MAX_LIFETIME, acting.until)
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise _bad("bad_delegate_name", "name", "请填写对方姓名。", "Enter the person's name.")
    if citizen_number_problem(number) or born is None:
        raise _bad("bad_delegate_number", "number", "公民身份号码不正确，请核对后再填。", "The citizen number is not right.")
    if official_date(at) < coming_of_age(born):
        raise _bad("delegate_is_minor", "number", "未满十八周岁的人不能代办。", "Somebody under eighteen cannot act for another.")
    if not all(map(_MATTER.fullmatch, matters)) or len(matters) > MAX_MATTERS:
        raise _bad("bad_matters", "matters", "请选择事项。", "Choose the matter.")
    if kind is DelegationKind.DELEGATE and len(set(matters)) != 1:
        raise _bad("bad_matters", "matters", "请选择一个事项。", "Choose one matter.")
    if not at < until <= limit:
        raise _bad("bad_until", "until", "期限须在今天之后，一年之内。", "The last day is after today and within a year.")


async def accept(
    connection: Connection, box: NameBox, me: Holder, numbering: Numbering, delegation_id: str, at: datetime
) -> None:
    """Accept what one was offered.

    Raises:
        EtrustError: NOT_FOUND ``no_such_delegation`` for an unknown one and another's alike; CONFLICT ``delegation_over``.
    """
    async with connection.transaction():
        found = await _mine(connection, box, me, numbering, delegation_id)
        if found.state(at) is not DelegationState.OFFERED or not await store.accept(connection, found.id, at):
            raise _over()


async def decline(
    connection: Connection, box: NameBox, me: Holder, numbering: Numbering, delegation_id: str, at: datetime
) -> None:
    """Decline what one was offered, or lay it down.

    Raises:
        EtrustError: NOT_FOUND ``no_such_delegation``; CONFLICT ``delegation_over``.
    """
    async with connection.transaction():
        found = await _mine(connection, box, me, numbering, delegation_id)
        if not await store.end(connection, found.id, by_delegate=True, at=at):
            raise _over()


async def take_back(connection: Connection, acting: Acting, delegation_id: str, at: datetime) -> None:
    """Take it back, from this moment on; any of those who could give it may.

    Raises:
        EtrustError: NOT_FOUND ``no_such_delegation`` for an unknown one, another's, and for those who could not give it;
            CONFLICT ``delegation_over``.
    """
    async with connection.transaction():
        if not await store.lock(connection, delegation_id):
            raise _unknown()
        found = await store.find(connection, delegation_id)
        if found is None or found.subject_key != acting.subject.key or acting.basis not in _GIVERS[found.kind]:
            raise _unknown()
        if not await store.end(connection, found.id, by_delegate=False, at=at):
            raise _over()


async def received(
    connection: Connection, box: NameBox, me: Holder, numbering: Numbering, at: datetime
) -> list[tuple[Delegation, Holder]]:
    """What one was offered or may do now, with who gave it; what was offered under another name is not there."""
    found = []
    for each in await store.received(connection, numbering.holder(me), at, SHOWN):
        named = box.open(each)
        if named is not None and same_name(named.name, me.name):
            found.append((each, named.giver))
    return found


async def _mine(connection: Connection, box: NameBox, me: Holder, numbering: Numbering, delegation_id: str) -> Delegation:
    if not await store.lock(connection, delegation_id):
        raise _unknown()
    found = await store.find(connection, delegation_id)
    named = None if found is None else box.open(found)
    if found is None or named is None or found.delegate_key != numbering.holder(me) or not same_name(named.name, me.name):
        raise _unknown()
    return found


def _bad(code: str, where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, code, where=where, zh=zh, en=en)


def _unknown() -> EtrustError:
    return EtrustError(Kind.NOT_FOUND, "no_such_delegation", zh="没有这项代办授权。", en="There is no such delegation.")


def _over() -> EtrustError:
    return EtrustError(
        Kind.CONFLICT, "delegation_over", zh="这项代办授权已处理或已终止。", en="It was answered or has ended already.",
    )

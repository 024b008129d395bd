"""Who may use which seal (用印授权): given and taken back by an officer of its body, never to oneself."""

import re

from etrust.access import store as access_store
from etrust.access.model import Role
from etrust.errors import EtrustError, Kind
from etrust.seals import usage_store
from etrust.seals.model import Actor, Grant, GranteeKind, Ground, NewGrant, SealState
from etrust.seals.steps import check_ground, find_for, not_found
from etrust.storage.postgres import Connection

MAX_LIMITS = 100
_OVER = (SealState.REJECTED, SealState.SUPERSEDED, SealState.CANCELED)
_TYPE = re.compile(r"[a-z0-9_]{1,64}")
MATTER = re.compile(r"[0-9A-Z]{1,43}")
"""事项编码 or 办件编码."""


async def give_grant(connection: Connection, code: str, grant: NewGrant, *, who: Actor, ground: Ground) -> Grant:
    """Give an account, a role of the seal's body, or a body the right to use a seal.

    Raises:
        EtrustError: ``no_role``, ``seal_not_found``, ``bad_ground``; ``seal_is_over``; ``own_grant`` for oneself and for the
            officers' own role; ``unknown_grantee``; ``bad_grant`` naming the field.
    """
    check_ground(ground)
    found = await find_for(connection, code, who)
    if found.state in _OVER:
        raise EtrustError(
            Kind.CONFLICT, "seal_is_over", zh="该印章已终止，不能再授权使用。", en="This seal is over; nobody can be let use it."
        )
    _check(grant, who)
    await _check_grantee(connection, grant, who)
    async with connection.transaction():
        grant_id = await usage_store.add_grant(connection, code, grant, who=who, ground=ground)
        await _record(connection, "seal.grant", code, grant_id, who, ground)
    given = await usage_store.grant(connection, grant_id)
    assert given is not None  # noqa: S101 - kept a moment ago; this tells the type checker
    return given


async def end_grant(connection: Connection, grant_id: int, *, who: Actor, ground: Ground) -> None:
    """Take a right of use back, from now on.

    Raises:
        EtrustError: ``no_role``, ``seal_not_found`` for an unknown right too, ``bad_ground``; ``grant_ended``.
    """
    check_ground(ground)
    grant = await usage_store.grant(connection, grant_id)
    if grant is None:
        raise not_found()
    await find_for(connection, grant.code, who)
    async with connection.transaction():
        if not await usage_store.end_grant(connection, grant_id, who=who, ground=ground):
            raise EtrustError(
                Kind.CONFLICT, "grant_ended", zh="该授权此前已收回。", en="This right was taken back before."
            )
        await _record(connection, "seal.grant_end", grant.code, grant_id, who, ground)


async def _record(
    connection: Connection, action: str, code: str, grant_id: int, who: Actor, ground: Ground
) -> None:
    await access_store.record(
        connection, at=who.at, operator=who.operator, body=who.body, action=action, subject=f"{code}/{grant_id}",
        reason=ground.reason, legal_basis=ground.legal_basis,
    )


def _check(grant: NewGrant, who: Actor) -> None:
    since = grant.valid_from or who.at
    problems = {
        "license_types": len(grant.license_types) > MAX_LIMITS or not all(map(_TYPE.fullmatch, grant.license_types)),
        "matters": len(grant.matters) > MAX_LIMITS or not all(map(MATTER.fullmatch, grant.matters)),
        "valid_until": grant.valid_until is not None and grant.valid_until <= since,
    }
    for where, wrong in problems.items():
        if wrong:
            raise EtrustError(
                Kind.INVALID, "bad_grant", where=where, zh=f"授权内容不正确：{where}。", en=f"The grant is not right: {where}."
            )


async def _check_grantee(connection: Connection, grant: NewGrant, who: Actor) -> None:
    known, own = False, False
    match grant.kind:
        case GranteeKind.OPERATOR:
            known, own = await access_store.operator(connection, grant.grantee) is not None, grant.grantee == who.operator
        case GranteeKind.ROLE:
            known, own = grant.grantee in list(Role), grant.grantee == Role.SEAL_OFFICER
        case GranteeKind.BODY:
            known = grant.grantee in {body.code for body in await access_store.bodies(connection)}
    if not known:
        raise EtrustError(
            Kind.NOT_FOUND, "unknown_grantee", where=grant.kind.value,
            zh="没有该账号、角色或机构。", en="There is no such account, role or body.",
        )
    if own:
        raise EtrustError(
            Kind.FORBIDDEN, "own_grant", where=grant.kind.value,
            zh="不能授权给自己或印章管理员这一角色，请由另一位印章管理员授权。",
            en="Not to yourself nor to the seal officers' role; another officer must give this right.",
        )

"""Local accounts of operators, until the region's identity platform stands behind the same calls."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from etrust.access import store
from etrust.access.model import Operator, Role
from etrust.access.passwords import digest_password
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")


async def open_account(
    connection: Connection, *, username: str, name: str, body: str, roles: Iterable[Role], password: str, at: datetime
) -> None:
    """Add an account.

    Raises:
        EtrustError: the username is not 2 to 40 of ``a-z0-9._-`` beginning with a letter, or is taken; ``roles_apart``.
    """
    roles = list(roles)
    require_separate(roles)
    if not USERNAME.fullmatch(username):
        raise EtrustError(
            Kind.INVALID, "bad_username", where="username",
            zh="用户名须以小写字母开头，由 2 至 40 个小写字母、数字、点、下划线或连字符组成。",
            en="A username has 2 to 40 of a-z, 0-9, '.', '_' and '-', and begins with a letter.",
        )
    if await store.operator(connection, username):
        raise EtrustError(
            Kind.CONFLICT, "username_taken", where="username",
            zh=f"用户名 {username} 已存在。", en=f"The username {username} is taken.",
        )
    await store.add_operator(
        connection, username=username, name=name, body=body, roles=[str(role) for role in roles],
        password_hash=await digest_password(password), at=at,
    )


def require_separate(roles: Iterable[Role]) -> None:
    """Return quietly when roles may be in one hand: who keeps accounts, and who audits, does nothing else (三员分立).

    Raises:
        EtrustError: INVALID ``roles_apart``, ``no_roles``.
    """
    found = set(roles)
    if not found:
        raise EtrustError(
            Kind.INVALID, "no_roles", where="roles", zh="至少须有一个角色。", en="An account has at least one role."
        )
    if found & {Role.SECURITY, Role.AUDITOR} and len(found) > 1:
        raise EtrustError(
            Kind.INVALID, "roles_apart", where="roles",
            zh="安全管理员与审计员须单独设立，不得兼任其他角色。",
            en="The security administrator and the auditor have no other role.",
        )


async def require_operator(connection: Connection, username: str) -> Operator:
    """The account of that name.

    Raises:
        EtrustError: ``unknown_operator``.
    """
    operator = await store.operator(connection, username)
    if operator is None:
        raise EtrustError(
            Kind.NOT_FOUND, "unknown_operator", where="--operator",
            zh=f"没有操作员账号“{username}”，请用 etrust account list 查看。",
            en=f"There is no operator account {username!r}; see etrust account list.",
        )
    return operator


def require_role(operator: Operator, role: Role) -> None:
    """Return quietly when the operator has the role.

    Raises:
        EtrustError: ``no_role``.
    """
    if role not in operator.roles:
        raise EtrustError(
            Kind.FORBIDDEN, "no_role",
            zh="您的账号没有办理此事的权限，请联系本单位管理员。",
            en="Your account may not do this; ask your body's administrator.",
        )


async def reset_password(connection: Connection, username: str) -> str:
    """Give an account a new random password and return it."""
    await require_operator(connection, username)
    password = secrets.token_urlsafe(12)
    await store.set_password(connection, username, await digest_password(password))
    return password

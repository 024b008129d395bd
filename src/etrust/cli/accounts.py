"""`account`: who may act, as a person and, by a key of its own, as a program."""

from datetime import timedelta

import click

from etrust.access import store as access_store
from etrust.access.accounts import open_account, require_operator, require_role
from etrust.access.api_keys import make_api_key
from etrust.access.model import Operator, Role, Scope
from etrust.cli.options import asynchronous, home_option, json_option, print_json
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.wiring import open_rooms

_security_option = click.option(
    "--operator", default="security", show_default=True, help="安全管理员账号 · the security administrator's account"
)


async def _administrator(connection: Connection, username: str) -> Operator:
    """Whoever runs the system does not say who may act in it (三员分立)."""
    acting = await require_operator(connection, username)
    require_role(acting, Role.SECURITY)
    return acting


@click.group()
def account() -> None:
    """操作员账号与接口密钥 · Accounts of operators, and keys of programs."""


@account.command("key-create")
@home_option
@json_option
@_security_option
@click.option("--for", "acts_as", required=True, help="密钥所代表的账号 · the account the key acts as")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice([str(scope) for scope in Scope]))
@click.option("--days", type=click.IntRange(1, 400), default=90, show_default=True)
@asynchronous
async def key_create(
    settings: Settings, *, as_json: bool, operator: str, acts_as: str, scopes: tuple[str, ...], days: int
) -> None:
    """生成接口密钥，仅显示一次 · Make a key; it is shown once."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        acting, account = await _administrator(connection, operator), await require_operator(connection, acts_as)
        for scope in scopes:
            require_role(account, _ROLE_OF[Scope(scope)])
        await access_store.record(
            connection, at=rooms.clock(), operator=acting.username, body=acting.body, action="key.create", subject=acts_as
        )
        text = await make_api_key(
            connection, operator=acts_as, scopes=[Scope(scope) for scope in scopes], at=rooms.clock(),
            lifetime=timedelta(days=days),
        )
    if as_json:
        print_json({"key": text})
    else:
        click.echo(text)


_ROLE_OF = {
    Scope.CHECK: Role.CLERK, Scope.READ: Role.ISSUER, Scope.ISSUE: Role.ISSUER, Scope.STATUS: Role.ISSUER,
    Scope.DOCUMENTS: Role.ISSUER, Scope.SEALS: Role.ISSUER,  # officers give the right to use a seal, others use it
    Scope.MATTERS: Role.CLERK, Scope.CODES: Role.CLERK, Scope.RECOGNITION: Role.CLERK,
    Scope.OBJECTIONS: Role.CLERK, Scope.CORRECTIONS: Role.CLERK, Scope.NOTICES: Role.CLERK, Scope.AUDIT: Role.AUDITOR,
}  # fmt: skip


@account.command("key-revoke")
@home_option
@_security_option
@click.argument("key_id")
@asynchronous
async def key_revoke(settings: Settings, *, operator: str, key_id: str) -> int:
    """停用接口密钥 · End a key by its id (the part after etk_)."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        acting = await _administrator(connection, operator)
        done = await access_store.revoke_api_key(connection, key_id, rooms.clock())
        if done:
            await access_store.record(
                connection, at=rooms.clock(), operator=acting.username, body=acting.body, action="key.revoke", subject=key_id
            )
    click.echo("已停用 · ended" if done else "没有在用的此密钥 · no such key in force")
    return 0 if done else 1


@account.command("add")
@home_option
@_security_option
@click.argument("username")
@click.option("--name", required=True, help="姓名或岗位 · name or post")
@click.option("--body", required=True, help="所属机构代码 · the body's code")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]))
@click.password_option(help="密码，不少于十个字符 · at least ten characters")
@asynchronous
async def account_add(
    settings: Settings, *, operator: str, username: str, name: str, body: str, roles: tuple[str, ...], password: str
) -> None:
    """新增账号 · Add an account."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        acting = await _administrator(connection, operator)
        if body not in {known.code for known in await access_store.bodies(connection)}:
            raise EtrustError(
                Kind.NOT_FOUND, "unknown_body", where="--body", zh=f"没有机构 {body}。", en=f"There is no body {body}."
            )
        await open_account(
            connection, username=username, name=name, body=body, roles=[Role(role) for role in roles],
            password=password, at=rooms.clock(),
        )
        await access_store.record(
            connection, at=rooms.clock(), operator=operator, body=acting.body, action="account.add", subject=username
        )
    click.echo(f"{username} ✓")


@account.command("list")
@home_option
@asynchronous
async def account_list(settings: Settings) -> None:
    """列出账号 · List the accounts."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        for found in await access_store.operators(connection):
            click.echo(f"{found.username:16} {','.join(sorted(found.roles)):22} {found.body} {found.body_name}")


@account.command("roles")
@home_option
@_security_option
@click.argument("username")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--reason", required=True, help="理由 · why")
@asynchronous
async def account_roles(settings: Settings, *, operator: str, username: str, roles: tuple[str, ...], reason: str) -> None:
    """变更账号的角色 · Give an account other roles."""
    async with open_rooms(settings) as rooms:
        found = [Role(role) for role in roles]
        await rooms.audit.change_roles(username, found, reason, who=await rooms.operator(operator))
    click.echo(f"{username} {','.join(sorted(roles))}")


@account.command("disable")
@home_option
@_security_option
@click.argument("username")
@click.option("--reason", required=True, help="理由 · why")
@asynchronous
async def account_disable(settings: Settings, *, operator: str, username: str, reason: str) -> None:
    """停用账号及其密钥 · Let an account, and the keys that act as it, act no more."""
    async with open_rooms(settings) as rooms:
        await rooms.audit.disable(username, reason, who=await rooms.operator(operator))
    click.echo(f"{username} 已停用 · disabled")

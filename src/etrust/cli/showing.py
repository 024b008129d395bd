"""`show`, `list`, `link`: finding a license and showing it."""

from datetime import timedelta

import click

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Role
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.credentials.code import decode_code, encode_code, is_code
from etrust.credentials.credential import parse
from etrust.credentials.qr import terminal
from etrust.ids import LicenseIdentifier, parse_short
from etrust.licenses import store
from etrust.licenses.change import not_found
from etrust.licenses.holder_links import make_holder_link
from etrust.licenses.model import StoredLicense
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.wiring import open_rooms


async def find_license(connection: Connection, text: str) -> StoredLicense:
    """A stored license by its identifier, its short number or the text of its code.

    Raises:
        EtrustError: malformed, or ``not_found``.
    """
    if is_code(text):
        return await find_by_identifier(connection, parse(decode_code(text)).claims.identifier)
    if "." in text:
        return await find_by_identifier(connection, LicenseIdentifier.parse(text))
    serial, version, check = parse_short(text)
    found = await store.find(connection, serial, version)
    if found is None or found.identifier.check != check:
        raise not_found()
    return found


async def find_by_identifier(connection: Connection, identifier: LicenseIdentifier) -> StoredLicense:
    """A stored license by its identifier.

    Raises:
        EtrustError: ``not_found``.
    """
    found = await store.find(connection, identifier.serial, identifier.version)
    if found is None or found.identifier != identifier:
        raise not_found()
    return found


@click.command()
@home_option
@json_option
@click.argument("license_", metavar="LICENSE")
@asynchronous
async def show(settings: Settings, *, as_json: bool, license_: str) -> None:
    """显示证照的二维码：LICENSE 为标识、短号或码 · Show the code of a license."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await find_license(connection, license_)
    print_license(found, as_json=as_json)


def print_license(found: StoredLicense, *, as_json: bool) -> None:
    """Identifier, short number and code."""
    code = encode_code(found.credential)
    if as_json:
        print_json({"identifier": found.identifier.text, "short": found.identifier.short, "code": code})
    else:
        click.echo(f"{found.identifier.text}\n{found.identifier.short}\n{terminal(code)}\n{code}")


@click.command("list")
@home_option
@json_option
@click.option("--type", "type_name", required=True, help="证照类型 · license type")
@click.option("--number", help="印制的证照编号 · the printed number")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@asynchronous
async def list_(settings: Settings, *, as_json: bool, type_name: str, number: str | None, limit: int) -> None:
    """列出已签发的证照，最近的在前 · List issued licenses, the latest first."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        places = await store.newest_of_type(connection, type_name, limit, number)
        found = [license_ for place in places if (license_ := await store.find(connection, *place)) is not None]
    if as_json:
        print_json({"licenses": [_row(license_) for license_ in found]})
        return
    for license_ in found:
        click.echo(f"{license_.identifier.text}  {license_.number}")


def _row(found: StoredLicense) -> dict[str, str]:
    return {
        "identifier": found.identifier.text, "short": found.identifier.short, "number": found.number,
        "type": found.license_type, "code": encode_code(found.credential),
    }  # fmt: skip


@click.command()
@home_option
@operator_option
@click.argument("license_", metavar="LICENSE")
@click.option("--days", type=click.IntRange(1, 30), default=1, show_default=True)
@asynchronous
async def link(settings: Settings, *, operator: str, license_: str, days: int) -> None:
    """生成持证人查看链接 · Make the link that shows a license to its holder."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        acting = await rooms.operator(operator)
        require_role(acting, Role.ISSUER)
        found = await find_license(connection, license_)
        await access_store.record(
            connection, at=rooms.clock(), operator=acting.username, body=acting.body, action="holder_link.make",
            subject=f"{found.serial}.{found.version:03d}",
        )
        token = await make_holder_link(
            connection, serial=found.serial, version=found.version, at=rooms.clock(), lifetime=timedelta(days=days)
        )
    click.echo(f"{settings.public_url.rstrip('/')}/my/{token}")

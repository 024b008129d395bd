"""`trust crl`: revocation lists, those of this region and those imported from elsewhere."""

from collections.abc import Sequence
from pathlib import Path

import click

from etrust.cli.authority import admin_of
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json, read_bounded
from etrust.settings import Settings
from etrust.trust.crls import MAX_CRL, Crl, read_crls
from etrust.trust.foreign import import_crls
from etrust.trust.x509 import name_of
from etrust.wiring import open_rooms


@click.group()
def crl() -> None:
    """吊销列表 · Revocation lists."""


@crl.command("import")
@home_option
@json_option
@operator_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@asynchronous
async def crl_import(settings: Settings, *, as_json: bool, operator: str, file: Path) -> None:
    """导入外部吊销列表（文件）· Import revocation lists of authorities that are trusted from elsewhere."""
    data = read_bounded(file, MAX_CRL)
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who, ground = await admin_of(rooms, operator), await rooms.authorities.ground()
        known = (*ground.anchors, *ground.others)
        fresh = await import_crls(connection, data, known=known, who=who, at=rooms.clock())
    _show_lists(fresh, as_json=as_json)


@crl.command("show")
@home_option
@json_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True), required=False)
@asynchronous
async def crl_show(settings: Settings, *, as_json: bool, file: Path | None) -> None:
    """显示吊销列表：文件中的，或本部署现有的全部 · Show the lists of a file, or all that this deployment has."""
    if file is not None:
        _show_lists(read_crls(read_bounded(file, MAX_CRL)), as_json=as_json)
        return
    async with open_rooms(settings) as rooms:
        _show_lists((await rooms.authorities.ground()).crls.lists, as_json=as_json)


def _show_lists(lists: Sequence[Crl], *, as_json: bool) -> None:
    if as_json:
        print_json({"lists": [_list_json(each) for each in lists]})
        return
    for each in lists:
        until = "-" if each.next_update is None else f"{each.next_update:%Y-%m-%d %H:%M}"
        span = f"{each.issued_at:%Y-%m-%d %H:%M} … {until}"
        places = "".join(f"  {point}" for point in sorted(each.scope.points or ()))
        click.echo(f"{each.number or '-'}  {span}  {len(each.entries)}  {name_of(each.issuer)}{places}")


def _list_json(found: Crl) -> dict[str, object]:
    return {
        "issuer": name_of(found.issuer), "number": found.number, "issued_at": found.issued_at.isoformat(),
        "next_update": None if found.next_update is None else found.next_update.isoformat(),
        "revoked": len(found.entries), "understood": found.understood,
        "points": None if found.scope.points is None else sorted(found.scope.points),
    }  # fmt: skip

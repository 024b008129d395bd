"""`import`, `issue`, `revoke`, `suspend`, `restore`: the life of licenses from the command line."""

import json
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from etrust.access.accounts import require_role
from etrust.access.mandates import only_mandated_body
from etrust.access.model import Operator, Role
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.cli.progress import import_progress
from etrust.cli.showing import find_by_identifier, find_license, print_license
from etrust.clock import BEIJING
from etrust.errors import EtrustError, Kind
from etrust.licenses.change import Ground, change_status
from etrust.licenses.imports import ImportReport, import_file
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Action, Provenance
from etrust.licenses.types import LicenseType, load_types
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.wiring import Rooms, open_rooms


def type_of(name: str) -> LicenseType:
    """A license type by name.

    Raises:
        EtrustError: ``unknown_type``, naming those there are.
    """
    types = load_types()
    if name not in types:
        known = "、".join(types)
        raise EtrustError(
            Kind.INVALID, "unknown_type", where="--type",
            zh=f"没有证照类型“{name}”，可用的有：{known}。",
            en=f"There is no license type {name!r}; there are: {', '.join(types)}.",
        )
    return types[name]


@click.command("import")
@home_option
@json_option
@operator_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--type", "type_name", required=True, help="证照类型 · license type, e.g. business_license")
@click.option("--body", help="颁发机构代码 · the issuing body; needed where several have the mandate")
@click.option("--dry-run", is_flag=True, help="只检查，不签发 · judge the rows, issue nothing")
@asynchronous
async def import_(
    settings: Settings, *, as_json: bool, operator: str, file: Path, type_name: str, body: str | None, dry_run: bool
) -> None:
    """导入导出文件并签发 · Issue the good rows of a CSV or XLSX export; bad rows go to a reject file."""
    license_type = type_of(type_name)
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, connection, operator, license_type.name, body)
        with import_progress(file.name, quiet=as_json) as on_progress:
            report = await import_file(
                connection, rooms.issuing, license_type, file, who=who, dry_run=dry_run, on_progress=on_progress,
                rejects=rooms.home.rejects / f"{_short_stem(file)}-{who.at.astimezone(BEIJING):%Y%m%d-%H%M%S-%f}.csv",
            )
    if as_json:
        print_json(report_json(report))
    else:
        _print_report(report)


def _short_stem(file: Path) -> str:
    """The file's name for its reject file, cut so that the whole stays under what file systems allow."""
    return file.stem.encode()[:150].decode(errors="ignore")


def report_json(report: ImportReport) -> dict[str, object]:
    """The outcome of an import for programs."""
    return {
        "rows": report.rows, "issued": report.issued, "already_issued": report.already_issued,
        "rejected": dict(sorted(report.rejected.items())),
        "rejects": None if report.rejects is None else str(report.rejects), "dry_run": report.dry_run,
    }


def _print_report(report: ImportReport) -> None:
    verb = "可签发 would be issued" if report.dry_run else "签发 issued"
    click.echo(
        f"共 {report.rows} 行 rows：{verb} {report.issued}，此前已签发 already issued {report.already_issued}，"
        f"退回 rejected {sum(report.rejected.values())}"
    )
    for reason, count in report.rejected.most_common():
        click.echo(f"  {count:6} {reason}")
    if report.rejects:
        click.echo(f"退回清单 · reject file: {report.rejects}")


async def acting(
    rooms: Rooms, connection: Connection, operator: str, license_type: str, body: str | None
) -> Provenance:
    """Who acts: an account with the issuing role, for the body named or the only one with the mandate."""
    account = await rooms.operator(operator)
    require_role(account, Role.ISSUER)
    at = rooms.clock()
    if body is None:
        body = account.body if Role.ADMIN not in account.roles else await only_mandated_body(connection, license_type, at)
    may_act_for(account, body)
    return Provenance(account.username, body, at)


def may_act_for(account: Operator, body: str) -> None:
    """An administrator at the machine acts for every body; anybody else for their own."""
    if body != account.body and Role.ADMIN not in account.roles:
        raise EtrustError(
            Kind.FORBIDDEN, "not_your_body", where="--body",
            zh="只能以本单位名义办理。", en="You may act for your own body only.",
        )


@click.command()
@home_option
@json_option
@operator_option
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--type", "type_name", required=True)
@click.option("--body")
@click.option("--replaces", help="被替代的证照标识 · identifier of the version this one replaces")
@click.option("--legal-basis", "--basis", "basis", default="", help="法律依据 · legal basis")
@asynchronous
async def issue(
    settings: Settings, *, as_json: bool, operator: str, file: IO[str], type_name: str, body: str | None,
    replaces: str | None, basis: str,
) -> None:
    """签发一份证照：FILE 为一个 JSON 对象（列名到内容），- 为标准输入 · Issue one license from a JSON object."""
    license_type = type_of(type_name)
    cells = _cells(file.read())
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, connection, operator, license_type.name, body)
        identifier = await issue_one(
            connection, rooms.issuing, license_type, cells, who=who, replaces=replaces, legal_basis=basis
        )
        if replaces is not None:
            await rooms.announce()
        stored = await find_by_identifier(connection, identifier)
    print_license(stored, as_json=as_json)


def _cells(text: str) -> dict[str, str]:
    try:
        cells = json.loads(text)
    except json.JSONDecodeError as error:
        raise _bad_cells() from error
    if not isinstance(cells, dict) or not all(isinstance(value, str) for value in cells.values()):
        raise _bad_cells()
    return cells


def _bad_cells() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_record", where="FILE",
        zh="内容须为一个 JSON 对象，键为列名，值为文字。", en="Give one JSON object: column names to texts.",
    )


def _change_command(action: Action, zh: str, en: str) -> click.Command:
    @click.command(action.value, help=f"{zh} · {en}")
    @home_option
    @json_option
    @operator_option
    @click.argument("identifier")
    @click.option("--reason", required=True, help="办理原因 · why")
    @click.option("--legal-basis", "--basis", "basis", required=True, help="法律依据 · legal basis")
    @click.option("--effective-at", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
                  help="自何时起，北京时间 · since when, official time")
    @asynchronous
    async def command(
        settings: Settings, *, as_json: bool, operator: str, identifier: str, reason: str, basis: str,
        effective_at: datetime | None,
    ) -> None:
        async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
            found = await find_license(connection, identifier)
            who = await acting(rooms, connection, operator, found.license_type, found.issuer)
            event = await change_status(
                connection, serial=found.serial, version=found.version, action=action, ground=Ground(reason, basis),
                who=who, effective_at=effective_at.replace(tzinfo=BEIJING) if effective_at else None,
            )
            await rooms.announce()
        if as_json:
            print_json({"identifier": identifier, "action": event.action, "recorded_at": event.recorded_at.isoformat()})
        else:
            click.echo(f"✓ {zh.split('（', maxsplit=1)[0]} {identifier}")

    return command


revoke = _change_command(Action.REVOKE, "撤销证照", "Revoke a license, for good")
suspend = _change_command(Action.SUSPEND, "暂扣证照", "Suspend a license")
restore = _change_command(Action.RESTORE, "发还暂扣的证照", "Restore a suspended license")

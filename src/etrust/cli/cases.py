"""`case`: the cases (办件) of a body and of those below it."""

from datetime import date, datetime
from pathlib import Path

import click

from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.clock import BEIJING
from etrust.matters.case_model import Case, CaseState
from etrust.matters.case_words import ACTIONS, STATES
from etrust.matters.check_report import case_json
from etrust.settings import Settings
from etrust.wiring import open_rooms

MAX_LISTED = 1000


@click.group()
def case() -> None:
    """办件 · Cases: what was checked for whom, and how far it has come."""


@case.command("list")
@home_option
@json_option
@operator_option
@click.option("--matter", default="", help="事项实施编码 · only of this matter")
@click.option("--state", type=click.Choice([each.value for each in CaseState]), help="办件状态 · only in this state")
@click.option("--overdue", is_flag=True, help="容缺材料逾期未补的 · materials to be brought that are overdue")
@click.option("--limit", type=click.IntRange(1, MAX_LISTED), default=20, show_default=True)
@asynchronous
async def list_(
    settings: Settings, *, as_json: bool, operator: str, matter: str, state: str | None, overdue: bool, limit: int
) -> None:
    """列出本机构及下级机构的办件，最近的在前 · List cases, the latest first."""
    async with open_rooms(settings) as rooms:
        acting = await rooms.operator(operator)
        if overdue:
            _print_overdue(await rooms.matters.overdue(acting, limit), as_json=as_json)
            return
        found = await rooms.matters.cases(acting, matter=matter, state=state or "", limit=limit)
    if as_json:
        rows = [{"case_number": number, "state": state, "opened_at": at.isoformat()} for number, state, at in found]
        print_json({"cases": rows})
        return
    for number, stands, at in found:
        click.echo(f"{number}  {_moment(at)}  {STATES[CaseState(stands)][0]}")


def _print_overdue(found: list[tuple[str, str, date]], *, as_json: bool) -> None:
    if as_json:
        print_json({"overdue": [
            {"case_number": number, "material": material, "deadline": day.isoformat()} for number, material, day in found
        ]})  # fmt: skip
        return
    for number, material, day in found:
        click.echo(f"{number}  {material}  {day.isoformat()}")


@case.command("archive")
@home_option
@operator_option
@click.argument("number")
@click.option("--to", type=click.Path(path_type=Path, dir_okay=False), required=True, help="归档包存为 · where the package goes")
@asynchronous
async def archive(settings: Settings, *, operator: str, number: str, to: Path) -> None:
    """导出一个办件的归档包（单套归档）· Pack a case with its receipts, lists and timestamps as one file."""
    async with open_rooms(settings) as rooms:
        content = await rooms.archives.of_case(number, await rooms.operator(operator))
    to.write_bytes(content)
    click.echo(f"{to}  {len(content):,} B")


@case.command("renew")
@home_option
@operator_option
@click.argument("packages", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@asynchronous
async def renew(settings: Settings, *, operator: str, packages: tuple[Path, ...]) -> None:
    """为归档包加盖新时间戳；不指定文件时续期库中到期的 · Renew packages: these files, or those kept here that are due."""
    async with open_rooms(settings) as rooms:
        acting = await rooms.operator(operator)
        for path in packages:
            path.write_bytes(await rooms.archives.renewed(path.read_bytes()))
            click.echo(f"✓ {path}")
        if not packages:
            click.echo(f"{await rooms.archives.renew_due(acting)} 个已续期 · renewed")


@case.command("show")
@home_option
@json_option
@operator_option
@click.argument("number")
@asynchronous
async def show(settings: Settings, *, as_json: bool, operator: str, number: str) -> None:
    """显示一个办件：NUMBER 为办件编码 · Show one case with its history; it has no personal data."""
    async with open_rooms(settings) as rooms:
        found = await rooms.matters.case(number, await rooms.operator(operator))
    if as_json:
        print_json(case_json(found))
    else:
        _print_case(found)


def _print_case(found: Case) -> None:
    click.echo(f"{found.number}  {STATES[found.state][0]} · {STATES[found.state][1]}")
    for material in found.materials.values():
        until = "" if material.deadline is None else f"  {material.deadline.isoformat()}"
        click.echo(f"  {material.material}  {material.outcome.value}{until}  {material.license}".rstrip())
    for event in found.events:
        click.echo(f"  {event.step}. {_moment(event.at)}  {ACTIONS[event.action][0]}  {event.operator}  {event.reason}")


def _moment(at: datetime) -> str:
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")

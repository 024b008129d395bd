"""`etrust audit`: who did what, and who looked at what, on which ground and why; for the auditor."""

from datetime import datetime, timedelta
from pathlib import Path

import click

from etrust.access.trail import Source, Wanted, entry_json
from etrust.cli.options import Command, asynchronous, home_option, json_option, print_json
from etrust.clock import BEIJING
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms

_DAY = timedelta(days=1)


def _conditions(command: Command) -> Command:
    """The conditions of a search."""
    for option in (
        click.option("--operator", default="auditor", show_default=True, help="审计员账号 · the auditor's account"),
        click.option("--since", help="自此日起；缺省为三十天前 · from that day; thirty days ago when left out"),
        click.option("--until", help="到此日为止 · until that day"),
        click.option("--by", default="", help="操作员 · who did it"),
        click.option("--body", default="", help="机构代码 · for which body"),
        click.option("--action", default="", help="动作前缀，如 seal. · how the action begins"),
        click.option("--subject", default="", help="对象，如证照标识或案件编号 · what it was about"),
        click.option("--ground", default="", type=click.Choice(["", "consent", "duty"]), help="用证依据 · ground of a look"),
        click.option(
            "--source", type=click.Choice([each.value for each in Source]), help="仅变更或仅用证 · changes or looks only"
        ),
    ):
        command = option(command)
    return command


@click.group()
def audit() -> None:
    """审计 · The audit trail."""


@audit.command("search")
@home_option
@json_option
@_conditions
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True)
@asynchronous
async def search(settings: Settings, *, as_json: bool, operator: str, limit: int, **conditions: str | None) -> None:
    """查询审计记录，最近的在前 · Search the trail, the latest first."""
    async with open_rooms(settings) as rooms:
        found = await rooms.audit.search(_wanted(rooms, conditions), who=await rooms.operator(operator), limit=limit)
    if as_json:
        print_json({"entries": [entry_json(each) for each in found]})
        return
    for each in found:
        what = f"{each.action} {each.subject} {each.ground} {each.matter}".strip()
        click.echo(f"{each.at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}  {each.operator}  {each.body}  {what}  {each.reason}")


@audit.command("export")
@home_option
@_conditions
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--reason", required=True, help="导出事由 · why it is exported")
@asynchronous
async def export(settings: Settings, *, operator: str, output: Path, reason: str, **conditions: str | None) -> None:
    """导出审计记录（CSV）· Write what a search finds as CSV."""
    async with open_rooms(settings) as rooms:
        pieces = await rooms.audit.export(_wanted(rooms, conditions), reason, who=await rooms.operator(operator))
        with output.open("wb") as file:
            async for piece in pieces:
                file.write(piece)
    click.echo(str(output))


def _wanted(rooms: Rooms, conditions: dict[str, str | None]) -> Wanted:
    now = rooms.clock()
    until = _day(conditions["until"]) + _DAY if conditions["until"] else now + timedelta(seconds=1)
    since = _day(conditions["since"]) if conditions["since"] else until - 30 * _DAY
    source = None if conditions["source"] is None else Source(conditions["source"])
    return Wanted(
        since, until, operator=conditions["by"] or "", body=conditions["body"] or "", action=conditions["action"] or "",
        subject=conditions["subject"] or "", ground=conditions["ground"] or "", source=source,
    )


def _day(text: str | None) -> datetime:
    try:
        return datetime.strptime(text or "", "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise EtrustError(
            Kind.INVALID, "bad_date", where=text or "", zh="日期写法应如 2026-11-25。", en="Write a day as 2026-11-25.",
        ) from error

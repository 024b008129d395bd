"""`etrust correction`: differences that were found when data was shared, one by one or from a file, and what becomes of them."""

from pathlib import Path

import click

from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.cli.progress import import_progress
from etrust.clock import BEIJING
from etrust.objections.corrections import Correction, CorrectionState
from etrust.settings import Settings
from etrust.wiring import open_rooms
from etrust.wiring.correction_desk import Outcomes

STATES = {
    CorrectionState.OPEN: "待核查", CorrectionState.FORWARDED: "已转送签发地区", CorrectionState.PROPOSED: "待复核",
    CorrectionState.ACCEPTED: "已采纳", CorrectionState.REFUSED: "不采纳",
}  # fmt: skip
"""The states in Chinese."""
_TO_DO = (CorrectionState.OPEN, CorrectionState.PROPOSED)


@click.group()
def correction() -> None:
    """纠错 · Error correction by feedback."""


@correction.command("import")
@home_option
@operator_option
@json_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@asynchronous
async def import_(settings: Settings, *, operator: str, as_json: bool, file: Path) -> None:
    """批量上报差异；再次提交同一文件会接着办 · Report the differences of a file; given again, it goes on where it stopped."""
    async with open_rooms(settings) as rooms:
        who = await rooms.operator(operator)
        rejects = rooms.home.rejects / f"corrections-{rooms.clock().astimezone(BEIJING):%Y%m%d-%H%M%S-%f}.csv"
        with import_progress(file.name, quiet=as_json) as on_progress:
            done = await rooms.corrections.import_file(
                file, who=who, rejects=rejects, on_progress=lambda rows: on_progress(rows, None)
            )
    written = str(rejects) if rejects.exists() else None
    if as_json:
        print_json({
            "rows": done.rows, "taken": done.taken, "merged": done.merged, "rejected": done.rejected, "skipped": done.skipped,
            "rejects": written,
        })  # fmt: skip
        return
    click.echo(f"共 {done.rows} 行：新增 {done.taken}，与已有的合并 {done.merged}，退回 {done.rejected}，此前已办 {done.skipped}")
    click.echo(
        f"{done.rows} rows: {done.taken} new, {done.merged} merged, {done.rejected} rejected, {done.skipped} done before"
    )
    if written:
        click.echo(f"退回清单 · reject file: {written}")


@correction.command("list")
@home_option
@operator_option
@json_option
@click.option("--all", "every", is_flag=True, help="含已办结的 · those that are decided, too")
@asynchronous
async def list_(settings: Settings, *, operator: str, as_json: bool, every: bool) -> None:
    """待办更正，按证照排列 · Differences to be decided, license by license."""
    async with open_rooms(settings) as rooms:
        found = await rooms.corrections.queue(await rooms.operator(operator), list(CorrectionState) if every else _TO_DO)
    if as_json:
        print_json({"corrections": [_row(each) for each in found]})
        return
    for each in found:
        told = each.difference
        click.echo(f"{each.number}  {STATES[each.state]} {each.state.value}  {told.license}  {told.field} → {told.value}")


@correction.command("accept")
@home_option
@operator_option
@click.argument("numbers", nargs=-1, required=True)
@click.option("--reason", required=True)
@asynchronous
async def accept(settings: Settings, *, operator: str, numbers: tuple[str, ...], reason: str) -> None:
    """拟采纳，由另一人同意 · Propose to accept; another person agrees."""
    async with open_rooms(settings) as rooms:
        _print(await rooms.corrections.propose(numbers, reason, who=await rooms.operator(operator)))


@correction.command("agree")
@home_option
@operator_option
@click.argument("numbers", nargs=-1, required=True)
@asynchronous
async def agree(settings: Settings, *, operator: str, numbers: tuple[str, ...]) -> None:
    """同意拟采纳的更正，签发新版本 · Agree to what was proposed: the next versions are issued."""
    async with open_rooms(settings) as rooms:
        agreed, outcomes = await rooms.corrections.agree(numbers, who=await rooms.operator(operator))
    for each in agreed:
        click.echo(f"新版本 · new version {each.replaced_by}，通知 {each.told} 方 · {each.told} are told")
    _print(outcomes)


@correction.command("send-back")
@home_option
@operator_option
@click.argument("numbers", nargs=-1, required=True)
@click.option("--reason", required=True)
@asynchronous
async def send_back(settings: Settings, *, operator: str, numbers: tuple[str, ...], reason: str) -> None:
    """退回重新核查 · Disagree with what was proposed."""
    async with open_rooms(settings) as rooms:
        _print(await rooms.corrections.send_back(numbers, reason, who=await rooms.operator(operator)))


@correction.command("refuse")
@home_option
@operator_option
@click.argument("numbers", nargs=-1, required=True)
@click.option("--reason", required=True)
@asynchronous
async def refuse(settings: Settings, *, operator: str, numbers: tuple[str, ...], reason: str) -> None:
    """不采纳，上报方会收到理由 · Refuse; whoever reported it is told why."""
    async with open_rooms(settings) as rooms:
        _print(await rooms.corrections.refuse(numbers, reason, who=await rooms.operator(operator)))


def _print(outcomes: Outcomes) -> None:
    """One line for each number; ends with the first refusal, so that a script sees it."""
    failed = {number: error for number, error in outcomes.items() if error is not None}
    for number in outcomes:
        if number not in failed:
            click.echo(f"{number}  已办 done")
    for number, error in failed.items():
        click.echo(f"{number}  {error.zh} {error.en}", err=True)
    for error in failed.values():
        raise error


def _row(each: Correction) -> dict[str, object]:
    told = each.difference
    return {
        "number": each.number, "license": told.license, "field": told.field, "value": told.value, "observed": told.observed,
        "ground": told.ground, "state": each.state.value, "reports": each.reports, "issuer": each.issuer,
    }  # fmt: skip

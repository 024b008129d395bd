"""`etrust objection`: cases of objection, by deadline; every step of them."""

import click

from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.objections.model import Objection, Outcome, State
from etrust.settings import Settings
from etrust.wiring import open_rooms

STATES = {
    State.RECEIVED: "待受理", State.REFUSED: "不予受理", State.FORWARDED: "已转送", State.REVIEW: "核查中",
    State.PROPOSED: "待复核", State.DISMISSED: "维持", State.CORRECTED: "已更正", State.REVOKED: "已撤销",
    State.WITHDRAWN: "已撤回", State.ARCHIVED: "已归档",
}  # fmt: skip
"""The states in Chinese."""


@click.group()
def objection() -> None:
    """异议 · Objections."""


@objection.command("list")
@home_option
@operator_option
@json_option
@click.option("--all", "every", is_flag=True, help="含已办结的 · those that are closed, too")
@asynchronous
async def list_(settings: Settings, *, operator: str, as_json: bool, every: bool) -> None:
    """待办异议，按期限排列 · Cases by deadline."""
    async with open_rooms(settings) as rooms:
        who = await rooms.operator(operator)
        found = await rooms.objections.queue(who, states=list(State) if every else None)
        today = official_date(rooms.clock())
    if as_json:
        print_json({"objections": [_row(each) for each in found]})
        return
    for each in found:
        due = f"{each.due or '–'}{' 超期 overdue' if each.is_overdue(today) else ''}"
        click.echo(f"{each.number}  {STATES[each.state]} {each.state.value}  {due}  {each.license or '用证记录'}")


@objection.command("show")
@home_option
@operator_option
@json_option
@click.argument("number")
@asynchronous
async def show(settings: Settings, *, operator: str, as_json: bool, number: str) -> None:
    """一件异议及其经过 · One case and its steps."""
    async with open_rooms(settings) as rooms:
        found = await rooms.objections.find(number, await rooms.operator(operator))
    if as_json:
        print_json(_row(found) | {"claim": found.claim, "words": found.words})
        return
    click.echo(f"{found.number}  {STATES[found.state]}  {found.license}  {found.field}")
    click.echo(f"  {found.words}\n  → {found.claim or '–'}")
    for each in found.events:
        taken = f"{each.action.value} → {each.state.value}"
        click.echo(f"  {each.step}. {each.at:%Y-%m-%d %H:%M}  {taken}  {each.operator}  {each.reason}")


@objection.command("accept")
@home_option
@operator_option
@click.argument("number")
@asynchronous
async def accept(settings: Settings, *, operator: str, number: str) -> None:
    """受理 · Take a case up."""
    async with open_rooms(settings) as rooms:
        event = await rooms.objections.accept(number, who=await rooms.operator(operator))
    click.echo(f"已受理，应于 {event.due} 前核查 · accepted, due {event.due}")


@objection.command("refuse")
@home_option
@operator_option
@click.argument("number")
@click.option("--reason", required=True)
@asynchronous
async def refuse(settings: Settings, *, operator: str, number: str, reason: str) -> None:
    """不予受理 · Refuse to take a case up."""
    async with open_rooms(settings) as rooms:
        await rooms.objections.refuse(number, reason, who=await rooms.operator(operator))
    click.echo("不予受理，已通知提出人 · refused, the opener is told")


@objection.command("propose")
@home_option
@operator_option
@click.argument("number")
@click.argument("outcome", type=click.Choice([each.value for each in Outcome]))
@click.option("--reason", required=True)
@click.option("--set", "changes", multiple=True, help="更正内容，如 legal_representative=张三 · right values, NAME=VALUE")
@asynchronous
async def propose(
    settings: Settings, *, operator: str, number: str, outcome: str, reason: str, changes: tuple[str, ...]
) -> None:
    """提出核查意见，由另一人复核 · Propose what becomes of a case; another person decides."""
    async with open_rooms(settings) as rooms:
        await rooms.objections.propose(
            number, Outcome(outcome), reason, who=await rooms.operator(operator), changes=dict(map(_pair, changes))
        )
    click.echo("已提出核查意见，待另一人复核 · proposed; another officer decides")


@objection.command("send-back")
@home_option
@operator_option
@click.argument("number")
@click.option("--reason", required=True)
@asynchronous
async def send_back(settings: Settings, *, operator: str, number: str, reason: str) -> None:
    """退回重新核查 · Disagree with a proposal."""
    async with open_rooms(settings) as rooms:
        await rooms.objections.send_back(number, reason, who=await rooms.operator(operator))
    click.echo("已退回 · sent back")


@objection.command("decide")
@home_option
@operator_option
@json_option
@click.argument("number")
@asynchronous
async def decide(settings: Settings, *, operator: str, as_json: bool, number: str) -> None:
    """同意核查意见并办结 · Agree with a proposal, which settles the case."""
    async with open_rooms(settings) as rooms:
        settled = await rooms.objections.decide(number, who=await rooms.operator(operator))
    new = "" if settled.prepared is None else settled.prepared.identifier.text
    if as_json:
        print_json({"state": settled.event.state.value, "replaced_by": new, "told": settled.told})
        return
    click.echo(f"{STATES[settled.event.state]} {new}")
    click.echo(f"将通知曾采信的 {settled.told} 方 · {settled.told} that relied on it are told")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise EtrustError(
            Kind.INVALID, "bad_correction", where="--set",
            zh="--set 写法应如 legal_representative=张三。", en="--set takes NAME=VALUE.",
        )
    return name.strip(), value


def _row(each: Objection) -> dict[str, object]:
    return {
        "number": each.number, "license": each.license, "field": each.field, "state": each.state.value, "charge": each.charge,
        "due": None if each.due is None else each.due.isoformat(), "region": each.region, "opener": each.opener.value,
    }  # fmt: skip

"""`etrust agreement`: what of partner regions counts here, proposed by one officer and approved by another."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.cli.regions import end_of_day
from etrust.licenses.types import LicenseType
from etrust.recognition.agree import Terms
from etrust.recognition.agreement_diff import differences, facts_of
from etrust.recognition.agreements import ALL, Agreement
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms

_DAY = timedelta(days=1)


@click.group()
def agreement() -> None:
    """互认协议 · Agreements with partner regions."""


@agreement.command("propose")
@home_option
@operator_option
@json_option
@click.argument("division")
@click.option("--type", "types", multiple=True, help="证照类型（名称、21 位代码，或 * 表示全部）· license type, or * for all")
@click.option("--seal", "seals", multiple=True, help="印章类型（official、license……，或 *）· kind of seal, or * for all")
@click.option("--matter", "matters", multiple=True, help="仅限这些事项的实施编码 · only for these matters")
@click.option("--from", "since", help="自此日起，如 2026-12-01 · from that day; now when left out")
@click.option("--until", required=True, help="到此日为止，如 2027-12-31 · until that day")
@click.option("--max-list-age", default=24.0, show_default=True, help="状态列表最长时限（小时）· greatest age of status lists")
@click.option("--consent-only", is_flag=True, help="仅限持证人同意时 · only on the holder's consent")
@click.option("--online-status", is_flag=True, help="须能即时取得状态列表 · only with a status list had a moment ago")
@click.option("--receipt-owed", is_flag=True, help="仅限留有回执的办件 · only in matters that leave a receipt")
@click.option("--document", required=True, help="协议文号 · number of the agreement's document")
@click.option("--reason", required=True, help="理由 · why")
@click.option("--legal-basis", required=True, help="依据 · the legal basis")
@click.option("--replaces", help="所替代的协议编号 · the agreement whose place it takes")
@asynchronous
async def propose(
    settings: Settings, *, operator: str, as_json: bool, division: str, types: Sequence[str], seals: Sequence[str],
    matters: Sequence[str], since: str | None, until: str, max_list_age: float, consent_only: bool, online_status: bool,
    receipt_owed: bool, document: str, reason: str, legal_basis: str, replaces: str | None,
) -> None:
    """提出与地区 DIVISION 的互认协议，须由另一人批准 · Propose an agreement; another officer approves it."""
    async with open_rooms(settings) as rooms:
        at = rooms.clock()
        terms = Terms(
            region=division, types=frozenset(_code(rooms, each) for each in types), seals=frozenset(seals),
            matters=frozenset(matters), valid_from=at if since is None else end_of_day(since) - _DAY + timedelta(seconds=1),
            valid_until=end_of_day(until), max_list_age=timedelta(hours=max_list_age), consent_only=consent_only,
            online_status=online_status, receipt_owed=receipt_owed, document=document, reason=reason, legal_basis=legal_basis,
            replaces=replaces,
        )  # fmt: skip
        _print(rooms, await rooms.agreements.propose(terms, who=await rooms.operator(operator)), as_json=as_json)


def _code(rooms: Rooms, text: str) -> str:
    """The type code of a license type, which may be given by its name."""
    known: LicenseType | None = rooms.types.get(text)
    return text if known is None or text == ALL else known.code


@agreement.command("approve")
@home_option
@operator_option
@json_option
@click.argument("number")
@asynchronous
async def approve(settings: Settings, *, operator: str, as_json: bool, number: str) -> None:
    """批准他人提出的协议 · Approve an agreement that another officer proposed."""
    async with open_rooms(settings) as rooms:
        _print(rooms, await rooms.agreements.approve(number, who=await rooms.operator(operator)), as_json=as_json)


@agreement.command("refuse")
@home_option
@operator_option
@json_option
@click.argument("number")
@click.option("--reason", default="", help="理由 · why")
@asynchronous
async def refuse(settings: Settings, *, operator: str, as_json: bool, number: str, reason: str) -> None:
    """否决或撤回提出的协议 · Refuse an agreement that was proposed, or take it back."""
    async with open_rooms(settings) as rooms:
        _print(rooms, await rooms.agreements.refuse(number, reason, who=await rooms.operator(operator)), as_json=as_json)


@agreement.command("end")
@home_option
@operator_option
@json_option
@click.argument("number")
@click.option("--reason", required=True, help="理由 · why")
@asynchronous
async def end(settings: Settings, *, operator: str, as_json: bool, number: str, reason: str) -> None:
    """立即终止协议 · End an agreement at once."""
    async with open_rooms(settings) as rooms:
        _print(rooms, await rooms.agreements.end(number, reason, who=await rooms.operator(operator)), as_json=as_json)


@agreement.command("list")
@home_option
@json_option
@asynchronous
async def list_(settings: Settings, *, as_json: bool) -> None:
    """列出互认协议 · List the agreements."""
    async with open_rooms(settings) as rooms:
        found, at = await rooms.agreements.all(), rooms.clock()
    if as_json:
        print_json({"agreements": [facts_of(each, at) for each in found]})
        return
    for each in found:
        period = f"{each.valid_from.date()} – {each.valid_until.date()}"
        click.echo(f"{each.number}  {each.state(at).value}  {period}  {each.document}")


@agreement.command("show")
@home_option
@json_option
@click.argument("number")
@asynchronous
async def show(settings: Settings, *, as_json: bool, number: str) -> None:
    """查看协议，及其与所替代者的差别 · Show an agreement, and how it differs from the one it replaces."""
    async with open_rooms(settings) as rooms:
        found = await rooms.agreements.find(number)
        before = None if found.replaces is None else await rooms.agreements.find(found.replaces)
        _print(rooms, found, as_json=as_json, before=before)


@agreement.command("export")
@home_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@asynchronous
async def export(settings: Settings, *, file: Path) -> None:
    """把生效的协议和伙伴地区的锚证书签名写入文件，供离线查验 · Write the agreements, signed, for checks with no server."""
    async with open_rooms(settings) as rooms:
        token = await rooms.agreements.export()
    file.write_bytes(token)
    click.echo(f"{file}  {len(token):,} B")


def _print(rooms: Rooms, found: Agreement, *, as_json: bool, before: Agreement | None = None) -> None:
    facts = facts_of(found, rooms.clock())
    changed = [] if before is None else differences(before, found)
    if as_json:
        print_json({**facts, "differences": [{"name": name, "before": old, "after": new} for name, old, new in changed]})
        return
    for name, value in facts.items():
        click.echo(f"{name:<14} {', '.join(map(str, value)) if isinstance(value, list) else '–' if value is None else value}")
    for name, old, new in changed:
        click.echo(f"  {name}: {', '.join(old) or '–'} → {', '.join(new) or '–'}")

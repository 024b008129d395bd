"""`etrust trust`: what the list says, what a draft would change, proposing a draft and publishing another officer's."""

import json
from collections.abc import Sequence
from pathlib import Path

import click

from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.errors import EtrustError, Kind
from etrust.settings import Settings
from etrust.trust.differences import Change, ChangeKind
from etrust.trust.drafts import Draft, Edit, Op, read_edits
from etrust.wiring import open_rooms

MAX_FILE = 256 * 1024
KINDS = {
    ChangeKind.BODY_ADDED: "增设机构 body added", ChangeKind.BODY_GONE: "机构不再列出 body no longer listed",
    ChangeKind.BODY_CHANGED: "机构变更 body changed", ChangeKind.KEY_ADDED: "新增密钥 key added",
    ChangeKind.KEY_GONE: "密钥不再列出 key no longer listed", ChangeKind.KEY_CHANGED: "密钥变更 key changed",
    ChangeKind.KEY_COMPROMISED: "密钥已失控 key compromised", ChangeKind.RIGHT_ADDED: "赋予权限 right given",
    ChangeKind.RIGHT_GONE: "权限不再列出 right no longer listed", ChangeKind.RIGHT_CHANGED: "权限变更 right changed",
    ChangeKind.ENDPOINT_CHANGED: "服务地址变更 address changed", ChangeKind.TYPE_CHANGED: "证照类型变更 type changed",
    ChangeKind.STATE_CHANGED: "状态对照变更 state changed", ChangeKind.PIVOT_ADDED: "更换锚证书 next anchor named",
}  # fmt: skip
"""Kinds of difference in Chinese and English."""


@click.command("show")
@home_option
@json_option
@asynchronous
async def show(settings: Settings, *, as_json: bool) -> None:
    """当前信任列表的内容概况 · What the list in force says."""
    async with open_rooms(settings) as rooms:
        snapshot = await rooms.trust.snapshot()
    found = snapshot.trust_list
    if as_json:
        print_json({
            "sequence": found.sequence, "digest": snapshot.digest, "next_update": found.next_update.isoformat(),
            "entities": len(found.entities), "keys": len(found.keys), "rights": len(found.rights),
            "endpoints": {each.kind: each.url for each in found.endpoints},
        })  # fmt: skip
        return
    click.echo(f"{found.sequence}  {snapshot.digest}  至 until {found.next_update:%Y-%m-%d %H:%M}")
    click.echo(f"机构 bodies {len(found.entities)}  权限 rights {len(found.rights)}  密钥 keys {len(found.keys)}")
    for each in found.endpoints:
        click.echo(f"  {each.kind}  {each.url}")


@click.command("diff")
@home_option
@json_option
@click.argument("sequence", type=int, required=False)
@click.option("--draft", type=int, help="草案编号 · a draft, as it would change the list now")
@asynchronous
async def diff(settings: Settings, *, as_json: bool, sequence: int | None, draft: int | None) -> None:
    """某份列表（默认最新）或草案改了什么 · What a list, the newest by default, or a draft changes."""
    async with open_rooms(settings) as rooms:
        if draft is not None:
            found = await rooms.trusted.preview((await rooms.trusted.draft(draft)).edits)
        else:
            found = await rooms.trusted.changes(sequence or (await rooms.trusted.published())[0].sequence)
    print_changes(found, as_json=as_json)


@click.command("propose")
@home_option
@operator_option
@json_option
@click.option("--file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="变更列表（JSON）· changes, JSON")
@click.option("--grant", "grants", multiple=True, metavar="BODY:TYPE", help="赋予签发权 · let a body issue a type")
@click.option("--end-right", "ends", multiple=True, metavar="BODY:TYPE", help="收回签发权 · end that right")
@click.option("--close", "closed", multiple=True, metavar="BODY", help="机构撤并 · close a body")
@click.option("--reason", required=True, help="事由 · why")
@click.option("--legal-basis", required=True, help="依据 · the legal basis")
@asynchronous
async def propose(
    settings: Settings, *, operator: str, as_json: bool, file: Path | None, grants: Sequence[str], ends: Sequence[str],
    closed: Sequence[str], reason: str, legal_basis: str,
) -> None:
    """提出变更草案，由另一人发布 · Propose changes of bodies and rights; another officer publishes them."""
    edits = [
        *_read(file), *(_right(Op.GRANT, each) for each in grants), *(_right(Op.END_RIGHT, each) for each in ends),
        *(Edit(op=Op.CLOSE_BODY, body=each) for each in closed),
    ]  # fmt: skip
    async with open_rooms(settings) as rooms:
        number = await rooms.trusted.propose(edits, reason, legal_basis, who=await rooms.operator(operator))
        changes = await rooms.trusted.preview(edits)
    if not as_json:
        click.echo(f"草案 · draft {number}")
    print_changes(changes, as_json=as_json, draft=number)


@click.command("drafts")
@home_option
@json_option
@asynchronous
async def drafts(settings: Settings, *, as_json: bool) -> None:
    """草案及其结论 · Drafts and how they ended."""
    async with open_rooms(settings) as rooms:
        found = await rooms.trusted.drafts()
    if as_json:
        print_json({"drafts": [_row(each) for each in found]})
        return
    for each in found:
        end = f"{each.end} {each.ended_by}" if each.end else "待发布 waiting"
        click.echo(f"{each.draft}  {each.proposed_at:%Y-%m-%d %H:%M}  {each.proposed_by}  {end}  {each.reason}")


@click.command("approve")
@home_option
@operator_option
@click.argument("draft", type=int)
@asynchronous
async def approve(settings: Settings, *, operator: str, draft: int) -> None:
    """批准并发布他人的草案 · Publish a draft of another officer."""
    async with open_rooms(settings) as rooms:
        snapshot = await rooms.trusted.publish(draft, who=await rooms.operator(operator))
    click.echo(f"{snapshot.trust_list.sequence} {snapshot.digest}")


@click.command("refuse")
@home_option
@operator_option
@click.argument("draft", type=int)
@click.option("--note", default="", help="说明 · a note")
@asynchronous
async def refuse(settings: Settings, *, operator: str, draft: int, note: str) -> None:
    """不批准草案；本人的则为撤回 · Refuse a draft, or take one's own back."""
    async with open_rooms(settings) as rooms:
        await rooms.trusted.refuse(draft, note, who=await rooms.operator(operator))
    click.echo("已办 · done")


def print_changes(found: Sequence[Change], *, as_json: bool, draft: int | None = None) -> None:
    """Print differences, what takes trust away first."""
    if as_json:
        told = [
            {"kind": each.kind.value, "subject": each.subject, "before": each.before, "after": each.after, "grave": each.is_grave}
            for each in found
        ]
        print_json({**({} if draft is None else {"draft": draft}), "changes": told})
        return
    for each in sorted(found, key=lambda one: not one.is_grave):
        mark = "!" if each.is_grave else " "
        click.echo(f"{mark} {KINDS[each.kind]}  {each.subject}")
        for sign, text in (("-", each.before), ("+", each.after)):
            if text:
                click.echo(f"    {sign} {text}")
    if not found:
        click.echo("没有变化 · nothing changes")


def _read(file: Path | None) -> tuple[Edit, ...]:
    if file is None:
        return ()
    try:
        content = file.read_bytes()[: MAX_FILE + 1]
        return read_edits(json.loads(content) if len(content) <= MAX_FILE else None)
    except (OSError, ValueError, RecursionError) as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_edit", where=str(file), zh="变更文件无法读取，须为 JSON 列表。", en="The file is no JSON list.",
        ) from error


def _right(op: Op, text: str) -> Edit:
    body, colon, license_type = text.partition(":")
    if not colon:
        raise EtrustError(
            Kind.INVALID, "bad_edit", where=text, zh="写法应如 机构代码:证照类型。", en="Write it as BODY:TYPE.",
        )  # fmt: skip
    return Edit(op=op, body=body, license_type=license_type)


def _row(each: Draft) -> dict[str, object]:
    return {
        "draft": each.draft, "proposed_by": each.proposed_by, "proposed_at": each.proposed_at.isoformat(), "reason": each.reason,
        "end": each.end, "ended_by": each.ended_by, "sequence": each.sequence,
        "edits": [one.model_dump(mode="json", exclude_defaults=True) for one in each.edits],
    }  # fmt: skip


COMMANDS = (show, diff, propose, drafts, approve, refuse)
"""What this module adds to `etrust trust`."""

"""`etrust matter`: the catalogue of matters: lists in and out, drafts, publication and withdrawal."""

from pathlib import Path

import click

from etrust.access.model import Operator
from etrust.cli.options import asynchronous, home_option, json_option, print_json
from etrust.clock import BEIJING
from etrust.errors import EtrustError
from etrust.ids import MatterCode
from etrust.matters import catalogue, catalogue_store
from etrust.matters.changes import changes
from etrust.matters.disclosure import growth
from etrust.matters.documents import matter_document
from etrust.matters.intake.export import export_csv
from etrust.matters.intake.plan import Plan, carry_out, plan_import, write_rejects
from etrust.matters.model import Matter
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms

officer_option = click.option(
    "--operator", default="matters", show_default=True, help="事项管理员账号 · the matter officer who acts"
)
reason_option = click.option("--reason", default="", help="变更说明，最多 200 字 · why, at most 200 characters")


@click.group()
def matter() -> None:
    """事项目录：导入、查看、导出、发布 · The catalogue of matters and what each needs."""


@matter.command("import")
@home_option
@json_option
@officer_option
@reason_option
@click.option("--dry-run", is_flag=True, help="只预览，不改动 · say what would be done, change nothing")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@asynchronous
async def import_(settings: Settings, *, as_json: bool, operator: str, reason: str, dry_run: bool, file: Path) -> int:
    """从 CSV/XLSX 导入事项；重复导入不产生变化 · Import a list of matters; done again, it changes nothing."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await rooms.operator(operator)
        plan = await plan_import(connection, file, types=rooms.types, who=who)
        published: list[str] = []
        waiting: list[str] = []
        rejects = None
        if not dry_run:
            at = rooms.clock()
            published, waiting = await carry_out(
                connection, plan, types=rooms.types, who=who, reason=reason or f"导入 {file.name}"[: catalogue.MAX_REASON], at=at
            )
            stamp = f"{at.astimezone(BEIJING):%Y%m%d-%H%M%S-%f}"
            rejects = write_rejects(plan, rooms.home.rejects / f"matters-{stamp}.csv")
    _show_import(plan, published, waiting, rejects, as_json=as_json, dry_run=dry_run)
    return 1 if plan.rejects else 0


def _show_import(
    plan: Plan, published: list[str], waiting: list[str], rejects: Path | None, *, as_json: bool, dry_run: bool
) -> None:
    if as_json:
        print_json({
            **plan.counts, "dry_run": dry_run, "published": published, "waiting_for_second_person": waiting,
            "rejects": None if rejects is None else str(rejects),
            "rejected": [{"row": each.row, "reason": each.reason, "explanation": each.explanation} for each in plan.rejects],
        })  # fmt: skip
        return
    counts = plan.counts
    click.echo(
        f"新事项 new {counts['new']} · 有变化 changed {counts['changed']} · 无变化 same {counts['same']} · "
        f"待复核 waiting {counts['waiting']} · 退回行 rejected rows {counts['rejected_rows']}"
    )
    for each in plan.rejects:
        click.echo(f"  第 {each.row} 行 row {each.row}: {each.reason} {each.explanation}")
    if dry_run:
        click.echo("仅预览，未作改动 · preview only, nothing was changed")
        return
    click.echo(f"已发布 published: {len(published)}")
    if waiting:
        click.echo(
            f"待另一位事项管理员发布 waiting for another officer: {len(waiting)}（etrust matter publish --all --operator …）"
        )
    if rejects:
        click.echo(f"退回清单 · reject file: {rejects}")


@matter.command("publish")
@home_option
@json_option
@officer_option
@click.option("--all", "every", is_flag=True, help="所有已提交的草稿 · every draft that was handed on")
@click.argument("codes", nargs=-1)
@asynchronous
async def publish(settings: Settings, *, as_json: bool, operator: str, every: bool, codes: tuple[str, ...]) -> int:
    """发布草稿；扩大共享范围的须由另一位管理员 · Publish drafts; those that tell more need another officer."""
    done: list[str] = []
    failed: dict[str, EtrustError] = {}
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await rooms.operator(operator)
        drafts = [each.matter.code for each in await catalogue_store.drafts(connection) if each.proposed_at] if every else []
        for code in [*codes, *drafts]:
            try:
                await catalogue.publish_draft(connection, code, who=who, types=rooms.types, at=rooms.clock())
                done.append(code)
            except EtrustError as fault:
                failed[code] = fault
    if as_json:
        print_json({"published": done, "failed": {code: error.code for code, error in failed.items()}})
    else:
        for code in done:
            click.echo(f"✓ {code}")
        for code, error in failed.items():
            click.echo(f"✕ {code} {error.code}: {error.zh} · {error.en}")
    return 1 if failed else 0


@matter.command("drafts")
@home_option
@json_option
@asynchronous
async def drafts(settings: Settings, *, as_json: bool) -> None:
    """列出草稿 · List drafts, those that wait for publication first."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await catalogue_store.drafts(connection)
        second = {
            each.matter.code: bool(growth(await catalogue_store.current(connection, each.matter.code), each.matter))
            for each in found
        }
    if as_json:
        print_json([
            {"code": each.matter.code, "name": each.matter.name.zh, "operator": each.operator, "reason": each.reason,
             "proposed": each.proposed_at is not None, "second_person": second[each.matter.code]}
            for each in found
        ])  # fmt: skip
        return
    for each in found:
        state = "待发布 proposed" if each.proposed_at else "编辑中 draft"
        click.echo(
            f"{each.matter.code}  {state}  {each.operator}{'  须第二人 second person' if second[each.matter.code] else ''}"
            f"  {each.matter.name.zh}"
        )


@matter.command("list")
@home_option
@json_option
@click.option("--theme", default="", help="主题 · key of a theme")
@click.option("--body", default="", help="实施主体 · code of a body")
@click.argument("text", default="")
@asynchronous
async def list_(settings: Settings, *, as_json: bool, theme: str, body: str, text: str) -> None:
    """列出在用事项，可按文字查找 · List matters in force that hold the words of TEXT."""
    async with open_rooms(settings) as rooms:
        found = await rooms.catalogue.all(text, theme=theme, body=body)
    if as_json:
        print_json([
            {"code": each.code, "name": each.name.zh, "theme": each.theme, "body": each.body,
             "materials": len(each.materials), "spared": each.spared}
            for each in found
        ])  # fmt: skip
        return
    for each in found:
        click.echo(f"{each.code}  免提交 spares {each.spared}/{len(each.materials)}  {each.name.zh}")


@matter.command("show")
@home_option
@json_option
@click.argument("code")
@asynchronous
async def show(settings: Settings, *, as_json: bool, code: str) -> int:
    """显示一个事项及其材料、草稿和版本 · Show a matter, its draft and its versions."""
    code = MatterCode.parse(code).text
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await catalogue_store.current(connection, code)
        draft = await catalogue_store.draft(connection, code)
        history = await catalogue_store.history(connection, code)
    if found is None and draft is None:
        raise catalogue.unknown_matter(code)
    if as_json:
        print_json({
            "matter": None if found is None else matter_document(found),
            "draft": None if draft is None else matter_document(draft.matter),
            "versions": [
                {"version": each.version, "standing": each.standing, "operator": each.operator, "approver": each.approver,
                 "reason": each.reason, "at": each.at.isoformat()}
                for each in history
            ],
        })  # fmt: skip
        return 0
    shown = found or (draft.matter if draft else None)
    assert shown is not None  # noqa: S101 - one of the two is there, see above
    _show_matter(shown, rooms)
    for each in history:
        click.echo(
            f"  版本 version {each.version} {each.standing} {each.at:%Y-%m-%d %H:%M:%S}Z"
            f" {each.operator} → {each.approver} {each.reason}"
        )
    if draft is not None:
        click.echo(f"  草稿 draft {draft.revision} {draft.operator} {draft.reason}")
        for change in changes(found, draft.matter, rooms.types):
            click.echo(
                f"    {change.where.zh}: {change.before or '—'} → {change.after or '—'}"
                f"{'  ⚠ 扩大共享 tells more' if change.grows else ''}"
            )
    return 0


def _show_matter(found: Matter, rooms: Rooms) -> None:
    click.echo(f"{found.code}\n{found.name.zh} · {found.name.ug} · {found.name.en}")
    click.echo(
        f"{found.kind} · {found.legal_basis} · 承诺 {found.days} 个工作日 · 免提交 spares {found.spared}/{len(found.materials)}"
    )
    for each in found.materials:
        licenses = "、".join(rooms.types[demand.license_type].zh for demand in each.satisfied_by) or "自备 to be brought"
        deferral = f"  容缺 {each.deferral_days} 天 days" if each.deferral_days else ""
        more = f"{'  可承诺 commitment' if each.commitment else ''}{deferral}"
        click.echo(f"  {'●' if each.required else '○'} {each.name.zh}  ← {licenses}{more}")


@matter.command("export")
@home_option
@click.option("--theme", default="", help="主题 · key of a theme")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@asynchronous
async def export(settings: Settings, *, theme: str, output: Path) -> None:
    """导出为 CSV，可原样导入 · Write the matters in force as CSV, which imports back as it is."""
    async with open_rooms(settings) as rooms:
        found = await rooms.catalogue.all(theme=theme)
        output.write_text(export_csv(found, rooms.types), "utf-8", newline="")
    click.echo(f"{output}: {len(found)}")


@matter.command("withdraw")
@home_option
@officer_option
@click.option("--reason", required=True, help="停用原因 · why")
@click.argument("code")
@asynchronous
async def withdraw(settings: Settings, *, operator: str, reason: str, code: str) -> None:
    """停用事项；各版本仍保留 · Take a matter out of use; its versions stay."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who: Operator = await rooms.operator(operator)
        after = await catalogue.withdraw(connection, MatterCode.parse(code).text, who=who, reason=reason, at=rooms.clock())
    click.echo(f"✓ 已停用 withdrawn: {after.code} ({after.version})")

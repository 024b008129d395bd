"""`init`, `migrate` and `trust`: a home, its database, and the list that others rely on."""

import json
import os
from pathlib import Path

import click

from etrust.access.accounts import require_role
from etrust.access.model import Role
from etrust.cli import trust_drafts
from etrust.cli.authority import certificate
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json
from etrust.cli.revocation_lists import crl
from etrust.clock import system_clock
from etrust.licenses.types import load_types
from etrust.resources import resource
from etrust.settings import Settings, load_settings
from etrust.storage.migrations import Step, apply, plan
from etrust.storage.stores import open_stores
from etrust.trust.publish import publish_trust_list
from etrust.wiring import open_rooms
from etrust.wiring.founding import found_region, read_region_file
from etrust.wiring.home import ANCHOR_KEY, Home

SAMPLE_REGION = resource("templates", "regions", "xinjiang.yaml")


@click.command()
@home_option
@json_option
@click.option("--region", "region_file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="区域配置文件 · a region file; the sample region when left out")
@click.option("--public-url", help="对外网址，写入状态列表地址 · the address under which others reach this deployment")
@asynchronous
async def init(settings: Settings, *, as_json: bool, region_file: Path | None, public_url: str | None) -> None:
    """建立工作目录：数据库、机构、密钥、账号、信任列表 · Make a home with a region."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    settings = _keep(settings, read_region_file(region_file or SAMPLE_REGION).region, public_url)
    passwords = await prepare_home(settings, region_file)
    if as_json:
        print_json({"home": str(settings.home), "passwords": passwords})
        return
    click.echo(f"工作目录已就绪 · home ready: {settings.home}")
    for username, password in passwords.items():
        click.echo(f"  {username:10} {password}   （仅显示一次 · shown once）")


async def prepare_home(settings: Settings, region_file: Path | None) -> dict[str, str]:
    """Migrate the database and found the region; what is there already stays. Returns the passwords made now."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    region = read_region_file(region_file or SAMPLE_REGION)
    async with open_stores(settings) as stores, stores.pool.acquire() as connection:
        await apply(connection, resource("migrations"), lambda _: None)
        return await found_region(
            connection, Home.of(settings), region, load_types(), system_clock(), public_url=settings.public_url
        )


def _keep(settings: Settings, region: str, public_url: str | None) -> Settings:
    """Write what the home was made with into its settings file, and return the settings as they are now."""
    path = settings.home / "etrust.toml"
    chosen = {"region": region, **({"public_url": public_url} if public_url else {})}
    kept = [line for line in _lines(path) if line.partition("=")[0].strip() not in chosen]
    path.touch(mode=0o600)  # it may come to hold the address of a database, password and all
    path.write_text("\n".join([*kept, *(f"{name} = {json.dumps(value)}" for name, value in chosen.items()), ""]), "utf-8")
    return load_settings(settings.home)


def _lines(path: Path) -> list[str]:
    return path.read_text("utf-8").splitlines() if path.exists() else []


@click.command()
@home_option
@json_option
@click.option("--plan", "only_plan", is_flag=True, help="只显示将要执行的步骤 · show what would be done, change nothing")
@asynchronous
async def migrate(settings: Settings, *, as_json: bool, only_plan: bool) -> int:
    """升级数据库结构，先显示步骤 · Bring the database up to date, showing each step."""
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with open_stores(settings) as stores, stores.pool.acquire() as connection:
        steps = await plan(connection, resource("migrations"))
        if not as_json:
            for step in steps:
                click.echo(_step_line(step))
        if not only_plan:
            await apply(connection, resource("migrations"), lambda _: None)
            steps = await plan(connection, resource("migrations"))
            if not as_json:
                click.echo("数据库已是最新 · the database is up to date")
    if as_json:
        print_json([{"number": step.number, "name": step.name, "state": str(step.state)} for step in steps])
    return 0


def _step_line(step: Step) -> str:
    mark = {"applied": "✓ 已执行 applied", "pending": "→ 待执行 pending", "changed": "✕ 内容已变 changed"}
    return f"  {step.number:04d} {step.name:24} {mark[str(step.state)]}"


@click.group()
def trust() -> None:
    """信任列表、证书与吊销列表 · The trust list that others verify against, certificates and revocation lists."""


trust.add_command(certificate)
trust.add_command(crl)
for _command in (
    trust_drafts.show,
    trust_drafts.diff,
    trust_drafts.propose,
    trust_drafts.drafts,
    trust_drafts.approve,
    trust_drafts.refuse,
):
    trust.add_command(_command)


@trust.command("export")
@home_option
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@asynchronous
async def trust_export(settings: Settings, *, output: Path) -> None:
    """导出当前信任列表与锚证书 · Write the newest list, and the anchor certificate beside it."""
    async with open_rooms(settings) as rooms:
        output.write_bytes(await rooms.trust.token())
        output.with_suffix(".anchor.crt").write_bytes(rooms.anchor_certificate())
    click.echo(f"{output}{os.linesep}{output.with_suffix('.anchor.crt')}")


@trust.command("publish")
@home_option
@operator_option
@asynchronous
async def trust_publish(settings: Settings, *, operator: str) -> None:
    """签发新的信任列表 · Sign the next trust list."""
    async with open_rooms(settings) as rooms:
        account = await rooms.operator(operator)
        require_role(account, Role.ADMIN)
        async with rooms.stores.pool.acquire() as connection:
            snapshot = await publish_trust_list(
                connection, region=settings.region, anchor=rooms.cabinet.named(ANCHOR_KEY), operator=account.username,
                at=rooms.clock(),
            )
    click.echo(f"{snapshot.trust_list.sequence} {snapshot.digest}")


@trust.command("status-list")
@home_option
@click.argument("list_no", type=click.IntRange(1), default=1)
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), required=True)
@click.option("--form", type=click.Choice(["jwt", "cwt"]), default="cwt", show_default=True)
@asynchronous
async def trust_status_list(settings: Settings, *, list_no: int, output: Path, form: str) -> None:
    """导出签名的状态列表 · Write a signed status list for checks without a network."""
    async with open_rooms(settings) as rooms:
        output.write_bytes(await rooms.signed_lists.token(list_no, form))
    click.echo(str(output))

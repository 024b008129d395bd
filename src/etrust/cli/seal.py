"""`etrust seal`: the life of a seal, from the application to its end. Every step asks for reason and legal basis."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from etrust.cli.options import Command, asynchronous, home_option, json_option, print_json
from etrust.cli.seal_use import ADDITIONS
from etrust.seals import store
from etrust.seals.activate import activate
from etrust.seals.apply import apply_for_seal
from etrust.seals.cancel import cancel
from etrust.seals.change import change
from etrust.seals.file_record import file_record
from etrust.seals.make import make
from etrust.seals.model import MAX_YEARS, Action, Actor, Application, Ground, SealEvent, SealKind, SealRecord, SealState
from etrust.seals.report import event_json, grant_json, seal_json
from etrust.seals.restore import restore
from etrust.seals.review import review
from etrust.seals.steps import find_for
from etrust.seals.suspend import freeze, report_lost
from etrust.seals.usage_store import count_uses, grants_of
from etrust.seals.words import ACTIONS, STATES
from etrust.ses.model import Generation
from etrust.settings import Settings
from etrust.storage.postgres import Connection
from etrust.wiring import Rooms, open_rooms

DEFAULT_OFFICER = "seals"


@click.group()
def seal() -> None:
    """电子印章 · Electronic seals: applied for, made, put into use, used, frozen, canceled."""


def officer_option(command: Command) -> Command:
    """`--operator`, for what only seal officers do."""
    return click.option(
        "--operator", default=DEFAULT_OFFICER, show_default=True, help="印章管理员账号 · the seal officer who acts"
    )(command)


def ground_options(command: Command) -> Command:
    """`--reason` and `--legal-basis`."""
    for option in (
        click.option("--legal-basis", "--basis", "basis", required=True, help="法律依据 · legal basis"),
        click.option("--reason", required=True, help="办理原因 · why"),
    ):
        command = option(command)
    return command


@seal.command("apply")
@home_option
@json_option
@officer_option
@ground_options
@click.option("--body", help="用章机构代码，缺省为本单位 · whose seal it will be; the officer's own body when left out")
@click.option("--kind", type=click.Choice([str(kind) for kind in SealKind]), default="license", show_default=True)
@click.option("--name", required=True, help="印章环形文字（机构名称）或人名 · the name in the ring, or the person's")
@click.option("--name-ug", default="", help="维吾尔文名称 · the Uyghur line")
@click.option("--inscription", default="", help="下弦文字，如“证照专用章(1)” · the line below the star")
@click.option("--license-type", "license_types", multiple=True, help="限用的证照类型 · only for these license types")
@click.option("--years", type=click.IntRange(1, MAX_YEARS), default=MAX_YEARS, show_default=True)
@click.option("--generation", type=click.Choice(["4", "5"]), default="5", show_default=True,
              help="V4: GB/T 38540-2020 · V5: GM/T 0031-2025")
@click.option("--code", help="公安机关已编的印章编码 · the code already given by the public security authority")
@asynchronous
async def apply_(
    settings: Settings, *, as_json: bool, operator: str, reason: str, basis: str, body: str | None, kind: str, name: str,
    name_ug: str, inscription: str, license_types: tuple[str, ...], years: int, generation: str, code: str | None,
) -> None:
    """申请印章 · Apply for a seal."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, operator)
        found = await apply_for_seal(
            connection,
            Application(
                body=body or who.body, kind=SealKind(kind), name_zh=name, name_ug=name_ug, inscription=inscription,
                license_types=license_types, years=years, generation=Generation(int(generation)), code=code,
            ),
            who=who, ground=Ground(reason, basis),
        )  # fmt: skip
    show_seal(found, as_json=as_json)


@seal.command("change")
@home_option
@json_option
@officer_option
@ground_options
@click.argument("code")
@click.option("--name", help="新的名称；缺省只换密钥与证书 · a new name; without it only a new key and certificate")
@click.option("--name-ug", help="新的维吾尔文名称 · a new Uyghur line")
@click.option("--inscription", help="新的下弦文字 · a new line below the star")
@asynchronous
async def change_(
    settings: Settings, *, as_json: bool, operator: str, reason: str, basis: str, code: str, name: str | None,
    name_ug: str | None, inscription: str | None,
) -> None:
    """变更：申请替代此印章的新印章，新章启用时旧章终止 · Apply for the seal that takes this one's place when it is activated."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, operator)
        old = (await find_for(connection, code, who)).application
        wanted = replace(
            old, code=None, name_zh=name or old.name_zh, name_ug=old.name_ug if name_ug is None else name_ug,
            inscription=old.inscription if inscription is None else inscription,
        )
        found = await change(connection, code, application=wanted, who=who, ground=Ground(reason, basis))
    show_seal(found, as_json=as_json)


Step = Callable[[Connection, Rooms, str, Actor, Ground, dict[str, Any]], Awaitable[SealEvent]]


def _step(name: str, zh: str, en: str, step: Step, *options: Callable[[Any], Any]) -> None:
    async def run(
        settings: Settings, *, as_json: bool, operator: str, reason: str, basis: str, code: str, **more: Any
    ) -> None:
        async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
            event = await step(connection, rooms, code, await acting(rooms, operator), Ground(reason, basis), more)
        show_event(event, as_json=as_json)

    command: Any = asynchronous(run)
    for option in (*options, click.argument("code"), ground_options, officer_option, json_option, home_option):
        command = option(command)
    seal.command(name, help=f"{zh} · {en}")(command)


_step(
    "review", "审核申请（须非申请人）", "Approve or reject an application; not by the applicant",
    lambda connection, _, code, who, ground, more: review(connection, code, approve=more["approve"], who=who, ground=ground),
    click.option("--approve/--reject", "approve", required=True, help="通过或不通过 · which of the two"),
)
_step(
    "make", "制作印章；中断后再次执行即续作", "Make an approved seal; run again, it finishes what was interrupted",
    lambda connection, rooms, code, who, ground, _: make(connection, rooms.workshop, code, who=who, ground=ground),
)
_step(
    "record", "备案", "Note the number under which the seal is recorded",
    lambda connection, _, code, who, ground, more: file_record(
        connection, code, record_number=more["number"], who=who, ground=ground
    ),
    click.option("--number", required=True, help="备案编号 · record number"),
)
_step(
    "activate", "交付启用（须非制作、备案人）", "Put the seal into use; by another person than made or recorded it",
    lambda connection, rooms, code, who, ground, _: activate(connection, rooms.workshop, code, who=who, ground=ground),
)
_step(
    "freeze", "冻结", "Freeze a seal in use",
    lambda connection, _, code, who, ground, __: freeze(connection, code, who=who, ground=ground),
)
_step(
    "lost", "挂失", "Report a seal as lost",
    lambda connection, _, code, who, ground, __: report_lost(connection, code, who=who, ground=ground),
)
_step(
    "restore", "解冻：一人申请，另一人办理", "Restore a stopped seal: one person proposes, another one does it",
    lambda connection, _, code, who, ground, __: restore(connection, code, who=who, ground=ground),
)
_step(
    "cancel", "注销印章并吊销证书", "Cancel a seal for good, and revoke its certificate",
    lambda connection, rooms, code, who, ground, _: cancel(connection, rooms.workshop, code, who=who, ground=ground),
)


@seal.command("list")
@home_option
@json_option
@officer_option
@click.option("--state", type=click.Choice([str(state) for state in SealState]))
@asynchronous
async def list_(settings: Settings, *, as_json: bool, operator: str, state: str | None) -> None:
    """列出印章，最近办理的在前 · List seals, those dealt with last first."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, operator)
        bodies = await store.subordinate_bodies(connection, who.body)
        found = await store.list_seals(connection, bodies=tuple(bodies), state=SealState(state) if state else None)
    if as_json:
        print_json({"seals": [seal_json(each) for each in found]})
        return
    for each in found:
        click.echo(_line(each))


@seal.command("show")
@home_option
@json_option
@officer_option
@click.argument("code")
@asynchronous
async def show(settings: Settings, *, as_json: bool, operator: str, code: str) -> None:
    """显示印章、其历次办理与用印授权 · Show a seal, its steps and who may use it."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await find_for(connection, code, await acting(rooms, operator))
        events, grants = await store.events_of(connection, code), await grants_of(connection, code)
        uses = await count_uses(connection, code)
    if as_json:
        print_json({
            **seal_json(found), "events": [event_json(each) for each in events],
            "grants": [grant_json(each) for each in grants], "uses": uses,
        })  # fmt: skip
        return
    click.echo(f"{_line(found)}\n{found.application.body}\n用印 uses: {uses}")
    for event in events:
        click.echo(f"  {event.at:%Y-%m-%d %H:%M:%S}Z {ACTIONS[event.action].zh} {event.action} {event.operator} {event.reason}")
    for grant in grants:
        click.echo(f"  授权 grant {grant.grant_id}: {grant.kind} {grant.grantee} {'已收回 ended' if grant.ended_at else ''}")


@seal.command("export")
@home_option
@json_option
@officer_option
@click.argument("code")
@click.option("--output", type=click.Path(path_type=Path, file_okay=False), default=".", show_default=True)
@asynchronous
async def export(settings: Settings, *, as_json: bool, operator: str, code: str, output: Path) -> int:
    """导出印章数据与印模 · Write the seal data (.esl) and its picture (.svg)."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        await find_for(connection, code, await acting(rooms, operator))
        data, picture = await store.seal_file(connection, code), await store.picture_of(connection, code)
    if data is None:
        click.echo("该印章尚未制作 · the seal has not been made yet", err=True)
        return 1
    output.mkdir(parents=True, exist_ok=True)
    files = {f"{code}.esl": data, f"{code}.svg": picture}
    for name, content in files.items():
        (output / name).write_bytes(content)
    paths = [str(output / name) for name in files]
    if as_json:
        print_json({"files": paths})
    else:
        click.echo("\n".join(paths))
    return 0


async def acting(rooms: Rooms, operator: str) -> Actor:
    """The account that acts, for its own body, now."""
    return Actor.of(await rooms.operator(operator), rooms.clock())


def show_seal(found: SealRecord, *, as_json: bool) -> None:
    """A seal as it stands."""
    if as_json:
        print_json(seal_json(found))
    else:
        click.echo(_line(found))


def show_event(event: SealEvent, *, as_json: bool) -> None:
    """The step that was taken."""
    if as_json:
        print_json(event_json(event))
        return
    click.echo(f"✓ {ACTIONS[event.action].zh} {event.action}  {event.code}  {STATES[event.state].zh} {event.state}")
    if event.action is Action.PROPOSE_RESTORE:
        click.echo("须由另一位印章管理员再次办理 restore · another seal officer must run restore now")


def _line(found: SealRecord) -> str:
    return f"{found.code}  {STATES[found.state].zh} {found.state:11}  {found.application.title}"


for _command in ADDITIONS:
    seal.add_command(_command)

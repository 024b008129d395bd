"""`etrust demo`: the main job from beginning to end, with real stores, and how long each step took."""

import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console

from etrust.access.accounts import reset_password
from etrust.access.api_keys import make_api_key
from etrust.access.model import Scope
from etrust.cli.check import print_verdict, read_presented
from etrust.cli.demo_documents import check_documents, write_documents
from etrust.cli.demo_matter import Phones, accept, check_birth, is_refused_again, show_codes
from etrust.cli.demo_people import DemoPerson, identity_platform
from etrust.cli.licenses import acting
from etrust.cli.options import asynchronous, home_option
from etrust.cli.progress import import_progress
from etrust.cli.region import prepare_home
from etrust.cli.serving import serving, until_told_to_stop
from etrust.clock import official_date
from etrust.credentials.code import encode_code
from etrust.credentials.qr import png, terminal
from etrust.licenses import store
from etrust.licenses.change import Ground, change_status
from etrust.licenses.imports import import_file
from etrust.licenses.model import Action, StoredLicense
from etrust.licenses.samples import write_export
from etrust.licenses.samples.family import COMPANY, HUSBAND, WIFE
from etrust.settings import Settings
from etrust.verification.model import Overall, Status, Verdict
from etrust.wiring import Rooms, open_rooms
from etrust.wiring.founding_family import issue_family
from etrust.wiring.identity_platform import IdentityPlatform
from etrust.wiring.identity_provider import Client

EXPORTS = (("business_license", "csv-gb18030"), ("resident_identity_card", "csv-utf-8-sig"), ("marriage_certificate", "xlsx"))
SHOWN = "business_license"


@dataclass(slots=True)
class _Steps:
    """Prints each step as it begins and remembers how long it took, in seconds."""

    console: Console
    took: list[tuple[str, float]] = field(default_factory=list)

    @asynccontextmanager
    async def step(self, title: str) -> AsyncIterator[None]:
        self.console.print(f"\n[bold]{len(self.took) + 1}. {title}[/]")
        begun = time.perf_counter()
        yield
        self.took.append((title, time.perf_counter() - begun))

    def summary(self) -> None:
        self.console.print("\n[bold]用时 · how long each took[/]")
        for number, (title, seconds) in enumerate(self.took, start=1):
            self.console.print(f"  {number:2}. {seconds * 1000:9.1f} ms  {title}", highlight=False)


@click.command()
@home_option
@click.option("--rows", type=click.IntRange(10, 1_000_000), default=1500, show_default=True, help="每个文件的行数 · rows a file")
@click.option("--once", is_flag=True, help="演示后结束，不启动页面 · end after the walk, serve no pages")
@click.option("--port", type=click.IntRange(0, 65535), help="页面端口 · port of the pages")
@asynchronous
async def demo(settings: Settings, *, rows: int, once: bool, port: int | None) -> int:
    """演示全流程：导入签发、亮码、核验、出具文书、撤销、再核验 · The main job from beginning to end."""
    steps = _Steps(Console(highlight=False, soft_wrap=True))
    async with steps.step("启动存储，建立五级机构、密钥与信任列表 · stores, region of five levels, keys, trust list"):
        await prepare_home(settings, None)
    async with open_rooms(settings, follow=True) as rooms:
        good = await _walk(rooms, steps, rows)
        steps.summary()
        if good and not once:
            await _serve_pages(rooms, settings.port if port is None else port)
    return 0 if good else 1


async def _walk(rooms: Rooms, steps: _Steps, rows: int) -> bool:
    for type_name, form in EXPORTS:
        async with steps.step(f"生成并导入 {rows} 行：{type_name} · generate and import an export file"):
            await _import_sample(rooms, type_name, form, rows)
    code, license_ = await _valid_license(rooms)
    async with steps.step("亮码 · show the code"):
        click.echo(terminal(code))
    verdicts = [await _checked(rooms, steps, "核验文字 · check the text", lambda: code)]
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "code.png")
        picture.write_bytes(png(code))
        verdicts.append(await _checked(rooms, steps, "核验图片 · check the picture", lambda: read_presented(str(picture))))
    async with steps.step("出具加盖电子印章的 PDF、OFD 与加注件 · sealed PDF and OFD, a copy for one use"):
        files = await write_documents(rooms, license_)
    async with steps.step("核验文件 · check the files"):
        before = await check_documents(rooms, files)
    without_paper = await _matter(rooms, steps)
    async with steps.step("撤销 · revoke"):
        await _revoke(rooms, license_)
    verdicts.append(await _checked(rooms, steps, "再次核验 · check again", lambda: code))
    async with steps.step("再次核验文件 · check a file again"):
        after = await check_documents(rooms, {"pdf": files["pdf"]})
    return [verdict.verdict for verdict in verdicts] == [Overall.PASSED, Overall.PASSED, Overall.FAILED] and (
        {*before} == {Status.VALID} and after == [Status.REVOKED] and without_paper
    )


async def _matter(rooms: Rooms, steps: _Steps) -> bool:
    """A matter without paper; whether everything was as it should be."""
    async with steps.step("签发示例家庭的证照 · issue the licenses of a family"):
        await issue_family(rooms)
    phones = Phones.of(rooms)
    async with steps.step("父母出示一码 · the parents show their codes"):
        codes = await show_codes(phones)
    async with steps.step("窗口扫码，手机同意，核对材料 · the clerk scans, they agree, every material is checked"):
        check = await check_birth(phones, codes)
    async with steps.step("受理并出具查验回执 · accept, and give a receipt"):
        receipts = await accept(rooms, check)
    async with steps.step("核验回执 · check the receipt"):
        found = [(await rooms.files.check(path.read_bytes())).verdict for path in receipts]
        for verdict in found:
            print_verdict(verdict)
    async with steps.step("再次出示同一码 · the same codes once more"):
        refused = await is_refused_again(phones, codes)
    return refused and not check.lacking and all(verdict.verdict is Overall.PASSED for verdict in found)


async def _import_sample(rooms: Rooms, type_name: str, form: str, rows: int) -> None:
    folder = rooms.home.path / "samples"
    folder.mkdir(exist_ok=True)
    path = folder / f"{type_name}{'.xlsx' if form == 'xlsx' else '.csv'}"
    write_export(path, rooms.types[type_name], rows, seed=1, form=form, today=official_date(rooms.clock()))
    async with rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, connection, "admin", type_name, None)
        with import_progress(path.name, quiet=False) as on_progress:
            report = await import_file(
                connection, rooms.issuing, rooms.types[type_name], path, who=who, on_progress=on_progress,
                rejects=rooms.home.rejects / f"demo-{type_name}.csv",
            )
    click.echo(
        f"   签发 issued {report.issued}，已签发 already {report.already_issued}，"
        f"退回 rejected {sum(report.rejected.values())} {dict(report.rejected)}"
    )


async def _valid_license(rooms: Rooms) -> tuple[str, StoredLicense]:
    """A license in force, to show; an earlier run of the demonstration may have revoked some."""
    async with rooms.stores.pool.acquire() as connection:
        for place in await store.newest_of_type(connection, SHOWN, 500):
            found = await store.find(connection, *place)
            if found is None:
                continue
            code = encode_code(found.credential)
            if (await rooms.check(code)).verdict is Overall.PASSED:
                return code, found
    raise click.ClickException("没有有效的证照可供演示 · no license in force to show")


async def _checked(rooms: Rooms, steps: _Steps, title: str, read: Callable[[], str]) -> Verdict:
    async with steps.step(title):
        verdict = await rooms.check(read())
    print_verdict(verdict)
    return verdict


async def _revoke(rooms: Rooms, found: StoredLicense) -> None:
    async with rooms.stores.pool.acquire() as connection:
        who = await acting(rooms, connection, "admin", found.license_type, found.issuer)
        await change_status(
            connection, serial=found.serial, version=found.version, action=Action.REVOKE,
            ground=Ground("演示撤销", "《中华人民共和国行政许可法》第六十九条"), who=who,
        )
    await rooms.announce()


async def _serve_pages(rooms: Rooms, port: int) -> None:
    names = ("clerk", "kiosk", "matters", "seals", "seals2")
    at = rooms.clock()
    async with rooms.stores.pool.acquire() as connection:
        passwords = {name: await reset_password(connection, name) for name in names}
        _, found = await _valid_license(rooms)
        key = await make_api_key(connection, operator="officer", scopes=list(Scope), at=at, lifetime=timedelta(days=1))
    with identity_platform(family_people()) as issuer:
        rooms.people.platform = IdentityPlatform(Client(issuer, "etrust", secrets.token_hex(16)), rooms.clock)
        async with serving(rooms, "127.0.0.1", port) as address:
            named = address.replace("127.0.0.1", "localhost")  # passkeys want a name, not a number
            click.echo(
                f"\n持证人手机 · a holder's phone    {named}/my\n"
                f"免证办窗口 · the counter         {address}/desk      clerk  {passwords['clerk']}\n"
                f"查验台 · check a license        {address}/check     clerk  {passwords['clerk']}\n"
                f"自助终端 · the kiosk            {address}/kiosk     kiosk  {passwords['kiosk']}\n"
                f"公众查验 · anyone checks        {address}/verify\n"
                f"事项清单 · matters             {address}/matters   matters  {passwords['matters']}\n"
                f"文件查验 · check a file         {address}/check/file  {rooms.home.path / 'samples'}\n"
                f"印章管理 · seals, two people    {address}/seals     "
                f"seals  {passwords['seals']}  seals2  {passwords['seals2']}\n"
                f"接口 · the API                 {address}/openapi.json\n"
                f"  curl -s {address}/api/v1/checks -H 'Authorization: Bearer {key}' \\\n"
                f"    -d '{{\"presented\": \"{encode_code(found.credential)}\"}}'\n"
                "按 Ctrl+C 结束 · Ctrl+C ends"
            )
            await until_told_to_stop()


def family_people() -> list[DemoPerson]:
    """The parents of the sample family, as the identity platform knows them."""
    company = {"code": COMPANY.code, "name": COMPANY.name, "role": "legal_representative"}
    mother = {"name": WIFE.name, "citizen_number": WIFE.code}
    father = {"name": HUSBAND.name, "citizen_number": HUSBAND.code, "companies": [company]}
    return [
        DemoPerson("demo-mother", WIFE.name, "母亲 · the mother", mother),
        DemoPerson("demo-father", HUSBAND.name, f"父亲，{COMPANY.name}法定代表人 · the father, who has a company", father),
    ]

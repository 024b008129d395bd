"""`etrust lists`: all lists of a region in a folder, for checks that ask nobody; and as files that any server can carry."""

from pathlib import Path

import click

from etrust.cli.options import asynchronous, home_option, json_option, print_json, read_bounded
from etrust.client.faults import RegionFault
from etrust.client.lists import export_lists, fetch_lists
from etrust.client.transport import Transport
from etrust.clock import BEIJING, system_clock
from etrust.errors import EtrustError, Kind
from etrust.recognition.region_changes import MAX_CERTIFICATE, check_division, read_anchor
from etrust.settings import Settings, is_safe_address


@click.group()
def lists() -> None:
    """列表文件：离线核验所需 · Lists as files, for checks that ask nobody."""


@lists.command("fetch")
@home_option
@json_option
@click.argument("address")
@click.option("--region", "division", required=True, help="该地区的行政区划代码 · its division, such as 620000")
@click.option("--anchor", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="已核实的锚证书 · its anchor certificate, compared through another channel")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="列表文件夹，供 etrust verify --lists 使用 · the folder, for etrust verify --lists")
@asynchronous
async def fetch(settings: Settings, *, address: str, division: str, anchor: Path, folder: Path, as_json: bool) -> None:
    """从 ADDRESS 取得一个地区的全部列表，只取变化部分 · Bring a folder up to date with all lists of a region."""
    certificate = read_anchor(read_bounded(anchor, MAX_CERTIFICATE))
    try:
        async with Transport(_safe(address)) as transport:
            done = await fetch_lists(
                transport, folder, region=check_division(division, ""), anchor=certificate, at=system_clock()
            )
    except RegionFault as fault:
        raise _told(fault) from fault
    del settings
    if as_json:
        print_json({
            "region": done.region, "trust_list": done.sequence, "until": done.until.isoformat(), "whole": done.whole,
            "changed": done.changed, "same": done.same, "bytes": done.size,
        })  # fmt: skip
        return
    click.echo(
        f"{done.region}：全量 {done.whole}，增量 {done.changed}，未变 {done.same}，共 {done.size} 字节；"
        f"可用至 {done.until.astimezone(BEIJING):%Y-%m-%d %H:%M}\n"
        f"{done.whole} whole, {done.changed} by changes, {done.same} as they were; {done.size} bytes; new ones are due then"
    )


@lists.command("export")
@home_option
@json_option
@click.argument("address")
@click.option("--to", "folder", required=True, type=click.Path(path_type=Path, file_okay=False),
              help="静态网站文件夹 · the folder of a static site")
@asynchronous
async def export(settings: Settings, *, address: str, folder: Path, as_json: bool) -> None:
    """把一个地区的列表导出为静态网站，可由任何 CDN 或光盘承载 · Write the lists as a static site that anything can carry."""
    try:
        async with Transport(_safe(address)) as transport:
            manifest = await export_lists(transport, folder)
    except RegionFault as fault:
        raise _told(fault) from fault
    del settings
    if as_json:
        print_json({"region": manifest.region, "trust_list": manifest.sequence, "status_lists": len(manifest.status)})
    else:
        counted = f"信任列表 · trust list {manifest.sequence}  状态列表 · status lists {len(manifest.status)}"
        click.echo(f"{folder}  {manifest.region}  {counted}")


def _safe(address: str) -> str:
    if not is_safe_address(address, plain_on_loopback=True, bare=True):
        raise EtrustError(
            Kind.INVALID, "bad_address", where="address",
            zh="地址须为 https://…（仅本机可用 http://）。", en="An address is https://… (http:// on this very machine only).",
        )
    return address


def _told(fault: RegionFault) -> EtrustError:
    return EtrustError(Kind.UNAVAILABLE, fault.code, zh=fault.zh, en=fault.en)

"""`etrust directory`: the list of lists that an operator of regions signs, made anew from the regions' own lists, and shown."""

from datetime import timedelta
from pathlib import Path

import click

from etrust.cli.options import asynchronous, home_option, json_option, print_json, read_bounded
from etrust.client.faults import RegionFault
from etrust.client.lists import write_whole
from etrust.client.transport import Transport
from etrust.clock import BEIJING, system_clock
from etrust.errors import EtrustError, Kind
from etrust.recognition.region_changes import MAX_CERTIFICATE, check_division, read_anchor, safe_address
from etrust.settings import Settings
from etrust.signing.files import FileSigner
from etrust.signing.key_files import read_key
from etrust.trust.directory import (
    MAX_DIRECTORY,
    Directory,
    RegionLine,
    follow_directory,
    read_directory,
    read_older,
    sign_directory,
)
from etrust.trust.following import follow

_MAX_LIST = 32 * 1024 * 1024
_OK = 200


@click.group()
def directory() -> None:
    """区域名录：各地区信任列表的最新编号 · The list of lists of an operator of regions."""


@directory.command("make")
@home_option
@json_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--operator-name", required=True, help="运营方名称 · who signs, such as 国家政务服务平台")
@click.option("--key", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="签名私钥（PKCS#8，0600）· the private key")
@click.option("--certificate", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="对应证书 · its certificate, which regions pin")
@click.option("--region", "regions", multiple=True, required=True, nargs=4, metavar="代码 名称 地址 锚证书",
              help="每个地区一次 · once for each: DIVISION NAME ADDRESS ANCHOR")
@click.option("--hours", type=click.IntRange(1, 24 * 30), default=24, show_default=True, help="有效小时数 · how long it counts")
@asynchronous
async def make(
    settings: Settings, *, file: Path, operator_name: str, key: Path, certificate: Path, regions: tuple[tuple[str, ...], ...],
    hours: int, as_json: bool,
) -> None:
    """逐一取得各地区信任列表并核验，写出 FILE · Fetch and judge each region's list, and sign what they are."""
    at = system_clock().replace(microsecond=0)
    operator = read_anchor(read_bounded(certificate, MAX_CERTIFICATE))
    signer = FileSigner(read_key(key, _passphrase(settings)), operator)
    before = read_bounded(file, MAX_DIRECTORY) if file.is_file() else None
    known = None if before is None else _older(before, operator)
    lines = tuple([await _line(*each) for each in regions])
    content = Directory(
        operator_name, 1 if known is None else known.sequence + 1, at, at + timedelta(hours=hours), lines
    )  # fmt: skip
    token = sign_directory(content, signer)
    follow_directory(known, token, operator=operator, at=at)  # what followers would refuse is not published
    write_whole(file, token)
    _tell(content, as_json=as_json)


@directory.command("show")
@json_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--certificate", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="运营方证书 · the operator's certificate")
def show(*, file: Path, certificate: Path, as_json: bool) -> None:
    """核验并显示名录 FILE · Judge a list of lists and show it."""
    operator = read_anchor(read_bounded(certificate, MAX_CERTIFICATE))
    _tell(read_directory(read_bounded(file, MAX_DIRECTORY), operator=operator, at=system_clock()), as_json=as_json)


async def _line(division: str, name: str, address: str, anchor: str) -> RegionLine:
    region, base_url = check_division(division, ""), safe_address(address)
    certificate = read_anchor(read_bounded(Path(anchor), MAX_CERTIFICATE))
    try:
        async with Transport(base_url) as transport:
            heard = await transport.ask("GET", "/.well-known/etrust/trust-list", limit=_MAX_LIST)
    except RegionFault as fault:
        raise EtrustError(Kind.UNAVAILABLE, fault.code, where=region, zh=fault.zh, en=fault.en) from fault
    if heard.status != _OK:
        raise EtrustError(
            Kind.UNAVAILABLE, "no_trust_list", where=region,
            zh=f"未能从 {base_url} 取得信任列表。", en=f"No trust list could be had from {base_url}.",
        )
    found = follow(None, heard.body, region=region, anchor=certificate, at=system_clock())
    return RegionLine(region, name, base_url, certificate, found.snapshot.trust_list.sequence, found.snapshot.digest)


def _older(token: bytes, operator: bytes) -> Directory:
    """The one made before, whatever its time: its number and what it named still count."""
    return read_older(token, operator=operator)


def _passphrase(settings: Settings) -> bytes | None:
    found = settings.key_passphrase
    return None if found is None else found.get_secret_value().encode()


def _tell(content: Directory, *, as_json: bool) -> None:
    rows = [
        {"region": each.region, "name": each.name, "base_url": each.base_url, "trust_list": each.sequence, "digest": each.digest}
        for each in content.regions
    ]  # fmt: skip
    if as_json:
        print_json({
            "operator": content.operator, "sequence": content.sequence, "until": content.next_update.isoformat(), "regions": rows,
        })  # fmt: skip
        return
    until = content.next_update.astimezone(BEIJING)
    click.echo(f"{content.operator}  第 {content.sequence} 号  有效至 · until {until:%Y-%m-%d %H:%M}")
    for row in rows:
        click.echo("  ".join(str(value) for value in row.values()))

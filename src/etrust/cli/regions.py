"""`etrust region`: the partner regions that are asked for licenses."""

import hashlib
from datetime import datetime
from pathlib import Path

import click

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.cli.evidence import answers, check_proof, prove
from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json, read_bounded
from etrust.clock import BEIJING
from etrust.errors import EtrustError, Kind
from etrust.recognition import partner_store
from etrust.recognition.model import PartnerRegion
from etrust.recognition.region_changes import MAX_CERTIFICATE, check_division, read_anchor, safe_address
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms


@click.group()
def region() -> None:
    """伙伴地区：向其查询证照 · Partner regions that are asked for licenses."""


region.add_command(answers)
region.add_command(prove)
region.add_command(check_proof)


@region.command("add")
@home_option
@operator_option
@json_option
@click.argument("division")
@click.argument("base_url")
@click.option("--name", required=True, help="地区名称 · its name in Chinese")
@click.option("--name-ug", default="", help="维吾尔文名称 · its name in Uyghur")
@click.option("--name-en", default="", help="英文名称 · its name in English")
@click.option("--anchor", required=True, type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="已经其他途径核实的锚证书 · its anchor certificate (DER or PEM), compared through another channel")
@click.option("--until", help="到此日为止，如 2027-12-31 · asked until that day")
@asynchronous
async def add(
    settings: Settings, *, operator: str, as_json: bool, division: str, base_url: str, name: str, name_ug: str, name_en: str,
    anchor: Path, until: str | None,
) -> None:
    """登记伙伴地区 DIVISION，其服务地址为 BASE_URL · Add a region, reached at BASE_URL."""
    certificate = read_anchor(read_bounded(anchor, MAX_CERTIFICATE))
    async with open_rooms(settings) as rooms:
        now, acting = rooms.clock(), await rooms.operator(operator)
        require_role(acting, Role.ADMIN)
        partner = PartnerRegion(
            0, check_division(division, settings.region), name, name_ug, name_en, safe_address(base_url), certificate, now,
            _end(until),
        )  # fmt: skip
        await _require_new(rooms, partner.region)
        await _add(rooms, partner, acting)
    fingerprint = hashlib.sha256(certificate).hexdigest()
    if as_json:
        print_json({"region": partner.region, "base_url": partner.base_url, "anchor": f"sha256:{fingerprint}"})
    else:
        click.echo(f"{partner.region} {partner.name_zh} {partner.base_url}\n锚证书 · anchor sha256:{fingerprint}")


async def _require_new(rooms: Rooms, division: str) -> None:
    async with rooms.stores.pool.acquire() as connection:
        known = await partner_store.partners(connection)
    if any(each.region == division for each in known):
        raise EtrustError(
            Kind.CONFLICT, "region_exists", where=division,
            zh=f"伙伴地区 {division} 已登记；如需更换，请先 etrust region remove {division}。",
            en=f"Region {division} is there already; to replace it, run etrust region remove {division} first.",
        )


async def _add(rooms: Rooms, partner: PartnerRegion, acting: Operator) -> None:
    async with rooms.stores.pool.acquire() as connection, connection.transaction():
        await partner_store.add_partner(connection, partner, operator=acting.username, at=rooms.clock())
        await access_store.record(
            connection, at=rooms.clock(), operator=acting.username, body=acting.body, action="region.add", subject=partner.region
        )


def _end(text: str | None) -> datetime | None:
    return None if text is None else end_of_day(text)


def end_of_day(text: str) -> datetime:
    """The end of a day in official time.

    Raises:
        EtrustError: ``bad_time``.
    """
    try:
        return datetime.fromisoformat(text).replace(hour=23, minute=59, second=59, tzinfo=BEIJING)
    except ValueError as error:
        raise EtrustError(
            Kind.INVALID, "bad_time", where="--until",
            zh="--until 写法应如 2027-12-31。", en="--until takes a day such as 2027-12-31.",
        ) from error


@region.command("list")
@home_option
@json_option
@asynchronous
async def list_(settings: Settings, *, as_json: bool) -> None:
    """列出伙伴地区 · List the partner regions."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        found = await partner_store.partners(connection)
        known = {each.region: await partner_store.newest_sequence(connection, each.region, _digest(each)) for each in found}
    rows = [_row(each, known[each.region]) for each in found]
    if as_json:
        print_json({"regions": rows})
        return
    for row in rows:
        click.echo("  ".join(str(value or "–") for value in row.values()))


def _digest(partner: PartnerRegion) -> bytes:
    return hashlib.sha256(partner.anchor).digest()


def _row(partner: PartnerRegion, known: int | None) -> dict[str, object]:
    return {
        "region": partner.region, "name": partner.name_zh, "base_url": partner.base_url,
        "valid_until": None if partner.valid_until is None else partner.valid_until.isoformat(),
        "trust_list": known, "anchor": f"sha256:{_digest(partner).hex()}",
    }  # fmt: skip


@region.command("remove")
@home_option
@operator_option
@click.argument("division")
@asynchronous
async def remove(settings: Settings, *, operator: str, division: str) -> int:
    """移除伙伴地区 · Ask a region no more, and answer it no more."""
    async with open_rooms(settings) as rooms:
        acting = await rooms.operator(operator)
        require_role(acting, Role.ADMIN)
        async with rooms.stores.pool.acquire() as connection, connection.transaction():
            found = [each for each in await partner_store.partners(connection) if each.region == division]
            for each in found:
                await partner_store.end_partner(connection, each.partner_id, operator=acting.username, at=rooms.clock())
                await access_store.record(
                    connection, at=rooms.clock(), operator=acting.username, body=acting.body, action="region.remove",
                    subject=division,
                )
    click.echo(f"已移除 · removed {division}" if found else f"没有伙伴地区 · no partner region {division}")
    return 0 if found else 1

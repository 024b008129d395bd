"""`etrust code`: tell the codes that were scanned without a network, and list those that were used twice."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import click
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from etrust.cli.options import asynchronous, home_option, json_option, operator_option, print_json, read_bounded
from etrust.errors import EtrustError, Kind
from etrust.onecode import reconcile_store
from etrust.onecode.reconcile import MAX_SCANS, Answer, Reconciled, Scan
from etrust.onecode.reconcile_store import CodeUse
from etrust.settings import Settings
from etrust.wiring import open_rooms

_MAX_FILE = 4 * 1024 * 1024


class _ScanLine(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(max_length=4096)
    scanned_at: AwareDatetime
    matter: str = Field(default="", max_length=31)
    case_number: str = Field(default="", max_length=43)
    note: str = Field(default="", max_length=200)


@click.group()
def code() -> None:
    """一码：断网查验的核对 · Codes of holders that were scanned without a network."""


@code.command()
@home_option
@operator_option
@json_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@asynchronous
async def reconcile(settings: Settings, *, operator: str, as_json: bool, file: Path) -> int:
    """核对断网期间的扫码记录，FILE 每行一个 JSON · Tell scans made without a network, one JSON object a line."""
    scans = _scans(file)
    async with open_rooms(settings) as rooms:
        who, answers = await rooms.operator(operator), list[Answer]()
        for place in range(0, len(scans), MAX_SCANS):
            answers += await rooms.codes.reconcile(scans[place : place + MAX_SCANS], operator=who)
    if as_json:
        print_json({"answers": [_row(answer) for answer in answers]})
    else:
        for scan, answer in zip(scans, answers, strict=True):
            first = "" if answer.first is None else f"  首次使用 · first used {answer.first.used_at.isoformat()}"
            click.echo(f"{scan.scanned_at.isoformat()}  {answer.outcome}  {answer.reason}{first}")
    return 0 if all(answer.outcome is Reconciled.ACCEPTED for answer in answers) else 1


@code.command()
@home_option
@json_option
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True, help="最近几天 · how many days back")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True)
@asynchronous
async def twice(settings: Settings, *, as_json: bool, days: int, limit: int) -> None:
    """列出被用过两次的码 · List the codes that were used more than once, the latest first."""
    async with open_rooms(settings) as rooms, rooms.stores.pool.acquire() as connection:
        pairs = await reconcile_store.further_uses(connection, rooms.clock() - timedelta(days=days), limit)
    if as_json:
        print_json({"used_twice": [{"first": _use(first), "again": _use(again)} for first, again in pairs]})
        return
    for first, again in pairs:
        click.echo(f"{_said(first)}  →  {_said(again)}")


def _scans(file: Path) -> list[Scan]:
    data = read_bounded(file, _MAX_FILE)
    lines = data.splitlines() if len(data) <= 2 * _MAX_FILE else []
    try:
        found = [_ScanLine.model_validate(json.loads(line)) for line in lines if line.strip()]
    except (ValueError, ValidationError) as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_scans", where=str(file),
            zh=f"{file} 每行须为一个 JSON 对象，含 text 与 scanned_at。",
            en=f"Each line of {file} is a JSON object with text and scanned_at.",
        ) from error
    return [Scan(**each.model_dump()) for each in found]


def _row(answer: Answer) -> dict[str, object]:
    return {
        "outcome": answer.outcome, "reason": answer.reason or None,
        "first_used_at": None if answer.first is None else answer.first.used_at.isoformat(),
    }  # fmt: skip


def _use(use: CodeUse) -> dict[str, object]:
    return {
        "used_at": use.used_at.isoformat(), "offline": use.offline, "operator": use.operator, "body": use.body,
        "matter": use.matter or None, "case_number": use.case_number or None, "note": use.note or None,
    }  # fmt: skip


def _said(use: CodeUse) -> str:
    how = "断网 · offline" if use.offline else "联网 · online"
    return f"{_local(use.used_at)} {use.operator or '公众 · public'} {how}"


def _local(at: datetime) -> str:
    return at.astimezone().isoformat(timespec="seconds")

"""`etrust verify`: one check, with the stores or with no server at all."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console

from etrust.cli.options import asynchronous, home_option, json_option, print_json
from etrust.clock import BEIJING, system_clock
from etrust.credentials.image import read_codes
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import by_code, load_types
from etrust.settings import Settings
from etrust.verification.model import Outcome, Overall, Verdict
from etrust.verification.offline import OfflineVerifier
from etrust.verification.pictures import one_code
from etrust.verification.report import SENTENCES, verdict_json
from etrust.verification.verify import unreadable

MAX_INPUT = 12 * 1024 * 1024
_MAX_PATH = 1000
_IMAGE_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"GIF8", b"BM")


@click.command()
@home_option
@json_option
@click.argument("presented")
@click.option("--at", help="查验的时间，如 2026-05-01 或 2026-05-01T12:00:00 · the moment asked about, official time")
@click.option("--known-at", help="以当时所知为准 · counting only what was known by then")
@click.option("--offline", is_flag=True, help="不连接任何服务 · use no server at all")
@click.option("--trust", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="信任列表文件 · trust list file")
@click.option("--status", type=click.Path(path_type=Path, dir_okay=False, exists=True), multiple=True,
              help="状态列表文件 · status list file, may be given several times")
@click.option("--anchor", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="信任锚证书 · anchor certificate to hold the trust list against")
@asynchronous
async def verify(
    settings: Settings, *, as_json: bool, presented: str, at: str | None, known_at: str | None, offline: bool,
    trust: Path | None, status: tuple[Path, ...], anchor: Path | None,
) -> int:
    """核验：PRESENTED 为码的文字、二维码图片、证照标识，或 - · Check a code's text, a picture, an identifier, or -."""
    moment, known = _moment(at, "--at"), _moment(known_at, "--known-at")
    if offline:
        verdict = _answer(presented, moment, _offline(settings, trust, status, anchor, moment))
    else:
        verdict = await _online(settings, presented, moment, known)
    if as_json:
        print_json(verdict_json(verdict))
    else:
        print_verdict(verdict)
    return 0 if verdict.verdict is Overall.PASSED else 1


def _answer(presented: str, at: datetime | None, check: Callable[[str], Verdict]) -> Verdict:
    try:
        return check(read_presented(presented))
    except EtrustError as error:
        if error.kind not in (Kind.MALFORMED, Kind.TOO_LARGE):
            raise
        return unreadable(error, at or system_clock())


async def _online(settings: Settings, presented: str, at: datetime | None, known_at: datetime | None) -> Verdict:
    try:
        text = read_presented(presented)
    except EtrustError as error:
        return unreadable(error, at or system_clock())
    from etrust.wiring import open_rooms  # noqa: PLC0415 - a check with no server should not wait for the loading of one

    async with open_rooms(settings) as rooms:
        return await rooms.check(text, at=at, known_at=known_at)


def _offline(
    settings: Settings, trust: Path | None, status: tuple[Path, ...], anchor: Path | None, at: datetime | None
) -> Callable[[str], Verdict]:
    if trust is None:
        raise EtrustError(
            Kind.INVALID, "trust_list_needed", where="--trust",
            zh="离线核验须用 --trust 指定信任列表文件。", en="An offline check needs a trust list: --trust FILE.",
        )
    verifier = OfflineVerifier.from_files(
        trust_list=trust.read_bytes(), status_lists=[path.read_bytes() for path in status],
        anchors=_anchors(settings, anchor), now=system_clock(), types=by_code(load_types()),
    )
    return lambda text: verifier.check(text, at=at or system_clock())


def _anchors(settings: Settings, anchor: Path | None) -> list[bytes]:
    if anchor is not None:
        return [anchor.read_bytes()]
    from etrust.wiring.home import Home  # noqa: PLC0415 - as above

    home = Home(settings.home)
    return [home.anchor_certificate()] if home.is_founded else []


def read_presented(argument: str) -> str:
    """The text to check: the argument itself, standard input for ``-``, or the code in an image file.

    Raises:
        EtrustError: too long, or a picture without a single code.
    """
    data = sys.stdin.buffer.read(MAX_INPUT + 1) if argument == "-" else _file_bytes(argument)
    if data is None:
        return argument
    if len(data) > MAX_INPUT:
        raise EtrustError(Kind.TOO_LARGE, "too_large", zh="输入超过 12 MB。", en="The input is larger than 12 MB.")
    if data.startswith(_IMAGE_STARTS):
        return one_code(read_codes(data))
    return data.decode("utf-8", "replace").strip()


def _file_bytes(argument: str) -> bytes | None:
    if len(argument) > _MAX_PATH or "\0" in argument or not Path(argument).is_file():
        return None
    with Path(argument).open("rb") as file:
        return file.read(MAX_INPUT + 1)


def _moment(text: str | None, option: str) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise EtrustError(
            Kind.INVALID, "bad_time", where=option,
            zh=f"{option} 的时间写法应如 2026-05-01 或 2026-05-01T12:00:00。",
            en=f"{option} takes a time such as 2026-05-01 or 2026-05-01T12:00:00.",
        ) from error
    aware = moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
    if aware > system_clock():
        raise EtrustError(
            Kind.INVALID, "future_time", where=option,
            zh="查验时间不能晚于现在。", en="The time asked about may not be in the future.",
        )
    return aware


_SIGNS = {
    Overall.PASSED: ("●", "✓ 有效", "VALID", "green"),
    Overall.INDETERMINATE: ("◆", "? 无法确定", "INDETERMINATE", "yellow"),
    Overall.FAILED: ("■", "✕ 无效", "NOT VALID", "red"),
}
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✕", Outcome.UNKNOWN: "?", Outcome.SKIPPED: "–"}


def print_verdict(verdict: Verdict) -> None:
    """The verdict for a person: word, sentence, who and until when, then the findings."""
    console = Console(highlight=False, soft_wrap=True)
    shape, word, english, color = _SIGNS[verdict.verdict]
    zh, en = SENTENCES[verdict.status]
    console.print(f"[bold {color}]{shape} {word}[/]  {english} · {verdict.status.value}")
    console.print(f"  {zh}\n  {en}")
    for label, value in _lines(verdict):
        console.print(f"  {label}：{value}", markup=False)
    for finding in verdict.findings:
        reason = f" {finding.reason}" if finding.reason else ""
        console.print(f"  [dim]{_MARKS[finding.outcome]} {finding.step}{reason}[/]")


def _lines(verdict: Verdict) -> list[tuple[str, object]]:
    shown = verdict.license
    if shown is None:
        return []
    names, issuer, fields = shown["type_names"], shown["issuer"], shown["fields"]
    assert isinstance(names, dict)  # noqa: S101 - the shape that disclosure.disclose gives
    assert isinstance(issuer, dict)  # noqa: S101 - as above
    assert isinstance(fields, list)  # noqa: S101 - as above
    return [
        ("证照", names["zh"]), ("签发机构", issuer["name_zh"] or issuer["code"]),
        *((field["zh"], field["value"]) for field in fields), ("有效期至", shown["valid_until"] or "长期"),
    ]  # fmt: skip

"""`etrust verify`: one check, with the stores or with no server at all."""

import os
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from etrust.cli.file_question import FileQuestion
from etrust.cli.options import DEFAULT_OPERATOR, asynchronous, home_option, json_option, print_json
from etrust.clock import BEIJING, system_clock
from etrust.credentials.code import is_code
from etrust.credentials.image import read_codes
from etrust.credentials.online_code import is_online_code
from etrust.credentials.receipt import RECEIPT, is_receipt
from etrust.documents.pdf_bytes import is_pdf
from etrust.errors import EtrustError, Kind
from etrust.licenses.types import by_code, load_types
from etrust.ses.package import MAX_PACKAGE
from etrust.settings import Settings
from etrust.verification.archive_package import is_package
from etrust.verification.archives import ARCHIVE
from etrust.verification.model import Outcome, Overall, Status, Verdict
from etrust.verification.offline import MAX_FILE, OfflineVerifier
from etrust.verification.online_code import CODE
from etrust.verification.online_code import SENTENCES as CODE_SENTENCES
from etrust.verification.pdf import PDF
from etrust.verification.pdf import SENTENCES as PDF_SENTENCES
from etrust.verification.pictures import one_code
from etrust.verification.receipts import SENTENCES as RECEIPT_SENTENCES
from etrust.verification.report import SENTENCES, SOUND_FILE_SENTENCES, only_reason, verdict_json
from etrust.verification.seals import KINDS, recognize
from etrust.verification.seals import SENTENCES as SEAL_SENTENCES
from etrust.verification.verify import unreadable

if TYPE_CHECKING:
    from etrust.recognition.offline_regions import OfflineRegions

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
@click.option("--lists", "folder", type=click.Path(path_type=Path, file_okay=False, exists=True),
              help="列表文件夹（信任、状态、吊销列表和互认协议）· a folder of several regions' lists")
@click.option("--anchor", type=click.Path(path_type=Path, dir_okay=False, exists=True), multiple=True,
              help="信任锚证书，可多次给出 · anchor certificates for the trust list, or for seals")
@click.option("--crl", type=click.Path(path_type=Path, dir_okay=False, exists=True), multiple=True,
              help="吊销列表文件（印章、PDF 用）· certificate revocation list, for seals and PDF")
@click.option("--document", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help="签章数据所签的文件 · the file a seal signature stands on")
@click.option("--report", type=click.Path(path_type=Path, dir_okay=False, writable=True),
              help="把 ETSI TS 119 102-2 报告（XML）写入文件，仅限 PDF · write the ETSI report of a PDF here")
@asynchronous
async def verify(
    settings: Settings, *, as_json: bool, presented: str, at: str | None, known_at: str | None, offline: bool,
    trust: Path | None, status: tuple[Path, ...], folder: Path | None, anchor: tuple[Path, ...], crl: tuple[Path, ...],
    document: Path | None, report: Path | None,
) -> int:
    """核验：PRESENTED 为码、图片、证照标识、PDF、OFD、印章或签章文件，或 - · Check a code, picture, identifier, file, or -."""
    moment, known = _moment(at, "--at"), _moment(known_at, "--known-at")
    data = _presented_bytes(presented)
    if data is not None and (is_pdf(data) or is_receipt(data) or is_package(data) or recognize(data) is not None):
        lists = _lists(settings, trust, status, anchor) if trust is not None else None
        regions = None if folder is None else _regions(settings, folder, anchor)
        verdict = await _file(settings, lists or regions, FileQuestion(data, moment, anchor, crl, document, report, offline))
    elif folder is not None:
        regions = _regions(settings, folder, anchor)
        verdict = _answer(lambda: _text(presented, data), moment, lambda text: regions.check(text, at=moment or system_clock()))
    elif offline:
        verdict = _answer(lambda: _text(presented, data), moment, _offline(settings, trust, status, anchor, moment))
    else:
        verdict = await _online(settings, lambda: _text(presented, data), moment, known)
    if as_json:
        print_json(verdict_json(verdict))
    else:
        print_verdict(verdict)
    return 0 if verdict.verdict is Overall.PASSED else 1


async def _file(settings: Settings, lists: "OfflineVerifier | OfflineRegions | None", question: FileQuestion) -> Verdict:
    from etrust.cli.sealed import check_file  # noqa: PLC0415 - a check of a code should not wait for the loading of readers

    return await check_file(settings, question, lists)


def _answer(read: Callable[[], str], at: datetime | None, check: Callable[[str], Verdict]) -> Verdict:
    try:
        return check(read())
    except EtrustError as error:
        if error.kind not in (Kind.MALFORMED, Kind.TOO_LARGE):
            raise
        return unreadable(error, at or system_clock())


async def _online(
    settings: Settings, read: Callable[[], str], at: datetime | None, known_at: datetime | None
) -> Verdict:
    try:
        text = read()
    except EtrustError as error:
        return unreadable(error, at or system_clock())
    from etrust.wiring import open_rooms  # noqa: PLC0415 - a check with no server should not wait for the loading of one

    async with open_rooms(settings) as rooms:
        actor = await rooms.operator(DEFAULT_OPERATOR) if is_online_code(text) else None
        return await rooms.check(text, actor=actor, at=at, known_at=known_at)


def _offline(
    settings: Settings, trust: Path | None, status: tuple[Path, ...], anchor: tuple[Path, ...], at: datetime | None
) -> Callable[[str], Verdict]:
    if trust is None:
        raise EtrustError(
            Kind.INVALID, "trust_list_needed", where="--trust",
            zh="离线核验须用 --trust 指定信任列表文件。", en="An offline check needs a trust list: --trust FILE.",
        )
    verifier = _lists(settings, trust, status, anchor)
    return lambda text: verifier.check(text, at=at or system_clock())


def _lists(settings: Settings, trust: Path, status: tuple[Path, ...], anchor: tuple[Path, ...]) -> OfflineVerifier:
    return OfflineVerifier.from_files(
        trust_list=trust.read_bytes(), status_lists=[path.read_bytes() for path in status],
        anchors=_anchors(settings, anchor), now=system_clock(), types=by_code(load_types()),
    )


def _regions(settings: Settings, folder: Path, anchor: tuple[Path, ...]) -> "OfflineRegions":
    from etrust.recognition.offline_regions import MAX_FILES, OfflineRegions  # noqa: PLC0415 - few checks are of other regions

    files = (_bounded(path) for path in sorted(folder.rglob("*"))[: MAX_FILES + 1] if path.is_file())
    return OfflineRegions.from_folder(
        files, region=settings.region, anchors=_anchors(settings, anchor), now=system_clock(), types=by_code(load_types())
    )


def _bounded(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE + 1)


def _anchors(settings: Settings, anchors: tuple[Path, ...]) -> list[bytes]:
    if anchors:
        return [each.read_bytes() for each in anchors]
    from etrust.wiring.home import Home  # noqa: PLC0415 - as above

    home = Home.of(settings)
    return [home.anchor_certificate()] if home.is_founded else []


def read_presented(argument: str) -> str:
    """The text to check: the argument itself, standard input for ``-``, or the code in an image file.

    Raises:
        EtrustError: too long, or a picture without a single code.
    """
    return _text(argument, _presented_bytes(argument))


def _presented_bytes(argument: str) -> bytes | None:
    """The content of standard input or of a file; None when the argument is neither."""
    return sys.stdin.buffer.read(MAX_PACKAGE + 1) if argument == "-" else _file_bytes(argument)


def _text(argument: str, data: bytes | None) -> str:
    if data is None:
        return argument
    if len(data) > MAX_INPUT:
        raise EtrustError(Kind.TOO_LARGE, "too_large", zh="输入超过 12 MB。", en="The input is larger than 12 MB.")
    if data.startswith(_IMAGE_STARTS):
        return one_code(read_codes(data))
    return data.decode("utf-8", "replace").strip()


def _file_bytes(argument: str) -> bytes | None:
    if is_code(argument) or len(argument) > _MAX_PATH or "\0" in argument or not os.path.isfile(argument):  # noqa: PTH113 - quiet where Path raises
        return None
    with Path(argument).open("rb") as file:
        return file.read(MAX_PACKAGE + 1)


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
    zh, en = SOUND_FILE_SENTENCES.get(only_reason(verdict)) or _sentences(verdict.kind)[verdict.status]
    console.print(f"[bold {color}]{shape} {word}[/]  {english} · {verdict.status.value}")
    console.print(f"  {zh}\n  {en}")
    for label, value in _lines(verdict):
        console.print(f"  {label}：{value}", markup=False)
    for finding in verdict.findings:
        reason = f" {finding.reason}" if finding.reason else ""
        console.print(f"  [dim]{_MARKS[finding.outcome]} {finding.step}{reason}[/]")


def _sentences(kind: str) -> Mapping[Status, tuple[str, str]]:
    if kind in KINDS:
        return SEAL_SENTENCES
    if kind == CODE:
        return CODE_SENTENCES
    if kind in (RECEIPT, ARCHIVE):
        return RECEIPT_SENTENCES
    return PDF_SENTENCES if kind in (PDF, "file") else SENTENCES


def _lines(verdict: Verdict) -> list[tuple[str, object]]:
    shown = verdict.license
    if shown is None:
        return []
    names, issuer, fields = shown.get("type_names"), shown.get("issuer"), shown["fields"]
    assert isinstance(fields, list)  # noqa: S101 - the shape that disclosure.disclose gives
    lines: list[tuple[str, object]] = []
    if isinstance(names, dict):
        lines.append(("证照", names["zh"]))
    if isinstance(issuer, dict):  # the code of a holder names none
        lines.append(("颁发机构", issuer["name_zh"] or issuer["code"]))
    lines += [(field["zh"], field["value"]) for field in fields]
    return [*lines, ("有效期至", shown["valid_until"] or "长期")] if "valid_until" in shown else lines

"""Delimited text (CSV): encoding and delimiter found out, checked once to its end, then streamed."""

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from etrust.errors import EtrustError
from etrust.licenses.intake.faults import unreadable
from etrust.licenses.intake.table import MAX_COLUMNS, Table, shape_header, shaped, too_many_columns

_BLOCK = 1 << 20
_KEPT = 8 << 20
"""Bytes of a file whose rows are kept in memory when it is checked; a larger one is read a second time."""
_MAX_LINE = 1 << 20
_DELIMITERS = ",\t;"
_BOM = b"\xef\xbb\xbf"
# So many characters outside ASCII, read as UTF-8 without fault, are no accident: the file is UTF-8 with a
# bad spot.
_SURELY_UTF8 = 8
# Follows the last line: when it does not come out as a row of its own, a quotation mark was never closed.
_SENTINEL = "\x03"


def open_delimited(path: Path) -> Table:
    """Open delimited text; the whole file is read once to see that it can be.

    Raises:
        EtrustError: ``nul_bytes``, ``bad_encoding``, ``broken_csv``, ``too_many_columns``,
            ``duplicate_columns``, ``no_rows``.
    """
    encoding = _encoding(path)
    try:
        with _text(path, encoding) as file:
            delimiter = _delimiter(file, path.name)
        kept: list[list[str]] | None = [] if path.stat().st_size <= _KEPT else None
        blank_lines, names, count = _check(path, encoding, delimiter, kept)
    except UnicodeDecodeError:
        _refuse_bad_gb18030(path)
        raise
    header = shape_header(names, path.name)
    if count < 1:
        raise unreadable(
            "no_rows",
            path.name,
            "文件只有表头，没有数据行；请重新导出。",
            "The file has a header and no rows; please export it again.",
        )
    rows = _rows(path, encoding, delimiter, blank_lines + 1) if kept is None else iter(kept)
    return Table(header, shaped(rows, len(header)), count)


def _text(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, newline="")


def _encoding(path: Path) -> str:
    """``utf-8-sig`` or ``gb18030``; the first fits every UTF-8 file, with or without a BOM."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    seen, line, marked = 0, 1, False
    blocks = _blocks(path)
    for block in blocks:
        marked = marked or (line == 1 and block.startswith(_BOM))
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeDecodeError as failure:
            before = failure.object[: failure.start].decode("utf-8", "replace")
            if marked or seen + _foreign(before) >= _SURELY_UTF8:
                raise _bad_encoding(path.name, line + before.count("\n"), "UTF-8") from failure
            return _only_text(blocks, "gb18030")
        seen += _foreign(text)
        line += text.count("\n")
    return "utf-8-sig"


def _only_text(blocks: Iterator[bytes], encoding: str) -> str:
    for _ in blocks:  # each is searched for NUL bytes on its way
        pass
    return encoding


def _blocks(path: Path) -> Iterator[bytes]:
    """The file in blocks, and an empty one at its end; a NUL byte in one is refused."""
    line = 1
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if b"\0" in block:
                raise _nul_bytes(path.name, line + block[: block.index(b"\0")].count(b"\n"))
            yield block
            line += block.count(b"\n")
    yield b""


def _foreign(text: str) -> int:
    return 0 if text.isascii() else len(text.encode()) - len(text)


def _refuse_bad_gb18030(path: Path) -> None:
    """Raise ``bad_encoding`` with the line of the first invalid byte."""
    decoder = codecs.getincrementaldecoder("gb18030")()
    line = 1
    for block in _blocks(path):
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as failure:
            line += failure.object[: failure.start].count(b"\n")
            raise _bad_encoding(path.name, line, "GB18030") from failure
        line += block.count(b"\n")


def _nul_bytes(name: str, line: int) -> EtrustError:
    return unreadable(
        "nul_bytes",
        f"{name}:{line}",
        f"第 {line} 行附近有空字节，文件已损坏或不是文本；请重新导出。",
        f"There are NUL bytes near line {line}: the file is damaged or no text; please export it again.",
    )


def _bad_encoding(name: str, line: int, encoding: str) -> EtrustError:
    return unreadable(
        "bad_encoding",
        f"{name}:{line}",
        f"第 {line} 行附近有无法识别的字符（{encoding}），文件可能被截断或损坏；请重新导出。",
        f"There are invalid bytes near line {line} ({encoding}): the file is cut short or damaged; please export it again.",
    )


def _delimiter(file: TextIO, name: str) -> str:
    """The delimiter that gives the header the most columns; the comma when none does."""
    line = next((line for line in _lines(file, name) if line.strip()), "")
    try:
        return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([line], delimiter=mark), [])))
    except csv.Error:
        return _DELIMITERS[0]  # reading the whole file will meet the fault again and tell it


def _lines(file: TextIO, name: str) -> Iterator[str]:
    number = 0
    while line := file.readline(_MAX_LINE):
        number += 1
        if len(line) == _MAX_LINE and line[-1] not in "\r\n":
            raise _broken(name, number, "一行超过 100 万个字符", "a line has more than a million characters")
        yield line


def _check(path: Path, encoding: str, delimiter: str, kept: list[list[str]] | None) -> tuple[int, list[str], int]:
    """Read the whole file: blank lines before the header, the header, how many rows are not blank.

    Args:
        kept: gets the rows below the header; None keeps none.
    """
    before, names, count = 0, [""], 0
    with _text(path, encoding) as file:
        reader = csv.reader(_with_sentinel(file, path.name), delimiter=delimiter)
        start, row = 1, [""]
        try:
            for row in reader:
                filled = any(map(str.strip, row))
                if len(row) > MAX_COLUMNS and len(_trimmed(row)) > MAX_COLUMNS:
                    raise too_many_columns(f"{path.name}:{start}")
                if names == [""]:
                    before, names = (before, row) if filled else (before + 1, names)
                else:
                    count += filled
                    if kept is not None:
                        kept.append(row)
                last, start = start, reader.line_num + 1
        except csv.Error as failure:
            raise _broken(
                path.name,
                start,
                "引号没有成对或单元格过长",
                "a quotation mark is not closed, or a cell is too long",
            ) from failure
    if row != [_SENTINEL]:
        raise _broken(path.name, last, "引号没有成对", "a quotation mark is not closed")
    if kept:
        kept.pop()  # the sentinel
    return before, names, count - 1


def _trimmed(row: list[str]) -> list[str]:
    width = next((place for place in range(len(row), 0, -1) if row[place - 1].strip()), 0)
    return row[:width]


def _with_sentinel(file: TextIO, name: str) -> Iterator[str]:
    yield from _lines(file, name)
    yield _SENTINEL


def _broken(name: str, line: int, zh: str, en: str) -> EtrustError:
    return unreadable(
        "broken_csv",
        f"{name}:{line}",
        f"从第 {line} 行开始无法读取：{zh}；请检查该行的引号，或改用 XLSX 导出。",
        f"The file cannot be read from line {line} on: {en}; please check that line, or export as XLSX.",
    )


def _rows(path: Path, encoding: str, delimiter: str, skipped: int) -> Iterator[list[str]]:
    try:
        with _text(path, encoding) as file:
            reader = csv.reader(_lines(file, path.name), delimiter=delimiter)
            for _ in range(skipped):
                next(reader, None)
            yield from reader
    except (csv.Error, UnicodeDecodeError) as failure:
        raise _broken(path.name, reader.line_num, "文件在导入期间被改动", "the file was changed meanwhile") from failure

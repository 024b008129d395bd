"""Workbooks (XLSX): the first visible sheet as text, from an untrusted archive.

The reader keeps a whole sheet in memory, as a full rectangle. So the parts it needs are first inflated by
us, counted byte by byte whatever the archive declares, and the rectangle that the cells span is bounded
before it is laid out.
"""

import math
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO
from xml.parsers import expat

import python_calamine as calamine

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.faults import unreadable
from etrust.licenses.intake.table import (
    MAX_COLUMNS,
    NumberCell,
    Table,
    shape_header,
    shaped,
    too_many_columns,
)

_MAX_INFLATED = 512 << 20
_MAX_PARTS = 2000
_MAX_ROWS = 2_000_000
_MAX_CELLS = 32_000_000
_MAX_STRING = 131_072  # bytes of a shared string: Excel allows 32,767 characters
_MAX_TEXT = 2 * 1024**3  # bytes that all cells would take if each held the longest shared string
_BLOCK = 1 << 20
_LONGEST_TAG = 1 << 20
_LONGEST_REFERENCE = 7
_EXACT = 10**15
"""Spreadsheets keep fifteen digits; a number of sixteen or more was rounded."""

_WORKBOOK = "xl/workbook.xml"
# Pictures, macros, printer settings and the like are never inflated.
_NEEDED = re.compile(r"\[Content_Types\]\.xml|_rels/\.rels|xl/(?!media|drawings|charts|theme).+\.(?:xml|rels)", re.IGNORECASE)

_COLUMN_OF = re.compile(rb"""\br\s*=\s*["']([A-Za-z]+)[0-9]""")
_ROW_OF = re.compile(rb"""\br\s*=\s*["'][A-Za-z]*([0-9]+)""")
# A row or cell that does not say at once where it stands: it stands after the one before, so it must be
# counted.
_PLACELESS = re.compile(rb"<(?:[^\s<>/:]+:)?(?:c|row)(?!\s+r\s*=)[\s/>]")

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
    expat.ExpatError,
    calamine.CalamineError,
)


def open_sheet(path: Path) -> Table:
    """Open a workbook's first visible sheet; its first row that is not blank is the header.

    Raises:
        EtrustError: ``wrong_file_kind`` (another archive), ``damaged_file``, ``file_too_large`` (inflated,
            or the rectangle of cells), ``too_many_columns``, ``duplicate_columns``, ``no_rows``, ``empty_file``.
    """
    try:
        with tempfile.TemporaryFile() as copy:
            _copy_bounded(path, copy)
            copy.seek(0)
            sheet = _first_sheet(copy)
    except _UNREADABLE as failure:
        raise _damaged(path.name) from failure
    except BaseException as failure:
        if type(failure).__name__ == "PanicException":  # the reader's own bugs; it exports no class for them
            raise _damaged(path.name) from failure
        raise
    filled = ((at, row) for at, row in enumerate(_rows(sheet, 0)) if any(map(str.strip, row)))
    header_at, names = next(filled, (0, []))
    if not names:
        raise unreadable(
            "empty_file",
            path.name,
            "工作表是空的，请重新导出。",
            "The sheet is empty; please export it again.",
        )
    return _table(sheet, names, header_at, path.name)


def _table(sheet: calamine.CalamineSheet, names: list[str], header_at: int, where: str) -> Table:
    if len(names) > MAX_COLUMNS and any(map(str.strip, names[MAX_COLUMNS:])):
        raise too_many_columns(where)
    header = shape_header(names, where)
    count = sum(1 for _ in shaped(_rows(sheet, header_at + 1), len(header)))
    if not count:
        raise unreadable(
            "no_rows",
            where,
            "工作表只有表头，没有数据行；请重新导出。",
            "The sheet has a header and no rows; please export it again.",
        )
    return Table(header, shaped(_rows(sheet, header_at + 1), len(header)), count)


def _rows(sheet: calamine.CalamineSheet, skipped: int) -> Iterator[list[str]]:
    rows = sheet.iter_rows()
    for _ in range(skipped):
        next(rows, None)
    return (list(map(_text, row)) for row in rows)


def _first_sheet(copy: IO[bytes]) -> calamine.CalamineSheet:
    workbook = calamine.CalamineWorkbook.from_filelike(copy)
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible == calamine.SheetVisibleEnum.Visible and sheet.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    if not visible:
        raise ValueError("no visible sheet")
    return workbook.get_sheet_by_name(visible[0])


def _text(value: object) -> str:
    """A cell as text: ISO dates, exact integers as digits, rounded numbers as spreadsheets show them."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return NumberCell(_number_text(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else ""


def _number_text(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if abs(value) >= _EXACT:
        return f"{value:.14E}"
    return str(int(value)) if value == int(value) else repr(value)


def _copy_bounded(path: Path, copy: IO[bytes]) -> None:
    """Copy the parts that are read into a new archive, so that nothing the old one may lie about is left."""
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copy, "w", zipfile.ZIP_STORED) as plain:
        needed = _needed_parts(archive, path.name)
        left = _MAX_INFLATED
        cells = longest = 0
        for part in needed:
            span, strings = _Span(), _LongestString()
            with archive.open(part) as source, plain.open(part.filename, "w", force_zip64=True) as target:
                while block := source.read(min(_BLOCK, left + 1)):
                    left -= len(block)
                    if left < 0:
                        raise _too_large(path.name)
                    span.look_at(block)
                    if part.filename.endswith("sharedStrings.xml"):
                        strings.look_at(block)
                    target.write(block)
            if span.placeless:
                with archive.open(part) as source:
                    span.count(source)
            cells, longest = max(cells, span.rows * span.columns), max(longest, strings.longest)
            if span.rows > _MAX_ROWS or cells > _MAX_CELLS or longest > _MAX_STRING or cells * longest > _MAX_TEXT:
                raise _too_large(path.name)


def _needed_parts(archive: zipfile.ZipFile, where: str) -> list[zipfile.ZipInfo]:
    parts = {part.filename: part for part in archive.infolist()}
    if _WORKBOOK not in parts:
        raise unreadable(
            "wrong_file_kind",
            where,
            "这是压缩包或其他文档，不是 XLSX 工作簿；请另存为 XLSX 或 CSV。",
            "This archive is no XLSX workbook; please save it as XLSX or CSV.",
        )
    needed = [part for name, part in parts.items() if _NEEDED.fullmatch(name)]
    if len(needed) > _MAX_PARTS or sum(part.file_size for part in needed) > _MAX_INFLATED:
        raise _too_large(where)
    return needed


class _LongestString:
    """Bytes of the longest shared string: every cell that refers to it becomes a copy of it."""

    def __init__(self) -> None:
        self.longest = 0
        self._since = 0

    def look_at(self, block: bytes) -> None:
        """Look at the next block; an element cut by its end counts as part of the one before, which errs upward."""
        first, *further = block.split(b"<si")
        self._since += len(first)
        self.longest = max(self.longest, self._since, *map(len, further)) if further else max(self.longest, self._since)
        if further:
            self._since = len(further[-1])


class _Span:
    """The rectangle that the cells of a part span: at most `rows` by `columns`.

    Where every row and cell begins with its reference, the largest row and column among all references
    bound it. They are looked for as plain bytes: nothing around them, however malformed, can hide one. A
    part with a row or cell that does not say where it stands is `placeless`: then its elements must be
    counted.
    """

    def __init__(self) -> None:
        self.rows = 0
        self.columns = 0
        self.placeless = False
        self._rest = b""
        self._row = 0
        self._column = 0

    def look_at(self, block: bytes) -> None:
        """Take the next block; a reference never straddles the end of a tag."""
        cut = block.rfind(b">") + 1
        if not cut and len(self._rest) > _LONGEST_TAG:
            raise ValueError("text or tag too long")
        piece, self._rest = (self._rest + block[:cut], block[cut:]) if cut else (b"", self._rest + block)
        self.placeless = self.placeless or _PLACELESS.search(piece) is not None
        self._reach(max(map(_number, set(_ROW_OF.findall(piece))), default=0), 0)
        self._reach(0, max(map(_column, set(_COLUMN_OF.findall(piece))), default=0))

    def count(self, source: IO[bytes]) -> None:
        """Count the elements of a placeless part, read strictly."""
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        while block := source.read(_BLOCK):
            parser.Parse(block)
        parser.Parse(b"", True)  # noqa: FBT003 - expat's own signature

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        # The larger of the counted and the named place: an upper bound, whichever of the two a reader
        # believes.
        reference = attributes.get("r", "").encode()
        match name.rpartition(":")[2]:
            case "row":
                self._row = max(self._row + 1, _number(reference or b"0"))
                self._column = 0
            case "c":
                self._column = max(self._column + 1, _column(reference.rstrip(b"0123456789")))
        self._reach(self._row, self._column)

    def _refuse_doctype(self, *_: object) -> None:
        raise ValueError("a workbook has no document type")

    def _reach(self, rows: int, columns: int) -> None:
        self.rows = max(self.rows, rows)
        self.columns = max(self.columns, columns)


def _number(digits: bytes) -> int:
    return int(digits) if len(digits) <= _LONGEST_REFERENCE and digits.isdigit() else _MAX_CELLS


def _column(letters: bytes) -> int:
    if len(letters) > _LONGEST_REFERENCE:
        return _MAX_CELLS
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _damaged(where: str) -> EtrustError:
    return unreadable(
        "damaged_file",
        where,
        "工作簿已损坏、被截断或有密码，无法读取；请用 Excel/WPS 打开后另存为 XLSX，或重新导出。",
        "The workbook is damaged, cut short or encrypted; please open it and save it again as XLSX, or export it again.",
    )


def _too_large(where: str) -> EtrustError:
    return EtrustError(
        Kind.TOO_LARGE,
        "file_too_large",
        where=where,
        zh="工作簿展开后过大；请删除多余的空行空列，拆分文件，或改用 CSV。",
        en=("The workbook is too large once unpacked; please remove empty rows and columns, split it, or use CSV."),
    )

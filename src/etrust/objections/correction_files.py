"""Differences from a file (批量纠错): read line by line, in groups that are committed, so that it goes on where it stopped."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.files import open_table
from etrust.licenses.intake.rejects import RejectWriter
from etrust.licenses.intake.table import Cells, Table
from etrust.licenses.model import Reject
from etrust.objections.corrections import Difference

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_ROWS = 10_000
GROUP = 200
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "license": ("license", "电子证照标识", "证照标识"),
    "field": ("field", "项目", "数据项"),
    "value": ("value", "正确内容", "更正内容"),
    "observed": ("observed", "证照记载", "原内容"),
    "ground": ("ground", "依据", "来源"),
    "region": ("region", "签发地区"),
}
"""The columns by what they hold; the first three are needed."""
_NEEDED = ("license", "field", "value")
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a file.

    Attributes:
        merged: reported before, by this body or another.
        skipped: done with in an earlier run.
    """

    rows: int = 0
    taken: int = 0
    merged: int = 0
    rejected: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it stands, and what it says."""

    number: int
    cells: Cells
    difference: Difference


def digest_of(path: Path) -> bytes:
    """SHA-256 of a file's content.

    Raises:
        EtrustError: UNAVAILABLE ``cannot_open``.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise EtrustError(
            Kind.UNAVAILABLE, "cannot_open", where=path.name, zh="文件无法打开，请检查路径与权限。",
            en="The file cannot be opened; please check its path and permissions.",
        ) from error
    return digest.digest()


class DifferenceFile:
    """A file of differences, CSV or XLSX as departments export them.

    Raises:
        EtrustError: as `licenses.intake.files.open_table`; INVALID ``missing_columns``.
    """

    def __init__(self, path: Path) -> None:
        self._table: Table = open_table(path)
        self.header = self._table.header
        self.count = self._table.count
        self._places = self._find_columns(path.name)

    def _find_columns(self, where: str) -> dict[str, int]:
        plain = [each.strip().lower() for each in self.header]
        found = {
            name: next(plain.index(each) for each in titles if each in plain)
            for name, titles in COLUMNS.items()
            if any(each in plain for each in titles)
        }
        missing = [COLUMNS[name][1] for name in _NEEDED if name not in found]
        if missing:
            names = "、".join(missing)
            raise EtrustError(
                Kind.INVALID, "missing_columns", where=where,
                zh=f"表头缺少必需的列：{names}；请在首行补上这些列名。",
                en=f"The header lacks the columns {names}; name them in the first row.",
            )
        return found

    def groups(self) -> "Iterator[list[Line]]":
        """The rows in groups.

        Raises:
            EtrustError: TOO_LARGE ``too_many_rows`` after `MAX_ROWS`; what came before stays.
        """
        rows = iter(self._table.numbered)
        seen = 0
        while group := list(islice(rows, GROUP)):
            seen += len(group)
            if seen > MAX_ROWS:
                raise too_many_rows()
            yield [Line(number, cells, self._read(cells)) for number, cells in group]

    def _read(self, cells: Cells) -> Difference:
        return Difference(**{name: cells[place].strip() for name, place in self._places.items()})


def too_many_rows() -> EtrustError:
    """The refusal of a file that is too long."""
    return EtrustError(
        Kind.TOO_LARGE, "too_many_rows",
        zh=f"一个文件最多 {MAX_ROWS} 行，请拆分后再上报。", en=f"A file has at most {MAX_ROWS} rows; please split it.",
    )


async def take_up(
    file: DifferenceFile,
    done: Mapping[int, tuple[str, str]],
    groups: Callable[[list[Line]], AsyncIterator[tuple[Line, str, str, bool]]],
    rejects: RejectWriter,
    on_progress: Callable[[int], None],
) -> Imported:
    """Take every line up that is not done with.

    Args:
        done: reason and explanation of lines that are.
        groups: takes a group up and commits it; yields each line, reason and explanation when it is bad, whether it was merged.
        rejects: gets the bad lines, those of earlier runs too.
        on_progress: told how many lines were gone through.
    """
    counts = {"rows": 0, "taken": 0, "merged": 0, "rejected": 0, "skipped": 0}
    for group in file.groups():
        for line in (each for each in group if each.number in done):
            counts["skipped"] += 1
            if done[line.number][0]:
                rejects.write(Reject(line.number, *done[line.number], line.cells))
        async for line, reason, explanation, merged in groups([each for each in group if each.number not in done]):
            counts["rejected" if reason else "merged" if merged else "taken"] += 1
            if reason:
                rejects.write(Reject(line.number, reason, explanation, line.cells))
        counts["rows"] += len(group)
        on_progress(counts["rows"])
    return Imported(**counts)

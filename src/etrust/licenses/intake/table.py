"""A table of text: a header and numbered rows, streamed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from etrust.errors import EtrustError
from etrust.licenses.intake.faults import unreadable

Cells = tuple[str, ...]

MAX_COLUMNS = 300
"""Columns of a table; real exports have a few dozen."""


class NumberCell(str):
    """The digits of a cell that was a number in a spreadsheet; a date's serial number may hide in it."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """An open export file.

    Attributes:
        header: the column names as they stand in the file; a column without one has a generated name.
        numbered: the rows with their numbers, counted from 1 below the header as a spreadsheet shows them:
        wholly
            blank rows are counted and left out. Rows are as wide as the header; only a row with something
            to the right of the last named column is wider. One pass only.
        count: how many rows `numbered` has, None where that is not known.
    """

    header: Cells
    numbered: Iterator[tuple[int, Cells]]
    count: int | None

    @property
    def rows(self) -> Iterator[Cells]:
        """The rows without their numbers."""
        return (cells for _, cells in self.numbered)


def shape_header(names: Iterable[str], where: str) -> Cells:
    """The header without blank columns at its end; a column without a name gets one (列3).

    Raises:
        EtrustError: ``too_many_columns``, ``duplicate_columns``.
    """
    header = list(names)
    while header and not header[-1].strip():
        header.pop()
    if len(header) > MAX_COLUMNS:
        raise too_many_columns(where)
    header = [name if name.strip() else f"列{place}" for place, name in enumerate(header, start=1)]
    twice = sorted({name.strip() for name in header if sum(name.strip() == other.strip() for other in header) > 1})
    if twice:
        raise unreadable(
            "duplicate_columns",
            where,
            f"表头中有重复的列名：{'、'.join(twice)[:200]}；请删除或改名后再导入。",
            f"The header names columns twice: {', '.join(twice)[:200]}; please remove or rename them.",
        )
    return tuple(header)


def too_many_columns(where: str) -> EtrustError:
    """The refusal of a table that is too wide."""
    return unreadable(
        "too_many_columns",
        where,
        f"列数超过 {MAX_COLUMNS}，请检查分隔符，或删除多余的列。",
        f"There are more than {MAX_COLUMNS} columns; please check the delimiter or remove columns.",
    )


def shaped(rows: Iterable[Iterable[str]], width: int) -> Iterator[tuple[int, Cells]]:
    """Number the rows, leave out blank ones, and make them as wide as the header."""
    for number, row in enumerate(rows, start=1):
        cells = tuple(row)
        if len(cells) != width:
            cells = _fitted(cells, width)
        if any(map(str.strip, cells)):
            yield number, cells


def _fitted(cells: Cells, width: int) -> Cells:
    if len(cells) < width:
        return cells + ("",) * (width - len(cells))
    return cells if any(map(str.strip, cells[width:])) else cells[:width]

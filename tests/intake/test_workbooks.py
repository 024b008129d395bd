"""XLSX: cells become text without a loss that is not told."""

from datetime import date, datetime, time
from pathlib import Path

import openpyxl

from etrust.licenses.intake.files import open_table
from etrust.licenses.model import Record, Reject
from tests.intake.samples import GOOD, HEADER, business, good


def save(path: Path, *rows: tuple[object, ...]) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    workbook.save(path)
    return path


def test_cells_become_text(tmp_path: Path) -> None:
    values = (
        "０01", 650100000000001, 12.5, 123456789012345678, date(2024, 5, 31), datetime(2024, 5, 31, 8, 30), True, None, time(8),
    )  # fmt: skip
    header = tuple("abcdefghi")
    table = open_table(save(tmp_path / "表.bin", header, values))
    assert list(table.numbered) == [
        (
            1,
            (
                "０01", "650100000000001", "12.5", "1.23456789012346E+17", "2024-05-31", "2024-05-31 08:30:00", "TRUE", "",
                "08:00:00",
            ),
        )
    ]  # fmt: skip
    assert table.count == 1


def test_a_rounded_number_and_a_serial_number_are_recognized(tmp_path: Path) -> None:
    cells = {**GOOD, "颁发日期": 45443}
    lost = {**cells, "统一社会信用代码": 916501025762200012}
    table = open_table(save(tmp_path / "a.xlsx", HEADER, tuple(cells.values()), tuple(lost.values())))
    reader = business(table.header)
    first, second = (reader.read(number, row) for number, row in table.numbered)
    assert isinstance(first, Record)
    assert first == good()
    assert isinstance(second, Reject)
    assert second.reason == "precision_lost"


def test_a_formula_is_not_run_and_its_text_is_kept(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(("a", "b"))
    workbook.active.append(("x", '=HYPERLINK("http://x","y")'))
    workbook.active["B2"].data_type = "s"
    workbook.save(tmp_path / "a.xlsx")
    assert list(open_table(tmp_path / "a.xlsx").rows) == [("x", '=HYPERLINK("http://x","y")')]


def test_blank_rows_are_counted_and_left_out(tmp_path: Path) -> None:
    table = open_table(save(tmp_path / "a.xlsx", (None,), ("a", "b"), (1, 2), (None, " "), (3, None)))
    assert list(table.numbered) == [(1, ("1", "2")), (3, ("3", ""))]
    assert table.count == 2


def test_the_first_visible_sheet_is_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.append(("hidden",))
    workbook.active.sheet_state = "hidden"
    second = workbook.create_sheet("数据")
    second.append(("a",))
    second.append(("1",))
    workbook.save(tmp_path / "a.xlsx")
    assert open_table(tmp_path / "a.xlsx").header == ("a",)

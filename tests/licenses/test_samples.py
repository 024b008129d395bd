"""Synthetic exports: repeatable, marked as such, disordered as real ones, and bad exactly where they say."""

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from etrust.ids import citizen_number_problem, uscc_is_valid
from etrust.licenses.intake.files import open_table
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.model import Record, Reject
from etrust.licenses.samples import FORMS, REMARK, write_export
from etrust.licenses.types import LicenseType, load_types

TYPES = load_types()
TODAY = date(2026, 11, 24)
EVERYWHERE = {"bad_holder_code", "bad_date", "missing_field", "duplicate", "precision_lost"}

every_type = pytest.mark.parametrize("license_type", TYPES.values(), ids=TYPES.keys())
every_form = pytest.mark.parametrize("form", FORMS)


def written(folder: Path, license_type: LicenseType, rows: int, form: str, seed: int = 1) -> tuple[Path, dict[int, str]]:
    path = folder / f"{seed}{license_type.name}.{'xlsx' if form == 'xlsx' else 'csv'}"
    return path, write_export(path, license_type, rows, seed=seed, form=form, today=TODAY)


def read(path: Path, license_type: LicenseType) -> list[Record | Reject]:
    table = open_table(path)
    reader = RowReader(license_type, table.header, TODAY)
    return [reader.read(number, cells) for number, cells in enumerate(table.rows, start=1)]


@every_type
@every_form
def test_the_importer_rejects_exactly_the_rows_that_were_spoiled(
    tmp_path: Path, license_type: LicenseType, form: str
) -> None:
    path, expected = written(tmp_path, license_type, 400, form)
    results = read(path, license_type)
    assert len(results) == 400
    assert {each.row: each.reason for each in results if isinstance(each, Reject)} == expected


@every_type
def test_about_three_in_a_hundred_rows_are_bad_in_every_way(tmp_path: Path, license_type: LicenseType) -> None:
    _, expected = written(tmp_path, license_type, 1000, "csv-utf-8-sig")
    reasons = Counter(expected.values())
    wanted = EVERYWHERE | {"bad_holder_code_type"}
    wanted |= {"date_order"} if license_type.validity.until != "none" else set()
    wanted |= {"same_holder_twice"} if len(license_type.holders) > 1 else set()
    assert set(reasons) == wanted
    assert reasons.total() == 30
    assert max(reasons.values()) - min(reasons.values()) <= 1


@every_form
def test_the_same_seed_gives_the_same_rows(tmp_path: Path, form: str) -> None:
    license_type = TYPES["resident_identity_card"]
    path, expected = written(tmp_path, license_type, 50, form)
    first = list(open_table(path).rows)
    path, again = written(tmp_path, license_type, 50, form)
    assert (list(open_table(path).rows), again) == (first, expected)
    other, _ = written(tmp_path, license_type, 50, form, seed=2)
    assert list(open_table(other).rows) != first


@every_type
def test_the_holders_codes_have_valid_check_characters(tmp_path: Path, license_type: LicenseType) -> None:
    path, _ = written(tmp_path, license_type, 200, "csv-utf-8-sig")
    for record in read(path, license_type):
        for holder in record.holders if isinstance(record, Record) else ():
            assert uscc_is_valid(holder.code) if holder.code_type == "001" else not citizen_number_problem(holder.code)


@every_form
def test_every_license_says_that_it_is_synthetic(tmp_path: Path, form: str) -> None:
    path, _ = written(tmp_path, TYPES["passport"], 100, form)
    records = [record for record in read(path, TYPES["passport"]) if isinstance(record, Record)]
    assert records
    assert all(record.extension["备注"] == REMARK for record in records)


def test_the_encodings_are_what_the_form_says(tmp_path: Path) -> None:
    license_type = TYPES["business_license"]
    assert written(tmp_path, license_type, 20, "csv-utf-8-sig")[0].read_bytes().startswith(b"\xef\xbb\xbf")
    assert not written(tmp_path, license_type, 20, "csv-utf-8")[0].read_bytes().startswith(b"\xef\xbb\xbf")
    raw = written(tmp_path, license_type, 20, "csv-gb18030")[0].read_bytes()
    assert "登记机关" in raw.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_headers_are_chinese_or_pinyin(tmp_path: Path) -> None:
    license_type = TYPES["marriage_certificate"]
    pinyin = open_table(written(tmp_path, license_type, 5, "csv-utf-8-sig")[0]).header
    chinese = open_table(written(tmp_path, license_type, 5, "csv-gb18030")[0]).header
    assert all(header.isascii() for header in pinyin[:-1])
    assert not any(header.isascii() for header in chinese)


def test_the_usual_disorder_is_there(tmp_path: Path) -> None:
    path, _ = written(tmp_path, TYPES["resident_identity_card"], 1500, "csv-utf-8")
    text = path.read_text("utf-8")
    forms = (r"\b20\d{6}\b", r"\b20\d\d-\d\d-\d\d\b", r"\b20\d\d/\d{1,2}/\d{1,2}\b", r"20\d\d年\d{1,2}月\d{1,2}日")
    assert all(re.search(form, text) for form in forms)
    for sign in ("长期", "·", "䶮", "𬭚", "مۇھەممەت", "\u3000", "１"):
        assert sign in text, sign


def test_a_workbook_holds_real_dates_and_rounded_numbers(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path, expected = written(tmp_path, TYPES["marriage_certificate"], 400, "xlsx")
    rows = list(openpyxl.load_workbook(path, read_only=True).active.iter_rows(min_row=2, values_only=True))
    assert any(hasattr(cell, "year") for cell in rows[0] + rows[1] + rows[2] + rows[3] + rows[4] + rows[5])
    rounded = [row for row, reason in expected.items() if reason == "precision_lost"]
    assert all(any(isinstance(cell, int | float) for cell in rows[row - 1]) for row in rounded)


def test_the_first_row_is_good_and_few_rows_will_do(tmp_path: Path) -> None:
    for rows in (1, 2, 10):
        path, expected = written(tmp_path, TYPES["passport"], rows, "csv-utf-8")
        with path.open(encoding="utf-8", newline="") as file:
            assert len(list(csv.reader(file))) == rows + 1
        assert 1 not in expected


def test_an_unknown_form_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="csv-utf-8"):
        write_export(tmp_path / "x", TYPES["passport"], 1, seed=1, form="ods", today=TODAY)

"""The three export files as departments send them: exactly the expected rows are refused, for the expected reasons."""

import json
from pathlib import Path

import pytest

from etrust.licenses.intake.files import open_table
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.model import Record, Reject
from etrust.licenses.types import load_types
from tests.intake.samples import TODAY

EXPORTS = Path(__file__).parent.parent / "data" / "exports"
EXPECTED = json.loads((EXPORTS / "expected.json").read_text("utf-8"))
TYPES = {
    "business.csv": "business_license",
    "id_cards.csv": "resident_identity_card",
    "marriage.xlsx": "marriage_certificate",
}


def read_all(name: str) -> list[Record | Reject]:
    table = open_table(EXPORTS / name)
    reader = RowReader(load_types()[TYPES[name]], table.header, TODAY)
    return [reader.read(number, cells) for number, cells in table.numbered]


@pytest.mark.parametrize("name", TYPES)
def test_exactly_the_expected_rows_are_refused(name: str) -> None:
    read = read_all(name)
    assert len(read) == EXPECTED[name]["rows"] == open_table(EXPORTS / name).count
    assert {str(one.row): one.reason for one in read if isinstance(one, Reject)} == EXPECTED[name]["rejected"]


def test_a_formula_in_a_name_is_text() -> None:
    names = [one.holders[0].name for one in read_all("business.csv") if isinstance(one, Record)]
    assert '=HYPERLINK("http://x","新疆金穗源达果业农民专业合作社")' in names


def test_disorder_is_cleaned_away() -> None:
    for one in read_all("business.csv"):
        if isinstance(one, Record):
            assert one.holders[0].name == one.holders[0].name.strip()
            assert one.holders[0].code.isascii()


def test_both_holders_of_a_marriage_are_kept_in_order() -> None:
    first = read_all("marriage.xlsx")[0]
    assert isinstance(first, Record)
    assert [holder.code_type for holder in first.holders] == ["111", "111"]
    assert first.valid_until is None
    assert first.valid_from == first.issued_on


def test_explanations_name_the_column_and_not_the_content() -> None:
    for one in read_all("id_cards.csv"):
        if isinstance(one, Reject):
            assert any(f"“{name}”" in one.explanation for name in ("ZZBH", "CZZTDM", "CZZTDMLXDM"))
            assert not any(cell in one.explanation for cell in one.original if len(cell) > 3)

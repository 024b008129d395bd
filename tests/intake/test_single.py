"""One license from named cells, by the same rules as a row of a file."""

import pytest

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.single import read_single
from etrust.licenses.types import load_types
from tests.intake.samples import GOOD, TODAY, good

BUSINESS = load_types()["business_license"]


def refusal(cells: dict[str, str]) -> EtrustError:
    with pytest.raises(EtrustError) as failure:
        read_single(BUSINESS, cells, today=TODAY)
    return failure.value


def test_the_record_is_that_of_a_row() -> None:
    assert read_single(BUSINESS, GOOD, today=TODAY) == good()


def test_the_reason_is_the_code_and_the_cell_the_place() -> None:
    failure = refusal({**GOOD, "颁发日期": "2024-02-30"})
    assert (failure.kind, failure.code, failure.where) == (Kind.INVALID, "bad_date", "颁发日期")
    assert "颁发日期" in failure.zh
    assert "颁发日期" in failure.en


def test_cells_that_are_not_there_are_named() -> None:
    failure = refusal({"证照编号": "1"})
    assert (failure.kind, failure.code) == (Kind.INVALID, "missing_columns")
    assert "颁发日期" in failure.where
    assert refusal({}).code == "missing_columns"


def test_bounds() -> None:
    assert refusal({**GOOD, **{f"x{number}": "" for number in range(300)}}).code == "too_many_columns"
    assert refusal({**GOOD, "证照编号 ": "2"}).code == "duplicate_columns"
    assert refusal({**GOOD, "备注": "x" * 10_000_000}).code == "too_long"

"""Why a row is refused: each reason, and the first of several."""

from dataclasses import replace
from datetime import date

import pytest

from etrust.licenses.intake.reasons import REASONS, Fault
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.model import Record, Reject
from etrust.licenses.types import Validity, load_types
from tests.intake.samples import GOOD, HEADER, TODAY, USCC, business, good, reason, row

WRONG = USCC[:-1] + ("0" if USCC[-1] != "0" else "1")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"证照编号": ""}, "missing_field"),
        ({"持证主体": " \u3000\u200b"}, "missing_field"),
        ({"颁发日期": "\u00a0"}, "missing_field"),
        ({"证照编号": "-"}, "bad_number"),
        ({"证照编号": "6.5E+14"}, "precision_lost"),
        ({"统一社会信用代码": "9.16501E+17"}, "precision_lost"),
        ({"统一社会信用代码": "９.1E+17 "}, "precision_lost"),
        ({"统一社会信用代码": WRONG}, "bad_holder_code"),
        ({"持证主体": "李\ufffd"}, "garbled"),
        ({"持证主体": "长" * 201}, "too_long"),
        ({"备注": "长" * 4001}, "too_long"),
        ({"证照编号": "1" * 65}, "too_long"),
        ({"颁发日期": "2024-02-30"}, "bad_date"),
        ({"有效期截止日期": "很久"}, "bad_date"),
        ({"有效期截止日期": "2024-05-30"}, "date_order"),
    ],
)
def test_each_reason(changes: dict[str, str], expected: str) -> None:
    assert reason(**changes) == expected


def test_half_a_surrogate_pair_is_garbled() -> None:
    assert reason(持证主体="李" + chr(0xD800)) == "garbled"


def test_the_first_reason_is_told() -> None:
    several = {"统一社会信用代码": WRONG, "颁发日期": "x", "持证主体": ""}
    assert reason(**several) == "missing_field"
    assert reason(**several, 证照编号="6.5E+14") == "precision_lost"
    assert reason(统一社会信用代码=WRONG, 颁发日期="x") == "bad_holder_code"


def test_a_number_seen_among_good_rows_is_a_duplicate() -> None:
    reader = business()
    assert isinstance(reader.read(1, row(颁发日期="x")), Reject)
    assert isinstance(reader.read(2, row()), Record)
    third = reader.read(3, row(证照编号=" 650100000000001"))
    assert isinstance(third, Reject)
    assert (third.row, third.reason) == (3, "duplicate")
    assert third.original == row(证照编号=" 650100000000001")


def test_a_row_with_cells_to_the_right_is_refused_whole() -> None:
    reject = business().read(1, (*row(), "多余"))
    assert isinstance(reject, Reject)
    assert reject.reason == "bad_row"


def test_a_short_row_is_filled_up() -> None:
    assert business().read(1, row()[:-1]) == good()


def test_a_period_longer_than_allowed_is_refused() -> None:
    license_type = replace(load_types()["business_license"], validity=Validity("required", 20))
    reader = RowReader(license_type, HEADER, TODAY)
    for number, (end, expected) in enumerate(
        [("2044-05-31", None), ("2044-06-01", "date_order"), ("长期", "bad_date"), ("", "missing_field")]
    ):
        read = reader.read(number, row(证照编号=f"A{number}", 有效期截止日期=end))
        assert (read.reason if isinstance(read, Reject) else None) == expected


def test_a_citizen_born_after_today_is_refused() -> None:
    header = ("ZZBH", "CZZT", "CZZTDM", "ZZBFJG", "ZZBFRQ")
    code = "650104196812210708"
    card = load_types()["resident_identity_card"]
    cells = (code, "杨宇志", code, "公安局", "19681221")
    assert isinstance(RowReader(card, header, date(1968, 12, 21)).read(1, cells), Record)
    early = RowReader(card, header, date(1968, 12, 20)).read(1, cells)
    assert isinstance(early, Reject)
    assert early.reason == "bad_holder_code"


def test_unknown_cells_are_kept_as_they_came() -> None:
    assert good(备注=" ＶＩＰ；  特殊 ").extension == {"备注": "ＶＩＰ；  特殊"}
    assert good().extension == {}


def test_every_reason_has_both_sentences() -> None:
    for code in REASONS:
        fault = Fault(code, "某{列}")
        assert fault.zh.endswith("。")
        assert fault.en.endswith(".")
        assert code == "bad_row" or ("某{列}" in fault.zh and "某{列}" in fault.en)
    assert set(GOOD) == set(HEADER)

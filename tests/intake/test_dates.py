"""Dates in every usual form; everything else is refused."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.licenses.intake.dates import NO_END, read_date, read_end, read_serial
from etrust.licenses.intake.table import NumberCell
from tests.intake.samples import good, reason

DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
FORMS = (
    "{0:%Y}{0:%m}{0:%d}", "{0:%Y}-{0:%m}-{0:%d}", "{0.year}-{0.month}-{0.day}", "{0.year}/{0.month}/{0.day}",
    "{0:%Y}/{0:%m}/{0:%d}", "{0.year}.{0.month}.{0.day}", "{0.year}年{0.month}月{0.day}日",
    "{0:%Y}年{0:%m}月{0:%d}日", "{0.year} 年 {0.month} 月 {0.day} 日",
)  # fmt: skip
TIMES = ("", " 00:00:00", "T08:30:00", " 8:30", " 23:59:59.123")


@given(DAYS, st.sampled_from(FORMS), st.sampled_from(TIMES))
def test_every_form_reads_back(day: date, form: str, time: str) -> None:
    assert read_date(form.format(day) + time) == day
    assert read_end(form.format(day) + time) == day


@given(st.text(max_size=50))
def test_any_text_is_a_date_or_nothing(text: str) -> None:
    day = read_date(text)
    assert day is None or 1900 <= day.year <= 2200


@pytest.mark.parametrize(
    "text",
    [
        "", "2024-02-30", "2024-13-01", "20240230", "2024-5/31", "24-05-31", "2024-05", "2024年5月", "1899-12-31",
        "2201-01-01", "41791", "2024-05-31 25:00", "2024-05-31T16:00:00Z", "31.05.2024", "٢٠٢٤-٠٥-٣١", "长期",
        "9999-12-31", "2024-05-31" + " " * 100 + "x",
    ],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    "text", ["长期", "永久", "长期有效", "无固定期限", "9999-12-31", "99991231", "9999年12月31日", " 长期\u3000"]
)
def test_words_for_no_end(text: str) -> None:
    assert read_end(text) is NO_END
    assert good(有效期截止日期=text).valid_until is None
    assert reason(颁发日期=text) == "bad_date"


@given(st.dates(date(1900, 3, 1), date(2200, 12, 31)))
def test_serial_numbers_of_spreadsheets(day: date) -> None:
    assert read_serial(str((day - date(1899, 12, 30)).days)) == day


@pytest.mark.parametrize("text", ["60", "0", "-5", "1e9", "nan", "inf", "x", "9" * 400])
def test_serial_numbers_out_of_range(text: str) -> None:
    assert read_serial(text) is None


def test_only_a_numeric_cell_is_a_serial_number() -> None:
    assert reason(颁发日期="45443") == "bad_date"
    assert good(颁发日期=NumberCell("45443")).issued_on == date(2024, 5, 31)
    assert good(颁发日期=NumberCell("20240531")).issued_on == date(2024, 5, 31)


def test_an_issue_date_in_the_future_is_refused() -> None:
    assert good(颁发日期="2026-11-24").issued_on == date(2026, 11, 24)
    assert reason(颁发日期="2026-11-25") == "bad_date"


def test_a_leap_day_may_begin_a_period() -> None:
    assert good(颁发日期="2024-02-29", 有效期截止日期="2044-02-29").valid_until == date(2044, 2, 29)
    assert date(2024, 2, 29) + timedelta(1) == date(2024, 3, 1)

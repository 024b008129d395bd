"""Dates (日期) as departments write them, and the words for "without end" (长期)."""

import re
from datetime import date, timedelta
from functools import lru_cache

from etrust.licenses.intake.cleaning import clean_number

NO_END = date.max
"""What `read_end` answers for 长期; exports write it as 9999-12-31 too."""

_FIRST_YEAR, _LAST_YEAR = 1900, 2200
_NO_END_WORDS = frozenset({"长期", "永久", "长期有效", "永久有效", "无固定期限", "无期限"})
_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?"
_FORM = re.compile(
    r"(?:(?P<y1>\d{4})(?P<m1>\d{2})(?P<d1>\d{2})"
    r"|(?P<y2>\d{4})(?P<mark>[-/.])(?P<m2>\d{1,2})(?P=mark)(?P<d2>\d{1,2})"
    r"|(?P<y3>\d{4}) ?年 ?(?P<m3>\d{1,2}) ?月 ?(?P<d3>\d{1,2}) ?日)"
    rf"(?:[T ]?{_TIME})?",
    re.ASCII,
)
_LONGEST = 40
# Day 1 of a spreadsheet is 1900-01-01, but it also counts a 29 February 1900 that never was: from 1 March
# on, the count runs from 1899-12-30. Earlier serial numbers are ambiguous and refused.
_SERIAL_START = date(1899, 12, 30)
_FIRST_SERIAL = 61
_LAST_SERIAL = (date(_LAST_YEAR, 12, 31) - _SERIAL_START).days


def read_date(text: str) -> date | None:
    """The date a text names in one of the usual forms, with or without a time of day; None for anything else.

    20240531, 2024-05-31, 2024/5/31, 2024.5.31, 2024年5月31日; years 1900 to 2200.
    """
    day = read_end(text)
    return None if day is NO_END else day


def read_end(text: str) -> date | None:
    """The last day of a period: as `read_date`, and `NO_END` for 长期, 永久, 9999-12-31 and so on."""
    return _read(text) if len(text) <= _LONGEST else None


@lru_cache(maxsize=65_536)
def _read(text: str) -> date | None:
    plain = clean_number(text)
    if plain in _NO_END_WORDS:
        return NO_END
    match = _FORM.fullmatch(plain)
    return _date_of(match) if match else None


def read_serial(text: str) -> date | None:
    """The date of a spreadsheet's serial number (1900 system), for cells that were numbers."""
    try:
        days = int(float(text))
    except (ValueError, OverflowError):
        return None
    return _SERIAL_START + timedelta(days) if _FIRST_SERIAL <= days <= _LAST_SERIAL else None


def _date_of(match: re.Match[str]) -> date | None:
    year, month, day = (int(match[f"{part}1"] or match[f"{part}2"] or match[f"{part}3"]) for part in "ymd")
    if (year, month, day) == (9999, 12, 31):
        return NO_END
    try:
        return date(year, month, day) if _FIRST_YEAR <= year <= _LAST_YEAR else None
    except ValueError:
        return None

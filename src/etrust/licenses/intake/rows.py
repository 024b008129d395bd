"""Reading rows (读行): each becomes a record that is good, or a reject with the first reason that applies.

This runs for every row of every import, so what can be decided for the whole file is decided once, and a
row that holds nothing suspicious is not cleaned cell by cell.
"""

import re
from collections.abc import Callable
from datetime import date
from operator import gt, itemgetter

from etrust.licenses.intake.cleaning import (
    clean_code,
    clean_number,
    clean_text,
    clean_unknown,
    is_garbled,
    may_need_cleaning,
)
from etrust.licenses.intake.dates import NO_END, read_date, read_end, read_serial
from etrust.licenses.intake.holders import code_is_good, code_type_of
from etrust.licenses.intake.layout import ABSENT, OWN_COLUMNS, Layout, is_reject_header, lay_out
from etrust.licenses.intake.reasons import Fault
from etrust.licenses.intake.table import Cells, NumberCell
from etrust.licenses.model import Holder, Record, Reject
from etrust.licenses.types import LicenseType

MAX_NUMBER = 64
MAX_NAME = 200
MAX_EXTENSION_CELL = 4000
"""Characters of a printed number, of a holder's or authority's name, and of a cell of an unknown column."""

# 6.5E+17: fifteen digits are all a spreadsheet keeps.
_ROUNDED = re.compile(r"\d(?:\.\d+)?[Ee]\+\d{1,3}", re.ASCII)
_LEAP_DAY = (2, 29)
_NO_NUMBER = frozenset({"无", "暂无", "空", "-", "--", "/", "0", "NULL", "null", "None", "N/A", "#N/A", "#REF!", "#VALUE!"})


class RowReader:
    """Reads the rows of one file; it remembers the printed numbers it has passed.

    Args:
        license_type: what the rows are to become.
        header: the file's column names.
        today: the official date; nothing was issued, and nobody born, after it.

    Raises:
        EtrustError: ``missing_columns``.
    """

    def __init__(self, license_type: LicenseType, header: Cells, today: date) -> None:
        self._layout = layout = lay_out(license_type, header)
        self._must_end = license_type.validity.until == "required"
        self._max_years = license_type.validity.max_years
        self._today = today
        self._width = len(header)
        self._seen: set[str] = set()
        self._required_cells = _picker(layout.required)
        self._cleaners = _cleaners(layout)
        self._limits = _limits(layout)
        self._may_be_rounded = tuple(
            {
                layout.number,
                *(columns.code for columns in layout.holders),
                *(place for _, place, _ in layout.texts),
            }
        )

    def read(self, number: int, cells: Cells) -> Record | Reject:
        """The record of row `number`, or why it is none."""
        judged = self.judge(cells)
        return Reject(number, judged.reason, judged.zh, cells) if isinstance(judged, Fault) else judged

    def judge(self, cells: Cells) -> Record | Fault:
        """The record of a row, or the first fault in the order of `reasons.REASONS`."""
        if len(cells) != self._width:
            if len(cells) > self._width:
                return Fault("bad_row")
            cells += ("",) * (self._width - len(cells))
        if may_need_cleaning(cells):
            damage = self._damage(cells)
            if damage:
                return damage
            cells = tuple([clean(cell) for clean, cell in zip(self._cleaners, cells, strict=True)])
        return self._incomplete(cells) or self._record(cells)

    def _damage(self, cells: Cells) -> Fault | None:
        """What was lost before the file came to us: characters, or the last digits of a number."""
        for place, cell in enumerate(cells):
            if is_garbled(cell):
                return self._fault("garbled", place)
        for place in self._may_be_rounded:
            if "+" in cells[place] and _ROUNDED.fullmatch(clean_number(cells[place])):
                return self._fault("precision_lost", place)
        return None

    def _incomplete(self, cells: Cells) -> Fault | None:
        """A required cell that is empty, a cell that is too long, a number that is none."""
        if "" in self._required_cells(cells):
            return self._fault("missing_field", next(place for place in self._layout.required if not cells[place]))
        if any(map(gt, map(len, cells), self._limits)):
            too_long = (place for place, cell in enumerate(cells) if len(cell) > self._limits[place])
            return self._fault("too_long", next(too_long))
        if cells[self._layout.number] in _NO_NUMBER:
            return self._fault("bad_number", self._layout.number)
        return None

    def _record(self, cells: Cells) -> Record | Fault:
        layout = self._layout
        holders = self._holders(cells)
        if isinstance(holders, Fault):
            return holders
        fields = {name: cells[place] for name, place, _ in layout.texts if cells[place]}
        period = self._dates(cells, fields)
        if isinstance(period, Fault):
            return period
        number = cells[layout.number]
        if not number.isascii():  # Chinese brackets and colons pass the quick look at the row
            number = clean_number(number)
        if number in self._seen:
            return self._fault("duplicate", layout.number)
        self._seen.add(number)
        return Record(
            number,
            holders,
            *period,
            cells[layout.issuing_authority] if layout.issuing_authority != ABSENT else "",
            fields,
            {name: cells[place] for name, place in layout.unknown if cells[place]},
        )

    def _holders(self, cells: Cells) -> tuple[Holder, ...] | Fault:
        """All holders, their code types judged before their codes."""
        types = []
        for columns in self._layout.holders:
            given = columns.code_type != ABSENT and cells[columns.code_type]
            code_type = code_type_of(given) if given else columns.role.default_code_type
            if code_type not in columns.role.code_types:
                return self._fault("bad_holder_code_type", columns.code_type if given else columns.code)
            types.append(code_type)
        holders: list[Holder] = []
        for columns, code_type in zip(self._layout.holders, types, strict=True):
            code = cells[columns.code].upper()
            if not (code.isascii() and code.isalnum()):  # inner blanks pass the quick look at the row
                code = clean_code(code)
            if not code_is_good(code, code_type, self._today):
                return self._fault("bad_holder_code", columns.code)
            holders.append(Holder(cells[columns.name], code, code_type))
        return self._repeated(holders) or tuple(holders)

    def _repeated(self, holders: list[Holder]) -> Fault | None:
        if len(holders) == 1:
            return None
        codes = [(holder.code_type, holder.code) for holder in holders]
        again = (place for place, code in enumerate(codes) if code in codes[:place])
        place = next(again, None)
        return None if place is None else self._fault("same_holder_twice", self._layout.holders[place].code)

    def _dates(self, cells: Cells, fields: dict[str, str]) -> tuple[date, date, date | None] | Fault:
        """Date of issue, first and last day of validity; the dates among the fields go into `fields`."""
        issued_on, valid_from, valid_until = self._period(cells)
        layout = self._layout
        if issued_on is None or issued_on > self._today:
            return self._fault("bad_date", layout.issued_on)
        if valid_from is None:
            return self._fault("bad_date", layout.valid_from)
        if valid_until is None or (valid_until is NO_END and self._must_end):
            return self._fault("bad_date", layout.valid_until)
        for name, place in layout.dates:
            if cells[place]:
                day = _day(cells[place])
                if day is None:
                    return self._fault("bad_date", place)
                fields[name] = day.isoformat()
        if valid_until is NO_END:
            return issued_on, valid_from, None
        return self._order(issued_on, valid_from, valid_until) or (issued_on, valid_from, valid_until)

    def _period(self, cells: Cells) -> tuple[date | None, date | None, date | None]:
        """Date of issue, first and last day as the cells have them, with what an empty cell stands for."""
        layout = self._layout
        issued_on = valid_from = _day(cells[layout.issued_on])
        if layout.valid_from != ABSENT and cells[layout.valid_from]:
            valid_from = _day(cells[layout.valid_from])
        valid_until: date | None = NO_END
        if layout.valid_until != ABSENT and cells[layout.valid_until]:
            valid_until = _end(cells[layout.valid_until])
        return issued_on, valid_from, valid_until

    def _order(self, issued_on: date, valid_from: date, valid_until: date) -> Fault | None:
        good = max(issued_on, valid_from) <= valid_until <= self._latest_end(valid_from)
        return None if good else self._fault("date_order", self._layout.valid_until)

    def _latest_end(self, valid_from: date) -> date:
        """The anniversary of the first day: cards of ten years end on it or on the day before."""
        if self._max_years is None:
            return NO_END
        year = valid_from.year + self._max_years
        is_leap_day = (valid_from.month, valid_from.day) == _LEAP_DAY
        return date(year, 3, 1) if is_leap_day else valid_from.replace(year=year)

    def _fault(self, reason: str, place: int) -> Fault:
        return Fault(reason, self._layout.header[place].strip())


def _day(cell: str) -> date | None:
    return read_date(cell) or (read_serial(cell) if isinstance(cell, NumberCell) else None)


def _end(cell: str) -> date | None:
    return read_end(cell) or (read_serial(cell) if isinstance(cell, NumberCell) else None)


def _clean_date(cell: str) -> str:
    return cell if isinstance(cell, NumberCell) else clean_number(cell)


def _cleaners(layout: Layout) -> list[Callable[[str], str]]:
    """How the cells of each column are cleaned; unknown columns are kept as they came."""
    cleaners: list[Callable[[str], str]] = [clean_text] * len(layout.header)
    for _, place in layout.unknown:
        cleaners[place] = clean_unknown
    for columns in layout.holders:
        cleaners[columns.code] = clean_code
        if columns.code_type != ABSENT:
            cleaners[columns.code_type] = clean_code
    for place in (
        layout.issued_on,
        layout.valid_from,
        layout.valid_until,
        *(place for _, place in layout.dates),
    ):
        if place != ABSENT:
            cleaners[place] = _clean_date
    cleaners[layout.number] = clean_number
    return cleaners


def _limits(layout: Layout) -> list[int]:
    """The longest length of each column's cells, in characters."""
    limits = [MAX_NAME] * len(layout.header)
    for _, place in layout.unknown:
        limits[place] = MAX_EXTENSION_CELL
    for place in range(len(OWN_COLUMNS) if is_reject_header(layout.header) else 0):
        limits[place] = MAX_EXTENSION_CELL
    for _, place, longest in layout.texts:
        limits[place] = longest
    limits[layout.number] = MAX_NUMBER
    return limits


def _picker(places: tuple[int, ...]) -> Callable[[Cells], Cells]:
    return itemgetter(*places, places[-1])  # one place twice, so that it is a tuple in any case

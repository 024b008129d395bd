"""Writing a synthetic export file: header, mixed forms of dates, stray blanks, full-width characters."""

import csv
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path
from random import Random

from etrust.licenses.samples.rows import REMARK, Plan, Row, make_rows, plan_bad_rows
from etrust.licenses.types import LicenseType

FORMS = {"csv-utf-8": "utf-8", "csv-utf-8-sig": "utf-8-sig", "csv-gb18030": "gb18030", "xlsx": ""}
"""What a file may be written as, and its encoding."""

Cell = str | date | float
_DATES: tuple[Callable[[date], str], ...] = (
    lambda day: f"{day:%Y%m%d}",
    lambda day: day.isoformat(),
    lambda day: f"{day.year}/{day.month}/{day.day}",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
)
_FULL_WIDTH = {code: code + 0xFEE0 for code in range(ord("0"), ord("Z") + 1)}
_DISORDER_SHARE = 0.05


def write_export(
    path: Path, license_type: LicenseType, rows: int, *, seed: int, form: str, today: date
) -> dict[int, str]:
    """Write a synthetic export file as a department might send it.

    The same arguments give the same rows. Every row says in its column 备注 that it is synthetic.

    Args:
        path: where to; what is there is replaced.
        license_type: the type of the licenses.
        rows: how many, bad ones included.
        seed: another one gives other people, and may give other headers.
        form: one of `FORMS`.
        today: nothing is issued after it.

    Returns:
        The rows that must be rejected, counted from 1 below the header, with their reasons.

    Raises:
        ValueError: an unknown form.
    """
    if form not in FORMS:
        raise ValueError(f"form must be one of {', '.join(FORMS)}")
    random = Random(f"{seed}/{license_type.name}/{form}")  # noqa: S311 - samples are to be repeatable, not secret
    # As seen: police and the like export pinyin headers as UTF-8 with a BOM; the others write Chinese.
    pinyin = form == "csv-utf-8-sig" or (form == "csv-utf-8" and seed % 2 == 0)
    header = _header(license_type, pinyin=pinyin)
    plan = Plan(license_type, tuple(header), today, plan_bad_rows(license_type, tuple(header), rows, random))
    numeric = form == "xlsx"
    made = make_rows(plan, rows, random, numeric=numeric)
    cells = (_cells(row, header, random, disorder=good, numeric=numeric) for row, good in made)
    if numeric:
        _write_workbook(path, license_type, header.values(), cells)
    else:
        _write_text(path, FORMS[form], header.values(), cells)
    return dict(sorted(plan.bad.items()))


def _header(license_type: LicenseType, *, pinyin: bool) -> dict[str, str]:
    """The header's text by column; Chinese files name no code type where there is only one."""
    header = {"number": _pick(license_type.elements["number"].headers, pinyin=pinyin)}
    for role in license_type.holders:
        header[f"{role.name}.name"] = _pick(role.name_headers, pinyin=pinyin)
        header[f"{role.name}.code"] = _pick(role.code_headers, pinyin=pinyin)
        if role.code_type_headers and (pinyin or "001" in role.code_types[1:]):
            header[f"{role.name}.code_type"] = _pick(role.code_type_headers, pinyin=pinyin)
    header |= {field.name: field.pinyin if pinyin else field.zh for field in license_type.fields}
    names = ["issuing_authority", "issued_on"]
    if license_type.validity.until != "none":
        names += ["valid_from", "valid_until"]
    header |= {name: _pick(license_type.elements[name].headers, pinyin=pinyin) for name in names}
    return header | {"remark": "备注"}


def _pick(headers: Iterable[str], *, pinyin: bool) -> str:
    """The first pinyin header, which is in capitals, or the first Chinese one."""
    return next(text for text in headers if (text.isascii() and text.isupper() if pinyin else not text.isascii()))


def _cells(
    row: Row, header: Iterable[str], random: Random, *, disorder: bool, numeric: bool
) -> list[Cell]:
    return [_cell(row[column], column, random, disorder=disorder, numeric=numeric) for column in header]


def _cell(value: Cell, column: str, random: Random, *, disorder: bool, numeric: bool) -> Cell:
    if isinstance(value, date):
        return value if numeric and random.random() < 0.5 else random.choice(_DATES)(value)  # noqa: PLR2004 - one half
    if not isinstance(value, str) or not value or not disorder or random.random() > _DISORDER_SHARE:
        return value
    if column.endswith(".code"):
        return random.choice((f" {value} ", value.translate(_FULL_WIDTH), f"\u00a0{value}", value.lower()))
    if column.endswith(".name"):
        return random.choice((f"  {value}\u3000\t", f"{value} ", value.replace("·", "•")))
    return value


def _write_text(path: Path, encoding: str, header: Iterable[str], rows: Iterator[list[Cell]]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def _write_workbook(
    path: Path, license_type: LicenseType, header: Iterable[str], rows: Iterator[list[Cell]]
) -> None:
    # Here and not above: loading it takes 0.2 s, which nothing but a workbook is worth.
    from openpyxl import Workbook  # type: ignore[import-untyped]  # noqa: PLC0415

    workbook = Workbook(write_only=True)
    workbook.properties.title = REMARK
    sheet = workbook.create_sheet(license_type.zh)
    sheet.append(list(header))
    for cells in rows:
        sheet.append(cells)
    workbook.save(path)

"""Rows of a synthetic export: good ones, the usual disorder, and about three in a hundred that must be rejected."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from etrust.licenses.samples.people import DIVISIONS, Subject, make_adult, make_company, make_person
from etrust.licenses.samples.values import Case, Value, field_value, issuing_authority, license_number
from etrust.licenses.types import HolderRole, LicenseType

Row = dict[str, Value | float]
"""Cells by column: elements and fields by name, holders as ``holder.name``, ``holder.code``, ``holder.code_type``."""

REMARK = "合成样例"
"""Stands in the column 备注 of every row, and so in the extension of every license made of it."""

BAD_SHARE = 0.03
_REASONS = (
    "bad_holder_code", "bad_holder_code_type", "bad_date", "missing_field", "date_order", "duplicate",
    "precision_lost", "same_holder_twice",
)  # fmt: skip
_PERIODS = (5, 6, 10, 20)
_NEWBORN = timedelta(days=30)
_COMPANY_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file is to hold: its type, which columns there are, the day, and which rows are bad, by reason."""

    license_type: LicenseType
    columns: tuple[str, ...]
    today: date
    bad: dict[int, str]


def plan_bad_rows(license_type: LicenseType, columns: tuple[str, ...], rows: int, random: Random) -> dict[int, str]:
    """Which rows are bad and why; never the first, which a duplicate must be able to follow."""
    reasons = [reason for reason in _REASONS if _applies(reason, license_type, columns)]
    places = random.sample(range(2, rows + 1), k=min(rows - 1, round(rows * BAD_SHARE))) if rows > 1 else []
    return {row: reasons[turn % len(reasons)] for turn, row in enumerate(places)}


def make_rows(plan: Plan, rows: int, random: Random, *, numeric: bool) -> Iterator[tuple[Row, bool]]:
    """The rows in order, each with whether it may be disordered further (bad ones may not).

    Args:
        plan: what to make.
        rows: how many.
        random: where chance comes from.
        numeric: whether the file has cells that are numbers, as a workbook has.
    """
    used: set[str] = set()
    last_good: Row = {}
    for number in range(1, rows + 1):
        reason = plan.bad.get(number, "")
        if reason == "duplicate":
            yield dict(last_good), False
            continue
        row = _good_row(plan, number, random, used)
        if reason:
            _spoil(row, reason, plan, random, numeric=numeric)
        else:
            last_good = row
        yield row, not reason


def _applies(reason: str, license_type: LicenseType, columns: tuple[str, ...]) -> bool:
    if reason == "bad_holder_code_type":
        return any(column.endswith(".code_type") for column in columns)
    if reason == "date_order":
        return "valid_until" in columns
    return reason != "same_holder_twice" or len(license_type.holders) > 1


def _good_row(plan: Plan, number: int, random: Random, used: set[str]) -> Row:
    license_type = plan.license_type
    while True:
        case = _case(plan, number, random)
        printed = license_number(license_type, case)
        if printed not in used:
            break
    used.add(printed)
    row: Row = {
        "number": printed, "issued_on": case.issued_on, "valid_from": case.issued_on,
        "valid_until": _valid_until(plan, case), "issuing_authority": issuing_authority(license_type, case),
        "remark": REMARK,
    }  # fmt: skip
    for role, holder in zip(license_type.holders, case.holders, strict=True):
        row |= {
            f"{role.name}.name": holder.name, f"{role.name}.code": holder.code,
            f"{role.name}.code_type": holder.code_type,
        }  # fmt: skip
    row |= {field.name: field_value(field, case) for field in license_type.fields}
    return row


def _case(plan: Plan, number: int, random: Random) -> Case:
    issued_on = plan.today - timedelta(days=random.randrange(1, 9 * 365))
    holders = tuple(_holder(role, issued_on, random) for role in plan.license_type.holders)
    subject = holders[0]
    if any(field.name == "child_name" for field in plan.license_type.fields):
        subject = make_person(random, born_from=issued_on - _NEWBORN, born_to=issued_on)
    return Case(random, holders, subject, issued_on, random.choice(DIVISIONS)[1], number)


def _holder(role: HolderRole, issued_on: date, random: Random) -> Subject:
    """A person or a company, whichever may hold the license; a minority of companies where both may."""
    companies = "001" in role.code_types and (role.default_code_type == "001" or random.random() < _COMPANY_SHARE)
    return make_company(random, issued_on) if companies else make_adult(random, issued_on)


def _valid_until(plan: Plan, case: Case) -> Value:
    """Last day of validity, or 长期 where the type allows it."""
    validity = plan.license_type.validity
    if validity.until == "optional" and case.random.random() < 0.5:  # noqa: PLR2004 - one half
        return case.random.choice(("长期", "长期", ""))
    years = case.random.choice([years for years in _PERIODS if years <= (validity.max_years or max(_PERIODS))])
    return case.issued_on + timedelta(days=years * 365)


def _spoil(row: Row, reason: str, plan: Plan, random: Random, *, numeric: bool) -> None:
    """Put one fault into a good row."""
    names = [role.name for role in plan.license_type.holders]
    code = f"{random.choice(names)}.code"
    match reason:
        case "bad_holder_code":
            row[code] = _other_check(str(row[code]))
        case "bad_holder_code_type":
            row[next(column for column in plan.columns if column.endswith(".code_type"))] = "888"
        case "bad_date":
            row["issued_on"] = "2024-02-30"
        case "missing_field":
            row[random.choice((code, f"{names[0]}.name"))] = ""
        case "date_order":
            row["valid_until"] = _day(row["valid_from"]) - timedelta(days=random.randrange(30, 60))
        case "precision_lost":
            _round_code(row, code, numeric=numeric)
        case "same_holder_twice":
            row[f"{names[1]}.code"] = row[f"{names[0]}.code"]


def _day(value: Value | float) -> date:
    if not isinstance(value, date):
        raise TypeError("the row was spoiled before")
    return value


def _other_check(code: str) -> str:
    """The same code with another last character: one substitution, which a check character always finds."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")


def _round_code(row: Row, code: str, *, numeric: bool) -> None:
    """What a spreadsheet makes of eighteen digits; a card printed with that very number loses it twice."""
    text = str(row[code])
    lost = float(text[:6]) * 1e12 if numeric else f"{text[0]}.{text[1:6]}E+17"
    if row["number"] == text:
        row["number"] = lost
    row[code] = lost

"""Rows of a business license as a department exports them, and readers over them."""

import csv
import io
from datetime import date
from pathlib import Path

from etrust.ids import make_uscc_check
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.model import Record, Reject
from etrust.licenses.types import load_types

TODAY = date(2026, 11, 24)
FIRST = "9165010257622000X"
USCC = FIRST[:16] + "1" + make_uscc_check(FIRST[:16] + "1")
GOOD = {
    "证照编号": "650100000000001",
    "持证主体": "新疆天山棉业有限公司",
    "统一社会信用代码": USCC,
    "法定代表人": "阿不都热合曼·热依汗",
    "登记机关": "乌鲁木齐市市场监督管理局",
    "颁发日期": "2024-05-31",
    "有效期截止日期": "长期",
    "备注": "",
}
HEADER = tuple(GOOD)


def row(**changes: str) -> tuple[str, ...]:
    return tuple({**GOOD, **changes}.values())


def business(header: tuple[str, ...] = HEADER) -> RowReader:
    return RowReader(load_types()["business_license"], header, TODAY)


def read(**changes: str) -> Record | Reject:
    """The one row read, with some cells changed."""
    return business().read(1, row(**changes))


def good(**changes: str) -> Record:
    record = read(**changes)
    assert isinstance(record, Record), record
    return record


def reason(**changes: str) -> str:
    reject = read(**changes)
    assert isinstance(reject, Reject), reject
    return reject.reason


def write_csv(path: Path, *rows: tuple[str, ...], encoding: str = "utf-8", delimiter: str = ",") -> Path:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path

"""One license from named cells (单件), judged by the rules for a row of an export file."""

from collections.abc import Mapping
from datetime import date

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.reasons import Fault
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.intake.table import MAX_COLUMNS
from etrust.licenses.model import Record
from etrust.licenses.types import LicenseType


def read_single(license_type: LicenseType, cells: Mapping[str, str], *, today: date) -> Record:
    """The record that named cells make.

    Args:
        license_type: what it is to become.
        cells: by the names of an export's columns; unknown ones go to the extension.
        today: the official date; nothing was issued, and nobody born, after it.

    Raises:
        EtrustError: ``missing_columns``, or the reason code of the first fault; `where` names the cell.
            ``too_many_columns``, ``duplicate_columns``.
    """
    header = tuple(cells)
    _check_names(header)
    judged = RowReader(license_type, header, today).judge(tuple(cells.values()))
    if isinstance(judged, Fault):
        raise EtrustError(Kind.INVALID, judged.reason, where=judged.column, zh=judged.zh, en=judged.en)
    return judged


def _check_names(header: tuple[str, ...]) -> None:
    if len(header) > MAX_COLUMNS:
        raise EtrustError(
            Kind.TOO_LARGE,
            "too_many_columns",
            zh=f"填写的项目超过 {MAX_COLUMNS} 个，请删除无关项目。",
            en=f"There are more than {MAX_COLUMNS} cells; please leave some out.",
        )
    if len({name.strip() for name in header}) < len(header):
        raise EtrustError(
            Kind.INVALID,
            "duplicate_columns",
            zh="同一项目填写了两次，请只保留一个。",
            en="One cell is named twice; please keep one.",
        )

"""The access log to take along: CSV for a spreadsheet, JSON for a program. Pure."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from etrust.onecode.access_log_model import Logged

MAX_ENTRIES = 10_000
"""Entries in one file; a longer log is taken along in parts."""

COLUMNS = (
    "number", "at", "body_name", "body", "operator", "ground", "matter_name", "matter", "case_number", "reason",
    "legal_basis", "licenses", "fields", "outcome", "named", "objection",
)  # fmt: skip
_STARTS_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")  # full-width signs start formulas in some spreadsheets


def safe_cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula (CSV injection): one that looks like one begins with an apostrophe."""
    return f"'{text}" if text.lstrip(" \u3000")[:1] in _STARTS_FORMULA and text.strip() else text


def to_csv(entries: Sequence[Logged], *, headers: Sequence[str], bodies: Mapping[str, str], matters: Mapping[str, str]) -> bytes:
    """UTF-8 with a byte order mark, so that spreadsheets read Chinese and Uyghur; lines end with CR LF (RFC 4180).

    Args:
        headers: one name for each of `COLUMNS`.
        bodies: names by code; likewise `matters`.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(map(safe_cell, headers))
    for entry in entries:
        told = _told(entry, bodies, matters)
        writer.writerow(safe_cell(_text(told[name])) for name in COLUMNS)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def to_json(
    entries: Sequence[Logged], *, at: datetime, after: int, bodies: Mapping[str, str], matters: Mapping[str, str]
) -> bytes:
    """The same under stable English names; `after` is where the next part begins, 0 when this is all."""
    told = {"exported_at": at.isoformat(), "entries": [_told(entry, bodies, matters) for entry in entries], "after": after}
    return json.dumps(told, ensure_ascii=False, indent=1).encode()


def _told(entry: Logged, bodies: Mapping[str, str], matters: Mapping[str, str]) -> dict[str, object]:
    return {
        "number": entry.number, "at": entry.at.isoformat(), "body_name": bodies.get(entry.body, ""), "body": entry.body,
        "operator": entry.operator, "ground": entry.ground.value, "matter_name": matters.get(entry.matter, ""),
        "matter": entry.matter, "case_number": entry.case_number, "reason": entry.reason, "legal_basis": entry.legal_basis,
        "licenses": list(entry.licenses), "fields": list(entry.fields), "outcome": entry.outcome, "named": entry.named,
        "objection": entry.objection,
    }  # fmt: skip


def _text(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)

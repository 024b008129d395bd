"""Codes of holders (持证主体代码) and their types, as cells have them."""

from collections.abc import Mapping
from datetime import date

from etrust.ids import citizen_number_problem, uscc_is_valid

_USCC, _CITIZEN = "001", "111"
# 持证主体代码类型 may come in words (CZZTDMLX); passports have four codes, so the word alone does not say
# which.
_TYPE_NAMES: Mapping[str, str] = {
    "统一社会信用代码": _USCC,
    "公民身份号码": _CITIZEN,
    "居民身份证": _CITIZEN,
    "居民身份证号码": _CITIZEN,
    "身份证": _CITIZEN,
    "军官证": "114",
    "台湾居民来往大陆通行证": "511",
    "港澳居民来往内地通行证": "516",
}
_TRAVEL_DOCUMENTS = frozenset({"411", "412", "413", "414", "511", "516"})
_LENGTHS = range(5, 21)
_OTHER_LENGTHS = range(2, 41)


def code_type_of(cell: str) -> str:
    """The three digits of a code type from digits (leading zeros may be lost) or from its name."""
    return cell.zfill(3) if cell.isdigit() else _TYPE_NAMES.get(cell, cell)


def code_is_good(code: str, code_type: str, today: date) -> bool:
    """Whether a code fits its type: check characters where there are any, else length and characters."""
    if code_type == _USCC:
        return uscc_is_valid(code)
    if code_type == _CITIZEN:
        # Written alike, dates compare as text.
        return not citizen_number_problem(code) and code[6:14] <= f"{today:%Y%m%d}"
    if code_type in _TRAVEL_DOCUMENTS:
        return len(code) in _LENGTHS and code.isascii() and code.isalnum()
    return len(code) in _OTHER_LENGTHS

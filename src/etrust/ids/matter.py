"""Codes of a matter (事项编码), GB/T 39554.1-2020: the implementation code (实施编码) and the basic code (基本编码) in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from etrust.errors import EtrustError, Kind
from etrust.ids.uscc import USCC_LENGTH, uscc_is_valid

MATTER_CODE_LENGTH = 31
BASIC_CODE_LENGTH = 12
NATIONAL = "00"

MATTER_TYPES: Mapping[str, str] = {
    "01": "行政许可", "02": "行政处罚", "03": "行政强制", "04": "行政征收", "05": "行政给付", "06": "行政检查",
    "07": "行政确认", "08": "行政奖励", "09": "行政裁决", "10": "其他行政权力", "20": "公共服务",
}  # fmt: skip
"""事项类型 by the two digits that stand for it in a code."""

DIVISIONS = frozenset({
    NATIONAL, "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43",
    "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "66", "71", "81", "82",
})  # fmt: skip
"""Whose basic catalogue (基本目录) a basic code is from: 00 the national one, else a province (GB/T 2260; 66 the Corps)."""

MATTER_LEVELS: Mapping[str, str] = {"1": "国家级", "2": "省级", "3": "市级", "4": "县级", "5": "乡级", "6": "村级"}
"""行使层级 by the digit that stands for it in a code."""

_FULL_TO_HALF = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}
_SPACING = {ord(character): None for character in " \t\r\n\u00a0\u200b\u200e\u200f\ufeff-"}
_MAX_LENGTH = 120

_PROBLEMS: Mapping[str, tuple[str, str]] = {
    "bad_matter_code": (
        "实施编码应为 31 位：18 位统一社会信用代码、1 位层级、12 位基本编码；请核对位数与字符。",
        "An implementation code has 31 characters: a USCC of 18, a level, a basic code of 12 digits; please count them.",
    ),
    "bad_matter_body": (
        "实施编码前 18 位不是有效的统一社会信用代码（校验位不符），请对照实施主体更正。",
        "The first 18 characters are no unified social credit code (check character); please compare them with the body's.",
    ),
    "bad_matter_level": (
        "实施编码第 19 位（行使层级）应为 1 至 6：国家、省、市、县、乡、村。",
        "Character 19, the level, must be 1 to 6: national, province, prefecture, county, township, village.",
    ),
    "bad_matter_division": (
        "基本编码第 1、2 位（目录来源）应为 00（国家）或省级行政区代码，如 65。",
        "The first two digits of the basic code must be 00 (national) or a province, such as 65.",
    ),
    "bad_matter_type": (
        "基本编码第 3、4 位（事项类型）应为 01 至 10 或 20。",
        "Digits 3 and 4 of the basic code, the type of matter, must be 01 to 10, or 20.",
    ),
    "bad_matter_department": (
        "基本编码第 5、6 位（主管部门）不能是 00。",
        "Digits 5 and 6 of the basic code, the department, cannot be 00.",
    ),
    "bad_matter_item": (
        "基本编码第 7 至 9 位（主项）不能是 000。",
        "Digits 7 to 9 of the basic code, the item, cannot be 000.",
    ),
    "bad_matter_sub_item": (
        "基本编码末 3 位（子项）应为数字；没有子项的为 000。",
        "The last three characters of the basic code, the sub-item, must be digits; 000 where there is none.",
    ),
}


@dataclass(frozen=True, slots=True)
class MatterCode:
    """The parts of an implementation code.

    Attributes:
        body: who handles the matter, USCC of 18 characters.
        level: 行使层级, 1 to 6.
        division: whose basic catalogue: ``00`` or a province.
        kind: two digits of the type, see `MATTER_TYPES`.
        department: two digits.
        item: 主项, three digits.
        sub_item: 子项, three digits; ``000`` where there is none.
    """

    body: str
    level: int
    division: str
    kind: str
    department: str
    item: str
    sub_item: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code as a person typed it or a file holds it; letter case, width and blanks do not matter.

        Raises:
            EtrustError: the first part that is wrong: ``bad_matter_code`` (length or characters), ``bad_matter_body``,
                ``bad_matter_level``, ``bad_matter_division``, ``bad_matter_type``, ``bad_matter_department``,
                ``bad_matter_item``, ``bad_matter_sub_item``.
        """
        code = plain_code(text) if len(text) <= _MAX_LENGTH else ""
        problem = matter_code_problem(code)
        if problem:
            zh, en = _PROBLEMS[problem]
            raise EtrustError(Kind.MALFORMED, problem, where="matter", zh=zh, en=en)
        basic = code[USCC_LENGTH + 1 :]
        return cls(
            body=code[:USCC_LENGTH], level=int(code[USCC_LENGTH]), division=basic[:2], kind=basic[2:4],
            department=basic[4:6], item=basic[6:9], sub_item=basic[9:],
        )  # fmt: skip

    @property
    def basic(self) -> str:
        """基本编码, twelve digits."""
        return f"{self.division}{self.kind}{self.department}{self.item}{self.sub_item}"

    @property
    def text(self) -> str:
        """The whole code."""
        return f"{self.body}{self.level}{self.basic}"


def plain_code(text: str) -> str:
    """A code in half width and upper case, without blanks and hyphens."""
    return text.translate(_FULL_TO_HALF).translate(_SPACING).upper()


def matter_code_problem(code: str) -> str:
    """The reason code of the first part of an implementation code that is wrong, or nothing."""
    if len(code) != MATTER_CODE_LENGTH or not (code.isascii() and code.isalnum()):
        return "bad_matter_code"
    if not uscc_is_valid(code[:USCC_LENGTH]):
        return "bad_matter_body"
    if code[USCC_LENGTH] not in MATTER_LEVELS:
        return "bad_matter_level"
    return _basic_problem(code[USCC_LENGTH + 1 :])


def _basic_problem(basic: str) -> str:
    if basic[:2] not in DIVISIONS:
        return "bad_matter_division"
    if basic[2:4] not in MATTER_TYPES:
        return "bad_matter_type"
    if not basic[4:6].isdigit() or basic[4:6] == "00":
        return "bad_matter_department"
    if not basic[6:9].isdigit() or basic[6:9] == "000":
        return "bad_matter_item"
    return "" if basic[9:].isdigit() else "bad_matter_sub_item"

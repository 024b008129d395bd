"""Reasons for which a row is not issued (退回原因): one stable code and one sentence in two languages each.

A row is refused with the first that applies, in this order: what happened to the row as a whole, what is
lost or missing, the holders, the dates, and at last whether its number has been seen in the file.
`conflict` is given at issuing.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason and the column it concerns, named as in the file; never the cell's content."""

    reason: str
    column: str = ""

    @property
    def zh(self) -> str:
        """What is wrong and what to do, in Chinese."""
        return REASONS[self.reason][0].format(column=self.column)

    @property
    def en(self) -> str:
        """The same in English."""
        return REASONS[self.reason][1].format(column=self.column)


REASONS: Mapping[str, tuple[str, str]] = {
    "bad_row": (
        "本行的单元格比表头多，内容可能错列；请检查本行多余的分隔符，使各列与表头对齐。",
        ("The row has more cells than the header, so its content may be shifted; please remove stray delimiters."),
    ),
    "garbled": (
        "“{column}”中有乱码，部分文字已丢失；请按原始资料重新填写。",
        "Characters of {column} were lost; please enter it again from the original.",
    ),
    "precision_lost": (
        "“{column}”的号码已被电子表格改为科学计数或四舍五入，末几位丢失；请把该列设为“文本”格式，按原始资料重新填写。",
        ("A spreadsheet has rounded the number in {column}; please format the column as text and enter it again."),
    ),
    "missing_field": (
        "“{column}”为空，该项必填；请补充后重新导入。",
        "{column} is empty and required; please fill it in.",
    ),
    "too_long": (
        "“{column}”的内容过长；请检查是否错列，或按规定缩短。",
        "{column} is too long; please check whether cells have shifted, or shorten it.",
    ),
    "bad_number": (
        "“{column}”不是有效的编号；请填写证照上印制的编号。",
        "{column} is no number; please enter the number printed on the license.",
    ),
    "bad_holder_code_type": (
        "“{column}”不是该证照持证主体可用的代码类型；请按国家标准填写三位代码，如 001、111。",
        (
            "{column} is no code type for holders of this license; please use the three digits of the "
            "standard, such as 001 or 111."
        ),
    ),
    "bad_holder_code": (
        "“{column}”不正确：位数、字符、日期或校验位有误；请对照证件原件更正。",
        ("{column} is wrong: its length, characters, date or check character; please correct it from the original."),
    ),
    "same_holder_twice": (
        "“{column}”与另一持证主体的代码相同；请分别填写各持证主体的证件号码。",
        "{column} is the same as that of the other holder; please enter each holder's own.",
    ),
    "bad_date": (
        "“{column}”不是有效日期；请按“2024-05-31”的形式填写真实日期。",
        "{column} is no valid date; please write it like 2024-05-31.",
    ),
    "date_order": (
        "“{column}”与其他日期矛盾：截止日期早于起始或颁发日期，或有效期超过规定年限；请核对各日期。",
        ("{column} contradicts the other dates: it ends before it begins, or lasts longer than allowed; please check them."),
    ),
    "duplicate": (
        "“{column}”在本文件前面的行中已出现过；请删除重复行，或更正编号。",
        ("{column} has appeared in an earlier row of this file; please remove the repeated row or correct the number."),
    ),
}
"""Chinese and English sentence of every reason, in the order in which they are looked for."""

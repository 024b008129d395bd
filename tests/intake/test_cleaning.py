"""Cells are cleaned: half width in codes and numbers, letters and digits only in text; no stray or invisible blanks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.licenses.intake.cleaning import clean_code, clean_number, clean_text, guard, may_need_cleaning
from tests.intake.samples import USCC, good

STRAY = st.text(alphabet=" \t\r\n\u3000\u00a0\u200b\u200e\u2060\ufeff", max_size=5)
PRINTABLE = st.text(alphabet=[chr(code) for code in range(0x21, 0x7F) if chr(code) != "'"], min_size=1)


def full_width(text: str) -> str:
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


@given(PRINTABLE, STRAY, STRAY)
def test_a_code_survives_full_width_and_stray_blanks(code: str, before: str, after: str) -> None:
    assert clean_code(before + full_width(code) + after) == code.upper()
    assert clean_number(before + full_width(code) + after) == code


@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once or once[:1] in "'\u200c\u200d"
    assert once == once.strip()
    assert "  " not in once


@given(st.lists(st.text(), min_size=1, max_size=6))
def test_a_row_that_passes_the_quick_look_needs_no_cleaning(cells: list[str]) -> None:
    if not may_need_cleaning(tuple(cells)):
        assert [clean_text(cell) for cell in cells] == cells
        assert [clean_code(cell).replace(" ", "") for cell in cells if cell.isascii() and cell.isalnum()] == [
            cell.upper() for cell in cells if cell.isascii() and cell.isalnum()
        ]


@pytest.mark.parametrize(
    ("given_text", "cleaned"),
    [
        ("软件开发；医疗器械销售（不含Ⅲ类）", "软件开发；医疗器械销售（不含Ⅲ类）"),
        ("ＡＢＣ１２３号，２层", "ABC123号，2层"),
        ("  新疆\u3000\u3000天山\t公司\u00a0", "新疆 天山 公司"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        ("版本１．２", "版本1.2"),
        ("• 餐饮", "• 餐饮"),
        ("上海路\n12号", "上海路 12号"),
        ("پاتىگۈل مۇھەممەت", "پاتىگۈل مۇھەممەت"),
        ("李\u202e明\u200b", "李明"),
        ("桂䶮𬭚", "桂䶮𬭚"),
    ],
)
def test_text_keeps_its_words_and_punctuation(given_text: str, cleaned: str) -> None:
    assert clean_text(given_text) == cleaned


def test_a_dirty_row_and_a_clean_one_make_the_same_record() -> None:
    dirty = good(
        证照编号="\ufeff" + full_width("650100000000001") + "\u3000",
        持证主体="\t新疆天山棉业有限公司\u200b",
        统一社会信用代码="\u00a0" + full_width(USCC.lower()) + " ",
        颁发日期="２０２４－０５－３１",
        有效期截止日期=" 长期\u3000",
    )
    assert dirty == good()


def test_brackets_of_a_number_are_the_same_in_clean_and_dirty_rows() -> None:
    assert good(证照编号="新（2024）1号").number == good(证照编号=" 新（２０２４）1号").number == "新(2024)1号"


def test_inner_blanks_of_codes_do_not_matter() -> None:
    assert good(统一社会信用代码=USCC[:8] + " " + USCC[8:]) == good()


def test_text_apostrophes_of_spreadsheets_are_no_part_of_codes() -> None:
    assert good(统一社会信用代码="'" + USCC, 证照编号="'650100000000001") == good()


@pytest.mark.parametrize("text", ["=1+1", "+86", "-", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "-1.2.3"])
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert guard(text) == "'" + text


@pytest.mark.parametrize("text", ["", "1+1", "-5", "-5.25", "李", "'=1", "a=1"])
def test_what_is_harmless_stays(text: str) -> None:
    assert guard(text) == text

"""Files are recognized by their content; what cannot be read to its end is refused with a clear word."""

import os
from pathlib import Path

import pytest

from etrust.errors import EtrustError
from etrust.licenses.intake.files import open_table
from tests.intake.samples import HEADER, row, write_csv

ROWS = (HEADER, row(), row(证照编号="2", 法定代表人="冯桂䶮,\n“引号\"”"))


def refusal(path: Path) -> EtrustError:
    with pytest.raises(EtrustError) as failure:
        open_table(path)
    assert failure.value.zh.endswith("。")
    assert failure.value.en.endswith(".")
    return failure.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = write_csv(tmp_path / "导出.dat", *ROWS, encoding=encoding, delimiter=delimiter)
    table = open_table(path)
    assert table.header == HEADER
    assert table.count == 2
    assert list(table.numbered) == [(1, ROWS[1]), (2, ROWS[2])]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n \n证照编号,b,\n1,2\n\n,,\n3\n4,5,,\n6,7,8\n", "utf-8")
    table = open_table(path)
    assert table.header == ("证照编号", "b")
    assert list(table.numbered) == [(1, ("1", "2")), (4, ("3", "")), (5, ("4", "5")), (6, ("6", "7", "8"))]
    assert table.count == 4
    assert next(open_table(path).rows) == ("1", "2")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(ending.join(["a,b", "1,2", "3,4"]).encode())
    assert [cells for _, cells in open_table(path).numbered] == [("1", "2"), ("3", "4")]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n", "empty_file"),
        (b"a,b\n", "no_rows"),
        (b"a,b\n\n , \n", "no_rows"),
        (b"a,b\n1,\x002\n", "nul_bytes"),
        ("证照编号,b\n".encode("gb18030") + b"\x00", "nul_bytes"),
        (b"a,b, a\n1,2,3\n", "duplicate_columns"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "wrong_file_kind"),
        (b"%PDF-1.7\n", "wrong_file_kind"),
        (b"MZ\x90\x00", "wrong_file_kind"),
        (b"\x1f\x8b\x08\x00", "wrong_file_kind"),
        (b"<html><table>", "wrong_file_kind"),
        ("证照编号,b\n1,2\n".encode("utf-16"), "wrong_file_kind"),
        (b"PK\x03\x04 cut", "damaged_file"),
        ("证照编号,统一社会信用代码\n1,新疆".encode()[:-1], "bad_encoding"),
        (b"\xef\xbb\xbfa,b\n1,\xff\n", "bad_encoding"),
        ("证照编号,b\n1,新疆".encode("gb18030")[:-1], "bad_encoding"),
        (b"a,b\n1,\xff\xff\n", "bad_encoding"),
        (b'a,b\n1,2\n3,"4\n5,6\n', "broken_csv"),
    ],
)
def test_refusals(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "文件.csv"
    path.write_bytes(content)
    assert refusal(path).code == code


def test_the_line_of_invalid_bytes_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("证照编号,b\n".encode("gb18030") + "1,新疆\n".encode("gb18030") * 30_000 + b"1,\xff\xff\n")
    assert refusal(path).where == "a.csv:30002"
    path.write_bytes("证照编号,b\n".encode() + "1,新疆\n".encode() * 300_000 + b"1,\xff\xff\n")
    assert refusal(path).where == "a.csv:300002"
    path.write_bytes(b'a,b\n1,2\n3,"4\n5,6\n')
    assert refusal(path).where == "a.csv:3"


def test_a_stray_quotation_mark_inside_a_cell_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('a,b\n1,5" 管\n3,4\n', "utf-8")
    assert [cells for _, cells in open_table(path).numbered] == [("1", '5" 管'), ("3", "4")]


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path).code in {"wrong_file_kind", "cannot_open"}
    assert refusal(tmp_path / "nothing").code == "cannot_open"
    os.mkfifo(tmp_path / "pipe")
    assert refusal(tmp_path / "pipe").code == "wrong_file_kind"

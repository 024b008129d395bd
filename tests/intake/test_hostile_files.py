"""Files made to harm: each is refused within bounds of memory and time."""

import resource
import zipfile
from pathlib import Path

import openpyxl
import pytest

from etrust.errors import EtrustError
from etrust.licenses.intake.files import open_table

SHEET = "xl/worksheets/sheet1.xml"
START = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = "</sheetData></worksheet>"


@pytest.fixture(autouse=True)
def little_memory() -> object:
    """A fault in the bounds shows as a MemoryError and does not take the machine down."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def code_of(path: Path) -> str:
    with pytest.raises(EtrustError) as failure:
        open_table(path)
    return failure.value.code


def workbook_with(path: Path, sheet: bytes) -> Path:
    """A real workbook with another sheet in it."""
    plain = path.with_suffix(".plain")
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            target.writestr(part.filename, sheet if part.filename == SHEET else source.read(part))
    return path


def rows(inner: str) -> bytes:
    return (START + inner + END).encode()


def test_the_plain_case_is_read(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1" t="str"><v>a</v></c></row><row r="2"><c r="A2"><v>7</v></c></row>'
    assert list(open_table(workbook_with(tmp_path / "a.xlsx", rows(cells))).rows) == [("7",)]
    placeless = '<row><c t="str"><v>a</v></c></row><row><c><v>7</v></c></row>'
    assert list(open_table(workbook_with(tmp_path / "b.xlsx", rows(placeless))).rows) == [("7",)]


def test_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    plain = tmp_path / "plain.xlsx"
    openpyxl.Workbook().save(plain)
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as target:
        for part in source.infolist():
            if part.filename != SHEET:
                target.writestr(part.filename, source.read(part))
        with target.open(SHEET, "w") as sheet:
            sheet.write(START.encode())
            for _ in range(520):
                sheet.write(b" " * (1 << 20))
    assert path.stat().st_size < 8 << 20
    assert code_of(path) == "file_too_large"


def test_a_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    path = workbook_with(tmp_path / "a.xlsx", rows(" " * 300_000))
    content = bytearray(path.read_bytes())
    at = content.rindex(SHEET.encode()) - 46
    content[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    assert code_of(path) in {"damaged_file", "empty_file"}


@pytest.mark.parametrize(
    "inner",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="99999999999999"><c r="A99999999999999"><v>1</v></c></row>',
        '<row r="1"><c r="A1"><v>1</v></c><c r="ZZZZZZZZZZ1"><v>1</v></c></row><row r="9"><c r="A9"><v>1</v></c></row>',
        "<row r='1'><c t='n' r='A1'><v>1</v></c></row><row r = '1048576'><c t='n' r\n=\n'XFD1048576'><v>1</v></c></row>",
        '<!-- <c " --><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        '<x:row xmlns:x="y" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
    ],
)
def test_a_few_cells_that_span_a_huge_rectangle(tmp_path: Path, inner: str) -> None:
    assert code_of(workbook_with(tmp_path / "a.xlsx", rows(inner))) == "file_too_large"


def test_cells_without_places_are_counted(tmp_path: Path) -> None:
    inner = '<row r="1048576"><c><v>1</v></c></row><row>' + "<c><v>1</v></c>" * 20_000 + "</row>"
    assert code_of(workbook_with(tmp_path / "a.xlsx", rows(inner))) == "file_too_large"


@pytest.mark.parametrize(
    "sheet",
    [
        b"", b"<", b"no xml", START.encode(), b"\xff\xfe<\x00", rows('<row r="x"><c r="!"/></row>'),
        rows('<row r="0"><c r="A0"><v>1</v></c></row>'),
        b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>',
        rows("<row><c><v>1</row>"), rows('<row r="1"><c r="A1" t="s"><v>99</v></c></row>'),
        rows('<row r="1"><c r="A1" s="9999"><v>1</v></c></row>'),
    ],
)  # fmt: skip
def test_a_broken_sheet_is_refused_and_nothing_worse(tmp_path: Path, sheet: bytes) -> None:
    assert code_of(workbook_with(tmp_path / "a.xlsx", sheet)) in {"damaged_file", "empty_file", "no_rows", "file_too_large"}


def test_a_truncated_workbook(tmp_path: Path) -> None:
    path = workbook_with(tmp_path / "a.xlsx", rows(""))
    content = path.read_bytes()
    for length in range(10, len(content), 251):
        path.write_bytes(content[:length])
        assert code_of(path) == "damaged_file"


def test_another_archive_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("word/document.xml", "<x/>")
    assert code_of(tmp_path / "a.xlsx") == "wrong_file_kind"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"a,b\n1," + b"x" * 10_000_000 + b"\n2,3\n", "broken_csv"),
        (b'a,b\n1,"' + b"x\n" * 5_000_000, "broken_csv"),
        (b"," * 50_000_000, "broken_csv"),
        (b"x" * 200_000 + b",b\n1,2\n", "broken_csv"),
        (b"x," * 400 + b"\n1\n", "too_many_columns"),
        (b"a,b\n" + b"x," * 400 + b"\n", "too_many_columns"),
    ],
)
def test_giant_cells_and_rows(tmp_path: Path, content: bytes, code: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    assert code_of(tmp_path / "a.csv") == code

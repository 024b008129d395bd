"""One long shared string that many cells refer to: small on the disk, enormous in memory; refused before it is read."""

import zipfile
from pathlib import Path

import pytest

from etrust.errors import EtrustError
from etrust.licenses.intake.files import open_table

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def workbook(path: Path, text: str, rows: int) -> Path:
    """A workbook of one column whose cells all refer to one shared string; the header is another."""
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>{min(row - 1, 1)}</v></c></row>' for row in range(1, rows + 2))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="a" Type="{DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{DOCUMENT}"><sheets><sheet name="s" sheetId="1" r:id="b"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="b" Type="{DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="c" Type="{DOCUMENT}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}"><si><t>名称</t></si><si><t>{text}</t></si></sst>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(("length", "rows"), [(1_000_000, 10), (100_000, 30_000)], ids=["longer than Excel allows", "too many"])
def test_refused_before_it_is_read(tmp_path: Path, length: int, rows: int) -> None:
    path = workbook(tmp_path / "bomb.xlsx", "a" * length, rows)
    assert path.stat().st_size < 300_000
    with pytest.raises(EtrustError, match="file_too_large"):
        open_table(path)


def test_an_honest_file_is_read(tmp_path: Path) -> None:
    table = open_table(workbook(tmp_path / "honest.xlsx", "依法须经批准的项目" * 100, 50))
    assert table.header == ("名称",)
    assert table.count == 50

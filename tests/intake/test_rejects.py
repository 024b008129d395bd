"""The reject file: made with the first reject, harmless in a spreadsheet, and good for importing again."""

import csv
import stat
from pathlib import Path

import pytest

from etrust.licenses.intake.files import open_table
from etrust.licenses.intake.rejects import RejectWriter
from etrust.licenses.model import Record, Reject
from tests.intake.samples import HEADER, business, good, row, write_csv

BAD = row(颁发日期="2024-02-30", 持证主体='=HYPERLINK("http://x","公司")', 备注="-5")


def rejects_of(path: Path, target: Path) -> list[Record]:
    """Import a file as far as its reject file; returns the good rows."""
    table = open_table(path)
    reader = business(table.header)
    records = []
    with RejectWriter(target, table.header) as writer:
        for number, cells in table.numbered:
            one = reader.read(number, cells)
            if isinstance(one, Reject):
                writer.write(one)
            else:
                records.append(one)
    return records


def test_no_reject_no_file(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", HEADER, row())
    assert len(rejects_of(path, tmp_path / "rejects" / "r.csv")) == 1
    assert not (tmp_path / "rejects").exists()


def test_its_form(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", HEADER, row(), BAD)
    target = tmp_path / "rejects" / "r.csv"
    rejects_of(path, target)
    assert target.read_bytes().startswith(b"\xef\xbb\xbfrow,reason,explanation,")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [file.name for file in target.parent.iterdir()] == ["r.csv"]
    header, first = csv.reader(target.read_text("utf-8-sig").splitlines())
    assert header == ["row", "reason", "explanation", *HEADER]
    assert first[:2] == ["2", "bad_date"]
    assert "颁发日期" in first[2]
    assert first[3:] == ["'" + cell if cell.startswith("=") else cell for cell in BAD]


def test_a_corrected_reject_file_is_imported_again(tmp_path: Path) -> None:
    first = tmp_path / "first.csv"
    rejects_of(write_csv(tmp_path / "a.csv", HEADER, BAD, row(证照编号="", 备注="+86")), first)
    first.write_text(first.read_text("utf-8-sig").replace("2024-02-30", "2024-05-31"), "utf-8-sig")
    second = tmp_path / "second.csv"
    records = rejects_of(first, second)
    assert records == [good(持证主体='=HYPERLINK("http://x","公司")', 备注="-5")]
    assert records[0].extension == {"备注": "-5"}
    header, again = csv.reader(second.read_text("utf-8-sig").splitlines())
    assert header == ["row", "reason", "explanation", *HEADER]
    assert again[:2] == ["2", "missing_field"]
    assert again[3:] == list(row(证照编号="", 备注="'+86"))


def test_after_a_crash_what_was_written_stays_partial(tmp_path: Path) -> None:
    def crash() -> None:
        with RejectWriter(tmp_path / "r.csv", HEADER) as writer:
            writer.write(Reject(1, "bad_date", "…", BAD))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        crash()
    assert not (tmp_path / "r.csv").exists()
    assert "bad_date" in (tmp_path / "r.csv.partial").read_text("utf-8-sig")

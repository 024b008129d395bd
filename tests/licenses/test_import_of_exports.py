"""The three export files as departments send them: exactly the expected rows are issued, exactly the others rejected."""

import csv
import json
import stat
from collections import Counter
from pathlib import Path

import pytest

from etrust.licenses.imports import ImportReport, import_file
from etrust.licenses.model import Provenance
from etrust.settings import Settings
from etrust.verification.model import Status
from etrust.wiring import Rooms, open_rooms
from tests.licenses.issuing import BODIES, code_of, some_licenses

EXPORTS = Path(__file__).parents[1] / "data" / "exports"
EXPECTED = json.loads((EXPORTS / "expected.json").read_text("utf-8"))
TYPES = {
    "business.csv": "business_license", "id_cards.csv": "resident_identity_card", "marriage.xlsx": "marriage_certificate",
}  # fmt: skip


async def run_import(rooms: Rooms, path: Path, type_name: str, *, dry_run: bool = False) -> ImportReport:
    who = Provenance("admin", BODIES[type_name], rooms.clock())
    async with rooms.stores.pool.acquire() as connection:
        return await import_file(
            connection, rooms.issuing, rooms.types[type_name], path, who=who, on_progress=lambda done, total: None,
            rejects=rooms.home.rejects / "rejects.csv", dry_run=dry_run,
        )  # fmt: skip


def read_rejects(path: Path) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(path.read_text("utf-8-sig").splitlines())
    return header, rows


@pytest.mark.parametrize("name", TYPES)
async def test_exactly_the_expected_rows(region: Settings, name: str) -> None:
    expected = EXPECTED[name]
    async with open_rooms(region) as rooms:
        report = await run_import(rooms, EXPORTS / name, TYPES[name])
        assert report.rows == expected["rows"]
        assert report.issued == expected["rows"] - len(expected["rejected"])
        assert report.already_issued == 0
        assert report.rejected == Counter(expected["rejected"].values())
        assert report.rejects is not None
        header, rejects = read_rejects(report.rejects)
        assert header[:3] == ["row", "reason", "explanation"]
        assert {row[0]: row[1] for row in rejects} == expected["rejected"]
        assert all(row[2].endswith("。") for row in rejects)
        assert stat.S_IMODE(report.rejects.stat().st_mode) == 0o600
        for license_ in await some_licenses(rooms, TYPES[name], 20):
            assert (await rooms.check(code_of(license_))).status in {Status.VALID, Status.EXPIRED}


@pytest.mark.parametrize("name", TYPES)
async def test_a_second_run_issues_nothing_twice(region: Settings, name: str) -> None:
    good = EXPECTED[name]["rows"] - len(EXPECTED[name]["rejected"])
    async with open_rooms(region) as rooms:
        await run_import(rooms, EXPORTS / name, TYPES[name])
        again = await run_import(rooms, EXPORTS / name, TYPES[name])
        assert (again.rows, again.issued, again.already_issued) == (EXPECTED[name]["rows"], 0, good)
        async with rooms.stores.pool.acquire() as connection:
            assert await connection.fetchval("SELECT count(*) FROM credentials") == good


async def test_a_dry_run_judges_and_issues_nothing(region: Settings) -> None:
    name = "marriage.xlsx"
    async with open_rooms(region) as rooms:
        report = await run_import(rooms, EXPORTS / name, TYPES[name], dry_run=True)
        assert report.rejected == Counter(EXPECTED[name]["rejected"].values())
        assert report.issued == EXPECTED[name]["rows"] - len(EXPECTED[name]["rejected"])
        async with rooms.stores.pool.acquire() as connection:
            assert await connection.fetchval("SELECT count(*) FROM licenses") == 0


async def test_a_changed_row_under_an_issued_number_is_a_conflict(region: Settings, tmp_path: Path) -> None:
    lines = (EXPORTS / "business.csv").read_bytes().decode("gb18030").splitlines()
    first = tmp_path / "first.csv"
    first.write_text("\n".join(lines[:4]), "utf-8")
    changed = tmp_path / "changed.csv"
    changed.write_text("\n".join([lines[0], lines[1].replace("长期", "2099-01-01"), lines[2]]), "utf-8")
    async with open_rooms(region) as rooms:
        assert (await run_import(rooms, first, "business_license")).issued == 3
        report = await run_import(rooms, changed, "business_license")
        assert (report.issued, report.already_issued, report.rejected) == (0, 1, Counter({"conflict": 1}))


async def test_unknown_columns_are_kept_and_formulas_stay_text(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await run_import(rooms, EXPORTS / "business.csv", "business_license")
        async with rooms.stores.pool.acquire() as connection:
            names = await connection.fetch("SELECT holders->0->>0 AS name FROM licenses WHERE holders->0->>0 LIKE '=HYPERLINK%'")
            assert names
            assert all(row["name"].startswith('=HYPERLINK("http://x"') for row in names)

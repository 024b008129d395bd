"""The catalogue: sample matters are sound, versions stay, more is told only when a second officer publishes it; lists come and go."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import asyncpg
import openpyxl
import pytest

from etrust.errors import EtrustError
from etrust.matters import catalogue
from etrust.matters.intake.export import export_csv
from etrust.matters.intake.plan import carry_out, plan_import, write_rejects
from etrust.matters.model import Matter, Standing
from etrust.matters.rules import problems
from etrust.matters.samples import NEWBORN, SCHOOL, SHOP
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms


async def current(rooms: Rooms, code: str = NEWBORN) -> Matter:
    found = await rooms.catalogue.matter(code)
    assert found is not None
    return found


def with_field(matter: Matter, key: str, name: str) -> Matter:
    """The matter with one more field told, which the clerk looks at."""
    return replace(matter, materials=tuple(
        each if each.key != key else replace(
            each, review=(*each.review, name), satisfied_by=tuple(replace(one, fields=(*one.fields, name)) for one in each.satisfied_by)
        ) for each in matter.materials
    ))  # fmt: skip


async def draft_and_publish(rooms: Rooms, matter: Matter, writer: str, publisher: str) -> None:
    async with rooms.stores.pool.acquire() as connection, connection.transaction():
        await catalogue.save_draft(connection, matter, who=await rooms.operator(writer), reason="按新办法修改", at=rooms.clock(), proposed=True)
        await catalogue.publish_draft(connection, matter.code, who=await rooms.operator(publisher), types=rooms.types, at=rooms.clock())


async def test_eighteen_things_of_life_and_every_matter_sound(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        themes = await rooms.catalogue.themes()
        every = [await current(rooms, code) for theme in themes for code in theme.matters]
        faults = {matter.code: problems(matter, rooms.types) for matter in every}
    assert len(themes) == 18
    assert all(2 <= len(theme.matters) <= 4 for theme in themes), {theme.key: len(theme.matters) for theme in themes}
    assert {code: found for code, found in faults.items() if found} == {}
    assert all(words.zh and words.ug and words.en for matter in every for words in (matter.name, *(each.name for each in matter.materials)))
    assert all(matter.legal_basis.startswith("《") for matter in every)
    newborn, school, shop = (next(each for each in every if each.code == code) for code in (NEWBORN, SCHOOL, SHOP))
    assert (newborn.spared, len(newborn.materials)) == (6, 6)
    assert school.spared < len(school.materials)
    assert {str(ground) for ground in shop.grounds} == {"consent", "duty"}


async def test_a_version_stays_as_it_was(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        before = await current(rooms)
        await draft_and_publish(rooms, replace(before, days=3), "matters", "matters")
        after = await current(rooms)
        assert (after.version, after.days) == (before.version + 1, 3)
        assert await rooms.catalogue.matter_version(NEWBORN, before.version) == before
        async with rooms.stores.pool.acquire() as connection:
            with pytest.raises(asyncpg.PostgresError, match="append only"):
                await connection.execute("DELETE FROM matter_versions WHERE code = $1", NEWBORN)
            with pytest.raises(asyncpg.PostgresError, match="append only"):
                await connection.execute("UPDATE matter_versions SET version = 9 WHERE code = $1", NEWBORN)


async def test_who_tells_more_needs_a_second_officer(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        more = with_field(await current(rooms), "marriage_certificate", "issued_on")
        with pytest.raises(EtrustError, match="second"):
            await draft_and_publish(rooms, more, "matters", "matters")
        assert (await current(rooms)).version == 1
        await draft_and_publish(rooms, more, "matters", "matters2")
        assert (await current(rooms)).version == 2
        with pytest.raises(EtrustError):
            await draft_and_publish(rooms, replace(more, days=9), "clerk", "clerk")


async def test_a_field_nobody_needs_and_an_unknown_one_are_refused(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        matter = await current(rooms)
        for name in ("issued_on", "shoe_size"):
            wrong = replace(matter, materials=tuple(
                each if each.key != "marriage_certificate" else replace(
                    each, satisfied_by=tuple(replace(one, fields=(*one.fields, name)) for one in each.satisfied_by)
                ) for each in matter.materials
            ))  # fmt: skip
            assert problems(wrong, rooms.types)
            with pytest.raises(EtrustError):
                await draft_and_publish(rooms, wrong, "matters", "matters2")


async def test_a_withdrawn_matter_is_found_no_more(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        async with rooms.stores.pool.acquire() as connection:
            gone = await catalogue.withdraw(connection, NEWBORN, who=await rooms.operator("matters"), reason="取消", at=rooms.clock())
        assert gone.standing is Standing.WITHDRAWN
        assert await rooms.catalogue.matter(NEWBORN) is None
        assert NEWBORN not in {each.code for each in await rooms.catalogue.search("出生")}


async def imported(rooms: Rooms, path: Path) -> tuple[dict[str, int], list[str], list[str]]:
    """What an import did: its counts, what was published, the reasons of refusals."""
    async with rooms.stores.pool.acquire() as connection:
        who = await rooms.operator("matters")
        plan = await plan_import(connection, path, types=rooms.types, who=who)
        published, _ = await carry_out(connection, plan, types=rooms.types, who=who, reason="导入", at=rooms.clock())
    return plan.counts, published, [each.reason for each in plan.rejects]


def rows_of(rooms: Rooms, *matters: Matter) -> list[list[str]]:
    return list(csv.reader(io.StringIO(export_csv(matters, rooms.types).lstrip("\ufeff"))))


async def test_what_is_exported_imports_as_it_is(region: Settings, tmp_path: Path) -> None:
    async with open_rooms(region) as rooms:
        every = await rooms.catalogue.all()
        text = export_csv(every, rooms.types)
        for name, data in (("utf8.csv", text.encode()), ("bom.csv", text.encode("utf-8-sig")), ("gb.csv", text.encode("gb18030"))):
            (tmp_path / name).write_bytes(data)
            counts, published, reasons = await imported(rooms, tmp_path / name)
            assert (counts["same"], published, reasons) == (len(every), [], []), name


async def test_a_workbook_with_merged_and_blank_cells(region: Settings, tmp_path: Path) -> None:
    async with open_rooms(region) as rooms:
        matter = replace(await current(rooms), days=7)
        rows = rows_of(rooms, matter)
        code = rows[0].index("实施编码")
        full = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(rows[0])
        sheet.append([])
        for number, row in enumerate(rows[1:]):
            sheet.append([cell.translate(full) if number == 0 and place == code else cell or None for place, cell in enumerate(row)])
        book.save(tmp_path / "list.xlsx")
        counts, published, reasons = await imported(rooms, tmp_path / "list.xlsx")
        assert (counts["changed"], published, reasons) == (1, [NEWBORN], [])
        assert (await current(rooms)).days == 7
        again, published, _ = await imported(rooms, tmp_path / "list.xlsx")
        assert (again["same"], published) == (1, [])


async def test_a_bad_row_is_named_and_nothing_is_taken_in_part(region: Settings, tmp_path: Path) -> None:
    async with open_rooms(region) as rooms:
        rows = rows_of(rooms, replace(await current(rooms), days=9), await current(rooms, SCHOOL))
        kind, fields = rows[0].index("证照类型"), rows[0].index("共享信息项")
        rows[2][kind] = "不存在的证照"
        rows[-1][fields] = rows[-1][fields] or ""
        path = tmp_path / "bad.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
        async with rooms.stores.pool.acquire() as connection:
            plan = await plan_import(connection, path, types=rooms.types, who=await rooms.operator("matters"))
        _, published, reasons = await imported(rooms, path)
        assert "unknown_license_type" in reasons
        assert published == []
        assert (await current(rooms)).days != 9
        rejects = write_rejects(plan, tmp_path / "rejects.csv")
        assert rejects is not None
        assert "证照目录" in rejects.read_text("utf-8-sig")

"""What an import of a list would do (预览), and doing it: published at once, handed to a second person, or refused."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from etrust.access.model import Operator
from etrust.errors import EtrustError
from etrust.licenses.intake.files import Cells, open_table
from etrust.licenses.intake.rejects import RejectWriter
from etrust.licenses.model import Reject
from etrust.licenses.types import LicenseType
from etrust.matters import catalogue
from etrust.matters import catalogue_store as store
from etrust.matters.disclosure import growth
from etrust.matters.documents import matter_digest
from etrust.matters.intake.cells import faulty
from etrust.matters.intake.columns import CODE
from etrust.matters.intake.rows import Group, MatterReader, Sheet, read_sheet
from etrust.matters.model import Matter, Standing
from etrust.matters.rules import require_sound
from etrust.storage.postgres import Connection

REST = "rest_of_matter"
_REST_WORDS = "同一事项的其他行有误，整个事项未导入 · another row of the same matter is wrong"


class Fate(StrEnum):
    """What becomes of a matter of the list."""

    NEW = "new"  # not in force yet
    CHANGED = "changed"  # says something else than the version in force
    SAME = "same"  # says what the version in force says
    WAITING = "waiting"  # a draft says the same already and waits for a second person


@dataclass(frozen=True, slots=True)
class Item:
    """One matter of the list.

    Attributes:
        before: the version in force, None when there is none.
        second: whether another person must publish it, because it lets more be told.
    """

    matter: Matter
    before: Matter | None
    fate: Fate
    second: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do."""

    header: Cells
    items: tuple[Item, ...]
    rejects: tuple[Reject, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many matters of each fate, how many wait for a second person, how many rows are refused."""
        fates = {str(fate): sum(item.fate is fate for item in self.items) for fate in Fate}
        return fates | {"second_person": sum(item.second for item in self.items), "rejected_rows": len(self.rejects)}


async def plan_import(
    connection: Connection, path: Path, *, types: Mapping[str, LicenseType], who: Operator, name: str = ""
) -> Plan:
    """Read a list and say what importing it would do; nothing is changed.

    Args:
        name: what the file is called for the person who sent it; the path's own name when empty.

    Raises:
        EtrustError: the file as a whole cannot be read (see `open_table`), or ``missing_columns``.
    """
    sheet = read_sheet(open_table(path), name or path.name)
    reader = MatterReader(sheet.layout, types, await catalogue.themes(connection))
    items: list[Item] = []
    for group in sheet.groups:
        matter = reader.read(group)
        if matter is not None:
            try:
                require_sound(matter, types)
                await catalogue.require_keeper(connection, who, matter)
                items.append(await _item(connection, matter, who))
            except EtrustError as error:
                group.fault, group.fault_row = error, group.rows[0][0]
    return Plan(sheet.header, tuple(items), tuple(_rejects(sheet)))


async def _item(connection: Connection, matter: Matter, who: Operator) -> Item:
    before = await store.current(connection, matter.code)
    draft = await store.draft(connection, matter.code)
    there = before is not None and before.standing is Standing.IN_FORCE
    if there and before is not None and matter_digest(before) == matter_digest(matter):
        return Item(matter, before, Fate.SAME, second=False)
    second = bool(growth(before, matter))
    if draft is not None and matter_digest(replace(draft.matter, standing=Standing.IN_FORCE)) == matter_digest(matter):
        return Item(matter, before, Fate.WAITING, second)
    if draft is not None and draft.operator != who.username:
        raise faulty(
            "draft_exists", CODE, "该事项有他人未发布的草稿，请先发布或放弃。", "somebody else's draft is not published yet."
        )
    return Item(matter, before if there else None, Fate.CHANGED if there else Fate.NEW, second)


def _rejects(sheet: Sheet) -> list[Reject]:
    found: list[Reject] = []
    for group in sheet.groups:
        if group.fault is not None:
            found += _refused(group, group.fault)
    return found


def _refused(group: Group, fault: EtrustError) -> list[Reject]:
    words = f"{fault.zh} · {fault.en}"
    return [
        Reject(number, fault.code, words, cells) if number == group.fault_row else Reject(number, REST, _REST_WORDS, cells)
        for number, cells in group.rows
    ]


async def carry_out(
    connection: Connection, plan: Plan, *, types: Mapping[str, LicenseType], who: Operator, reason: str, at: datetime
) -> tuple[list[str], list[str]]:
    """Do what a plan says: a draft for every new or changed matter, published at once where one person may.

    Returns:
        Codes published, and codes that wait for a second person. Done again, nothing is left to do.
    """
    published: list[str] = []
    waiting: list[str] = []
    for item in plan.items:
        code = item.matter.code
        if item.fate in (Fate.NEW, Fate.CHANGED):
            async with connection.transaction():
                draft = await store.draft(connection, code)
                await catalogue.save_draft(
                    connection, item.matter, who=who, reason=reason, at=at, revision=draft.revision if draft else 0, proposed=True
                )
                if not item.second:
                    await catalogue.publish_draft(connection, code, who=who, types=types, at=at)
            (waiting if item.second else published).append(code)
        elif item.fate is Fate.WAITING:
            waiting.append(code)
    return published, waiting


def write_rejects(plan: Plan, path: Path) -> Path | None:
    """Write the refused rows with reasons, to be corrected and imported again; None when there are none."""
    if not plan.rejects:
        return None
    with RejectWriter(path, plan.header) as writer:
        for reject in plan.rejects:
            writer.write(reject)
    return path

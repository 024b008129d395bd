"""Made-up households: people with valid numbers, their pages of the register, birth certificates; issued for real."""

from collections.abc import Sequence
from datetime import date, timedelta

from etrust.access.mandates import only_mandated_body
from etrust.access.person_model import CompanyRole, Person, Position
from etrust.clock import BEIJING, official_date
from etrust.ids import LicenseIdentifier
from etrust.ids.citizen import make_citizen_check
from etrust.licenses.change import Ground, change_status
from etrust.licenses.intake.single import read_single
from etrust.licenses.issue import issue_batch
from etrust.licenses.model import Action, Holder, Provenance
from etrust.wiring import Rooms

Cells = dict[str, str]


def citizen(name: str, born: date, sequence: int) -> Holder:
    """Somebody of Shufu county; odd sequences are men's."""
    first = f"653121{born:%Y%m%d}{sequence:03d}"
    return Holder(name, first + make_citizen_check(first), "111")


def person(holder: Holder, companies: Sequence[tuple[Holder, Position]] = ()) -> Person:
    """The holder as the identity platform has it."""
    roles = tuple(CompanyRole(company.code, company.name, role) for company, role in companies)
    return Person(holder.code[-8:].lower().rjust(32, "0"), holder.name, holder.code, holder.code_type, roles)


def born_on(holder: Holder) -> str:
    """The day of birth in a number."""
    return f"{holder.code[6:10]}-{holder.code[10:12]}-{holder.code[12:14]}"


def page(holder: Holder, household: str, **changes: str) -> tuple[str, Cells]:
    """A page of the household register."""
    return "household_register", {
        "holder_name": holder.name, "holder_code": holder.code, "number": f"{household}-{holder.code[-6:]}",
        "issued_on": "2025-06-15", "issuing_authority": "疏附县公安局", "relation": "家属", "household_number": household,
        "birth_date": born_on(holder), **changes,
    }  # fmt: skip


def birth(child: Holder, mother: Holder, father: Holder, **changes: str) -> tuple[str, Cells]:
    """A birth certificate."""
    return "birth_certificate", {
        "holder_name": mother.name, "holder_code": mother.code, "holder_code_type": mother.code_type,
        "number": f"T{child.code[-10:]}", "issued_on": born_on(child), "issuing_authority": "疏附县人民医院",
        "child_name": child.name, "birth_date": born_on(child), "father_name": father.name, "father_code": father.code, **changes,
    }  # fmt: skip


async def issue(rooms: Rooms, *records: tuple[str, Cells]) -> list[LicenseIdentifier]:
    """Issue licenses, each by the body that has the mandate."""
    at, issued = rooms.clock(), []
    async with rooms.stores.pool.acquire() as connection:
        for name, cells in records:
            record = read_single(rooms.types[name], cells, today=official_date(at))
            who = Provenance("admin", await only_mandated_body(connection, name, at), at)
            found = await issue_batch(connection, rooms.issuing, rooms.types[name], [record], who=who, source="test")
            issued += found.issued
    await rooms.live.refresh()
    return issued


async def change(rooms: Rooms, identifier: LicenseIdentifier, action: Action) -> None:
    """Revoke, suspend or restore a license."""
    who = Provenance("admin", identifier.issuer_code, rooms.clock())
    async with rooms.stores.pool.acquire() as connection:
        await change_status(
            connection, serial=identifier.serial, version=identifier.version, action=action,
            ground=Ground("测试", "测试依据"), who=who,
        )
    await rooms.live.refresh()


def years_ago(rooms: Rooms, years: int, days: int = 0) -> date:
    """A birthday: so many years and days before today in Beijing."""
    today = rooms.clock().astimezone(BEIJING).date()
    return today.replace(year=today.year - years) + timedelta(days=days)

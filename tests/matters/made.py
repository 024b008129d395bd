"""Matters made for a test, put in force as the catalogue does it."""

from collections.abc import Sequence
from datetime import date

from etrust.matters import catalogue
from etrust.matters.model import Demand, FormField, Material, Matter, Party, Standing, Words
from etrust.matters.samples import NEWBORN
from etrust.onecode.model import Ground
from etrust.wiring import Rooms

CODE = NEWBORN[:28] + "777"
PERSON = Party("applicant", Words("申请人"), ("111",))
FRIEND = Party("spouse", Words("配偶"), ("111",), required=False)
PROMISE = Words("本人承诺已具备该证照。", "", "I promise.")


def material(
    key: str, *types: str, fields: tuple[str, ...] = ("number",), party: str = "applicant", required: bool = True,
    commitment: bool = False, deferral: int | None = None, since: date | None = None,
) -> Material:
    """A material that licenses of these types satisfy, in their order; without a type it is brought on paper."""
    demands = tuple(Demand(each, party, fields, since) for each in types)
    return Material(
        key, Words(key), required, demands, PROMISE if commitment else None, deferral, review=fields if demands else ()
    )


def matter(
    *materials: Material, parties: tuple[Party, ...] = (PERSON,), grounds: Sequence[Ground] = tuple(Ground),
    form: tuple[FormField, ...] = (), code: str = CODE,
) -> Matter:
    """A matter of the sample region's county."""
    return Matter(
        code, 1, Words("测试事项"), "行政确认", code[:18], 4, "", frozenset(grounds), parties, materials, form, 0, "测试",
        Standing.DRAFT, {},
    )  # fmt: skip


async def in_force(rooms: Rooms, made: Matter) -> Matter:
    """Put it in force."""
    async with rooms.stores.pool.acquire() as connection:
        done = await catalogue.publish(
            connection, made, types=rooms.types, operator="matters", approver="matters2", reason="test", at=rooms.clock()
        )
    return done.matter

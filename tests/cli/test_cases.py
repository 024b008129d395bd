"""`etrust case` as an operator uses it."""

import asyncio

from etrust.settings import Settings
from tests.cli.running import Etrust
from tests.matters.scene import WIFE, scene


def test_cases_are_listed_and_shown(region: Settings, etrust: Etrust) -> None:
    number = asyncio.run(_a_case(region))
    listed = etrust("case", "list", "--json").json["cases"]
    assert [(each["case_number"], each["state"]) for each in listed] == [(number, "open")]  # type: ignore[attr-defined]
    assert etrust("case", "list", "--overdue", "--json").json == {"overdue": []}
    shown = etrust("case", "show", number)
    assert shown.out.startswith(f"{number}  收件 · open\n")
    assert "marriage_certificate  satisfied" in shown.out
    assert WIFE.code not in shown.out
    assert etrust("case", "show", number, "--operator", "officer").code == 2  # another body's


async def _a_case(region: Settings) -> str:
    async with scene(region) as at:
        return (await at.newborn()).case_number

"""`etrust case` as an operator uses it."""

import asyncio

from etrust.settings import Settings
from tests.cli.running import Etrust
from tests.matters.scene import WIFE, scene


def test_cases_are_listed_and_shown(region: Settings, etrust: Etrust) -> None:
    number = asyncio.run(_a_case(region))
    assert etrust("case", "list").out.startswith(number)
    assert etrust("case", "list", "--json").json == {
        "cases": [{"case_number": number, "state": "open", "opened_at": _opened(etrust)}]
    }
    assert etrust("case", "list", "--state", "completed").out == ""
    assert etrust("case", "list", "--overdue", "--json").json == {"overdue": []}
    shown = etrust("case", "show", number)
    assert "marriage_certificate  satisfied" in shown.out
    assert WIFE.code not in shown.out
    told = etrust("case", "show", number, "--json").json
    assert [event["action"] for event in told["events"]] == ["open", "check"]  # type: ignore[attr-defined]
    assert etrust("case", "show", number, "--operator", "officer").code == 2  # another body's


def _opened(etrust: Etrust) -> object:
    return etrust("case", "list", "--json").json["cases"][0]["opened_at"]  # type: ignore[index]


async def _a_case(region: Settings) -> str:
    async with scene(region) as at:
        return (await at.newborn()).case_number

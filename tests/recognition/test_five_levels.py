"""Five levels inside one region: a county's license at a village counter of another prefecture, by the same rules."""

from pathlib import Path

from etrust.cli.region import SAMPLE_REGION, prepare_home
from etrust.ids import make_uscc_check
from etrust.licenses import store
from etrust.licenses.issue import issue_one
from etrust.licenses.model import Provenance
from etrust.settings import Settings
from etrust.verification.model import Overall, Verdict
from etrust.wiring import open_rooms
from tests.licenses.issuing import COMPANY, code_of

COUNTY = "11653121MB1A0009XQ"


def body(code: str, level: int, division: str, parent: str, name: str) -> tuple[str, str]:
    whole = code + make_uscc_check(code)
    return whole, f'  - {{code: {whole}, level: {level}, division: "{division}", parent: {parent}, zh: {name}}}\n'


def hotan(folder: Path) -> Path:
    """The sample region with a second prefecture down to its village counter, and a county that issues licenses."""
    text = SAMPLE_REGION.read_text("utf-8")
    parent, lines = "11650000MB1A0001XQ", ""
    for code, level, division, name in (
        ("11653200MB1A0020X", 2, "653200", "和田地区行政公署政务服务中心"), ("11653221MB1A0021X", 3, "653221", "和田县行政审批局"),
        ("11653221MB1A0022X", 4, "653221101", "巴格其镇人民政府"), ("12653221MB1A0023X", 5, "653221101201", "巴格其村便民服务站"),
    ):  # fmt: skip
        parent, line = body(code, level, division, parent, name)
        lines += line
    account = f"  - {{username: village, name: 村级窗口, body: {parent}, roles: [clerk]}}\n"
    text = text.replace("mandates:\n", f"{lines}mandates:\n  {COUNTY}: [business_license]\n").replace("accounts:\n", f"accounts:\n{account}")
    file = folder / "five.yaml"
    file.write_text(text, "utf-8")
    return file


async def test_a_countys_license_at_a_village_counter_of_another_prefecture(settings: Settings, tmp_path: Path) -> None:
    await prepare_home(settings, hotan(tmp_path))
    async with open_rooms(settings) as rooms:
        async with rooms.stores.pool.acquire() as connection:
            who = Provenance("admin", COUNTY, rooms.clock())
            identifier = await issue_one(connection, rooms.issuing, rooms.types["business_license"], dict(COMPANY), who=who)
            stored = await store.find(connection, identifier.serial, identifier.version)
        assert stored is not None
        counter = await rooms.operator("village")
        assert counter.body.startswith("12653221")
        for presented in (code_of(stored), identifier.text, identifier.short):
            verdict: Verdict = await rooms.check(presented, actor=counter)
            assert verdict.verdict is Overall.PASSED
            assert verdict.license is not None
            issuer = verdict.license["issuer"]
            assert isinstance(issuer, dict)
            assert (issuer["code"], issuer["level"], issuer["division"]) == (COUNTY, 3, "653121")
            assert [each["name_zh"] for each in issuer["path"]] == ["新疆维吾尔自治区数字化发展局", "喀什地区政务服务和数字化管理局"]
            assert "region" not in verdict.license  # of this very region: no agreement is needed
            assert "agreement" not in verdict.evidence

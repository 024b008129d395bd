"""`etrust seal`: the whole life of a seal from the command line, and what it seals read back by `etrust verify`."""

from pathlib import Path

import asyncpg
import pytest

from etrust.settings import Settings
from tests.cli.running import Etrust

pytestmark = pytest.mark.long

GROUND = ("--reason", "行政审批需要", "--basis", "电子印章管理办法第九条")
BODY = "11650000MB1A0004XU"
WANTED = ("--body", BODY, "--name", "新疆维吾尔自治区市场监督管理局", "--inscription", "行政审批专用章", "--license-type", "business_license")


def applied(etrust: Etrust) -> str:
    told = etrust("seal", "apply", *WANTED, *GROUND, "--json")
    assert (told.code, told.json["state"]) == (0, "applied"), told.err
    return str(told.json["code"])


def step(etrust: Etrust, code: str, verb: str, operator: str, *more: str, state: str) -> None:
    told = etrust("seal", verb, code, "--operator", operator, *more, *GROUND, "--json")
    assert (told.code, told.json["state"], told.json["operator"]) == (0, state, operator), told.err


async def lists(region: Settings, folder: Path) -> list[object]:
    """The arguments that give the region's SM2 anchor and its revocation lists."""
    connection = await asyncpg.connect(region.database_url)
    try:
        rows = await connection.fetch("SELECT crl FROM crls ORDER BY number DESC")
    finally:
        await connection.close()
    arguments: list[object] = ["--anchor", region.home / "keys" / "anchor-sm2.crt"]
    for number, row in enumerate(rows):
        path = folder / f"{number}.crl"
        path.write_bytes(row["crl"])
        arguments += ["--crl", path]
    return arguments


async def test_from_application_to_the_end(etrust: Etrust, region: Settings, tmp_path: Path) -> None:
    code = applied(etrust)
    step(etrust, code, "review", "seals2", "--approve", state="approved")
    step(etrust, code, "make", "seals", state="made")
    step(etrust, code, "record", "seals", "--number", "公备2026-7", state="recorded")
    alone = etrust("seal", "activate", code, "--operator", "seals", *GROUND, "--json")
    assert (alone.code, alone.json["error"]) == (2, "second_person_needed")
    step(etrust, code, "activate", "seals2", state="active")
    assert etrust("seal", "grant", code, "--to", "role", "issuer", "--license-type", "business_license", *GROUND).code == 0

    document, value = tmp_path / "notice.txt", tmp_path / "SignedValue.dat"
    document.write_text("决定书", "utf-8")
    use = ("seal", "use", code, "--document", document, "--license-type", "business_license", "--operator", "officer", "--json")
    used = etrust(*use, "--output", value)
    assert used.code == 0, used.err
    assert etrust("seal", "export", code, "--output", tmp_path).code == 0
    ground = await lists(region, tmp_path)
    for presented, more in ((value, ("--document", document)), (tmp_path / f"{code}.esl", ())):
        told = etrust("verify", presented, *more, *ground, "--json")
        assert (told.code, told.json["verdict"]) == (0, "TOTAL-PASSED"), told.json["findings"]
    document.write_text("另一份决定书", "utf-8")
    told = etrust("verify", value, "--document", document, *ground, "--json")
    assert (told.code, told.json["sub_indication"]) == (1, "HASH_FAILURE")
    assert (tmp_path / f"{code}.svg").read_text("utf-8").startswith("<svg")

    step(etrust, code, "freeze", "seals", state="frozen")
    refused = etrust(*use, "--output", value)
    assert (refused.code, refused.json["error"]) == (2, "seal_not_active")
    step(etrust, code, "restore", "seals", state="frozen")
    step(etrust, code, "restore", "seals2", state="active")
    step(etrust, code, "lost", "seals", state="lost")
    step(etrust, code, "cancel", "seals", state="canceled")

    shown = etrust("seal", "show", code, "--json").json
    assert shown["state"] == "canceled"
    assert shown["uses"] == 1
    assert [event["action"] for event in shown["events"]] == [  # type: ignore[attr-defined]
        "apply", "approve", "prepare", "make", "file_record", "activate", "freeze", "propose_restore", "restore",
        "report_lost", "cancel",
    ]  # fmt: skip
    listed = etrust("seal", "uses", code, "--json").json["uses"]
    assert [(each["digest"], each["operator"]) for each in listed] == [(used.json["digest"], "officer")]  # type: ignore[attr-defined]


def test_a_change_and_the_taking_back_of_a_right(etrust: Etrust) -> None:
    old = str(etrust("seal", "list", "--state", "active", "--json").json["seals"][0]["code"])  # type: ignore[index]
    changed = etrust("seal", "change", old, "--inscription", "证照专用章(2)", *GROUND, "--json")
    assert (changed.code, changed.json["replaces"], changed.json["state"]) == (0, old, "applied"), changed.err
    assert str(changed.json["name"]).endswith("证照专用章(2)")
    grants = etrust("seal", "show", old, "--json").json["grants"]
    grant = grants[0]["grant"]  # type: ignore[index]
    assert etrust("seal", "ungrant", str(grant), *GROUND, "--json").json["grant"] == grant
    again = etrust("seal", "ungrant", str(grant), *GROUND, "--json")
    assert (again.code, again.json["error"]) == (2, "grant_ended")


def test_the_sample_region_has_a_seal_for_every_issuing_body(etrust: Etrust) -> None:
    seals = etrust("seal", "list", "--json").json["seals"]
    assert len(seals) == 6  # type: ignore[arg-type]
    assert {seal["state"] for seal in seals} == {"active"}  # type: ignore[attr-defined]
    assert len({seal["body"] for seal in seals}) == 6  # type: ignore[attr-defined]
    shown = etrust("seal", "show", seals[0]["code"], "--json").json  # type: ignore[index]
    assert {event["operator"] for event in shown["events"]} == {"seals", "seals2"}  # type: ignore[attr-defined]
    assert [(grant["kind"], grant["grantee"]) for grant in shown["grants"]] == [("role", "issuer")]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("arguments", "code", "word"), [
    (("apply", "--name", "局", "--reason", "x"), 2, "--legal-basis"), (("show", "65000099999999"), 2, "seal_not_found"),
    (("review", "65000099999999", "--approve", "--operator", "officer", *GROUND), 2, "no_role"),
    (("make", "65000099999999", "--operator", "nobody", *GROUND), 2, "unknown_operator"),
    (("uses", "65000099999999"), 2, "seal_not_found"), (("grant", "65000099999999", "--to", "role", "issuer", *GROUND), 2, "seal_not_found"),
])  # fmt: skip
def test_refusals_have_words_and_codes(etrust: Etrust, arguments: tuple[str, ...], code: int, word: str) -> None:
    told = etrust("seal", *arguments, "--json")
    assert told.code == code
    assert word in told.out + told.err


def test_nobody_uses_a_seal_in_the_name_of_another_body(etrust: Etrust, tmp_path: Path) -> None:
    others = next(seal for seal in etrust("seal", "list", "--json").json["seals"] if seal["body"] != BODY)  # type: ignore[attr-defined]
    use = ("seal", "use", others["code"], "--document", __file__, "--license-type", others["license_types"][0], "--output", tmp_path / "x")
    told = etrust(*use, "--operator", "officer", "--body", others["body"], "--json")
    assert (told.code, told.json["error"]) == (2, "not_your_body")
    assert etrust(*use, "--operator", "admin", "--body", others["body"], "--json").code == 0  # the administrator at the machine
    assert etrust(*use, "--operator", "officer", "--json").json["error"] == "seal_not_usable"


def test_a_seal_not_yet_made_is_not_exported(etrust: Etrust, tmp_path: Path) -> None:
    told = etrust("seal", "export", applied(etrust), "--output", tmp_path)
    assert (told.code, list(tmp_path.glob("*.esl"))) == (1, [])


def test_people_are_told_in_words(etrust: Etrust) -> None:
    code = applied(etrust)
    told = etrust("seal", "review", code, "--reject", "--operator", "seals2", *GROUND)
    assert "审核不通过" in told.out
    assert "审核未通过" in etrust("seal", "list").out
    assert "申请" in etrust("seal", "show", code).out

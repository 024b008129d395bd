"""The main job from the command line: import, show, check, revoke, check again; exit codes 0, 1 and 2."""

import json
import time
from pathlib import Path

import pytest

from etrust.credentials.qr import png
from tests.cli.running import Etrust
from tests.licenses.issuing import COMPANY

EXPORTS = Path(__file__).parents[1] / "data" / "exports"
GROUND = ("--reason", "经营异常", "--basis", "《行政许可法》第六十九条")


def issue(etrust: Etrust) -> dict[str, object]:
    told = etrust("issue", "-", "--type", "business_license", "--json", stdin=json.dumps(COMPANY).encode())
    assert told.code == 0, told.err
    return told.json


def test_import_prints_what_became_of_the_rows(etrust: Etrust) -> None:
    expected = json.loads((EXPORTS / "expected.json").read_text("utf-8"))["marriage.xlsx"]
    told = etrust("import", EXPORTS / "marriage.xlsx", "--type", "marriage_certificate", "--json")
    assert told.code == 0
    report = told.json
    assert (report["rows"], report["issued"], report["already_issued"]) == (500, 500 - len(expected["rejected"]), 0)
    assert sum(report["rejected"].values()) == len(expected["rejected"])  # type: ignore[attr-defined]
    assert Path(str(report["rejects"])).is_file()
    assert told.err == ""  # machine output has no progress bar beside it
    again = etrust("import", EXPORTS / "marriage.xlsx", "--type", "marriage_certificate", "--json").json
    assert (again["issued"], again["already_issued"]) == (0, report["issued"])


def test_a_person_sees_progress_and_a_summary(etrust: Etrust) -> None:
    told = etrust("import", EXPORTS / "marriage.xlsx", "--type", "marriage_certificate", "--dry-run")
    assert told.code == 0
    assert "would be issued" in told.out
    assert "500/500" in told.err


def test_issue_show_check_revoke_check(etrust: Etrust, tmp_path: Path) -> None:
    issued = issue(etrust)
    identifier, code = str(issued["identifier"]), str(issued["code"])
    picture = tmp_path / "code.png"
    picture.write_bytes(png(code))
    assert "█" in etrust("show", identifier).out
    assert etrust("show", identifier, "--json").json["code"] == code
    for presented, stdin in ((code, b""), (identifier, b""), (picture, b""), ("-", code.encode()), ("-", picture.read_bytes())):
        told = etrust("verify", presented, "--json", stdin=stdin)
        assert (told.code, told.json["status"]) == (0, "valid")
    assert "有效" in etrust("verify", code).out
    time.sleep(1.1)
    assert etrust("revoke", identifier, *GROUND).code == 0
    told = etrust("verify", code, "--json")
    assert (told.code, told.json["status"], told.json["verdict"]) == (1, "revoked", "TOTAL-FAILED")
    assert "已被撤销" in etrust("verify", code).out
    before = etrust("verify", code, "--at", "2025-01-01", "--json")
    assert (before.code, before.json["status"]) == (0, "valid")


def test_offline_answers_with_no_server_at_all(etrust: Etrust, tmp_path: Path) -> None:
    code = str(issue(etrust)["code"])
    trust, status = tmp_path / "trust.jws", tmp_path / "status.cwt"
    assert etrust("trust", "export", "--output", trust).code == 0
    assert etrust("trust", "status-list", "1", "--output", status).code == 0
    nowhere = Etrust(tmp_path / "nowhere", {"ETRUST_DATABASE_URL": "postgresql://127.0.0.1:1/x", "ETRUST_REDIS_URL": "redis://127.0.0.1:1"})
    anchor = trust.with_suffix(".anchor.crt")
    offline = ("verify", code, "--offline", "--trust", trust, "--json")
    told = nowhere(*offline, "--status", status, "--anchor", anchor)
    assert (told.code, told.json["status"]) == (0, "valid")
    told = nowhere(*offline, "--anchor", anchor)
    assert (told.code, told.json["status"]) == (1, "unknown")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize(("presented", "reason"), [
    ("https://example.com", "not_a_code"), ("ET1:", "truncated"), ("abc", "bad_identifier"),
])  # fmt: skip
def test_the_answer_no_exits_with_1(etrust: Etrust, presented: str, reason: str) -> None:
    told = etrust("verify", presented, "--json")
    assert (told.code, told.json["status"]) == (1, "malformed")
    assert told.json["findings"][0]["reason"] == reason  # type: ignore[index]


@pytest.mark.parametrize("arguments", [
    ("import", EXPORTS / "business.csv", "--type", "nothing"), ("import", EXPORTS / "expected.json", "--type", "business_license"),
    ("import", "nowhere.csv", "--type", "business_license"), ("verify",), ("nothing",), ("verify", "x", "--at", "yesterday"),
    ("verify", "x", "--offline"), ("revoke", "x", *GROUND), ("import", EXPORTS / "business.csv", "--type", "business_license", "--operator", "clerk"),
    ("issue", EXPORTS / "expected.json", "--type", "business_license"), ("revoke", "x"),
])  # fmt: skip
def test_usage_and_errors_exit_with_2_and_say_why(etrust: Etrust, arguments: tuple[object, ...]) -> None:
    told = etrust(*arguments)
    assert told.code == 2
    assert told.err.strip()


def test_errors_are_told_to_programs_too(etrust: Etrust) -> None:
    told = etrust("import", EXPORTS / "business.csv", "--type", "nothing", "--json")
    assert (told.code, told.json["error"]) == (2, "unknown_type")


def test_migrate_shows_what_it_will_do(etrust: Etrust) -> None:
    told = etrust("migrate", "--plan")
    assert told.code == 0
    assert "0001" in told.out


def test_keys_and_accounts(etrust: Etrust) -> None:
    made = etrust("account", "key-create", "--for", "officer", "--scope", "checks", "--json")
    assert made.code == 0
    assert str(made.json["key"]).startswith("etk_")
    assert etrust("account", "key-create", "--for", "clerk", "--scope", "licenses:issue").code == 2
    assert etrust("account", "key-revoke", str(made.json["key"]).split("_")[1]).code == 0
    assert etrust("account", "key-revoke", "000000000000").code == 1
    body = "12653121MB1A0011X3"
    added = etrust("account", "add", "new.clerk", "--name", "新同事", "--body", body, "--role", "clerk", "--password", "long enough 1")
    assert added.code == 0, added.err
    assert "new.clerk" in etrust("account", "list").out
    assert etrust("account", "add", "x.y", "--name", "x", "--body", body, "--role", "clerk", "--password", "short").code == 2


def test_a_folder_that_is_no_home(tmp_path: Path) -> None:
    told = Etrust(tmp_path / "none", {})("verify", "x")
    assert told.code == 2
    assert "etrust init" in told.err


def test_a_long_text_with_slashes_is_a_verdict_not_a_path(etrust: Etrust) -> None:
    assert etrust("verify", "ET1:" + "A" * 300, "--json").json["status"] == "malformed"
    assert etrust("verify", "x/" + "A" * 300, "--json").json["status"] == "malformed"


def test_a_long_file_name_still_gets_its_rejects(etrust: Etrust, tmp_path: Path) -> None:
    path = tmp_path / ("业" * 76 + ".csv")
    path.write_bytes((EXPORTS / "business.csv").read_bytes())
    told = etrust("import", path, "--type", "business_license", "--dry-run", "--json")
    assert told.code == 0, told.err
    assert Path(str(told.json["rejects"])).is_file()


def test_offline_without_an_anchor_is_refused(etrust: Etrust, tmp_path: Path) -> None:
    trust = tmp_path / "trust.jws"
    assert etrust("trust", "export", "--output", trust).code == 0
    told = Etrust(tmp_path / "nowhere", {})("verify", "ET1:", "--offline", "--trust", trust, "--json")
    assert (told.code, told.json["error"]) == (2, "anchor_needed")

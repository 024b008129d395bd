"""Corrections, the trust list, the audit trail and accounts from the command line, each by the person it belongs to."""

import json
from pathlib import Path

import pytest

from tests.cli.running import Etrust
from tests.licenses.issuing import COMPANY

pytestmark = pytest.mark.long

MARKET = "11650000MB1A0004XU"


def issue(etrust: Etrust) -> str:
    told = etrust("issue", "-", "--type", "business_license", "--json", stdin=json.dumps(COMPANY).encode())
    assert told.code == 0, told.err
    return str(told.json["identifier"])


def test_differences_of_a_file_become_a_version(etrust: Etrust, tmp_path: Path) -> None:
    license_ = issue(etrust)
    file = tmp_path / "差异.csv"
    good = f"{license_},法定代表人,阿依古丽·图尔荪\n"
    file.write_text(f"电子证照标识,项目,正确内容\n{good}{good}{license_},爱好,棋\n", "utf-8")
    told = etrust("correction", "import", file, "--operator", "clerk", "--json")
    assert told.code == 0, told.err
    assert [told.json[name] for name in ("rows", "taken", "merged", "rejected", "skipped")] == [3, 1, 1, 1, 0]
    assert Path(str(told.json["rejects"])).is_file()
    again = etrust("correction", "import", file, "--operator", "clerk")
    assert "此前已办 3" in again.out
    (found,) = etrust("correction", "list", "--operator", "cases", "--json").json["corrections"]  # type: ignore[misc]
    number = found["number"]
    assert etrust("correction", "accept", number, "--reason", "属实", "--operator", "cases").code == 0
    refused = etrust("correction", "agree", number, "--operator", "cases")
    assert refused.code == 2
    assert "另一位" in refused.err
    agreed = etrust("correction", "agree", number, "--operator", "cases2")
    assert (agreed.code, ".002." in agreed.out) == (0, True)
    assert etrust("correction", "refuse", number, "--reason", "x", "--operator", "cases2").code == 2
    assert etrust("correction", "accept", number, "--reason", "x", "--operator", "clerk").code == 2


def test_the_trust_list_is_changed_by_two(etrust: Etrust, tmp_path: Path) -> None:
    before = int(str(etrust("trust", "show", "--json").json["sequence"]))
    ground = ("--reason", "职能调整", "--legal-basis", "新政发〔2026〕1号")
    told = etrust("trust", "propose", "--end-right", f"{MARKET}:business_license", *ground, "--operator", "trust", "--json")
    assert told.code == 0, told.err
    assert [each["kind"] for each in told.json["changes"]] == ["right_changed"]  # type: ignore[attr-defined]
    draft = told.json["draft"]
    assert etrust("trust", "approve", draft, "--operator", "trust").code == 2
    assert "权限变更" in etrust("trust", "diff", "--draft", draft).out
    assert etrust("trust", "approve", draft, "--operator", "trust2").out.startswith(f"{before + 1} sha256:")
    assert "权限变更" in etrust("trust", "diff").out
    file = tmp_path / "changes.json"
    file.write_text(json.dumps([{"op": "grant", "body": MARKET, "license_type": "business_license"}]), "utf-8")
    other = etrust("trust", "propose", "--file", file, *ground, "--operator", "trust")
    assert "赋予权限" in other.out or "权限变更" in other.out
    assert etrust("trust", "refuse", int(str(draft)) + 1, "--operator", "trust2").code == 0
    assert "refuse" in etrust("trust", "drafts").out
    for content in ("{}", "[", '[{"op": "x", "body": "y"}]'):
        file.write_text(content, "utf-8")
        assert etrust("trust", "propose", "--file", file, *ground, "--operator", "trust").code == 2
    assert etrust("trust", "propose", "--grant", "x", *ground, "--operator", "trust").code == 2


def test_accounts_and_the_trail_are_in_hands_of_their_own(etrust: Etrust, tmp_path: Path) -> None:
    assert etrust("account", "roles", "clerk", "--role", "clerk", "--role", "issuer", "--reason", "轮岗").code == 0
    apart = etrust("account", "roles", "clerk", "--role", "auditor", "--role", "issuer", "--reason", "x")
    assert (apart.code, "不得兼任" in apart.err) == (2, True)
    assert etrust("account", "disable", "clerk", "--reason", "离职", "--operator", "admin").code == 2
    assert etrust("account", "disable", "clerk", "--reason", "离职").code == 0
    assert etrust("correction", "list", "--operator", "clerk").code == 2
    found = etrust("audit", "search", "--action", "account.", "--json").json["entries"]
    assert [each["action"] for each in found] == ["account.disable", "account.roles"]  # type: ignore[attr-defined]
    assert "离职" in etrust("audit", "search", "--action", "account.disable").out
    output = tmp_path / "audit.csv"
    assert etrust("audit", "export", "--output", output, "--reason", "年度审计").code == 0
    assert "account.disable" in output.read_text("utf-8-sig")
    assert etrust("audit", "search", "--operator", "admin").code == 2
    assert etrust("audit", "search", "--since", "2026-13-01").code == 2

"""`POST /api/v1/checks`: a clear verdict for whatever is presented, over real HTTP."""

import asyncio
import base64
import gzip
import io
import zlib

import pytest
from PIL import Image

from etrust.cli import serving as command_line_serving
from etrust.credentials import base45
from etrust.credentials.code import encode_code
from etrust.credentials.qr import png
from etrust.settings import Settings
from tests.api.calling import running
from tests.licenses.issuing import code_of, identifier_of, issue_company
from tests.support import Recipe, make_signer

KEYS = ["verdict", "sub_indication", "status", "kind", "at", "findings", "evidence", "license"]


def reasons(verdict: dict[str, object]) -> set[str]:
    findings = verdict["findings"]
    assert isinstance(findings, list)
    return {finding["reason"] for finding in findings if finding["reason"]}


async def test_code_identifier_short_number_and_picture_have_one_verdict(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms)
        code, identifier = code_of(license_), identifier_of(license_)
        picture = base64.b64encode(png(code)).decode()
        asked = [{"presented": code}, {"presented": identifier.text}, {"presented": identifier.short}, {"image": picture}]
        verdicts = [await api.check(**each) for each in asked]
        for verdict in verdicts:
            assert list(verdict) == KEYS
            assert (verdict["verdict"], verdict["status"], verdict["kind"]) == ("TOTAL-PASSED", "valid", "credential")
            assert verdict["evidence"].keys() == {"trust_list", "status_list"}  # type: ignore[attr-defined]
            shown = verdict["license"]
            assert isinstance(shown, dict)
            assert shown["identifier"] == identifier.text
        assert len({str({**verdict, "at": ""}) for verdict in verdicts}) == 1


async def test_a_check_tells_the_minimum(region: Settings) -> None:
    async with running(region) as api:
        license_ = await issue_company(api.rooms, 住所="新疆维吾尔自治区天山区解放路1号", 经营范围="棉花加工")
        told = str(await api.check(presented=code_of(license_)))
        assert "新疆天山达盛棉业有限公司" in told
        assert "解放路" not in told
        assert "棉花加工" not in told


BAD = {
    "https://example.com/": "not_a_code",
    "6901234567892": "bad_identifier",
    "ET1:": "truncated",
    "ET1:!!!": "bad_code",
    "ET1:" + "0" * 3600: "too_large",
    "ET1Z:" + base45.encode(zlib.compress(b"\0" * 100_000)): "inflated",
    "ET1:" + base45.encode(b"not a credential"): "bad_cose",
    "1.2.156.3005.2.11100000MB0143028R001.11650000MB1A0004XU.ABCDEFGHIJKLMNOPQRST.001.0": "bad_check_character",
    "1.2.156.3005.2.x.y.z": "bad_identifier",
}


@pytest.mark.parametrize("presented", BAD, ids=BAD.values())
async def test_bad_input_has_a_reason(region: Settings, presented: str) -> None:
    async with running(region) as api:
        verdict = await api.check(presented=presented)
        assert (verdict["verdict"], verdict["status"], verdict["license"]) == ("TOTAL-FAILED", "malformed", None)
        assert reasons(verdict) == {BAD[presented]}


async def test_cut_doubled_and_altered_codes(region: Settings) -> None:
    async with running(region) as api:
        code = code_of(await issue_company(api.rooms))
        for end in (10, 100, len(code) - 1):
            assert (await api.check(presented=code[:end]))["status"] == "malformed"
        assert reasons(await api.check(presented=code + code)) == {"duplicated"}
        middle = len(code) - 30
        altered = code[:middle] + ("A" if code[middle] != "A" else "B") + code[middle + 1 :]
        assert (await api.check(presented=altered))["status"] in {"bad_signature", "malformed"}


async def test_a_code_of_a_foreign_signer(region: Settings) -> None:
    async with running(region) as api:
        verdict = await api.check(presented=encode_code(Recipe().signed(make_signer())))
        assert (verdict["verdict"], verdict["status"]) == ("INDETERMINATE", "unknown_issuer")
        assert reasons(verdict) == {"unknown_key"}


async def test_an_unknown_number_and_a_wrong_one_have_one_answer(region: Settings) -> None:
    async with running(region) as api:
        short = identifier_of(await issue_company(api.rooms)).short
        wrong = short[:-1] + ("0" if short[-1] != "0" else "1")
        for presented in (Recipe().identifier.text, Recipe().identifier.short, wrong):
            verdict = await api.check(presented=presented)
            assert (verdict["verdict"], verdict["status"], verdict["license"]) == ("INDETERMINATE", "unknown", None)
            assert reasons(verdict) == {"not_found"}


async def test_pictures_that_are_none(region: Settings) -> None:
    async with running(region) as api:
        blank = io.BytesIO()
        Image.new("L", (50, 50), 255).save(blank, "PNG")
        for data, code in ((b"hello", "not_an_image"), (blank.getvalue(), "no_code_in_image"), (b"\x89PNG\r\n\x1a\n", "not_an_image")):
            status, body, _ = await api.call("POST", "/api/v1/checks", json={"image": base64.b64encode(data).decode()})
            assert (status, body["code"]) == (400, code)  # type: ignore[index]


@pytest.mark.parametrize(("body", "status"), [
    (b"", 422), (b"{", 422), (b"[]", 422), (b"{}", 422), (b'{"presented": 1}', 422), (b'{"presented": "a", "image": "b"}', 422),
    (b'{"presented": "a", "extra": 1}', 422), (b'{"presented": "' + b"a" * 5000 + b'"}', 422), (b'{"image": "%%%"}', 400),
    (b'{"presented": "a", "at": "2026-01-01"}', 422), (b'{"presented": "a", "at": "2999-01-01T00:00:00Z"}', 422),
    (b"\xff\xfe", 422), (b'{"presented": "\\ud800"}', 422),
])  # fmt: skip
async def test_requests_that_are_not_right_get_a_problem_document(region: Settings, body: bytes, status: int) -> None:
    async with running(region) as api:
        got, problem, headers = await api.call("POST", "/api/v1/checks", data=body, headers={"Content-Type": "application/json"})
        assert got == status, problem
        assert headers["Content-Type"].startswith("application/problem+json")
        assert isinstance(problem, dict)
        assert problem.keys() >= {"type", "title", "status", "detail", "code"}


async def test_a_body_beyond_the_bound(region: Settings) -> None:
    async with running(region) as api:
        status, problem, _ = await api.call("POST", "/api/v1/checks", json={"image": "A" * (18 * 1024 * 1024)})
        assert status == 413, problem


async def test_compressed_bodies_are_refused_unread(region: Settings) -> None:
    async with running(region) as api:
        body = gzip.compress(b" " * 1_000_000)
        for path in ("/api/v1/checks", "/livez", "/signin", "/nothing"):
            status, problem, _ = await api.call("POST", path, data=body, headers={"Content-Encoding": "gzip"})
            assert (status, problem["code"]) == (415, "compressed_body")  # type: ignore[index]


@pytest.mark.parametrize("body", [
    {"presented": "a\0b"}, {"presented": "1.2.156.3005.2.\0"}, {"presented": "ET1:" + "A/" * 300},
], ids=["text", "identifier", "slashes"])  # fmt: skip
async def test_odd_characters_get_a_verdict(region: Settings, body: dict[str, str]) -> None:
    async with running(region) as api:
        assert (await api.check(**body))["status"] == "malformed"


async def test_a_known_time_lies_in_the_past(region: Settings) -> None:
    async with running(region) as api:
        status, problem, _ = await api.call("POST", "/api/v1/checks", json={"presented": "x", "known_at": "9999-12-31T23:59:59.9Z"})
        assert (status, problem["code"]) == (422, "future_time")  # type: ignore[index]


async def test_a_body_that_never_ends_is_given_up(region: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_line_serving, "SLOWEST_SECONDS", 0.3)
    async with running(region) as api:
        host, port = api.address.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /api/v1/checks HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {api.key}\r\nContent-Length: 100\r\n\r\n{{"
        writer.write(head.encode())
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 10)
        writer.close()

"""`/api/v1/codes` and `/api/v1/checks` with an online code, over real HTTP."""

import base64
from datetime import datetime, timedelta

from etrust.access.model import Scope
from etrust.clock import BEIJING
from etrust.credentials.qr import png
from etrust.onecode.model import CodeKind
from etrust.settings import Settings
from tests.api.calling import new_key, running
from tests.onecode.codes import MATTER, Counter


async def test_a_redemption_tells_what_the_code_stands_for_and_no_more(region: Settings) -> None:
    async with running(region) as api:
        counter = await Counter.open(api.rooms)
        code = await counter.show()
        status, told, _ = await api.call("POST", "/api/v1/codes/redemptions", json={"code": code.text})
        assert status == 200
        assert isinstance(told, dict)
        assert told == {
            "kind": "license", "holder": {"name": "新疆天山达盛棉业有限公司", "company": True}, "basis": "self",
            "identifier": counter.license_.identifier.text, "matter": None, "issued_at": code.shown.issued_at.isoformat(),
            "expires_at": code.expires_at.isoformat(), "redeemed_at": told["redeemed_at"],
        }  # fmt: skip
        status, problem, _ = await api.call("POST", "/api/v1/codes/redemptions", json={"code": code.text})
        assert isinstance(problem, dict)
        assert (status, problem["code"]) == (409, "code_used")
        used = datetime.fromisoformat(told["redeemed_at"]).astimezone(BEIJING)
        assert f"{used:%Y-%m-%d %H:%M:%S}" in problem["detail"]
        code = await counter.show(CodeKind.MATTER)
        _, told, _ = await api.call("POST", "/api/v1/codes/redemptions", json={"code": code.text})
        assert (told["kind"], told["matter"], told["identifier"]) == ("matter", MATTER, None)  # type: ignore[index]


async def test_a_check_uses_the_code_up_from_text_or_picture(region: Settings) -> None:
    async with running(region) as api:
        counter = await Counter.open(api.rooms)
        verdict = await api.check(image=base64.b64encode(png((await counter.show()).text)).decode())
        assert (verdict["verdict"], verdict["status"], verdict["kind"]) == ("TOTAL-PASSED", "valid", "code")
        text = (await counter.show(CodeKind.HOLDER)).text
        first, second = await api.check(presented=text), await api.check(presented=text)
        assert (first["verdict"], first["sub_indication"]) == ("INDETERMINATE", "MATTER_NEEDED")
        assert (second["verdict"], second["status"], second["license"]) == ("TOTAL-FAILED", "already_used", None)


async def test_reconciliations_over_http(region: Settings) -> None:
    async with running(region) as api:
        counter = await Counter.open(api.rooms)
        code = await counter.show()
        scan = {"text": code.text, "scanned_at": api.rooms.clock().isoformat(), "case_number": "", "note": "power cut"}
        later = {**scan, "scanned_at": (api.rooms.clock() + timedelta(seconds=1)).isoformat()}
        for wanted in (["accepted", "used_twice", "unknown"],) * 2:
            asked = {"scans": [scan, later, {**scan, "text": "ET2:NO"}]}
            status, told, _ = await api.call("POST", "/api/v1/codes/reconciliations", json=asked)
            assert status == 200
            assert [answer["outcome"] for answer in told["answers"]] == wanted  # type: ignore[index]
        assert told["answers"][1]["first"] == {"offline": True, "own": True, "used_at": scan["scanned_at"]}  # type: ignore[index]


async def test_who_may_ask(region: Settings) -> None:
    async with running(region) as api:
        other = await new_key(api.rooms, "officer", [Scope.CHECK])
        for path, body in (("redemptions", {"code": "ET2:"}), ("reconciliations", {"scans": []})):
            place = f"/api/v1/codes/{path}"
            assert (await api.call("POST", place, json=body, key=""))[0] == 401
            assert (await api.call("POST", place, json=body, key=other))[0] == 403
        too_many = {"scans": [{"text": "ET2:", "scanned_at": "2026-11-25T00:00:00Z"}] * 501}
        for body in ({"scans": []}, too_many, {"scans": [{"text": "ET2:", "scanned_at": "2026-11-25T00:00:00"}]}):
            assert (await api.call("POST", "/api/v1/codes/reconciliations", json=body))[0] == 422

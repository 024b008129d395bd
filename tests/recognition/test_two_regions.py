"""Two real regions: a license of the one satisfies a question of the other; and what comes of a partner that fails or lies."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web

from etrust.credentials.code import encode_code
from etrust.ids import make_uscc_check
from etrust.licenses.change import Ground as ChangeGround
from etrust.licenses.change import change_status
from etrust.licenses.model import Action, Holder, StoredLicense
from etrust.onecode.model import Subject
from etrust.recognition import partner_store
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.trust.lists import sign_trust_list
from etrust.wiring import open_rooms
from etrust.wiring.home import ANCHOR_KEY
from tests.licenses.issuing import issue_company, officer
from tests.recognition.regions import (
    GANSU,
    USE,
    Partner,
    another_region,
    found,
    holder_of,
    know,
    liar,
    sealed_to,
    telling,
)

NOBODY = Subject(bytes(16), "新疆乌有棉业有限公司", "91652701UNG992JFD8", "001")


@pytest_asyncio.fixture(scope="module")
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


async def issued(gansu: Partner, number: int) -> StoredLicense:
    """A business license of Gansu, of a company of its own."""
    code = f"91620102MA7{number:06d}"
    return await issue_company(
        gansu.rooms, 证照编号=f"62000000000{number:04d}", 持证主体=f"兰州第{number}纺织有限公司", 统一社会信用代码=code + make_uscc_check(code)
    )


async def change(gansu: Partner, license_: StoredLicense, action: Action) -> None:
    async with gansu.rooms.stores.pool.acquire() as connection:
        await change_status(
            connection, serial=license_.serial, version=license_.version, action=action, ground=ChangeGround("test", "test"),
            who=officer(gansu.rooms),
        )  # fmt: skip
    await gansu.rooms.announce()


async def test_a_license_of_the_other_region_is_found_judged_and_recorded_there(region: Settings, gansu: Partner) -> None:
    license_ = await issued(gansu, 1)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        finding = await found(rooms, holder_of(license_))
        assert (finding.region, finding.outcome, finding.is_good) == (GANSU, "found", True)
        assert finding.identifier == license_.identifier.text
        assert finding.told["holder_name"] == license_.holders[0][0]
        assert finding.verdict is not None
        assert finding.verdict.evidence["trust_list"] == (await gansu.rooms.trust.snapshot()).digest
        assert finding.verdict.evidence.keys() == {"trust_list", "status_list", "agreement"}
        assert await rooms.partners.find(NOBODY, "business_license", USE) == []
    page = await gansu.rooms.consent.log(gansu.rooms.issuing.numbering.holder(Holder(*license_.holders[0])))
    (entry,) = page.entries
    assert (entry.operator, entry.body, entry.reason) == ("region:650000/clerk", USE.body, USE.reason)
    assert (entry.licenses, entry.outcome) == ((license_.identifier.text,), "told")


async def test_a_license_out_of_force_there_satisfies_nothing_here(region: Settings, gansu: Partner) -> None:
    license_ = await issued(gansu, 2)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        for action, status in ((Action.SUSPEND, "suspended"), (Action.RESTORE, "valid"), (Action.REVOKE, "revoked")):
            await change(gansu, license_, action)
            await asyncio.sleep(1.1)  # the ttl of the other region's lists is one second
            finding = await found(rooms, holder_of(license_))
            assert finding.verdict is not None
            assert finding.verdict.status == status
            assert (finding.is_good, bool(finding.told)) == (status == "valid", status == "valid")


async def test_another_anchor_than_the_pinned_one(region: Settings, gansu: Partner) -> None:
    license_ = await issued(gansu, 3)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, anchor=rooms.anchor_certificate())
        finding = await found(rooms, holder_of(license_))
        assert (finding.outcome, finding.reason, finding.verdict, dict(finding.told)) == ("untrusted", "untrusted_list", None, {})


async def test_down_and_left_alone_after_a_while(region: Settings, gansu: Partner) -> None:
    async with open_rooms(region) as rooms:
        await know(rooms, gansu, address="http://127.0.0.1:1")
        reasons = [(await found(rooms, NOBODY)).reason for _ in range(5)]
        assert reasons == ["partner_unreachable"] * 3 + ["partner_resting"] * 2
        assert (await found(rooms, NOBODY)).outcome == "unreachable"


async def test_slow_partners_are_asked_side_by_side_and_not_waited_for(region: Settings, gansu: Partner) -> None:
    waiting, together = 0, 0

    async def never(_: web.Request) -> web.Response:
        nonlocal waiting, together
        waiting += 1
        together = max(together, waiting)
        try:
            await asyncio.sleep(30)
        finally:
            waiting -= 1
        return web.json_response({"credentials": []})

    license_ = await issued(gansu, 4)
    async with open_rooms(region) as rooms, liar(never) as address:
        await know(rooms, gansu, address=address, region="610000")
        await know(rooms, gansu, address=address, region="630000")
        await know(rooms, gansu)
        findings = await rooms.partners.find(holder_of(license_), "business_license", USE)
        assert [(each.outcome, each.reason in {"partner_slow", "partner_unreachable"}) for each in findings] == [
            ("unreachable", True), ("found", False), ("unreachable", True)
        ]  # fmt: skip
        assert together == 2


async def asked_of(region: Settings, gansu: Partner, answer, holder: Subject = NOBODY) -> tuple[str, str]:  # type: ignore[no-untyped-def]
    """What a question comes to when the partner answers with one handler."""
    async with open_rooms(region) as rooms, liar(answer) as address:
        async with rooms.stores.pool.acquire() as connection:
            for each in await partner_store.partners(connection):
                await partner_store.end_partner(connection, each.partner_id, operator="admin", at=rooms.clock())
        await know(rooms, gansu, address=address)
        finding = await found(rooms, holder)
        return finding.outcome, finding.reason


async def test_answers_that_are_none(region: Settings, gansu: Partner) -> None:
    for body in (b"<html>", {}, {"sealed": "x"}, {"sealed": 7}, {"credentials": []}, b"[" * 500_000):
        assert await asked_of(region, gansu, telling(gansu, body)) == ("unreachable", "bad_answer")
    for content in ({"credentials": ["x"]}, {"credentials": {}}, {"credentials": ["ET1:A"] * 21}, {}):
        async with open_rooms(region) as rooms:
            body = await sealed_to(gansu, rooms, content)
        assert await asked_of(region, gansu, telling(gansu, body)) == ("unreachable", "bad_answer")
    assert await asked_of(region, gansu, telling(gansu, {}, status=500)) == ("unreachable", "partner_unreachable")
    assert await asked_of(region, gansu, telling(gansu, {}, status=302)) == ("unreachable", "partner_unreachable")
    assert await asked_of(region, gansu, telling(gansu, {}, status=403)) == ("refused", "partner_refuses")


async def test_an_answer_that_the_region_did_not_sign(region: Settings, gansu: Partner) -> None:
    async with open_rooms(region) as rooms:
        good = await sealed_to(gansu, rooms, {"credentials": []})
    signed = telling(gansu, good)

    async def unsigned(request: web.Request) -> web.Response:
        answer = await signed(request)
        return web.Response(status=answer.status, body=answer.body)

    async def of_another_request(request: web.Request) -> web.Response:
        answer = await signed(request)
        if request.method == "POST":
            answer.headers["Signature"] = answer.headers["Signature"][:-8] + "AAAAAA=:"
        return answer

    async def with_another_body(request: web.Request) -> web.Response:
        answer = await signed(request)
        kept = {name: answer.headers[name] for name in ("Content-Digest", "Signature", "Signature-Input") if name in answer.headers}
        body = answer.body if request.method == "GET" else b'{"sealed": "x"}'
        return web.Response(body=body, headers=kept, content_type="application/json")

    for handler in (unsigned, of_another_request, with_another_body):
        assert await asked_of(region, gansu, handler) == ("untrusted", "unsigned_answer")


async def test_a_partner_that_hands_out_somebody_elses_license(region: Settings, gansu: Partner) -> None:
    license_ = await issued(gansu, 5)
    async with open_rooms(region) as rooms:
        body = await sealed_to(gansu, rooms, {"credentials": [encode_code(license_.credential)]})
        async with liar(telling(gansu, body)) as address:
            await know(rooms, gansu, address=address)
            assert (await found(rooms, holder_of(license_))).is_good  # the same answer to the right question
            finding = await found(rooms, NOBODY)
            assert (finding.outcome, finding.reason) == ("untrusted", "another_holder")
            finding = await found(rooms, holder_of(license_), "resident_identity_card")
            assert (finding.outcome, finding.reason) == ("untrusted", "another_type")


async def test_an_older_list_changes_nothing_and_raises_an_alarm(region: Settings, gansu: Partner) -> None:
    license_ = await issued(gansu, 6)
    old = await gansu.rooms.trust.token()
    anchor = gansu.rooms.cabinet.named(ANCHOR_KEY)
    content = (await gansu.rooms.trust.snapshot()).trust_list
    newer = replace(content, sequence=content.sequence + 5)
    async with open_rooms(region) as rooms:
        await know(rooms, gansu)
        async with rooms.stores.pool.acquire() as connection:
            token = sign_trust_list(newer, anchor)
            await partner_store.keep_snapshot(
                connection, region=GANSU, pinned=hashlib.sha256(anchor.certificate).digest(), sequence=newer.sequence,
                digest="sha256:" + hashlib.sha256(token).hexdigest(), anchor=anchor.certificate, token=token, at=rooms.clock(),
            )  # fmt: skip
        finding = await found(rooms, holder_of(license_))
        assert finding.is_good
        assert finding.verdict is not None
        assert finding.verdict.evidence["trust_list"] == "sha256:" + hashlib.sha256(token).hexdigest()
        async with rooms.stores.pool.acquire() as connection:
            (alarm,) = await partner_store.alarms(connection)
            assert (alarm.region, alarm.reason) == (GANSU, "older_list")
            assert await connection.fetchval("SELECT token FROM trust_alarms") == old
            assert await partner_store.snapshot_by_digest(connection, finding.verdict.evidence["trust_list"]) == (GANSU, token)


GOOD = {
    "holder_code": "936501021MRN4WKEFQ", "holder_code_type": "001", "license_type": "11100000MB0143028R001",
    "use": {
        "ground": "consent", "matter": "11653121MB1A0009XQ4000100010000", "case_number": "1" * 43, "operator": "clerk",
        "body": "11653121MB1A0009XQ", "reason": "x",
    },
}  # fmt: skip


def _without(*path: str) -> dict[str, object]:
    told = json.loads(json.dumps(GOOD))
    place = told
    for each in path[:-1]:
        place = place[each]
    del place[path[-1]]
    return told


async def _ask(gansu: Partner, body: dict[str, object], key: str | None = None) -> tuple[int, object]:
    headers = {"Authorization": f"Bearer {gansu.key if key is None else key}"}
    url = f"{gansu.address}/api/v1/recognition/holdings"
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        return answer.status, await answer.json(content_type=None)


async def test_nothing_is_told_without_a_use(gansu: Partner) -> None:
    duty = {**GOOD, "use": {**GOOD["use"], "ground": "duty"}}  # type: ignore[dict-item]
    bad = [_without("use")] + [_without("use", name) for name in ("ground", "matter", "case_number", "reason", "operator", "body")]
    for body in (*bad, duty):
        assert (await _ask(gansu, body))[0] == 422
    assert (await _ask(gansu, GOOD, key=""))[0] == 401
    assert (await _ask(gansu, GOOD, key="etk_0123456789ab_" + "x" * 43))[0] == 401


async def test_unknown_and_none_are_one_answer(gansu: Partner) -> None:
    code = (await issued(gansu, 7)).holders[0][1]
    nothing = [
        await _ask(gansu, {**GOOD, "holder_code": "91652701UNG992JFD8"}),  # not known at all
        await _ask(gansu, {**GOOD, "holder_code": code, "license_type": "111000000000133708001"}),  # known, but has none of these
        await _ask(gansu, {**GOOD, "holder_code": code, "license_type": "111000000000133708999"}),  # no such type
    ]
    assert nothing == [(200, {"credentials": []})] * 3
    status, told = await _ask(gansu, {**GOOD, "holder_code": code})
    assert status == 200
    assert isinstance(told, dict)
    assert len(told["credentials"]) == 1

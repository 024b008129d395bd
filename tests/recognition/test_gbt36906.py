"""The operations of GB/T 36906: for a department by its key, and for a partner region, signed and sealed."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from etrust.access.model import Scope
from etrust.api.gbt36906 import OPERATIONS
from etrust.credentials.code import encode_code
from etrust.ids import LicenseIdentifier
from etrust.licenses.model import StoredLicense
from etrust.matters.samples import NEWBORN, SHOP
from etrust.objections.reliance import who_relied
from etrust.onecode import access_log, consent
from etrust.onecode.model import CodeKind
from etrust.seals.grants import give_grant
from etrust.seals.model import Actor, GranteeKind, Ground, NewGrant, SealKind
from etrust.seals.store import usable_seals
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms
from etrust.wiring.consent_desk import terms_of
from etrust.wiring.sharing_desk import COMPARISONS, LINK_LIFETIME
from tests.api.calling import Api, new_key, running
from tests.licenses.issuing import issue_company
from tests.onecode.codes import MATTER, Counter, acting_for
from tests.recognition.regions import Partner, add_partner, agree_with, another_region, answer_to

BODY = "12653121MB1A0011X3"
DUTY = {
    "useCause": "企业开办核验", "ground": "duty", "matter": SHOP, "caseNumber": f"{SHOP}202611250001", "operator": "wang",
    "body": BODY, "legalBasis": "《行政许可法》第三十四条",
}  # fmt: skip
GBT = "/api/gbt36906"


@dataclass
class Asking:
    """A department's program."""

    api: Api
    key: str

    async def ask(self, operation: str, **data: object) -> tuple[int, Any]:
        """Status of the head and data."""
        sent = {"accessId": "clerk", "accessToken": self.key, "data": data}
        status, body, _ = await self.api.call("POST", f"{GBT}/{operation}", key="", json=sent)
        assert status in (200, 429), body
        assert isinstance(body, dict)
        assert " · " in body["head"]["message"]
        return body["head"]["status"], body["data"]


@pytest_asyncio.fixture
async def asking(region: Settings) -> AsyncIterator[Asking]:
    async with running(region) as api:
        yield Asking(api, await new_key(api.rooms, "clerk", [Scope.RECOGNITION, Scope.CHECK]))


async def company(asking: Asking) -> StoredLicense:
    return (await Counter.open(asking.api.rooms)).license_


async def looks(asking: Asking, license_: StoredLicense) -> list[Any]:
    async with asking.api.rooms.stores.pool.acquire() as connection:
        return list((await access_log.log(connection, acting_for(asking.api.rooms, license_).subject.key)).entries)


async def let_copies_be_made(rooms: Rooms, license_: StoredLicense) -> None:
    """The issuing body lets its license seal stand under copies for others: a right given to the body itself."""
    who = Actor.of(await rooms.operator("seals"), rooms.clock())
    async with rooms.stores.pool.acquire() as connection:
        (seal, *_) = await usable_seals(connection, license_.issuer, SealKind.LICENSE, license_.license_type)
        new = NewGrant(GranteeKind.BODY, license_.issuer, (license_.license_type,))
        await give_grant(connection, seal.code, new, who=who, ground=Ground("共享副本", "《电子印章管理办法》"))


async def test_a_license_by_its_identifier_and_the_look_is_the_holders_to_see(asking: Asking) -> None:
    license_ = await company(asking)
    status, told = await asking.ask("queryCertInfo", identifier=license_.identifier.text, **DUTY)
    assert status == 0
    assert (told["identifier"], told["status"], told["issuer"]) == (license_.identifier.text, "valid", license_.issuer)
    assert told["holders"] == [{"name": license_.holders[0][0], "codeType": "001"}]
    assert license_.holders[0][1] not in json.dumps(told)  # no number of anybody
    (look,) = await looks(asking, license_)
    assert (look.operator, look.body, look.reason, look.ground) == ("clerk/wang", BODY, DUTY["useCause"], "duty")


async def test_unknown_and_not_allowed_are_one_answer(asking: Asking) -> None:
    license_ = await company(asking)
    other = LicenseIdentifier.make(license_.type_code, license_.issuer, license_.serial, 2).text
    consent = {**DUTY, "ground": "consent", "legalBasis": ""}
    answers = [
        await asking.ask("queryCertInfo", identifier="1.2.3", **DUTY),
        await asking.ask("queryCertInfo", identifier=other, **DUTY),
    ]
    assert [each[0] for each in answers] == [100, 100]
    assert answers[0] == answers[1]
    assert (await asking.ask("queryCertInfo", identifier=license_.identifier.text, **consent))[0] == 100  # no consent
    assert (await asking.ask("queryCertInfo", identifier=license_.identifier.text, **{**DUTY, "body": "11650000MB1A0004XU"}))[0] == 100
    elsewhere = {**DUTY, "matter": MATTER, "caseNumber": f"{MATTER}202611250001"}  # no matter of the catalogue
    known = await asking.ask("queryCertInfo", identifier=license_.identifier.text, **elsewhere)
    assert known[0] == 100
    assert known == await asking.ask("queryCertInfo", identifier=other, **elsewhere)
    no_consent = await asking.ask("queryCertInfo", identifier=license_.identifier.text, **consent)
    assert no_consent == await asking.ask("queryCertInfo", identifier=other, **consent)
    assert await looks(asking, license_) == []


async def test_duty_is_of_a_matter_that_the_body_handles_and_that_needs_the_type(asking: Asking) -> None:
    license_ = await company(asking)
    for matter in (NEWBORN, "0" * 31):  # another body's, which needs no business license; and none at all
        asked = {**DUTY, "matter": matter, "caseNumber": f"{matter}202611250001", "identifier": license_.identifier.text}
        for operation in ("queryCertInfo", "downloadUrl"):
            assert (await asking.ask(operation, **asked))[0] == 100
        claims = {"holder_name": license_.holders[0][0]}
        assert (await asking.ask("verifyCertInfo", claims=claims, **asked))[0] == 100
    assert await looks(asking, license_) == []


async def test_consent_to_one_type_opens_no_other(asking: Asking) -> None:
    rooms, license_ = asking.api.rooms, await company(asking)
    matter, acting = await rooms.catalogue.matter(SHOP), acting_for(rooms, license_)
    assert matter is not None
    now = rooms.clock()
    terms = terms_of(matter, acting.subject)
    needs = tuple(replace(each, license_type="marriage_certificate") for each in terms.needs)
    async with rooms.stores.pool.acquire() as connection:
        grant = await consent.give(
            connection, acting, replace(terms, needs=needs), body=BODY, uses=1, until=now + timedelta(hours=1), at=now
        )
    asked = {
        **DUTY, "ground": "consent", "legalBasis": "", "matter": matter.code, "caseNumber": f"{matter.code}202611250001",
        "identifier": license_.identifier.text, "grant": grant.id,
    }  # fmt: skip
    for operation in ("queryCertInfo", "downloadUrl"):
        assert (await asking.ask(operation, **asked))[0] == 100
    async with rooms.stores.pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM consent_uses WHERE grant_id = $1", grant.id) == 0


async def test_what_nobody_proved_is_not_taken_apart_at_any_size(asking: Asking) -> None:
    heap = b'{"data": {"a": [' + b"[]," * 2_000_000 + b"[]]}}"
    for operation in ("queryCertInfo", "verifyFile"):
        status, told, _ = await asking.api.call("POST", f"{GBT}/{operation}", key="", data=heap)
        assert (status, told["data"]["code"]) == (413, "too_large")  # type: ignore[index, call-overload]


async def test_nothing_is_told_without_a_cause_and_what_it_is_bound_to(asking: Asking) -> None:
    license_ = await company(asking)
    for missing in ("useCause", "ground", "matter", "caseNumber", "operator", "body"):
        data = {name: value for name, value in DUTY.items() if name != missing}
        status, told = await asking.ask("queryCertInfo", identifier=license_.identifier.text, **data)
        assert (status, told["where"]) == (99, missing)
    for bad in ({"legalBasis": " "}, {"useCause": "因" * 201}, {"grant": "G-1"}, {"extra": "1"}):
        assert (await asking.ask("queryCertInfo", identifier=license_.identifier.text, **{**DUTY, **bad}))[0] == 99


async def test_who_asks_is_proven(asking: Asking) -> None:
    license_ = await company(asking)
    for access in ({"accessId": "officer"}, {"accessToken": "etk_0123456789ab_" + "x" * 43}, {"accessToken": ""}):
        sent = {"accessId": "clerk", "accessToken": asking.key, "data": {"identifier": license_.identifier.text, **DUTY}, **access}
        status, body, _ = await asking.api.call("POST", f"{GBT}/queryCertInfo", key="", json=sent)
        assert (status, body["head"]["status"]) == (200, 11)  # type: ignore[index, call-overload]
    weak = Asking(asking.api, await new_key(asking.api.rooms, "clerk", [Scope.CHECK]))
    assert (await weak.ask("queryCertInfo", identifier=license_.identifier.text, **DUTY))[0] == 11
    assert (await asking.api.call("POST", f"{GBT}/dropTables", key="", json={}))[0] == 404


async def test_a_holders_licenses_of_a_type(asking: Asking) -> None:
    license_ = await company(asking)
    asked = {"holderCode": license_.holders[0][1], "holderCodeType": "001", "licenseType": license_.type_code, **DUTY}
    status, told = await asking.ask("queryCertInfoByHolderCode", **asked)
    assert (status, [each["identifier"] for each in told["list"]]) == (0, [license_.identifier.text])
    assert await asking.ask("queryCertInfoByHolderCode", **{**asked, "holderCode": "91652701UNG992JFD8"}) == (0, {"list": []})
    assert (await asking.ask("queryCertInfoByHolderCode", **{**asked, "holderCodeType": "777"}))[0] == 103


async def test_a_code_that_is_shown_is_the_consent_and_is_used_up(asking: Asking) -> None:
    counter = await Counter.open(asking.api.rooms)
    consent = {**DUTY, "ground": "consent", "legalBasis": ""}
    text = (await counter.show()).text
    status, told = await asking.ask("queryCertInfoByQRcode", qrText=text, **consent)
    assert (status, told["identifier"]) == (0, counter.license_.identifier.text)
    assert (await asking.ask("queryCertInfoByQRcode", qrText=text, **consent))[0] == 99  # used
    static = encode_code(counter.license_.credential)
    assert (await asking.ask("queryCertInfoByQRcode", qrText=static, **consent))[0] == 0
    everything = (await counter.show(CodeKind.HOLDER)).text
    assert (await asking.ask("queryCertInfoByQRcode", qrText=everything, **consent))[0] == 100
    for bad in ("https://example.com/", static[:-4] + "0000", "8R2R-1NGM-KGCP-T8W7-O958-001N"):
        assert (await asking.ask("queryCertInfoByQRcode", qrText=bad, **consent))[0] == 100


async def test_consent_given_beforehand_counts_once_for_its_matter_and_case(asking: Asking) -> None:
    rooms, license_ = asking.api.rooms, await company(asking)
    matter, acting = await rooms.catalogue.matter(SHOP), acting_for(rooms, license_)
    assert matter is not None
    now = rooms.clock()
    async with rooms.stores.pool.acquire() as connection:
        grant = await consent.give(
            connection, acting, terms_of(matter, acting.subject), body=BODY, uses=2, until=now + timedelta(hours=1), at=now
        )
    asked = {
        **DUTY, "ground": "consent", "legalBasis": "", "matter": matter.code, "caseNumber": f"{matter.code}202611250001",
        "identifier": license_.identifier.text, "grant": grant.id,
    }  # fmt: skip
    assert (await asking.ask("queryCertInfo", **asked))[0] == 0
    assert (await asking.ask("queryCertInfo", **{**asked, "caseNumber": f"{matter.code}202611250002"}))[0] == 100  # another case
    assert (await asking.ask("queryCertInfo", **{**asked, "identifier": (await company(asking)).identifier.text}))[0] == 100
    assert (await asking.ask("queryCertInfo", **asked))[0] == 0
    assert (await asking.ask("queryCertInfo", **asked))[0] == 99  # used up
    assert [each.grant for each in await looks(asking, license_)] == [grant.id, grant.id]


async def test_claimed_fields_are_compared_and_never_told(asking: Asking) -> None:
    license_ = await company(asking)
    name, code, _ = license_.holders[0]
    claims = {"holder_name": f" {name} ", "holder_code": code.lower(), "issued_on": "2024-05-31", "legal_representative": "张三"}
    status, told = await asking.ask("verifyCertInfo", identifier=license_.identifier.text, claims=claims, **DUTY)
    assert (status, told["result"]) == (0, "mismatch")
    assert told["fields"] == {"holder_name": True, "holder_code": True, "issued_on": True, "legal_representative": False}
    del claims["legal_representative"]
    assert (await asking.ask("verifyCertInfo", identifier=license_.identifier.text, claims=claims, **DUTY))[1]["result"] == "match"
    assert "阿依古丽" not in json.dumps(told, ensure_ascii=False)
    unknown = await asking.ask("verifyCertInfo", identifier="1.2.3", claims={"holder_name": name}, **DUTY)
    assert unknown == (0, {"result": "mismatch", "fields": {"holder_name": False}})
    assert (await asking.ask("verifyCertInfo", identifier=license_.identifier.text, claims={"issued_on": "2024-05-31"}, **DUTY))[0] == 99


async def test_fields_are_not_guessed(asking: Asking) -> None:
    license_ = await company(asking)
    text = license_.identifier.text
    wrong = {"claims": {"holder_name": "猜", "issued_on": "2024-05-31"}, **DUTY}
    spelled = [text, text.lower(), f" {text} ", text.swapcase()]
    answers = await asyncio.gather(*(
        asking.ask("verifyCertInfo", identifier=spelled[turn % 4], **wrong) for turn in range(COMPARISONS)
    ))  # fmt: skip
    assert {status for status, _ in answers} == {0}
    assert not any(value for _, told in answers for value in told["fields"].values())  # nor the date, which is right
    right = {**wrong, "identifier": text, "claims": {"holder_name": license_.holders[0][0]}}
    status, told = await asking.ask("verifyCertInfo", **right)
    assert (status, told["code"]) == (99, "too_many_comparisons")


async def test_a_download_is_made_for_its_cause_and_works_once(asking: Asking) -> None:
    license_ = await company(asking)
    refused = await asking.ask("downloadUrl", identifier=license_.identifier.text, **DUTY)
    assert (refused[0], refused[1]["code"]) == (100, "seal_not_usable")  # until the issuer lets its seal be used for it
    await let_copies_be_made(asking.api.rooms, license_)
    status, link = await asking.ask("downloadUrl", identifier=license_.identifier.text, kind="pdf", **DUTY)
    assert status == 0, link
    status, told = await asking.ask("downloadFile", token=link["token"])
    assert (status, told["mediaType"]) == (0, "application/pdf")
    file = base64.b64decode(told["file"])
    assert file.startswith(b"%PDF-")
    assert (await asking.ask("downloadFile", token=link["token"]))[0] == 100  # used
    assert (await asking.ask("downloadFile", token="x" * 43))[0] == 100
    verdict = await asking.ask("verifyFile", file=told["file"])
    assert (verdict[0], verdict[1]["status"]) == (0, "valid")
    shown = json.dumps(verdict[1], ensure_ascii=False)
    assert str(DUTY["useCause"]) in shown or license_.identifier.short in shown
    asked = {"holderCode": license_.holders[0][1], "holderCodeType": "001", "licenseType": license_.type_code, **DUTY}
    status, links = await asking.ask("downloadUrlsByHolderCode", **asked)
    assert (status, [each["identifier"] for each in links["list"]]) == (0, [license_.identifier.text])


async def test_the_same_key_gets_the_same_answer(asking: Asking) -> None:
    license_ = await company(asking)
    await let_copies_be_made(asking.api.rooms, license_)
    sent = {"accessId": "clerk", "accessToken": asking.key, "data": {"identifier": license_.identifier.text, **DUTY}}
    headers = {"Idempotency-Key": "k" * 24}
    first = await asking.api.call("POST", f"{GBT}/downloadUrl", key="", json=sent, headers=headers)
    second = await asking.api.call("POST", f"{GBT}/downloadUrl", key="", json=sent, headers=headers)
    assert first[1] == second[1]
    assert second[2]["Idempotent-Replay"] == "true"


@pytest_asyncio.fixture
async def gansu(stores: Stores, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Partner]:
    async with another_region(tmp_path_factory.mktemp("gansu"), stores.database_url, stores.redis_url) as partner:
        yield partner


@pytest.mark.long
async def test_a_partner_region_asks_signed_and_sealed(asking: Asking, gansu: Partner) -> None:
    here = asking.api.rooms
    license_ = await issue_company(gansu.rooms)
    await let_copies_be_made(gansu.rooms, license_)
    await add_partner(here, "620000", "甘肃省", gansu.address, gansu.rooms.anchor_certificate())
    await answer_to(gansu.rooms, here)
    partner = await here.partners.region("620000")
    assert partner is not None

    async def ask(operation: str, *, plain: bool = False, **data: object) -> tuple[int, Any]:
        trust = await here.partners.trust_of("620000")
        sealed = here.gate.seal_for(trust, "620000", data)
        body = json.dumps({"accessId": "650000", "accessToken": "", "data": data if plain else {"sealed": sealed}}).encode()
        answer = await here.gate.exchange(partner, "POST", f"{GBT}/{operation}", body=body, seconds=20, limit=8 * 1024 * 1024)
        told = json.loads(answer.body)
        if told["head"]["status"] != 0:
            return told["head"]["status"], told["data"]
        return 0, here.gate.unseal(told["data"]["sealed"], limit=8 * 1024 * 1024)

    assert (await ask("queryCertInfo", identifier=license_.identifier.text, **DUTY))[1]["code"] == "no_agreement"
    await agree_with(gansu.rooms, "650000")
    status, told = await ask("queryCertInfo", identifier=license_.identifier.text, **DUTY)
    assert (status, told["identifier"]) == (0, license_.identifier.text)
    assert (await ask("queryCertInfo", identifier=license_.identifier.text, plain=True, **DUTY))[0] == 99
    assert (await ask("queryCertInfo", identifier=license_.identifier.text, **{**DUTY, "body": "91652701UNG992JFD8"}))[0] == 100
    link = (await ask("downloadUrl", identifier=license_.identifier.text, **DUTY))[1]
    file = (await ask("downloadFile", token=link["token"], body=BODY))[1]
    assert base64.b64decode(file["file"]).startswith(b"%PDF-")
    async with gansu.rooms.stores.pool.acquire() as connection:
        since = gansu.rooms.clock() - timedelta(days=1)
        told_to = await who_relied(connection, gansu.rooms.issuing.numbering, license_, since)
    assert [each.text for each in told_to] == ["region:650000"]


def test_every_operation_of_the_standard_is_there() -> None:
    assert set(OPERATIONS) == {
        "queryCertInfo", "queryCertInfoByHolderCode", "queryCertInfoByQRcode", "downloadUrl", "downloadUrlsByHolderCode",
        "downloadFile", "verifyCertInfo", "verifyFile",
    }  # fmt: skip
    assert timedelta(0) < LINK_LIFETIME <= timedelta(minutes=15)

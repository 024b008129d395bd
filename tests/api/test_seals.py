"""`/api/v1/seals`: a seal shown to those it concerns, and put under a digest by programs that may."""

import base64
from datetime import timedelta

import pytest

from etrust.access.model import Scope
from etrust.seals import store, usage_store
from etrust.seals.model import Actor, GranteeKind, Ground, NewGrant, SealKind
from etrust.seals.suspend import freeze
from etrust.ses.parse import parse_seal, parse_seal_signature
from etrust.settings import Settings
from etrust.signing import sm2
from tests.api.calling import Api, new_key, running

BODY = "11650000MB1A0004XU"
CENTER = "11650000MB1A0001XQ"
ASKED = {
    "digest": sm2.sm3(b"the document").hex(), "property_info": "/Doc_0/Signs/Sign_0/Signature.xml", "license_type": "business_license",
}  # fmt: skip
GROUND = Ground("x", "y")


async def sample_seal(api: Api, body: str = BODY) -> str:
    """The code of the license seal that a body of the sample region has."""
    async with api.rooms.stores.pool.acquire() as connection:
        found = await store.list_seals(connection, bodies=[body])
    assert found[0].application.kind is SealKind.LICENSE
    return found[0].code


async def test_an_issuers_program_puts_the_seal_of_its_body_under_a_digest(region: Settings) -> None:
    async with running(region) as api:
        code = await sample_seal(api)
        status, done, _ = await api.call("POST", f"/api/v1/seals/{code}/uses", json=ASKED)
        assert status == 201, done
        assert isinstance(done, dict)
        signature = parse_seal_signature(base64.b64decode(str(done["signed_value"])))
        assert (signature.seal.code, signature.digest.hex()) == (code, ASKED["digest"])
        assert signature.timestamp is not None
        async with api.rooms.stores.pool.acquire() as connection:
            uses = await usage_store.uses_of(connection, code)
        assert [(use.use_id, use.digest.hex(), use.operator) for use in uses] == [(done["use"], ASKED["digest"], "officer")]


async def test_a_seal_is_shown_to_those_it_concerns(region: Settings) -> None:
    async with running(region) as api:
        own, others = await sample_seal(api), await sample_seal(api, "11650000MB1A0003XT")
        status, shown, _ = await api.call("GET", f"/api/v1/seals/{own}")
        assert (status, shown["code"], shown["state"], shown["body"]) == (200, own, "active", BODY)  # type: ignore[index]
        assert parse_seal(base64.b64decode(shown["seal"])).code == own  # type: ignore[index]
        center = await new_key(api.rooms, "seals", [Scope.SEALS])
        assert (await api.call("GET", f"/api/v1/seals/{others}", key=center))[0] == 200  # the bodies below are the officers' too
        answers = [await api.call("GET", f"/api/v1/seals/{code}") for code in (others, "65000099999999")]
        assert [(status, body["code"]) for status, body, _ in answers] == [(404, "seal_not_found")] * 2  # type: ignore[index]
        assert answers[0][1] == answers[1][1]


async def test_unknown_and_forbidden_get_one_answer(region: Settings) -> None:
    async with running(region) as api:
        own, others = await sample_seal(api), await sample_seal(api, "11650000MB1A0003XT")
        others_matter, wrong_matter = {**ASKED, "license_type": "marriage_certificate"}, {**ASKED, "license_type": "passport"}
        asked = [(others, others_matter), ("65000099999999", ASKED), (own, wrong_matter)]
        answers = [await api.call("POST", f"/api/v1/seals/{code}/uses", json=body) for code, body in asked]
        assert {status for status, _, _ in answers} == {403}
        assert len({str(body) for _, body, _ in answers}) == 1
        async with api.rooms.stores.pool.acquire() as connection:
            assert await usage_store.refusals_of(connection, [own, others, "65000099999999"]) == {
                "no_grant": 1, "unknown_seal": 1, "outside_seal": 1
            }


async def test_a_body_with_a_right_may_use_and_see_anothers_seal(region: Settings) -> None:
    async with running(region) as api:
        code = await sample_seal(api, "11650000MB1A0003XT")
        asked = {**ASKED, "license_type": "marriage_certificate"}
        assert (await api.call("POST", f"/api/v1/seals/{code}/uses", json=asked))[0] == 403
        async with api.rooms.stores.pool.acquire() as connection:
            who = Actor("seals", CENTER, frozenset({"seal_officer"}), api.rooms.clock())
            await usage_store.add_grant(connection, code, NewGrant(GranteeKind.BODY, BODY), who=who, ground=GROUND)
        assert (await api.call("POST", f"/api/v1/seals/{code}/uses", json=asked))[0] == 201
        assert (await api.call("GET", f"/api/v1/seals/{code}"))[0] == 200


async def test_a_frozen_seal_is_refused_with_its_state(region: Settings) -> None:
    async with running(region) as api:
        code = await sample_seal(api)
        async with api.rooms.stores.pool.acquire() as connection:
            who = Actor("seals", CENTER, frozenset({"seal_officer"}), api.rooms.clock())
            await freeze(connection, code, who=who, ground=GROUND)
        status, problem, _ = await api.call("POST", f"/api/v1/seals/{code}/uses", json=ASKED)
        assert (status, problem["code"]) == (409, "seal_not_active")  # type: ignore[index]


async def test_the_key_needs_the_scope(region: Settings) -> None:
    async with running(region) as api:
        code = await sample_seal(api)
        weak = await new_key(api.rooms, "officer", [Scope.CHECK])
        over = await new_key(api.rooms, "officer", [Scope.SEALS], timedelta(days=1))
        for key, expected in ((weak, 403), ("", 401), ("etk_nothing", 401), (over, 201)):
            assert (await api.call("POST", f"/api/v1/seals/{code}/uses", json=ASKED, key=key))[0] == expected


@pytest.mark.parametrize(("change", "status", "code"), [
    ({"digest": "00"}, 422, "bad_request"), ({"digest": ASKED["digest"].upper()}, 422, "bad_request"),
    ({"property_info": ""}, 422, "bad_request"), ({"property_info": "签"}, 422, "bad_request"), ({"more": 1}, 422, "bad_request"),
    ({"license_type": ""}, 422, "bad_purpose"), ({"document": "张三"}, 422, "bad_purpose"), ({"license_type": "x" * 65}, 422, "bad_request"),
])  # fmt: skip
async def test_requests_out_of_shape(region: Settings, change: dict[str, object], status: int, code: str) -> None:
    async with running(region) as api:
        seal = await sample_seal(api)
        got, problem, _ = await api.call("POST", f"/api/v1/seals/{seal}/uses", json={**ASKED, **change})
        assert (got, problem["code"]) == (status, code), problem  # type: ignore[index]


async def test_the_description_names_the_paths(region: Settings) -> None:
    async with running(region) as api:
        _, described, _ = await api.call("GET", "/openapi.json", key="")
        assert {"/api/v1/seals/{code}", "/api/v1/seals/{code}/uses"} <= set(described["paths"])  # type: ignore[index]
        assert "SealUseRequest" in described["components"]["schemas"]  # type: ignore[index]

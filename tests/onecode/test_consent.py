"""Consent under load and at its edges, on a real database: counted once, answered once, from the session that showed the code."""

import asyncio
import secrets
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from etrust.errors import EtrustError
from etrust.onecode import consent, consent_requests, consent_store
from etrust.onecode.consent_model import RequestState
from etrust.onecode.model import Acting, Basis, Ground
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from tests.conftest import Founded, fresh_database
from tests.onecode.consents import COUNTY, ELSEWHERE, MATTER, NOON, OTHER_MATTER, Stage, a_use, somebody, terms

LATER = NOON + timedelta(minutes=10)
ON_DUTY = "SELECT count(*) FROM consent_uses JOIN consent_grants USING (grant_id) WHERE ground = 'duty'"


@pytest_asyncio.fixture(scope="module")
async def rooms(stores: Stores, founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rooms]:
    """One region for all of these tests: each has holders nobody has seen before."""
    home = tmp_path_factory.mktemp("consent") / "home"
    shutil.copytree(founded.home, home)
    async with fresh_database(stores.database_url, founded.database) as url:
        settings = Settings(home=home, database_url=url, redis_url=stores.redis_url)
        async with open_rooms(settings) as opened:
            yield opened


async def outcome(work) -> str:  # type: ignore[no-untyped-def]
    """``done``, or the code of the refusal."""
    try:
        await work
    except EtrustError as error:
        return error.code
    return "done"


async def use(rooms: Rooms, acting: Acting, reference: str, stage: Stage | None = None, **changes: object) -> str:
    """Try to use a grant or an answered request."""
    stage = stage or Stage()
    async with rooms.stores.pool.acquire() as connection:
        return await outcome(consent.use(
            connection, reference, a_use(**changes), subject_key=acting.subject.key, version=1, at=stage.now, stands=stage.stands
        ))


async def give(rooms: Rooms, acting: Acting, uses: int = 1) -> str:
    async with rooms.stores.pool.acquire() as connection:
        return (await consent.give(connection, acting, terms(), uses=uses, until=LATER, at=NOON)).id


@pytest.mark.parametrize("uses", [1, 7])
async def test_a_hundred_uses_at_once(rooms: Rooms, uses: int) -> None:
    acting = somebody()
    grant = await give(rooms, acting, uses)
    told = Counter(await asyncio.gather(*(use(rooms, acting, grant) for _ in range(100))))
    assert told == {"done": uses, "consent_used_up": 100 - uses}


async def test_a_use_and_its_revocation_at_once(rooms: Rooms) -> None:
    """Whichever comes first: after the revocation nothing is used, and what was used before stands in the count."""
    acting = somebody()

    async def revoke(grant: str) -> str:
        async with rooms.stores.pool.acquire() as connection:
            return await outcome(consent.revoke(connection, acting.subject.key, grant, person=acting.person, at=NOON))

    for _ in range(10):
        grant = await give(rooms, acting, 20)
        told = Counter(await asyncio.gather(*(use(rooms, acting, grant) for _ in range(5)), revoke(grant)))
        async with rooms.stores.pool.acquire() as connection:
            kept = await consent_store.grant(connection, grant)
        assert kept is not None
        assert kept.revoked_at is not None
        assert kept.used == told["done"] - 1
        assert await use(rooms, acting, grant) == "consent_revoked"


async def test_the_first_use_binds_the_case(rooms: Rooms) -> None:
    """Consent given beforehand for three scans is for three scans of one case, at the body's own windows."""
    acting, another = somebody(), MATTER + "202611250002"
    grant = await give(rooms, acting, 3)
    told = [
        await use(rooms, acting, grant, body=ELSEWHERE), await use(rooms, acting, grant), await use(rooms, acting, grant, case_number=another),
        await use(rooms, acting, grant, case_number=""), await use(rooms, acting, grant, body=COUNTY, operator="officer"),
    ]
    assert told == ["no_consent", "done", "no_consent", "no_consent", "done"]


async def test_the_table_itself_refuses_one_use_too_many(rooms: Rooms) -> None:
    acting = somebody()
    grant = await give(rooms, acting)
    assert await use(rooms, acting, grant) == "done"
    for place, allowed in ((2, 1), (2, 2), (1, 1)):
        async with rooms.stores.pool.acquire() as connection:
            with pytest.raises(asyncpg.IntegrityConstraintViolationError):
                await consent_store.add_use(
                    connection, grant, place=place, allowed=allowed, case_number="x", operator="x", body="x", at=NOON
                )


async def ask(rooms: Rooms, acting: Acting, session: bytes, **changes: object):  # type: ignore[no-untyped-def]
    async with rooms.stores.pool.acquire() as connection:
        return await consent_requests.ask(connection, acting, a_use(**changes), terms(), session=session, at=NOON)


async def answer(rooms: Rooms, request: str, acting: Acting, session: bytes, *, agree: bool = True, stage: Stage | None = None) -> str:
    async with rooms.stores.pool.acquire() as connection:
        return await outcome(consent_requests.answer(
            connection, request, acting, session=session, agree=agree, at=(stage or Stage()).now
        ))


async def test_a_request_is_answered_once_from_the_session_that_showed_the_code(rooms: Rooms) -> None:
    acting, session = somebody(), secrets.token_bytes(32)
    asked = await ask(rooms, acting, session)
    assert asked.state is RequestState.PENDING
    assert (await ask(rooms, acting, session)).id == asked.id, "the same question is the same request"
    assert await use(rooms, acting, asked.id) == "no_consent"
    assert await answer(rooms, asked.id, acting, secrets.token_bytes(32)) == "no_such_request"
    assert await answer(rooms, asked.id, somebody(), session) == "no_such_request"
    assert await answer(rooms, consent.new_id("R"), acting, session) == "no_such_request"
    told = Counter(await asyncio.gather(*(answer(rooms, asked.id, acting, session) for _ in range(20))))
    assert told == {"done": 1, "request_answered": 19}
    assert await use(rooms, acting, asked.id, operator="officer") == "no_consent"
    assert await use(rooms, acting, asked.id) == "done"
    assert await use(rooms, acting, asked.id) == "consent_used_up"


async def test_a_request_runs_out(rooms: Rooms) -> None:
    acting, session, stage = somebody(), secrets.token_bytes(32), Stage()
    asked = await ask(rooms, acting, session)
    stage.forward(timedelta(minutes=5))
    assert await answer(rooms, asked.id, acting, session, stage=stage) == "request_expired"
    async with rooms.stores.pool.acquire() as connection:
        found = await consent_store.request(connection, asked.id, stage.now)
    assert found is not None
    assert found.state is RequestState.EXPIRED
    assert await use(rooms, acting, asked.id, stage) == "no_consent"


async def test_nobody_is_pestered(rooms: Rooms) -> None:
    """A clerk who was refused may ask four times more in the case, and no oftener."""
    acting, session = somebody(), secrets.token_bytes(32)
    for _ in range(consent_requests.MAX_ASKED):
        asked = await ask(rooms, acting, session)
        assert await answer(rooms, asked.id, acting, session, agree=False) == "done"
        assert await use(rooms, acting, asked.id) == "consent_refused"
    assert await outcome(ask(rooms, acting, session)) == "asked_too_often"
    assert await outcome(ask(rooms, acting, session, case_number=MATTER + "202611250009")) == "done"


async def test_consent_ends_with_the_right_of_who_gave_it(rooms: Rooms) -> None:
    acting, stage = somebody(Basis.GUARDIAN, reference="a birth certificate", until=NOON + timedelta(minutes=5)), Stage()
    grant = await give(rooms, acting, 3)
    assert await use(rooms, acting, grant, stage) == "done"
    stage.fallen.add("a birth certificate")
    assert await use(rooms, acting, grant, stage) == "no_consent"
    stage.fallen.clear()
    stage.forward(timedelta(minutes=5))
    assert await use(rooms, acting, grant, stage) == "consent_expired", "it lasts no longer than the right"


async def test_a_delegate_agrees_in_no_other_matter(rooms: Rooms) -> None:
    async with rooms.stores.pool.acquire() as connection:
        delegate = somebody(Basis.DELEGATE, matter=OTHER_MATTER, reference="D-x")
        given = consent.give(connection, delegate, terms(), until=LATER, at=NOON)
        asked = consent_requests.ask(connection, delegate, a_use(), terms(), session=b"s", at=NOON)
        assert [await outcome(given), await outcome(asked)] == ["not_for_this_matter"] * 2


async def test_duty_needs_its_grounds(rooms: Rooms) -> None:
    cases: dict[str, tuple[dict[str, object], Ground]] = {
        "good": ({}, Ground.DUTY), "the matter does not allow it": ({}, Ground.CONSENT), "no basis": ({"legal_basis": ""}, Ground.DUTY),
        "blank basis": ({"legal_basis": " " * 9}, Ground.DUTY), "no reason": ({"reason": ""}, Ground.DUTY),
        "long reason": ({"reason": "长" * 201}, Ground.DUTY), "no case": ({"case_number": ""}, Ground.DUTY),
        "another matter": ({"matter": OTHER_MATTER}, Ground.DUTY),
    }  # fmt: skip
    async with rooms.stores.pool.acquire() as connection:
        told, before = {}, await connection.fetchval(ON_DUTY)
        for name, (changes, allowed) in cases.items():
            wanted = a_use(**{"ground": Ground.DUTY, "legal_basis": "《户口登记条例》第七条", **changes})
            told[name] = await outcome(consent.take_on_duty(
                connection, somebody().subject, wanted, terms(grounds=frozenset({allowed})), at=NOON
            ))
        assert await connection.fetchval(ON_DUTY) == before + 1
    assert told.pop("good") == "done"
    assert told.pop("the matter does not allow it") == "duty_not_allowed"
    assert set(told.values()) == {"bad_duty"}


async def test_duty_is_used_as_it_is_taken_and_cannot_be_taken_back_by_the_holder(rooms: Rooms) -> None:
    async with rooms.stores.pool.acquire() as connection:
        acting, wanted = somebody(), a_use(ground=Ground.DUTY, legal_basis="《户口登记条例》第七条")
        taken = await consent.take_on_duty(connection, acting.subject, wanted, terms(), at=NOON)
        assert await use(rooms, acting, taken.id, ground=Ground.DUTY) == "consent_used_up"
        revoked = consent.revoke(connection, acting.subject.key, taken.id, person=acting.person, at=NOON)
        assert await outcome(revoked) == "no_such_grant"


async def test_nothing_is_changed_afterwards(rooms: Rooms) -> None:
    tables = [
        "consent_requests", "consent_grants", "consent_answers", "consent_grant_ends", "consent_uses", "delegations",
        "delegation_acceptances", "delegation_ends", "access_log", "access_objections",
    ]  # fmt: skip
    async with rooms.stores.pool.acquire() as connection:
        rows = await connection.fetch(
            "SELECT event_object_table, event_manipulation FROM information_schema.triggers WHERE event_object_table = ANY($1)",
            tables,
        )
        grant = await give(rooms, somebody())
        with pytest.raises(asyncpg.PostgresError, match="append"):
            await connection.execute("UPDATE consent_grants SET uses = 20 WHERE grant_id = $1", grant)
    assert {(row[0], row[1]) for row in rows} == {(table, change) for table in tables for change in ("UPDATE", "DELETE")}

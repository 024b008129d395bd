"""The audit trail: changes and looks in one order, for the auditor alone, who is recorded too; roles that stay apart."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest
import pytest_asyncio

from etrust.access.accounts import require_operator
from etrust.access.model import Operator, Role, Scope
from etrust.access.trail import Source, Wanted, place_of, read_place
from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.api.calling import new_key, running
from tests.licenses.issuing import issue_company

MARKET = "11650000MB1A0004XU"


@pytest_asyncio.fixture
async def rooms(region: Settings) -> AsyncIterator[Rooms]:
    async with open_rooms(region) as opened:
        yield opened


def wanted(rooms: Rooms, **conditions: object) -> Wanted:
    now = rooms.clock()
    return replace(Wanted(now - timedelta(days=1), now + timedelta(minutes=1)), **conditions)  # type: ignore[arg-type]


async def looked(rooms: Rooms, count: int = 1) -> None:
    """Looks at licenses, as the access log keeps them."""
    async with rooms.stores.pool.acquire() as connection:
        for place in range(count):
            await connection.execute(
                "INSERT INTO access_log (subject_key, at, ground, matter, case_number, operator, body, reason, legal_basis, licenses,"
                " fields, outcome, grant_id, named) VALUES ($1, $2, 'duty', 'M1', $3, 'clerk', $4, '核验', '条例', $5, '{}', 'told', '', false)",
                bytes(16), rooms.clock(), f"C{place}", MARKET, ["L1"],
            )


async def test_changes_and_looks_stand_in_one_order_without_whom_they_were_about(rooms: Rooms) -> None:
    await issue_company(rooms)
    await looked(rooms)
    auditor = await rooms.operator("auditor")
    found = await rooms.audit.search(wanted(rooms), who=auditor, limit=1000)
    assert {each.source for each in found} == {Source.CHANGE, Source.LOOK}
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    look = next(each for each in found if each.source is Source.LOOK)
    assert (look.ground, look.reason, look.legal_basis, look.matter, look.subject) == ("duty", "核验", "条例", "M1 C0", "L1")
    assert not any("subject_key" in each.__dataclass_fields__ for each in found)
    assert (await rooms.audit.search(wanted(rooms, action="audit."), who=auditor))[0].operator == "auditor"


@pytest.mark.parametrize(("conditions", "some"), [
    ({"operator": "clerk"}, True), ({"operator": "nobody"}, False), ({"body": MARKET}, True), ({"action": "license."}, False),
    ({"subject": "L1"}, True), ({"subject": "C0"}, True), ({"ground": "duty"}, True), ({"ground": "consent"}, False),
    ({"source": Source.LOOK}, True),
])  # fmt: skip
async def test_conditions(rooms: Rooms, conditions: dict[str, object], some: bool) -> None:
    await looked(rooms)
    found = await rooms.audit.search(wanted(rooms, **conditions), who=await rooms.operator("auditor"))
    assert any(each.source is Source.LOOK for each in found) is some


async def test_pages_have_everything_once(rooms: Rooms) -> None:
    await looked(rooms, 17)
    auditor, asked = await rooms.operator("auditor"), wanted(rooms)
    whole = await rooms.audit.search(asked, who=auditor, limit=1000)
    paged, before = [], None
    while found := await rooms.audit.search(asked, who=auditor, limit=5, before=before):
        paged += found
        before = read_place(place_of(found[-1]))
    assert [(each.source, each.number) for each in paged if each.action != "audit.search"] == [
        (each.source, each.number) for each in whole if each.action != "audit.search"
    ]


async def test_who_may_read_and_how_far(rooms: Rooms) -> None:
    await looked(rooms)
    for username in ("admin", "security", "clerk", "trust"):
        with pytest.raises(EtrustError, match="no_role"):
            await rooms.audit.search(wanted(rooms), who=await rooms.operator(username))
    auditor = await rooms.operator("auditor")
    elsewhere: Operator = replace(auditor, body="12653121MB1A0011X3")
    assert {each.body for each in await rooms.audit.search(wanted(rooms), who=elsewhere)} <= {elsewhere.body}
    for conditions in ({"since": rooms.clock() - timedelta(days=400)}, {"until": rooms.clock() - timedelta(days=2)}):
        with pytest.raises(EtrustError, match="bad_period"):
            await rooms.audit.search(wanted(rooms, **conditions), who=auditor)
    with pytest.raises(EtrustError, match="bad_search"):
        await rooms.audit.search(wanted(rooms, subject="x" * 201), who=auditor)
    for text in ("x", "2026-01-01|look", "2026-01-01|nothing|1", "|look|x"):
        with pytest.raises(EtrustError, match="bad_place"):
            read_place(text)


async def test_an_export_needs_a_reason_and_runs_no_formula(rooms: Rooms) -> None:
    await looked(rooms, 3)
    auditor = await rooms.operator("auditor")
    async with rooms.stores.pool.acquire() as connection:
        await connection.execute(
            "INSERT INTO audit_trail (at, operator, body, action, subject, reason) VALUES ($1, 'x', $2, 'x', '=1+1', '')", rooms.clock(), MARKET
        )
    with pytest.raises(EtrustError, match="export_reason"):
        await rooms.audit.export(wanted(rooms), " ", who=auditor)
    content = b"".join([piece async for piece in await rooms.audit.export(wanted(rooms), "年度审计", who=auditor)])
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert sum(row["source"] == "look" for row in rows) == 3
    assert "=1+1" not in {row["subject"] for row in rows}
    noted = (await rooms.audit.search(wanted(rooms, action="audit.export"), who=auditor))[0]
    assert noted.reason == "年度审计"


async def test_nobody_rewrites_it(rooms: Rooms) -> None:
    async with rooms.stores.pool.acquire() as connection:
        for statement in ("UPDATE audit_trail SET operator = 'x'", "DELETE FROM audit_trail"):
            with pytest.raises(asyncpg.RaiseError, match="append only"):
                await connection.execute(statement)


@pytest.mark.parametrize("roles", [[Role.SECURITY, Role.CLERK], [Role.AUDITOR, Role.ADMIN], [Role.SECURITY, Role.AUDITOR]])
async def test_three_roles_are_never_in_one_hand(rooms: Rooms, roles: list[Role]) -> None:
    with pytest.raises(EtrustError, match="roles_apart"):
        await rooms.audit.change_roles("clerk", roles, "试", who=await rooms.operator("security"))
    async with rooms.stores.pool.acquire() as connection:
        with pytest.raises((EtrustError, asyncpg.CheckViolationError)):  # nor by a statement of one's own
            await connection.execute("UPDATE operators SET roles = $1 WHERE username = 'clerk'", [str(role) for role in roles])


async def test_accounts_are_the_security_administrators(rooms: Rooms) -> None:
    security = await rooms.operator("security")
    key = await new_key(rooms, "clerk", [Scope.CHECK])
    for username in ("admin", "auditor"):
        with pytest.raises(EtrustError, match="no_role"):
            await rooms.audit.change_roles("clerk", [Role.ISSUER], "x", who=await rooms.operator(username))
    with pytest.raises(EtrustError, match="own_account"):
        await rooms.audit.disable("security", "x", who=security)
    await rooms.audit.change_roles("clerk", [Role.CLERK, Role.ISSUER], "轮岗", who=security)
    assert (await rooms.operator("clerk")).roles == {Role.CLERK, Role.ISSUER}
    await rooms.audit.disable("clerk", "离职", who=security)
    with pytest.raises(EtrustError, match="unknown_operator"):
        await rooms.operator("clerk")
    with pytest.raises(EtrustError, match="unknown_operator"):
        async with rooms.stores.pool.acquire() as connection:
            await require_operator(connection, "clerk")
    assert key
    found = await rooms.audit.search(wanted(rooms, action="account."), who=await rooms.operator("auditor"))
    assert [(each.action, each.reason) for each in found] == [
        ("account.disable", "离职"), ("account.roles", "clerk → clerk issuer: 轮岗"),
    ]  # fmt: skip


async def test_by_the_interface(region: Settings) -> None:
    async with running(region) as api:
        await looked(api.rooms, 3)
        key = await new_key(api.rooms, "auditor", [Scope.AUDIT])
        status, body, _ = await api.call("GET", "/api/v1/audit?source=look&limit=2", key=key)
        assert isinstance(body, dict)
        assert (status, len(body["entries"]), body["next"] is None) == (200, 2, False)
        status, rest, _ = await api.call("GET", "/api/v1/audit", key=key, params={"source": "look", "limit": 2, "after": body["next"]})
        assert isinstance(rest, dict)
        assert (status, len(rest["entries"]), rest["next"]) == (200, 1, None)
        assert (await api.call("GET", "/api/v1/audit?after=x", key=key))[0] == 400
        assert (await api.call("GET", "/api/v1/audit?limit=9999", key=key))[0] == 422
        assert (await api.call("GET", "/api/v1/audit", key=""))[0] == 401
        other = await new_key(api.rooms, "clerk", [Scope.CHECK])
        assert (await api.call("GET", "/api/v1/audit", key=other))[0] == 403

"""Rotation with overlap: one proposes, another activates, the new key takes over in its time, what the old one signed still holds."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from tests.licenses.issuing import COMPANY, issue_company, officer
from tests.trust.key_desk import BODY, DAY, OLD, Desk, kid_of, open_desk, plan

from etrust.errors import EtrustError
from etrust.licenses import store as license_store
from etrust.licenses.intake.single import read_single
from etrust.licenses.issue import finish_open_batches, issue_batch
from etrust.settings import Settings
from etrust.signing.model import Algorithm
from etrust.status.tokens import read_status_list
from etrust.trust import store
from etrust.trust.model import Purpose
from etrust.trust.rotation import LEAD, withdraw_key
from etrust.verification.model import Status
from etrust.wiring import open_rooms
from etrust.wiring.home import ANCHOR_SM2_KEY


@pytest_asyncio.fixture
async def desk(region: Settings) -> AsyncIterator[Desk]:
    async with open_desk(region) as opened:
        yield opened


async def test_the_new_key_takes_over_in_its_time_and_the_old_ones_licenses_still_hold(desk: Desk) -> None:
    before = await issue_company(desk.rooms)
    done = await desk.rotated(plan(desk.clock))
    assert (done.key_name, done.entry.body, done.entry.purpose) == (f"{OLD}-2", BODY, Purpose.CREDENTIAL)
    announced = await issue_company(desk.rooms, 证照编号="2")
    assert kid_of(announced) == kid_of(before) != done.entry.kid  # in the list, not yet in force
    desk.clock.now = done.entry.valid_from
    after = await issue_company(desk.rooms, 证照编号="3")
    assert kid_of(after) == done.entry.kid
    desk.clock.now = done.overlap_until + DAY
    later = await issue_company(desk.rooms, 证照编号="4")
    assert kid_of(later) == done.entry.kid
    for license_ in (before, announced, after, later):
        assert await desk.status(license_) == (Status.VALID, [])


async def test_the_old_key_may_sign_until_the_overlap_ends_and_not_after(desk: Desk) -> None:
    done = await desk.rotated(plan(desk.clock))
    old = desk.rooms.cabinet.named(OLD)
    for moment, expected in ((done.overlap_until - DAY, []), (done.overlap_until + DAY, ["key_not_in_force_when_issued"])):
        desk.clock.now = moment
        with_old = desk.rooms.issuing
        desk.rooms.issuing = replace(with_old, signer_of=lambda _body, _kid=None: old)
        license_ = await issue_company(desk.rooms, 证照编号=f"{moment:%j}")
        desk.rooms.issuing = with_old
        assert kid_of(license_) == old.kid
        assert (await desk.status(license_))[1] == expected


async def test_nobody_activates_what_he_proposed(desk: Desk) -> None:
    proposal = await desk.propose(plan(desk.clock))
    with pytest.raises(EtrustError, match="second_person_needed"):
        await desk.activate(proposal.number, desk.admin)
    assert proposal.entry.kid not in {entry.kid for entry, _ in await store.key_entries(desk.connection)}
    await desk.activate(proposal.number, desk.admin2)
    assert proposal.entry.kid in {entry.kid for entry, _ in await store.key_entries(desk.connection)}


async def test_a_proposal_is_decided_once(desk: Desk) -> None:
    proposal = await desk.propose(plan(desk.clock))
    with pytest.raises(EtrustError, match="proposal_open"):
        await desk.propose(plan(desk.clock))
    await withdraw_key(desk.connection, proposal.number, who=desk.admin, reason="弄错了", at=desk.clock())
    with pytest.raises(EtrustError, match="proposal_decided"):
        await desk.activate(proposal.number)
    second = await desk.rotated(plan(desk.clock))
    assert second.key_name == f"{OLD}-3"  # the withdrawn key keeps its name and is never entered
    with pytest.raises(EtrustError, match="no_proposal"):
        await desk.activate(999)


async def test_an_activation_after_the_proposed_time_starts_then_with_the_same_overlap(desk: Desk) -> None:
    proposal = await desk.propose(plan(desk.clock, valid_from=desk.clock()))
    desk.clock.now += 10 * DAY
    done = await desk.activate(proposal.number)
    assert LEAD <= done.entry.valid_from - desk.clock() <= LEAD + timedelta(seconds=1)
    assert done.overlap_until - done.entry.valid_from == 30 * DAY


async def test_every_step_is_on_the_trail_and_the_list_is_published(desk: Desk) -> None:
    sequence = await store.newest_sequence(desk.connection)
    proposal = await desk.propose(plan(desk.clock))
    assert await store.newest_sequence(desk.connection) == sequence
    await desk.activate(proposal.number)
    assert await store.newest_sequence(desk.connection) == sequence + 1
    rows = await desk.connection.fetch(
        "SELECT operator, action, reason, legal_basis FROM audit_trail WHERE subject = $1 ORDER BY entry", proposal.entry.kid.hex()
    )
    assert [tuple(row) for row in rows] == [
        ("admin", "key.propose", "定期更换", "《密码法》第十四条"), ("admin2", "key.activate", "复核", "《密码法》第十四条"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["status", "timestamp", "timestamp-sm2", "seal-maker", f"document-{BODY}"])
async def test_every_kind_of_key_is_rotated_within_its_line(desk: Desk, name: str) -> None:
    old = desk.rooms.cabinet.current(name)
    done = await desk.rotated(plan(desk.clock, replaces=name))
    assert desk.rooms.cabinet.current(name).kid == old.kid
    desk.clock.now = done.entry.valid_from
    new = desk.rooms.cabinet.current(name)
    assert (new.kid, new.algorithm) == (done.entry.kid, old.algorithm)
    assert desk.rooms.cabinet.named(name).kid == old.kid


async def test_status_lists_are_signed_with_the_new_key_and_verified(desk: Desk) -> None:
    await issue_company(desk.rooms)
    done = await desk.rotated(plan(desk.clock, replaces="status"))
    desk.clock.now = done.entry.valid_from
    token = await desk.rooms.signed_lists.token(1, "cwt")
    desk.rooms.trust._read_at = None
    assert read_status_list(token, trust=await desk.rooms.trust.snapshot(), at=desk.clock()).uri
    assert done.entry.kid in token


async def test_another_algorithm_takes_over_where_the_purpose_allows_it(desk: Desk) -> None:
    done = await desk.rotated(plan(desk.clock, algorithm=Algorithm.EDDSA))
    desk.clock.now = done.entry.valid_from
    license_ = await issue_company(desk.rooms)
    assert kid_of(license_) == done.entry.kid
    assert await desk.status(license_) == (Status.VALID, [])
    with pytest.raises(EtrustError, match="algorithm_not_for_purpose"):
        await desk.propose(plan(desk.clock, replaces=done.key_name, algorithm=Algorithm.SM2))


async def test_what_does_not_fit_is_refused_and_leaves_no_trace(desk: Desk) -> None:
    for changes, code in (
        ({"replaces": "nothing"}, "no_key"), ({"replaces": ANCHOR_SM2_KEY}, "not_rotated"), ({"reason": " "}, "bad_rotation"),
        ({"legal_basis": ""}, "bad_rotation"), ({"overlap": timedelta(days=-1)}, "bad_rotation"),
        ({"overlap": timedelta(days=401)}, "bad_rotation"), ({"valid_from": desk.clock() + timedelta(days=3000)}, "bad_rotation"),
        ({"key_name": "no-such-key"}, "no_key"), ({"key_name": OLD}, "key_in_use"), ({"key_name": "timestamp-sm2"}, "algorithm_not"),
    ):  # fmt: skip
        with pytest.raises(EtrustError, match=code):
            await desk.propose(plan(desk.clock, **changes))
    assert await desk.connection.fetchval("SELECT count(*) FROM key_proposals") == 0


async def test_a_key_already_replaced_is_not_rotated_again(desk: Desk) -> None:
    done = await desk.rotated(plan(desk.clock))
    with pytest.raises(EtrustError, match="bad_rotation"):
        await desk.propose(plan(desk.clock))
    desk.clock.now = done.entry.valid_from
    second = await desk.rotated(plan(desk.clock, replaces=done.key_name))
    assert second.key_name == f"{OLD}-3"


async def test_an_interrupted_batch_is_finished_with_the_key_it_was_prepared_for(desk: Desk) -> None:
    def die(_: str) -> None:
        raise KeyboardInterrupt

    record = read_single(desk.rooms.types["business_license"], COMPANY, today=desk.clock().date())
    with pytest.raises(KeyboardInterrupt):
        await issue_batch(
            desk.connection, desk.rooms.issuing, desk.rooms.types["business_license"], [record],
            who=officer(desk.rooms), source="test", on_step=die,
        )  # fmt: skip
    await desk.connection.execute("SELECT pg_advisory_unlock_all()")
    done = await desk.rotated(plan(desk.clock))
    desk.clock.now = done.entry.valid_from + DAY
    assert await finish_open_batches(desk.connection, desk.rooms.issuing) == 1
    row = await desk.connection.fetchrow("SELECT serial, version FROM licenses")
    license_ = await license_store.find(desk.connection, row["serial"], row["version"])
    assert license_ is not None
    assert kid_of(license_) == desk.rooms.cabinet.named(OLD).kid
    assert await desk.status(license_) == (Status.VALID, [])


async def test_a_running_process_notices_what_another_did(desk: Desk, region: Settings) -> None:
    async with open_rooms(region, clock=desk.clock) as other:
        done = await desk.rotated(plan(desk.clock))
        desk.clock.now = done.entry.valid_from
        assert other.cabinet.of_body(BODY).kid != done.entry.kid
        async with other.stores.pool.acquire() as connection:
            await other.cabinet.refresh(connection)
        assert other.cabinet.of_body(BODY).kid == done.entry.kid

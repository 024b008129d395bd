"""A key in other hands: what it signed is not believed, except what is proven to be older; the certificate is revoked, two lists go out."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from tests.licenses.issuing import code_of, issue_company
from tests.trust.key_desk import BODY, DAY, OLD, Desk, kid_of, open_desk, plan

from etrust.errors import EtrustError
from etrust.settings import Settings
from etrust.trust import certificate_store, store, x509
from etrust.trust.compromise import Compromise, mark_compromised
from etrust.trust.crls import read_crls
from etrust.trust.model import Purpose
from etrust.verification.model import Status
from etrust.wiring.home import ANCHOR_KEY, ANCHOR_SM2_KEY


@pytest_asyncio.fixture
async def desk(region: Settings) -> AsyncIterator[Desk]:
    async with open_desk(region) as opened:
        yield opened


async def mark(desk: Desk, name: str, since: datetime, **changes: object) -> Compromise:
    cabinet = desk.rooms.cabinet
    words: dict[str, object] = {"reason": "密钥介质遗失", "legal_basis": "《密码法》第三十七条", **changes}
    done = await mark_compromised(
        desk.connection, desk.rooms.home.keys.certificate(name), since=since, region=desk.rooms.settings.region,
        authorities=[cabinet.named(ANCHOR_KEY), cabinet.named(ANCHOR_SM2_KEY)], anchor=cabinet.named(ANCHOR_KEY),
        who=desk.admin, at=desk.clock(), **words,  # type: ignore[arg-type]
    )  # fmt: skip
    await cabinet.refresh(desk.connection)
    return done


async def test_what_was_recorded_before_still_holds_and_what_came_after_fails(desk: Desk) -> None:
    before = await issue_company(desk.rooms)
    desk.clock.now += DAY
    since = desk.clock()
    desk.clock.now += DAY
    after = await issue_company(desk.rooms, 证照编号="2")  # nobody knew yet
    assert (await desk.status(after))[0] == Status.VALID
    await mark(desk, OLD, since)
    assert await desk.status(before) == (Status.VALID, [])
    assert await desk.status(after) == (Status.UNKNOWN_ISSUER, ["key_compromised"])


async def test_without_the_regions_record_nothing_proves_the_time(desk: Desk) -> None:
    license_ = await issue_company(desk.rooms)
    await mark(desk, OLD, desk.clock() + timedelta(0))
    desk.rooms.trust._read_at = None
    snapshot = await desk.rooms.trust.snapshot()
    (entry,) = snapshot.keys_for(kid_of(license_), Purpose.CREDENTIAL)
    assert entry.compromised_since is not None
    forged_in_time = code_of(license_)
    await desk.connection.execute("ALTER TABLE credentials DISABLE TRIGGER ALL")
    await desk.connection.execute("UPDATE credentials SET signature = decode(repeat('ab', 64), 'hex')")  # the record is of another one
    desk.rooms.trust._read_at = None
    verdict = await desk.rooms.check(forged_in_time)
    assert [finding.reason for finding in verdict.findings if finding.reason] == ["key_compromised"]


async def test_the_key_signs_no_more_and_its_successor_does(desk: Desk) -> None:
    await mark(desk, OLD, desk.clock())
    with pytest.raises(EtrustError, match="no_key"):
        await issue_company(desk.rooms)
    done = await desk.rotated(plan(desk.clock, valid_from=desk.clock(), overlap=timedelta(0)))
    desk.clock.now = done.entry.valid_from
    license_ = await issue_company(desk.rooms)
    assert kid_of(license_) == done.entry.kid
    assert (await desk.status(license_))[0] == Status.VALID


@pytest.mark.parametrize("name", [OLD, "seal-maker", "timestamp", "timestamp-sm2", f"document-{BODY}"])
async def test_its_certificate_is_on_a_revocation_list_from_that_time_on(desk: Desk, name: str) -> None:
    since = (desk.clock() - timedelta(hours=3)).replace(microsecond=0)
    done = await mark(desk, name, since)
    assert done.revoked
    certificate = x509.read_certificate(desk.rooms.home.keys.certificate(name))
    (row,) = await certificate_store.find_by_serial(desk.connection, certificate.serial)
    newest = await certificate_store.newest_crl(desk.connection, row.authority, row.shard or 0)
    assert newest is not None
    (crl,) = read_crls(newest.crl)
    assert crl.entries[certificate.serial].since == since
    assert crl.entries[certificate.serial].compromised


async def test_marking_again_moves_the_time_back_never_forward(desk: Desk) -> None:
    async def time() -> datetime | None:
        return next(entry.compromised_since for entry, name in await store.key_entries(desk.connection) if name == OLD)

    now = desk.clock()
    await mark(desk, OLD, now - DAY / 2)
    await mark(desk, OLD, now)
    assert await time() == now - DAY / 2
    await mark(desk, OLD, now - DAY)
    assert await time() == now - DAY


@pytest.mark.parametrize(("changes", "later"), [({"reason": " "}, timedelta(0)), ({"legal_basis": ""}, timedelta(0)), ({}, timedelta(seconds=1))])
async def test_no_reason_no_basis_or_a_time_to_come_is_refused(desk: Desk, changes: dict[str, object], later: timedelta) -> None:
    with pytest.raises(EtrustError, match="bad_compromise"):
        await mark(desk, OLD, desk.clock() + later, **changes)
    assert all(entry.compromised_since is None for entry, _ in await store.key_entries(desk.connection))


async def test_it_is_on_the_trail_and_both_lists_are_published_in_one_step(desk: Desk) -> None:
    sequence = await store.newest_sequence(desk.connection)
    await mark(desk, OLD, desk.clock())
    assert await store.newest_sequence(desk.connection) == sequence + 1
    rows = await desk.connection.fetch(
        "SELECT operator, body, action, reason, legal_basis FROM audit_trail WHERE action = 'key.compromise'"
    )
    assert [tuple(row) for row in rows] == [("admin", BODY, "key.compromise", "密钥介质遗失", "《密码法》第三十七条")]
    assert await desk.connection.fetchval("SELECT count(*) FROM audit_trail WHERE action = 'certificate.revoke'") == 1

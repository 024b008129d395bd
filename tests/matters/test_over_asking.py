"""A clerk who asks for more than the matter allows: refused before anything is looked up, counted, on the audit trail."""

import pytest

from etrust.errors import EtrustError
from etrust.matters import check_store
from etrust.matters.samples import NEWBORN
from etrust.onecode.model import Ground
from etrust.settings import Settings
from tests.matters.scene import HUSBAND, WIFE, Scene, scene


async def refused(at: Scene, codes: dict[str, str], username: str = "clerk", **more: object) -> str:
    question = await at.question(codes, **{"operator": await at.rooms.operator(username), **more})
    with pytest.raises(EtrustError) as caught:
        await at.rooms.matters.check(question)
    return caught.value.code


async def test_every_way_of_asking_for_more_is_refused_and_counted(region: Settings) -> None:
    async with scene(region) as at:
        codes = {"applicant": await at.code(WIFE), "spouse": await at.code(HUSBAND)}
        assert await refused(at, codes, fields={"identity_card": ("address",)}) == "more_than_allowed"
        assert await refused(at, codes, fields={"driving_license": ()}) == "more_than_allowed"  # another matter's material
        assert await refused(at, codes, fields={"identity_card": ("holder_name", "holder_b_name")}) == "more_than_allowed"
        assert await refused(at, codes, ground=Ground.DUTY, legal_basis="x") == "duty_not_allowed"
        assert await refused(at, codes, "officer") == "not_your_matter"
        assert await refused(at, codes, "admin") == "not_your_matter"  # nor does a body above handle it
        assert await refused(at, codes, "supervisor") == "no_role"
        await _everything_is_recorded(at)
        for holder in (WIFE, HUSBAND):
            log = await at.rooms.consent.log(at.rooms.issuing.numbering.holder(holder))
            assert not log.entries  # nothing was looked up
        assert not await at.rooms.matters.cases(at.clerk)
        assert (await at.check(codes)).requests  # and no code was used up


async def _everything_is_recorded(at: Scene) -> None:
    async with at.rooms.stores.pool.acquire() as connection:
        assert await check_store.refusals_of(connection, "clerk") == {"duty_not_allowed": 1, "more_than_allowed": 3}
        assert await check_store.refusals_of(connection, "officer") == {"not_your_matter": 1}
        trail = await connection.fetch(
            "SELECT operator, subject, reason FROM audit_trail WHERE action = 'matter.refused' ORDER BY entry"
        )
        assert [(row["operator"], row["reason"]) for row in trail] == [
            *[("clerk", "more_than_allowed")] * 3, ("clerk", "duty_not_allowed"), ("officer", "not_your_matter"),
            ("admin", "not_your_matter"), ("supervisor", "no_role"),
        ]  # fmt: skip
        assert {row["subject"] for row in trail} == {NEWBORN}
    assert at.rooms.matters.counts.reasons == {
        "more_than_allowed": 3, "duty_not_allowed": 1, "not_your_matter": 2, "no_role": 1
    }


async def test_the_record_of_refusals_and_cases_cannot_be_changed(region: Settings) -> None:
    async with scene(region) as at:
        await at.newborn()
        async with at.rooms.stores.pool.acquire() as connection:
            for table in ("cases", "case_events", "checks", "check_parties", "case_materials"):
                for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET {'matter' if table in ('cases', 'checks') else 'number' if table != 'check_parties' else 'party'} = 'x'"):
                    with pytest.raises(Exception, match="append"):
                        await connection.execute(statement)

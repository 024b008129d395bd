"""A real check leaves a complete log for everybody it concerns, and a delegate goes the whole way in one matter and no other."""

from datetime import date, timedelta

import pytest

from etrust.errors import EtrustError
from etrust.matters.check_model import CheckState
from etrust.matters.samples import NEWBORN, SCHOOL
from etrust.onecode.consent_model import GrantState
from etrust.onecode.model import Ground
from etrust.settings import Settings
from tests.family import CHILD, HUSBAND, WIFE
from tests.matters.scene import Scene, scene
from tests.onecode.households import citizen

NEIGHBOR = citizen("帕提古丽·亚森", date(1985, 6, 1), 222)


async def log_of(at: Scene, holder):  # type: ignore[no-untyped-def]
    return (await at.rooms.consent.log(at.rooms.issuing.numbering.holder(holder))).entries


async def test_the_log_of_a_check_is_complete(region: Settings) -> None:
    async with scene(region) as at:
        check = await at.newborn()
        told = {
            holder.name: {f"{each.license_type}.{name}" for each in check.materials if each.party == party for name in each.fields}
            for party, holder in (("applicant", WIFE), ("spouse", HUSBAND))
        }
        for holder in (WIFE, HUSBAND):
            entries = await log_of(at, holder)
            [own] = [each for each in entries if not each.named]
            assert set(own.fields) == told[holder.name] != set()
            assert (own.matter, own.case_number, own.operator, own.ground) == (NEWBORN, check.case_number, "clerk", Ground.CONSENT)
            grants = await at.rooms.consent.grants(await at.acting(holder))
            assert [(each.id, each.state(check.at), each.case_number) for each in grants] == [
                (own.grant, GrantState.USED_UP, check.case_number)
            ]
        # What was told of the wife's certificates that name the husband too, he sees as well.
        shared = {name for name in told[WIFE.name] if name.startswith(("marriage_certificate.", "birth_certificate."))}
        assert shared
        assert {name for each in await log_of(at, HUSBAND) if each.named for name in each.fields} == shared
        assert await log_of(at, CHILD) == ()
        values = {value for each in check.materials for value in each.fields.values() if len(value) > 4}
        assert values
        async with at.rooms.stores.pool.acquire() as connection:
            kept = repr([dict(row) for row in await connection.fetch("SELECT * FROM access_log")])
        assert [value for value in values if value in kept] == []


async def test_a_delegate_goes_the_whole_way_in_one_matter(region: Settings) -> None:
    async with scene(region) as at:
        consent, until = at.rooms.consent, at.rooms.clock() + timedelta(days=3)
        given = await consent.delegate(
            await at.acting(WIFE), at.session(WIFE), name=NEIGHBOR.name, number=NEIGHBOR.code, matters=[NEWBORN], until=until
        )
        await consent.accept(at.session(NEIGHBOR), given.id)
        codes = {"applicant": await at.code(NEIGHBOR, WIFE), "spouse": await at.code(HUSBAND)}
        waiting = await at.check(codes)
        with pytest.raises(EtrustError, match="no_such_request"):
            await at.answer(waiting, {"applicant": WIFE, "spouse": HUSBAND})
        await at.answer(waiting, {"applicant": NEIGHBOR, "spouse": HUSBAND})
        check = await at.rooms.matters.continue_check(waiting.check_id, operator=at.clerk)
        assert check.state is CheckState.DONE
        [own] = [each for each in await log_of(at, WIFE) if not each.named]
        assert own.case_number == check.case_number
        assert await log_of(at, NEIGHBOR) == ()
        with pytest.raises(EtrustError, match="not_for_this_matter"):
            await at.check({"applicant": await at.code(NEIGHBOR, WIFE), "child": await at.code(WIFE, CHILD)}, SCHOOL)

"""Digital cards: chosen fields only, never a number; one answer for every link that leads nowhere; views counted exactly."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.licenses.model import Action
from etrust.onecode.cards import Told, choices, contact_ticket
from etrust.onecode.model import Basis
from etrust.settings import Settings
from etrust.storage.stores import Stores
from etrust.wiring import Rooms, open_rooms
from tests.conftest import Founded
from tests.family import COMPANY, HUSBAND, WIFE, issue_family
from tests.licenses.test_status_changes import change
from tests.onecode.family_region import family_rooms
from tests.onecode.test_space import acting_for

DAY = timedelta(days=1)

@pytest_asyncio.fixture(scope="module")
async def rooms(stores: Stores, founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Rooms]:
    """A region with the family."""
    async with family_rooms(stores, founded, tmp_path_factory) as opened:
        yield opened


async def card_of_husband(rooms: Rooms, *wanted: str, lifetime: timedelta = DAY, views: int = 3) -> tuple[int, str]:
    """A card with the named fields of his licenses and of his company's."""
    mine, company = acting_for(rooms, HUSBAND), acting_for(rooms, COMPANY, Basis.LEGAL_REPRESENTATIVE)
    offered = [field for _, held in await rooms.space.choices([mine, company]) for field in choices(held)]
    keys = [field.key for field in offered if f"{field.license_type}.{field.name}" in wanted]
    return await rooms.space.make_card(mine, [mine, company], keys, lifetime=lifetime, max_views=views)


def told(parts: tuple[Told, ...]) -> dict[str, str]:
    """What is told, by type and field."""
    return {f"{field.license_type}.{field.name}": field.value for part in parts for field in part.fields}


async def test_a_card_tells_the_chosen_fields_and_no_others(rooms: Rooms) -> None:
    _, token = await card_of_husband(rooms, "resident_identity_card.holder_name", "business_license.holder_name")
    opened = await rooms.space.open_card(token)
    assert opened is not None
    assert told(opened[1]) == {
        "resident_identity_card.holder_name": HUSBAND.name, "business_license.holder_name": COMPANY.name,
    }


async def test_numbers_health_and_children_cannot_be_chosen(rooms: Rooms) -> None:
    offered = [
        field for holder in (HUSBAND, WIFE) for _, held in await rooms.space.choices([acting_for(rooms, holder)])
        for field in choices(held)
    ]
    assert offered
    assert [field for field in offered if field.name in {"number", "holder_code", "holder_a_code", "holder_b_code"}] == []
    assert [field for field in offered if HUSBAND.code in field.value or WIFE.code in field.value] == []
    assert {"medical_insurance", "birth_certificate", "vaccination_certificate"}.isdisjoint(
        field.license_type for field in offered
    )


async def test_fields_of_others_are_not_taken(rooms: Rooms) -> None:
    hers = [field.key for _, held in await rooms.space.choices([acting_for(rooms, WIFE)]) for field in choices(held)
            if held.license_type.name == "resident_identity_card"]
    mine = acting_for(rooms, HUSBAND)
    with pytest.raises(EtrustError, match="no_field_chosen"):
        await rooms.space.make_card(mine, [mine], hers, lifetime=DAY, max_views=1)


async def test_a_revoked_license_tells_nothing_more(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        await issue_family(rooms)
        _, token = await card_of_husband(rooms, "business_license.holder_name")
        company = await rooms.space.of(acting_for(rooms, COMPANY, Basis.LEGAL_REPRESENTATIVE))
        await change(rooms, company.held[0].stored, Action.REVOKE)
        opened = await rooms.space.open_card(token)
        assert opened is not None
        assert [(part.held.state.value, part.fields) for part in opened[1]] == [("revoked", ())]


async def test_views_are_counted_exactly_however_many_look_at_once(rooms: Rooms) -> None:
    _, token = await card_of_husband(rooms, "business_license.holder_name", views=5)
    opened = await asyncio.gather(*(rooms.space.open_card(token) for _ in range(40)))
    assert len([each for each in opened if each is not None]) == 5
    assert not await rooms.space.card_is_open(token)


async def test_every_link_that_leads_nowhere_is_none(rooms: Rooms) -> None:
    mine = acting_for(rooms, HUSBAND)
    number, revoked = await card_of_husband(rooms, "business_license.holder_name")
    await rooms.space.revoke_card(mine, number)
    await rooms.space.revoke_card(mine, number)  # twice is no mistake
    number, replaced = await card_of_husband(rooms, "business_license.holder_name")
    _, fresh = await rooms.space.renew_card(mine, number)
    _, expired = await card_of_husband(rooms, "business_license.holder_name")
    async with rooms.stores.pool.acquire() as connection:
        await connection.execute(
            "UPDATE digital_cards SET made_at = made_at - interval '2 days', expires_at = expires_at - interval '2 days'"
            " WHERE card_id = (SELECT max(card_id) FROM digital_cards)"
        )
    for token in (revoked, replaced, expired, "A" * 22, "", "A" * 4000, "../../etc/passwd", "%00"):
        assert await rooms.space.open_card(token) is None, token
        assert not await rooms.space.card_is_open(token)
    assert await rooms.space.open_card(fresh) is not None


async def test_nobody_else_can_end_or_renew_a_card(rooms: Rooms) -> None:
    number, token = await card_of_husband(rooms, "business_license.holder_name")
    hers = acting_for(rooms, WIFE)
    for step in (rooms.space.revoke_card, rooms.space.renew_card):
        with pytest.raises(EtrustError, match="no_such_card"):
            await step(hers, number)
    assert await rooms.space.card_is_open(token)
    assert await rooms.space.own_cards(hers) == ()


async def test_only_a_digest_of_the_link_is_kept(rooms: Rooms) -> None:
    _, token = await card_of_husband(rooms, "resident_identity_card.holder_name")
    async with rooms.stores.pool.acquire() as connection:
        kept = str(dict(await connection.fetchrow("SELECT * FROM digital_cards")))
    assert token not in kept
    assert HUSBAND.name not in kept
    assert HUSBAND.code not in kept


async def test_bounds_are_kept(rooms: Rooms) -> None:
    for minutes, views, code in ((0, 1, "lifetime"), (60 * 24 * 30 + 1, 1, "lifetime"), (1, 0, "views"), (1, 1001, "views")):
        with pytest.raises(EtrustError, match=f"bad_{code}"):
            await card_of_husband(rooms, "business_license.holder_name", lifetime=timedelta(minutes=minutes), views=views)


@given(st.binary(min_size=32, max_size=32), st.text("abc", min_size=1, max_size=3), st.text("abc", min_size=1, max_size=3), st.integers(0, 9), st.integers(0, 9))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_a_contact_ticket_is_good_for_one_card_and_one_moment(key: bytes, one: str, other: str, when: int, then: int) -> None:
    same = (one, when) == (other, then)
    assert (contact_ticket(key, one, when) == contact_ticket(key, other, then)) is same

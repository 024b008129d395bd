"""Who looked: complete for everybody it concerns, kept from everybody else, taken along whole, objected to with one tap."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.licenses.model import Holder
from etrust.onecode.access_export import COLUMNS, safe_cell, to_csv, to_json
from etrust.onecode.access_log_model import AccessEntry, Logged
from etrust.onecode.model import Acting, Basis, Ground, Subject
from etrust.settings import Settings
from etrust.wiring import Rooms, open_rooms
from tests.family import CHILD, HUSBAND, WIFE, Family, issue_family
from tests.onecode.consents import MATTER, NOON, STATION, a_use

MARRIAGE = ("marriage_certificate.number", "marriage_certificate.holder_b_name", "resident_identity_card.address")


def key_of(rooms: Rooms, holder: Holder) -> bytes:
    return rooms.issuing.numbering.holder(holder)


def acting(rooms: Rooms, holder: Holder, basis: Basis = Basis.SELF) -> Acting:
    return Acting(Subject(key_of(rooms, holder), holder.name, holder.code, holder.code_type), "p" * 32, basis)


def look(rooms: Rooms, holder: Holder, licenses: Family, *types: str, fields: tuple[str, ...] = (), **changes: object) -> AccessEntry:
    identifiers = tuple(licenses[name][0].text for name in types)
    return replace(AccessEntry(key_of(rooms, holder), NOON, a_use(), identifiers, fields, "done", "G-x"), **changes)  # type: ignore[arg-type]


async def test_everybody_whose_data_was_used_sees_it(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        licenses = await issue_family(rooms)
        entry = look(rooms, HUSBAND, licenses, "marriage_certificate", "resident_identity_card", fields=MARRIAGE)
        assert await rooms.consent.record(entry) == 2
        [mine] = (await rooms.consent.log(key_of(rooms, HUSBAND))).entries
        assert (mine.fields, mine.case_number, mine.named, mine.operator, mine.body) == (
            MARRIAGE, a_use().case_number, False, "clerk", STATION,
        )
        [hers] = (await rooms.consent.log(key_of(rooms, WIFE))).entries
        assert (hers.licenses, hers.fields) == ((licenses["marriage_certificate"][0].text,), MARRIAGE[:2]), "hers only"
        assert (hers.matter, hers.named, hers.case_number, hers.reason) == (MATTER, True, "", "")
        assert (await rooms.consent.log(key_of(rooms, CHILD))).entries == ()
        # The father, whom the birth certificate names without his holding it; the child's own page; nothing at all.
        assert await rooms.consent.record(look(rooms, WIFE, licenses, "birth_certificate")) == 2
        assert await rooms.consent.record(look(rooms, CHILD, licenses, "vaccination_certificate")) == 1
        assert await rooms.consent.record(look(rooms, CHILD, licenses)) == 1
        counts = {each.name: len((await rooms.consent.log(key_of(rooms, each))).entries) for each in (HUSBAND, WIFE, CHILD)}
        assert counts == {HUSBAND.name: 2, WIFE.name: 2, CHILD.name: 2}


async def test_names_of_fields_only(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        for fields in (("艾力·买买提",), ("number=65",), ("a" * 99,), ("x",) * 501):
            with pytest.raises(EtrustError, match="bad_access_entry"):
                await rooms.consent.record(look(rooms, WIFE, {}, fields=fields))
        assert (await rooms.consent.log(key_of(rooms, WIFE))).entries == ()


async def test_a_look_is_kept_exactly_when_the_data_is_told(region: Settings) -> None:
    """Recorded in the caller's transaction: rolled back with it."""
    async with open_rooms(region) as rooms:
        async with rooms.stores.pool.acquire() as connection:
            transaction = connection.transaction()
            await transaction.start()
            assert await rooms.consent.record(look(rooms, WIFE, {}), connection=connection) == 1
            await transaction.rollback()
        assert (await rooms.consent.log(key_of(rooms, WIFE))).entries == ()


async def test_pages_of_the_log_miss_nothing(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        for number in range(7):
            await rooms.consent.record(look(rooms, WIFE, {}, at=NOON + timedelta(minutes=number)))
            await rooms.consent.record(look(rooms, HUSBAND, {}))
        seen: list[Logged] = []
        after, pages = 0, 0
        while pages == 0 or after:
            page = await rooms.consent.log(key_of(rooms, WIFE), after, 3)
            seen, after, pages = [*seen, *page.entries], page.after, pages + 1
        assert pages == 3
        assert [each.at for each in seen] == [NOON + timedelta(minutes=number) for number in reversed(range(7))]


async def test_objecting_is_one_tap(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        licenses = await issue_family(rooms)
        await rooms.consent.record(look(rooms, WIFE, licenses, "marriage_certificate"))
        [entry] = (await rooms.consent.log(key_of(rooms, WIFE))).entries
        wife, husband = acting(rooms, WIFE), acting(rooms, HUSBAND)
        first = await rooms.consent.object(wife, entry=entry.number)
        assert re.fullmatch(r"YY\d{8}-[2-9A-Z]{8}", first.number)
        assert first.body == STATION
        assert await rooms.consent.object(wife, entry=entry.number) == first, "a second tap changes nothing"
        assert (await rooms.consent.log(key_of(rooms, WIFE))).entries[0].objection == first.number
        marriage = licenses["marriage_certificate"][0]
        about = await rooms.consent.object(husband, license_=marriage.text)
        assert about.body == marriage.issuer_code
        assert await rooms.consent.objections(husband) == [about]
        assert {each.number for each in await rooms.consent.objections(wife)} == {first.number}


async def test_nobody_objects_for_others(region: Settings) -> None:
    async with open_rooms(region) as rooms:
        licenses = await issue_family(rooms)
        await rooms.consent.record(look(rooms, WIFE, {}))
        [entry] = (await rooms.consent.log(key_of(rooms, WIFE))).entries
        hers = licenses["resident_identity_card"][1].text
        for wanted, code in (
            (rooms.consent.object(acting(rooms, HUSBAND), entry=entry.number), "no_such_entry"),
            (rooms.consent.object(acting(rooms, HUSBAND), entry=10**18 - 1), "no_such_entry"),
            (rooms.consent.object(acting(rooms, HUSBAND), license_=hers), "no_such_license"),
            (rooms.consent.object(acting(rooms, HUSBAND), license_="nonsense"), "no_such_license"),
            (rooms.consent.object(acting(rooms, WIFE, Basis.DELEGATE), entry=entry.number), "not_yours"),
        ):
            with pytest.raises(EtrustError, match=code):
                await wanted


def logged(**changes: object) -> Logged:
    entry = Logged(
        7, NOON, Ground.DUTY, MATTER, "", "clerk", STATION, "核验", "《户口登记条例》第七条", ("1.2.156",), ("a.b", "a.c"), "done", "G", named=False,
    )
    return replace(entry, **changes)  # type: ignore[arg-type]


def test_the_spreadsheet_file() -> None:
    headers = [f"列{number}" for number in range(len(COLUMNS))]
    data = to_csv([logged(reason="=HYPERLINK(1)")], headers=headers, bodies={STATION: "便民服务站, 一号"}, matters={})
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows[0] == headers
    told = dict(zip(COLUMNS, rows[1], strict=True))
    assert told["body_name"] == "便民服务站, 一号"
    assert told["reason"] == "'=HYPERLINK(1)"
    assert told["fields"] == "a.b; a.c"
    assert len(rows) == 2


@given(st.text(max_size=30))
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert cell.lstrip(" \u3000")[:1] not in set("=+-@\t\r\n＝＋－＠") or not cell.strip()
    assert cell.removeprefix("'") == text or cell == text


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20), min_size=2, max_size=2))
def test_both_files_tell_the_same(texts: list[str]) -> None:
    entry = logged(reason=texts[0], legal_basis=texts[1])
    [told] = json.loads(to_json([entry], at=NOON, after=3, bodies={}, matters={}))["entries"]
    data = to_csv([entry], headers=list(COLUMNS), bodies={}, matters={}).decode("utf-8-sig")
    row = dict(zip(*csv.reader(io.StringIO(data, newline="")), strict=True))
    assert (told["reason"], told["legal_basis"]) == tuple(texts)
    assert [row["reason"], row["legal_basis"]] == [safe_cell(text) for text in texts]

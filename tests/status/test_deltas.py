"""Changes of status lists: they take a reader from one signed list to the next, or nowhere."""

import random
from dataclasses import replace
from datetime import timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import NOW, URI, key_entry, make_signer, trust_of

from etrust.errors import EtrustError
from etrust.signing import cose
from etrust.status.bits import Bitmap
from etrust.status.deltas import DELTA_TYP, encode_delta, is_delta, newest, read_delta
from etrust.status.model import State
from etrust.status.tokens import SignedList, encode_status_cwt, read_status_list
from etrust.trust.model import Purpose

SIGNER = make_signer()
TRUST = trust_of(key_entry(SIGNER, Purpose.STATUS, body="650000", license_types=frozenset()))
TIMES = {"iat": NOW, "exp": NOW + timedelta(days=1), "ttl": 300}
ENTRIES = 4096


def listed(changes: dict[int, State], *, later: int = 0) -> tuple[Bitmap, SignedList]:
    bitmap = Bitmap(ENTRIES)
    for index, state in changes.items():
        bitmap.set(index, state)
    token = encode_status_cwt(URI, bitmap, SIGNER, **{**TIMES, "iat": NOW + timedelta(minutes=later)})  # type: ignore[arg-type]
    return bitmap, read_status_list(token, trust=TRUST, at=NOW + timedelta(minutes=later))


def change(older: Bitmap, newer: Bitmap, *, later: int = 1) -> bytes:
    return encode_delta(URI, older, newer, SIGNER, **{**TIMES, "iat": NOW + timedelta(minutes=later)})  # type: ignore[arg-type]


STATES = st.dictionaries(st.integers(0, ENTRIES - 1), st.sampled_from(State), max_size=60)


@given(STATES, STATES)
def test_it_ends_with_exactly_the_list_that_was_signed(before: dict[int, State], after: dict[int, State]) -> None:
    (older, base), (newer, _) = listed(before), listed(after)
    delta = read_delta(change(older, newer), trust=TRUST, at=NOW + timedelta(minutes=1))
    made = delta.apply(base)
    assert [made.bitmap.get(index) for index in range(ENTRIES)] == [newer.get(index) for index in range(ENTRIES)]
    assert (made.digest, made.issued_at) == (newer.digest(), NOW + timedelta(minutes=1))
    assert base.digest == older.digest()  # the list it began with is as it was


def test_about_two_bytes_a_change() -> None:
    entries, at = 2**20, random.Random(7)
    older = Bitmap(entries)
    newer = older.copy()
    for index in at.sample(range(entries), 1000):
        newer.set(index, State.REVOKED)
    assert len(change(older, newer)) < 1000 * 2.5


def test_it_begins_with_one_list_only() -> None:
    (older, base), (newer, _), (_, other) = listed({}), listed({5: State.REVOKED}), listed({6: State.REVOKED})
    delta = read_delta(change(older, newer), trust=TRUST, at=NOW + timedelta(minutes=1))
    with pytest.raises(EtrustError, match="bad_status_delta"):
        delta.apply(other)
    with pytest.raises(EtrustError, match="bad_status_delta"):
        delta.apply(replace(base, uri="https://other.example/status/1"))
    with pytest.raises(EtrustError, match="bad_status_delta"):
        replace(delta, after=older.digest()).apply(base)


def test_one_that_nobody_trusted_signed_or_of_another_time_is_refused() -> None:
    (older, _), (newer, _) = listed({}), listed({5: State.REVOKED})
    stranger = encode_delta(URI, older, newer, make_signer(), **TIMES)  # type: ignore[arg-type]
    with pytest.raises(EtrustError, match="status_list_untrusted"):
        read_delta(stranger, trust=TRUST, at=NOW)
    with pytest.raises(EtrustError, match="status_list_untrusted"):
        read_delta(change(older, newer, later=30), trust=TRUST, at=NOW)
    good = bytearray(change(older, newer))
    good[-70] ^= 1
    with pytest.raises(EtrustError):
        read_delta(bytes(good), trust=TRUST, at=NOW + timedelta(minutes=1))


def crafted(told: object) -> bytes:
    header = {cose.ALGORITHM: SIGNER.algorithm.cose, cose.KEY_ID: SIGNER.kid, cose.TYPE: DELTA_TYP}
    claims = {2: URI, 6: int(NOW.timestamp()), 4: int(NOW.timestamp()) + 60, -65538: told}
    return cose.sign1(cbor2.dumps(claims, canonical=True), header, SIGNER)


def test_what_is_in_it_is_bounded() -> None:
    older, base = listed({})
    start = bytes.fromhex(older.digest()[7:])
    for told in (None, [], {"from": start}, {"from": start, "to": b"x", "changes": b""}, {"from": start, "to": start, "changes": "x"}):
        with pytest.raises(EtrustError, match="bad_status_delta"):
            read_delta(crafted(told), trust=TRUST, at=NOW)
    outside = (ENTRIES << 2 | 1)
    for changes in (b"\x80", b"\xff" * 9 + b"\x01", bytes([outside & 0x7F | 0x80, outside >> 7 & 0x7F | 0x80, outside >> 14])):
        delta = read_delta(crafted({"from": start, "to": start, "changes": changes}), trust=TRUST, at=NOW)
        with pytest.raises(EtrustError, match="bad_status_delta"):
            delta.apply(base)


def test_a_chain_brings_an_old_list_up_to_date_whatever_its_order() -> None:
    steps = [{}, {1: State.SUSPENDED}, {1: State.REVOKED, 2: State.REVOKED}, {1: State.REVOKED}]
    lists = [listed(each) for each in steps]
    tokens = [change(lists[place][0], lists[place + 1][0], later=place + 1) for place in range(3)]
    at = NOW + timedelta(minutes=5)
    deltas = [read_delta(each, trust=TRUST, at=at) for each in reversed(tokens)]
    assert all(map(is_delta, tokens))
    found = max(newest([lists[0][1]], deltas), key=lambda each: each.issued_at)
    assert found.digest == lists[3][1].digest
    without = max(newest([lists[0][1]], [deltas[0], deltas[2]]), key=lambda each: each.issued_at)
    assert without.digest == lists[1][1].digest  # as far as it goes, and no further

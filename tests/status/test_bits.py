"""Two bits a license (Token Status List, section 4.1)."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.status.bits import MAX_ENTRIES, Bitmap
from etrust.status.model import State

changes = st.lists(st.tuples(st.integers(0, 999), st.sampled_from(State)), max_size=60)


def test_the_example_of_the_draft() -> None:
    # Section 4.1: statuses 1 2 0 3 0 1 0 1, 1 2 3 3 packed least significant first.
    bitmap = Bitmap(12)
    for index, value in enumerate([1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]):
        bitmap.set(index, State(value))
    assert zlib.decompress(bitmap.packed()) == bytes([0xC9, 0x44, 0xF9])


@given(changes)
def test_what_was_set_last_is_what_is_read(done: list[tuple[int, State]]) -> None:
    bitmap, model = Bitmap(1000), dict.fromkeys(range(1000), State.VALID)
    for index, state in done:
        bitmap.set(index, state)
        model[index] = state
    assert {index: bitmap.get(index) for index in range(1000)} == model
    unpacked = Bitmap.unpack(bitmap.packed())
    assert unpacked.digest() == bitmap.digest()
    assert all(unpacked.get(index) == state for index, state in model.items())


@pytest.mark.parametrize("index", [-1, 1000, 2**40])
def test_outside_the_list(index: int) -> None:
    with pytest.raises(IndexError):
        Bitmap(1000).get(index)
    with pytest.raises(IndexError):
        Bitmap(1000).set(index, State.REVOKED)


@pytest.mark.parametrize("packed", [
    b"", b"hello", Bitmap(1000).packed()[:-1], Bitmap(1000).packed() + b"\0", zlib.compress(b"\0" * (MAX_ENTRIES // 4 + 1)),
], ids=["empty", "not zlib", "cut off", "something after it", "bomb"])  # fmt: skip
def test_what_cannot_be_unpacked(packed: bytes) -> None:
    with pytest.raises(EtrustError) as caught:
        Bitmap.unpack(packed)
    assert caught.value.code == "bad_status_list"

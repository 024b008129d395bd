"""Indices look random, never collide, and differ under another key."""

from itertools import pairwise

from etrust.status.permutation import SIZE, IndexPermutation


def test_every_index_once() -> None:
    assert len(set(IndexPermutation(b"k" * 32).batch(0, SIZE))) == SIZE


def test_neighbors_are_strangers() -> None:
    given = IndexPermutation(b"k" * 32).batch(0, 10_000)
    near = sum(abs(a - b) < 1000 for a, b in pairwise(given))
    assert near < 100  # 2000 / 2^20 of 10,000 is 19


def test_another_key_another_order() -> None:
    assert IndexPermutation(b"k" * 32).batch(0, 100) != IndexPermutation(b"l" * 32).batch(0, 100)


def test_batches_join() -> None:
    order = IndexPermutation(b"k" * 32)
    assert order.batch(0, 50) + order.batch(50, 50) == order.batch(0, 100)

"""Base45 as every check decodes it, beside a loop over the groups as RFC 9285 describes it and the package `base45` does."""

import secrets

from benchmarks.pairs import Result, pairs
from etrust.credentials import base45

BYTES = 370
TARGET = 0.33  # three times as fast
_VALUES = {character: value for value, character in enumerate(base45.ALPHABET)}


async def run(*, decodings: int = 3000, rounds: int = 9) -> list[Result]:
    """Both must give the bytes back."""
    data = secrets.token_bytes(BYTES)
    text = base45.encode(data)

    async def bare() -> int:
        for _ in range(decodings):
            if plain_decode(text) != data:
                raise AssertionError(text)
        return decodings

    async def ours() -> int:
        for _ in range(decodings):
            if base45.decode(text) != data:
                raise AssertionError(text)
        return decodings

    name = f"decode base45, {len(text)} characters"
    return [await pairs(name, "a loop over its groups", bare, ours, rounds=rounds, target=TARGET)]


def plain_decode(text: str) -> bytes:
    """The bytes of a good text, group by group."""
    values = [_VALUES[character] for character in text]
    found: list[int] = []
    for start in range(0, len(values), 3):
        number = values[start] + 45 * values[start + 1]
        if start + 2 < len(values):
            found += divmod(number + 2025 * values[start + 2], 256)
        else:
            found.append(number)
    return bytes(found)

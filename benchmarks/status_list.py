"""A status list of a million of which one in a hundred is set, beside bare zlib over the same bytes."""

import random
import zlib
from collections.abc import Callable
from datetime import timedelta

from benchmarks.pairs import Result, pairs
from benchmarks.region import region
from etrust.status.bits import Bitmap
from etrust.status.model import State
from etrust.status.tokens import encode_status_cwt, encode_status_jwt, read_status_list
from etrust.wiring.home import STATUS_KEY


async def run(*, entries: int = 2**20, rounds: int = 7) -> list[Result]:
    """What was signed must be read back, entry by entry."""
    bitmap = Bitmap(entries)
    for index in random.Random(1).sample(range(entries), entries // 100):
        bitmap.set(index, State.REVOKED)
    unpacked = zlib.decompress(bitmap.packed())
    async with region() as rooms:
        now = rooms.clock()
        signer, trust = rooms.cabinet.named(STATUS_KEY), await rooms.trust.snapshot()

        async def compress() -> int:
            zlib.compress(unpacked, 9)
            return 1

        async def decompress() -> int:
            zlib.decompress(packed)
            return 1

        def signed(encode: Callable[..., bytes]) -> bytes:
            return encode("u", bitmap, signer, iat=now, exp=now + timedelta(days=1), ttl=300)

        async def sign() -> int:
            signed(encode_status_cwt)
            return 1

        async def read() -> int:
            if read_status_list(token, trust=trust, at=now).digest != bitmap.digest():
                raise AssertionError("another list was read")
            return 1

        packed, token, as_jwt = bitmap.packed(), signed(encode_status_cwt), signed(encode_status_jwt)
        if read_status_list(as_jwt, trust=trust, at=now).digest != bitmap.digest():
            raise AssertionError("another list was read")
        results = [
            await pairs(f"sign a status list of {entries:,} as CWT", "zlib.compress at level 9", compress, sign, rounds=rounds),
            await pairs("read that list", "zlib.decompress", decompress, read, rounds=rounds),
        ]
    results[0].note = f"{len(token) / 1024:.0f} KiB as CWT, {len(as_jwt) / 1024:.0f} as JWT"
    return results

"""A status list of which one in a hundred is set: signing and reading, beside the bare zlib of the same bytes."""

import random
import zlib
from datetime import timedelta

from benchmarks.pairs import Result, pairs
from benchmarks.region import region
from etrust.status.bits import Bitmap
from etrust.status.model import State
from etrust.status.tokens import encode_status_cwt, read_status_list
from etrust.wiring.home import STATUS_KEY


async def run(*, entries: int = 2**20, rounds: int = 9) -> list[Result]:
    """What was set must be read back."""
    chosen = random.Random(1).sample(range(entries), entries // 100)
    bitmap = Bitmap(entries)
    for index in chosen:
        bitmap.set(index, State.REVOKED)
    unpacked = zlib.decompress(bitmap.packed())
    async with region() as rooms:
        now = rooms.clock()
        signer, trust = rooms.cabinet.named(STATUS_KEY), await rooms.trust.snapshot()
        sizes = set()

        async def bare() -> int:
            zlib.decompress(zlib.compress(unpacked, 9))
            return 1

        async def ours() -> int:
            token = encode_status_cwt("u", bitmap, signer, iat=now, exp=now + timedelta(days=1), ttl=300)
            read = read_status_list(token, trust=trust, at=now)
            if read.bitmap.digest() != bitmap.digest():
                raise AssertionError("another list was read")
            sizes.add(len(token))
            return 1

        result = await pairs(f"sign and read a list of {entries:,}", "zlib both ways", bare, ours, rounds=rounds)
    result.name += f" ({max(sizes) / 1024:.0f} KiB)"
    return [result]

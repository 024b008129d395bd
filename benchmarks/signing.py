"""SM2 signatures with the key kept as the library's object, beside reading the key for each, and beside GmSSL."""

from benchmarks.pairs import Result, pairs
from etrust.signing import gmssl, sm2
from etrust.signing.private_keys import Sm2Key

DATA = b"x" * 300
"""About as long as the to-be-signed part of a seal signature."""


async def run(*, signatures: int = 500, rounds: int = 7) -> list[Result]:
    """Every last signature of a round must verify."""
    secret, point = sm2.backend().generate()
    kept = Sm2Key(sm2.PrivateKey(secret, point))
    public = sm2.PublicKey(point)

    async def ours() -> int:
        for _ in range(signatures):
            signature = kept.sign(DATA)
        public.check(sm2.signature_from_raw(signature), DATA)
        return signatures

    async def read_anew() -> int:
        for _ in range(signatures):
            signature = sm2.PrivateKey(secret, point).sign(DATA)
        public.check(signature, DATA)
        return signatures

    results = [await pairs("sign with SM2", "reading the key for each", read_anew, ours, rounds=rounds)]
    other = gmssl.load()
    if other is not None:
        key = other.private_key(secret, point)

        async def by_gmssl() -> int:
            for _ in range(signatures // 8 or 1):
                signature = other.sign(key, DATA, sm2.DEFAULT_ID)
            public.check(signature, DATA)
            return signatures // 8 or 1

        results.append(await pairs("sign with SM2", "gmssl-pyx", by_gmssl, ours, rounds=rounds))
    return results

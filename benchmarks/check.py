"""The check: the pure verifier, and the same through the stores, beside one bare ES256 verification."""

from benchmarks.pairs import Result, Work, pairs
from benchmarks.region import region, some_license
from etrust.credentials.code import decode_code, encode_code
from etrust.credentials.credential import parse
from etrust.licenses.types import by_code
from etrust.signing.verify import VerifyKey
from etrust.trust.model import Purpose
from etrust.verification.model import Overall
from etrust.verification.verify import verify
from etrust.wiring import Rooms


async def run(*, checks: int = 3000, rounds: int = 9) -> list[Result]:
    """Every answer must be TOTAL-PASSED."""
    async with region() as rooms:
        license_ = await some_license(rooms)
        code, identifier = encode_code(license_.credential), license_.identifier.text
        trust = await rooms.trust.snapshot()
        credential = parse(decode_code(code))
        entry = trust.keys_for(credential.kid, Purpose.CREDENTIAL)[0]
        key = VerifyKey.from_certificate(entry.certificate, entry.algorithm)
        status = await rooms.live.snapshot()
        types, now = by_code(rooms.types), rooms.clock()

        async def bare() -> int:
            for _ in range(checks):
                key.check(credential.signature, credential.to_be_signed)
            return checks

        async def pure() -> int:
            for _ in range(checks):
                _demand(verify(code, trust=trust, status=status, at=now, types=types).verdict)
            return checks

        work = {
            "check a code, lists in memory": pure,
            "check a code in a running service": _asking(rooms, code, checks),
            "check an identifier in a running service": _asking(rooms, identifier, checks // 4),
        }
        return [await pairs(name, "ES256 verification", bare, ours, rounds=rounds) for name, ours in work.items()]


def _asking(rooms: Rooms, presented: str, checks: int) -> Work:
    async def ask() -> int:
        for _ in range(checks):
            _demand((await rooms.check(presented)).verdict)
        return checks

    return ask


def _demand(verdict: Overall) -> None:
    if verdict is not Overall.PASSED:
        raise AssertionError(verdict)

"""The check: the pure verifier, and the same through the stores, beside one bare ES256 verification."""

from itertools import cycle

from benchmarks.pairs import Result, Work, pairs
from benchmarks.region import region, some_licenses
from etrust.credentials.code import decode_code, encode_code
from etrust.credentials.credential import parse
from etrust.licenses.types import by_code
from etrust.signing.verify import VerifyKey
from etrust.trust.model import Purpose
from etrust.verification.model import Status, Verdict
from etrust.verification.verify import verify
from etrust.wiring import Rooms

_DIFFERENT = 100
_GOOD = {Status.VALID, Status.EXPIRED}  # some of the synthetic licenses ended long ago


async def run(*, checks: int = 2000, rounds: int = 9) -> list[Result]:
    """A hundred different licenses in turn; every answer must be the right one of its license."""
    async with region() as rooms:
        licenses = await some_licenses(rooms, _DIFFERENT)
        codes = [encode_code(license_.credential) for license_ in licenses]
        trust, types, now = await rooms.trust.snapshot(), by_code(rooms.types), rooms.clock()
        expected = [(await rooms.check(code)).status for code in codes]
        if not set(expected) <= _GOOD or Status.VALID not in expected:
            raise AssertionError(expected)
        status = await rooms.live.snapshot()
        credentials = [parse(decode_code(code)) for code in codes]
        entry = trust.keys_for(credentials[0].kid, Purpose.CREDENTIAL)[0]
        key = VerifyKey.from_certificate(entry.certificate, entry.algorithm)

        async def bare() -> int:
            for credential, _ in zip(cycle(credentials), range(checks), strict=False):
                key.check(credential.signature, credential.to_be_signed)
            return checks

        async def pure() -> int:
            for code, wanted, _ in zip(cycle(codes), cycle(expected), range(checks), strict=False):
                _demand(verify(code, trust=trust, status=status, at=now, types=types), wanted)
            return checks

        identifiers = [license_.identifier.text for license_ in licenses]
        work = {
            "check a code, lists in memory": pure,
            "check a code in a running service": _asking(rooms, codes, expected, checks),
            "check an identifier in a running service": _asking(rooms, identifiers, expected, max(checks // 4, 1)),
        }
        return [await pairs(name, "an ES256 verification", bare, ours, rounds=rounds) for name, ours in work.items()]


def _asking(rooms: Rooms, presented: list[str], expected: list[Status], checks: int) -> Work:
    async def ask() -> int:
        for text, wanted, _ in zip(cycle(presented), cycle(expected), range(checks), strict=False):
            _demand(await rooms.check(text), wanted)
        return checks

    return ask


def _demand(verdict: Verdict, wanted: Status) -> None:
    if verdict.status is not wanted:
        raise AssertionError(f"{verdict.status} instead of {wanted}")

"""How often somebody may present codes that are none: nobody tries out handles.

| who | tries | within |
|---|---|---|
| an outsider, by address | 10 wrong ones, used and expired ones among them | 10 minutes |
| an operator | 20 that this region never made, or that it ended | 10 minutes |

An outsider's try is counted before it is looked at and taken back when the code was good, so that tries side by side
don't slip through together. A handle has 128 random bits and its text a signature; the limits keep even the asking small.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from etrust.errors import EtrustError, Kind
from etrust.onecode.cache import Tries

OUTSIDER_LIMIT, OPERATOR_LIMIT = 10, 20
WINDOW = timedelta(minutes=10)
NAMELESS = 60
"""How many times an outsider's limit those have together whose address is not known."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Who presents a code: an operator of a body, or an outsider, known by the client's address at most."""

    operator: str = ""
    body: str = ""
    client: str = ""


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """Counts for one region.

    Attributes:
        secret: the region's own; names and addresses are counted under keyed digests.
    """

    outsiders: Tries
    operators: Tries
    secret: bytes

    async def admit(self, scanner: Scanner) -> None:
        """Return quietly while there were not too many.

        Raises:
            EtrustError: ``too_many_wrong_codes``; ``redis_unavailable``.
        """
        if scanner.operator:
            tries, limit = await self.operators.count(self._name(scanner)) + 1, self.operators.limit
        else:
            tries = await self.outsiders.add(self._name(scanner))
            limit = self.outsiders.limit * (1 if scanner.client else NAMELESS)
        if tries > limit:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_wrong_codes",
                zh="无效的码出示过多，请十分钟后再试。", en="Too many codes that were not valid; try again in ten minutes.",
            )

    async def wrong(self, scanner: Scanner, error: EtrustError) -> None:
        """Count a code that was refused: against an operator only what no counter meets by scanning holders' codes."""
        if scanner.operator and (error.kind is Kind.UNTRUSTED or error.code == "code_ended"):
            await self.operators.add(self._name(scanner))

    async def right(self, scanner: Scanner) -> None:
        """Take an outsider's try back: the code was good."""
        if not scanner.operator:
            await self.outsiders.take_back(self._name(scanner))

    def _name(self, scanner: Scanner) -> str:
        who = scanner.operator or f"\0{scanner.client}"
        return hashlib.blake2b(who.encode(), key=self.secret, person=b"code-scans", digest_size=16).hexdigest()

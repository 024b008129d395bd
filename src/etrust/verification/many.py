"""Many checks at once: one look at the register for all numbers, signatures verified off the loop in chunks.

The verdicts are those of single checks. Codes that a single check treats in its own way (a holder's online code, a license of
another region, a key that was compromised) are left to it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.credentials.code import decode_code, is_code
from etrust.credentials.credential import parse
from etrust.credentials.model import Credential
from etrust.credentials.online_code import is_online_code
from etrust.errors import EtrustError, Kind
from etrust.licenses import store as license_store
from etrust.status.model import StatusSnapshot
from etrust.trust.model import Purpose, TrustSnapshot
from etrust.verification.model import Verdict
from etrust.verification.online import MAX_PRESENTED, OnlineVerifier, Typed, undetermined, what_was_typed
from etrust.verification.verify import Names, unreadable, verify_parsed

CHUNK = 50
"""Checks handed to a thread at once: a hop costs more than one verification, and no turn of the loop gets long."""

Alone = Callable[[str], Awaitable[Verdict]]
"""The single check."""
_Read = Credential | Verdict | Typed | None
"""What a text was: a credential, a verdict at once, a number to look up, or something for the single check."""


@dataclass(frozen=True, slots=True)
class ManyChecks:
    """Checks texts by the hundred.

    Attributes:
        region: the own one, whose credentials are judged here.
    """

    verifier: OnlineVerifier
    region: str

    async def check(self, presented: Sequence[str], *, trust: TrustSnapshot, alone: Alone) -> list[Verdict]:
        """The verdicts on texts, in their order."""
        now = self.verifier.clock()
        read = [self._read(text, now, trust) for text in presented]
        read = await self._looked_up(read, now)
        status = await self.verifier.status_of_all(each.claims for each in read if isinstance(each, Credential))
        chunks = [read[start : start + CHUNK] for start in range(0, len(read), CHUNK)]
        judged = await asyncio.gather(
            *(asyncio.to_thread(_judge, chunk, trust, status, now, self.verifier.types) for chunk in chunks)
        )
        verdicts = [verdict for chunk in judged for verdict in chunk]
        return [found or await alone(text) for found, text in zip(verdicts, presented, strict=True)]

    def _read(self, presented: str, now: datetime, trust: TrustSnapshot) -> _Read:
        text = presented[: MAX_PRESENTED + 1].strip()
        if is_online_code(text):
            return undetermined("shown_code_alone", now)
        try:
            return self._ours(parse(decode_code(text)), trust) if is_code(text) else what_was_typed(text)
        except EtrustError as error:
            return unreadable(error, now)

    def _ours(self, credential: Credential, trust: TrustSnapshot) -> Credential | None:
        keys = trust.keys_for(credential.kid, Purpose.CREDENTIAL)
        plain = credential.claims.region == self.region and all(key.compromised_since is None for key in keys)
        return credential if plain else None

    async def _looked_up(self, read: Sequence[_Read], now: datetime) -> list[_Read]:
        """The same with numbers replaced by what the register has under them."""
        wanted = list({(each.serial, each.version) for each in read if isinstance(each, Typed)})
        if not wanted:
            return list(read)
        try:
            async with self.verifier.pool.acquire() as connection:
                found = await license_store.find_many(connection, wanted)
        except EtrustError as error:
            if error.kind is not Kind.UNAVAILABLE:
                raise
            return [undetermined(error.code, now) if isinstance(each, Typed) else each for each in read]
        return [_registered(each, found, now) if isinstance(each, Typed) else each for each in read]


def _registered(typed: Typed, found: license_store.Found, now: datetime) -> _Read:
    stored = found.get((typed.serial, typed.version))
    if stored is None or not typed.fits(stored):
        return undetermined("not_found", now)
    return parse(stored.credential)


def _judge(
    chunk: Sequence[_Read], trust: TrustSnapshot, status: StatusSnapshot, now: datetime, types: Names
) -> list[Verdict | None]:
    """What a thread does; None is left to the single check."""
    return [
        verify_parsed(each, trust=trust, status=status, at=now, known_at=now, types=types)
        if isinstance(each, Credential) else each if isinstance(each, Verdict) else None
        for each in chunk
    ]  # fmt: skip

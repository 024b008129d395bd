"""The same answer to the same question after a broken connection, without a second scan.

The caller names its question by an Idempotency-Key of its own making. The answer is kept for ten minutes, sealed with a key
made of that name, of which the store has a keyed digest only: whoever reads the store, or a copy of it, cannot open it.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etrust.clock import Clock
from etrust.errors import EtrustError, Kind
from etrust.matters import check_store as store
from etrust.storage.postgres import Pool

KEPT = timedelta(minutes=10)
UNDER_WAY = timedelta(seconds=60)
"""After that long a question that was never answered may be asked anew: its process is gone."""

_NONCE = 12
_KEY = re.compile(r"[!-~]{16,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Repeats:
    """Answers of one region that may be asked for again."""

    pool: Pool
    clock: Clock
    secret: bytes

    async def once(self, caller: str, name: str, question: bytes, work: Callable[[], Awaitable[bytes]]) -> bytes:
        """The answer to a question: worked out, or the one kept when it was asked under this name before.

        Args:
            caller: who asks; names of two callers have nothing to do with each other.
            name: 16 to 128 printable characters, such as a UUID.
            question: what is asked, whole.

        Raises:
            EtrustError: INVALID ``bad_idempotency_key``, ``idempotency_key_reused`` for another question under a name;
                CONFLICT ``still_under_way``; what `work` raises, after which the name is free again.
        """
        if not _KEY.fullmatch(name):
            raise _bad_name()
        place, asked = self._digest(b"place", caller, name), hashlib.sha256(question).digest()
        async with self.pool.acquire() as connection:
            at = self.clock()
            await store.forget_answers(connection, at)
            fresh = await store.begin_answer(connection, place, asked, at=at, until=at + UNDER_WAY)
            found = None if fresh else await store.answer(connection, place)
        if not fresh:
            return self._kept(found, asked, self._cipher(caller, name))
        try:
            answer = await work()
        except BaseException:
            async with self.pool.acquire() as connection:
                await store.give_up_answer(connection, place)
            raise
        nonce = secrets.token_bytes(_NONCE)
        sealed = nonce + self._cipher(caller, name).encrypt(nonce, answer, None)
        async with self.pool.acquire() as connection:
            await store.keep_answer(connection, place, sealed, self.clock() + KEPT)
        return answer

    def _kept(self, found: tuple[bytes, bytes | None] | None, asked: bytes, cipher: AESGCM) -> bytes:
        if found is None or found[1] is None:
            raise EtrustError(
                Kind.CONFLICT, "still_under_way", where="Idempotency-Key",
                zh="同一请求正在处理，请稍后重试。", en="The same request is under way; ask again in a moment.",
            )
        if not hmac.compare_digest(found[0], asked):
            raise EtrustError(
                Kind.INVALID, "idempotency_key_reused", where="Idempotency-Key",
                zh="此 Idempotency-Key 已用于另一请求，请换一个。", en="This Idempotency-Key was used for another request.",
            )
        return cipher.decrypt(found[1][:_NONCE], found[1][_NONCE:], None)

    def _cipher(self, caller: str, name: str) -> AESGCM:
        return AESGCM(self._digest(b"cipher", caller, name))

    def _digest(self, purpose: bytes, caller: str, name: str) -> bytes:
        named = f"{caller}\0{name}".encode()
        return hashlib.blake2b(named, key=self.secret, person=purpose, digest_size=32).digest()


def _bad_name() -> EtrustError:
    return EtrustError(
        Kind.INVALID, "bad_idempotency_key", where="Idempotency-Key",
        zh="Idempotency-Key 应为 16 至 128 个可见 ASCII 字符。",
        en="An Idempotency-Key has 16 to 128 printable ASCII characters.",
    )

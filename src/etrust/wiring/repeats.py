"""Questions that may come again: the answer to one Idempotency-Key is given once, and then again."""

import hashlib
import json
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etrust.errors import EtrustError, Kind
from etrust.recognition import call_store
from etrust.recognition.signatures import WINDOW

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

NONCE = 12
DAY = timedelta(days=1)


class Repeat:
    """One question under an Idempotency-Key: its answer is kept for a day, sealed with a key made of that name.

    Attributes:
        kept: status and body of the answer that was given before, None when it is to be worked out.
    """

    def __init__(self, rooms: "Rooms", secret: bytes, who: str, name: str, question: bytes) -> None:
        if not 16 <= len(name) <= 128 or not name.isascii() or not name.isprintable() or " " in name:  # noqa: PLR2004 - the documented bounds
            raise EtrustError(
                Kind.INVALID, "bad_idempotency_key", where="Idempotency-Key",
                zh="Idempotency-Key 应为 16 至 128 个可见 ASCII 字符。",
                en="An Idempotency-Key has 16 to 128 printable ASCII characters.",
            )
        self._rooms = rooms
        self._question = hashlib.sha256(question).digest()
        named = f"{who}\0{name}".encode()
        self._place = hashlib.blake2b(named, key=secret, person=b"place", digest_size=32).digest()
        self._cipher = AESGCM(hashlib.blake2b(named, key=secret, person=b"cipher", digest_size=32).digest())
        self.kept: tuple[int, bytes] | None = None

    async def begin(self) -> None:
        """Take the place, or find the answer.

        Raises:
            EtrustError: CONFLICT ``still_under_way``; CONFLICT ``idempotency_key_reused`` for another question.
        """
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            if await call_store.begin_repeat(connection, self._place, self._question, at=at, until=at + WINDOW):
                return
            found = await call_store.repeat(connection, self._place)
        if found is None or found[1] is None:
            raise EtrustError(
                Kind.CONFLICT, "still_under_way", where="Idempotency-Key",
                zh="同一请求正在处理，请稍后重试。", en="The same request is under way; ask again in a moment.",
            )
        if found[0] != self._question:
            raise EtrustError(
                Kind.CONFLICT, "idempotency_key_reused", where="Idempotency-Key",
                zh="此 Idempotency-Key 已用于另一请求，请换一个。", en="This Idempotency-Key was used for another request.",
            )
        status, body = json.loads(self._cipher.decrypt(found[1][:NONCE], found[1][NONCE:], None))
        self.kept = int(status), bytes.fromhex(body)

    async def keep(self, status: int, body: bytes) -> None:
        """Keep the answer."""
        nonce = secrets.token_bytes(NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, json.dumps([status, body.hex()]).encode(), None)
        async with self._rooms.stores.pool.acquire() as connection:
            await call_store.keep_repeat(connection, self._place, sealed, self._rooms.clock() + DAY)

    async def give_up(self) -> None:
        """Free the place: the question was not answered."""
        async with self._rooms.stores.pool.acquire() as connection:
            await call_store.give_up_repeat(connection, self._place)

"""What people claim and give as evidence, sealed under a secret of the region: the database alone tells nothing of it."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etrust.errors import EtrustError, Kind

_NONCE = 12


class Sealing:
    """Seals and opens, each thing bound to the place it stands in.

    Args:
        secret: the region's secret for holders.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = hashlib.blake2b(b"objections, tags", key=secret, digest_size=32).digest()
        self._cipher = AESGCM(hashlib.blake2b(b"objections", key=secret, digest_size=32).digest())

    def seal(self, place: str, content: bytes) -> bytes:
        """Content sealed for a place, such as ``YY…/claim``; empty content stays empty."""
        if not content:
            return b""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, content, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """The content sealed for a place.

        Raises:
            EtrustError: UNTRUSTED ``sealed_altered``: it was altered, or moved from another place.
        """
        if not sealed:
            return b""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], place.encode())
        except InvalidTag as error:
            raise EtrustError(
                Kind.UNTRUSTED, "sealed_altered", zh="密封内容已被改动或损坏。", en="What was sealed was altered or is damaged."
            ) from error

    def tag(self, content: str) -> bytes:
        """What equal contents have in common, and nobody without the secret can guess from."""
        return hashlib.blake2b(content.encode(), key=self._secret, digest_size=32).digest()

    def seal_json(self, place: str, content: Mapping[str, object]) -> bytes:
        """The same for a JSON object; an empty one stays empty."""
        return self.seal(place, json.dumps(content, ensure_ascii=False).encode()) if content else b""

    def open_json(self, place: str, sealed: bytes) -> dict[str, Any]:
        """What `seal_json` sealed."""
        found = self.open(place, sealed)
        read: dict[str, Any] = json.loads(found) if found else {}
        return read

"""Timestamps for documents, and what proves them later."""

from collections.abc import Callable
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind

_FIRST_ROOM = 4096
ROOM_MARGIN = 64
"""Bytes beyond a measured token or signature: the numbers in them vary in length by a few bytes."""


@dataclass(frozen=True, slots=True)
class ValidationData:
    """Certificates and revocation lists (DER) that a later reader needs."""

    certificates: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()

    def __add__(self, other: "ValidationData") -> "ValidationData":
        return ValidationData(_once(self.certificates + other.certificates), _once(self.crls + other.crls))


def _once(values: tuple[bytes, ...]) -> tuple[bytes, ...]:
    return tuple(dict.fromkeys(values))


class Stamper:
    """Stamps one digest after the other.

    Attributes:
        validation: the service's certificate, then its issuers and their revocation lists, for whoever checks its tokens later.
        room: how many bytes to set aside for a token; a guess before the first one was made.
    """

    def __init__(self, make: Callable[[bytes], bytes], validation: ValidationData) -> None:
        self._make = make
        self.validation = validation
        self.room = _FIRST_ROOM

    def token(self, imprint: bytes) -> bytes:
        """A token (DER) over a SHA-256 digest.

        Raises:
            EtrustError: ``timestamp_key_changed``: it was made with another key than the validation data speak of; what the
                service raises.
        """
        made = self._make(imprint)
        if self.validation.certificates[0] not in made:
            raise EtrustError(
                Kind.CONFLICT, "timestamp_key_changed",
                zh="时间戳密钥刚刚更换，请重新提交。", en="The timestamp key was changed a moment ago; ask again.",
            )
        self.room = len(made) + ROOM_MARGIN
        return made

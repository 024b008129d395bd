"""Timestamps for documents, out of the region's own service: reserved serial numbers in, tokens out, no network between."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from etrust.documents.cms import SHA256
from etrust.errors import EtrustError, Kind
from etrust.trust.stamping import TimestampAuthority

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
    """Stamps one after the other, with serial numbers that were reserved before.

    Attributes:
        validation: the service's certificate, its issuers and their revocation lists, for whoever checks its tokens later.
        room: how many bytes to set aside for a token; a guess before the first one was made.
    """

    def __init__(
        self, authority: TimestampAuthority, *, clock: Callable[[], datetime], serials: Iterable[int], validation: ValidationData
    ) -> None:
        self._authority = authority
        self._clock = clock
        self._serials = iter(serials)
        self.validation = validation
        self.room = _FIRST_ROOM

    def token(self, imprint: bytes) -> bytes:
        """A token over a SHA-256 digest, of this moment.

        Raises:
            EtrustError: ``no_timestamp_serial``: more tokens are asked for than serial numbers were reserved.
        """
        serial = next(self._serials, None)
        if serial is None:
            raise EtrustError(
                Kind.CONFLICT, "no_timestamp_serial",
                zh="预留的时间戳序列号已用完，请重新提交。", en="The reserved timestamp serial numbers are used up; ask again.",
            )
        made = self._authority.token(imprint, SHA256, at=self._clock(), serial=serial)
        self.room = len(made) + ROOM_MARGIN
        return made

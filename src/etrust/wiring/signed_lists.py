"""The signed forms of the status lists, kept until their content changes or a minute has passed."""

from datetime import datetime, timedelta

from etrust.clock import Clock
from etrust.errors import EtrustError, Kind
from etrust.status.live import LiveStatus
from etrust.status.tokens import encode_status_cwt, encode_status_jwt
from etrust.wiring.cabinet import SignerCabinet
from etrust.wiring.home import STATUS_KEY

_SIGN_AGAIN_AFTER = timedelta(seconds=60)


class SignedLists:
    """Keeps the signed form of each status list until its content changes or a minute has passed."""

    def __init__(self, live: LiveStatus, clock: Clock, cabinet: SignerCabinet, *, lifetime: int, ttl: int) -> None:
        self._live = live
        self._clock = clock
        self._cabinet = cabinet
        self._lifetime = timedelta(seconds=lifetime)
        self._ttl = ttl
        self._kept: dict[tuple[int, str], tuple[str, datetime, bytes]] = {}

    async def token(self, list_no: int, form: str) -> bytes:
        """The signed list, `form` being "jwt" or "cwt".

        Raises:
            EtrustError: there is no such list, or the store is out of reach.
        """
        await self._live.snapshot()
        await self._live.know(self._live.own_uri(list_no))
        now = self._clock()
        digest = self._live.digest(list_no)
        if digest is None:
            raise EtrustError(Kind.NOT_FOUND, "not_found", zh="没有该状态列表。", en="No such status list.")
        kept = self._kept.get((list_no, form))
        if kept is None or kept[0] != digest or now - kept[1] > _SIGN_AGAIN_AFTER:
            kept = (digest, now, self._sign(list_no, form, now))
            self._kept[list_no, form] = kept
        return kept[2]

    def _sign(self, list_no: int, form: str, now: datetime) -> bytes:
        bitmap, uri = self._live.bitmap(list_no), self._live.uri(list_no)
        assert bitmap is not None and uri is not None  # noqa: S101, PT018 - the caller has looked
        encode = encode_status_cwt if form == "cwt" else encode_status_jwt
        return encode(
            uri, bitmap, self._cabinet.current(STATUS_KEY), iat=now, exp=now + self._lifetime, ttl=self._ttl
        )

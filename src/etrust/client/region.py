"""What a partner region asks of another: every message signed, everything personal sealed, every answer proved.

The other region's keys come from its trust list, which is followed from the anchor that was compared beforehand; see
``docs/partner-interface.md``. Nothing here needs a database: a system that is no etrust can use it as it is.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from etrust.client.department import read_head
from etrust.client.faults import BadAnswer, RegionRefused
from etrust.client.models import Use
from etrust.client.shared import SharedQueries
from etrust.client.transport import Heard, Retry, Transport, new_key
from etrust.clock import Clock, system_clock
from etrust.errors import EtrustError
from etrust.recognition.evidence import Evidence
from etrust.recognition.sealed import key_of, open_fields, seal_fields
from etrust.recognition.signatures import Answer, Request, kept_headers, sign_request, verify_answer
from etrust.signing.model import Signer
from etrust.trust.following import Known, follow
from etrust.trust.lists import read_trust_list
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot

LIST_AGE = timedelta(minutes=10)
_MAX_LIST = 32 * 1024 * 1024
_MAX_SEALED = 48 * 1024 * 1024
_OK = 200


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks.

    Attributes:
        region: its own division.
        signer: key of purpose ``message`` in its trust list.
        decryption: its private keys of purpose ``encryption`` (PKCS#8, DER) by key id in hexadecimal.
    """

    region: str
    signer: Signer
    decryption: Mapping[str, bytes] = field(repr=False)


class PartnerClient(SharedQueries):
    """Another region; use it in an ``async with`` block.

    Args:
        address: of the other region.
        region: its division.
        anchor: its anchor certificate (DER), compared through another channel.
        identity: who asks.
        known: trust list (as it was signed) and anchor of the one accepted last, see `accepted`: older ones are refused.
    """

    def __init__(
        self, address: str, *, region: str, anchor: bytes, identity: Identity, clock: Clock = system_clock,
        known: tuple[bytes, bytes] | None = None, retry: Retry | None = None, ssl: Any = True,
    ) -> None:
        self.region = region
        self._anchor = anchor
        self._identity = identity
        self._clock = clock
        self._transport = Transport(address, retry=retry, ssl=ssl)
        self._before = known
        self._known: Known | None = None
        self._token = b""
        self._looked: datetime | None = None
        self.last: Evidence | None = None

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.__aexit__()

    async def trust(self) -> TrustSnapshot:
        """The other region's trust list in force; fetched again after ten minutes.

        Raises:
            BadAnswer: ``untrusted_list``, ``older_list`` and the other refusals of `trust.following.follow`.
        """
        now = self._clock()
        if self._known is None or self._looked is None or now - self._looked >= LIST_AGE:
            heard = await self._transport.ask("GET", "/.well-known/etrust/trust-list", limit=_MAX_LIST)
            if heard.status != _OK:
                raise BadAnswer(f"no trust list ({heard.status})")
            try:
                before = self._known or self._remembered()
                self._known = follow(before, heard.body, region=self.region, anchor=self._anchor, at=now)
            except EtrustError as error:
                raise BadAnswer(error.en, error.code) from error
            self._token, self._looked = heard.body, now
        return self._known.snapshot

    @property
    def accepted(self) -> tuple[bytes, bytes] | None:
        """The trust list in force as it was signed, and the anchor (DER) that signed it; None before the first."""
        return None if self._known is None else (self._token, self._known.anchor)

    def _remembered(self) -> Known | None:
        """The list that was accepted before a restart; one whose time is over cannot be judged any more."""
        if self._before is None:
            return None
        token, anchor = self._before
        try:
            return Known(read_trust_list(token, anchors=[anchor], at=self._clock()), anchor)
        except EtrustError:
            return None

    async def holdings(self, holder_code: str, holder_code_type: str, type_code: str, use: Use) -> list[str]:
        """The codes of a holder's licenses of a type; judge them with the other region's lists."""
        sealed = await self._seal({"holder_code": holder_code, "holder_code_type": holder_code_type})
        asked = {"license_type": type_code, "use": use.model_dump(mode="json", exclude={"grant"}), "sealed": sealed}
        heard = await self.send("POST", "/api/v1/recognition/holdings", asked)
        if heard.status != _OK:
            told = heard.json()
            raise RegionRefused.of_problem(heard.status, told if isinstance(told, dict) else {})
        return [str(each) for each in self._open(heard.json()).get("credentials", [])]

    async def operation(self, name: str, data: Mapping[str, object]) -> dict[str, Any]:
        """One operation of GB/T 36906, sealed both ways; see `SharedQueries`."""
        asked = {"accessId": self._identity.region, "accessToken": "", "data": {"sealed": await self._seal(data)}}
        return self._open(read_head(await self.send("POST", f"/api/gbt36906/{name}", asked)))

    async def send(self, method: str, path: str, content: object | None = None) -> Heard:
        """A signed question, and its answer, whose signature was verified over the question; `last` is the proof of it.

        Raises:
            BadAnswer: ``unsigned_answer``.
            RegionUnreachable: nothing came; a question is sent again under the same Idempotency-Key, signed anew.
        """
        body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
        named = new_key() if method == "POST" else ""
        trust = await self.trust()
        heard, request = await self._signed(method, path, body, named)
        answer = Answer(heard.status, kept_headers(heard.headers), heard.body, request)
        at = self._clock()
        try:
            verify_answer(answer, _message_keys(trust, self._clock), at=at)
        except EtrustError as error:
            raise BadAnswer("its signature does not count", "unsigned_answer") from error
        self.last = Evidence(self.region, at, answer, self._token)
        return heard

    async def _signed(self, method: str, path: str, body: bytes, named: str) -> tuple[Heard, Request]:
        """Every try is a message of its own, for a nonce counts once."""
        request = Request(method, self._transport.address + path, {}, body)

        def headers() -> dict[str, str]:
            request.headers = {"Content-Type": "application/json"} if body else {}
            if named:
                request.headers["Idempotency-Key"] = named
            sign_request(
                request, self._identity.signer, sender=self._identity.region, recipient=self.region,
                nonce=secrets.token_urlsafe(18), at=self._clock(),
            )  # fmt: skip
            return dict(request.headers)

        heard = await self._transport.ask_anew(method, path, headers, body, limit=_MAX_SEALED)
        request.headers = kept_headers(request.headers)
        return heard, request

    async def _seal(self, data: Mapping[str, object]) -> str:
        return seal_fields(data, key_of(await self.trust(), self.region, self._clock()))

    def _open(self, told: object) -> dict[str, Any]:
        sealed = told.get("sealed") if isinstance(told, dict) else None
        try:
            return open_fields(str(sealed), self._identity.decryption, limit=_MAX_SEALED)
        except EtrustError as error:
            raise BadAnswer(error.en, error.code) from error


def _message_keys(trust: TrustSnapshot, clock: Clock) -> list[KeyEntry]:
    at = clock()
    return [
        entry for entry in trust.trust_list.keys
        if entry.purpose is Purpose.MESSAGE and entry.valid_from <= at < entry.valid_until and entry.compromised_since is None
    ]  # fmt: skip

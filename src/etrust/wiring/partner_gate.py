"""Who of another region calls, and how both sides sign: the gate that every message between regions goes through.

Coming in: a request proves its region by an RFC 9421 signature or by its certificate (mutual TLS), counts once, and is paced.
Every answer is signed, refusals too. Going out: a request is signed, the answer must be signed and is kept as evidence.
"""

import hashlib
import logging
import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from aiohttp import web
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from etrust.access.cache import FailedSignIns
from etrust.errors import EtrustError, Kind
from etrust.recognition import call_store
from etrust.recognition.call_store import KeptAnswer
from etrust.recognition.evidence import Evidence
from etrust.recognition.model import PartnerCaller, PartnerFault, PartnerRegion
from etrust.recognition.sealed import MAX_SEALED, key_of, open_fields, seal_fields
from etrust.recognition.signatures import (
    SENDER,
    SKEW,
    WINDOW,
    Answer,
    Request,
    bad_message_signature,
    kept_headers,
    sign_answer,
    sign_request,
    verify_answer,
    verify_request,
)
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot
from etrust.wiring.home import ENCRYPTION_KEY, MESSAGE_KEY
from etrust.wiring.partner_lines import SECONDS
from etrust.wiring.repeats import DAY, NONCE, Repeat

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

_log = logging.getLogger(__name__)
KEPT_DAYS = timedelta(days=365)
"""How long answers of other regions are kept as evidence."""


class PartnerGate:
    """`rooms.gate`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._secret = hashlib.blake2b(b"partners", key=rooms.issuing.numbering.holder_key, digest_size=32).digest()
        settings = rooms.settings
        self._minute = FailedSignIns(
            rooms.stores.redis, self._secret, limit=settings.partner_calls_per_minute, window=timedelta(minutes=1),
            name="partners",
        )
        self._day = FailedSignIns(
            rooms.stores.redis, self._secret, limit=settings.partner_calls_per_day, window=DAY, name="partners-a-day"
        )

    async def caller(self, request: web.Request, body: bytes) -> PartnerCaller:
        """The region that sent a request.

        Raises:
            EtrustError: UNAUTHENTICATED ``bad_message_signature``, the one answer for whatever is wrong; RATE_LIMITED
                ``too_many_calls``; UNAVAILABLE when it cannot be known whether the message came before.
        """
        certificate = _client_certificate(request)
        try:
            found = await (self._by_signature(request, body) if certificate is None else self._by_certificate(certificate))
        except EtrustError as error:
            if error.code != "bad_message_signature":
                raise
            _log.info("a message of a region was refused: %s", error.en)
            raise bad_message_signature("it is unknown, altered, old, or came before") from error
        await self._pace(found.region)
        return found

    async def _by_signature(self, request: web.Request, body: bytes) -> PartnerCaller:
        headers = kept_headers(_single(request))
        region, at = headers.get(SENDER.lower(), ""), self._rooms.clock()
        trust = await self._trust(region)
        message = Request(request.method, f"http://{request.host or 'host'}{request.raw_path}", headers, body)
        signed = verify_request(message, self._keys(trust), recipient=self._rooms.settings.region, at=at)
        async with self._rooms.stores.pool.acquire() as connection:
            await call_store.forget_nonces(connection, at)
            fresh = await call_store.take_nonce(connection, region, signed.nonce, until=signed.created + WINDOW + 2 * SKEW)
        if not fresh:
            raise bad_message_signature("it came before")
        return PartnerCaller(region, signed.kid, trust)

    async def _by_certificate(self, certificate: bytes) -> PartnerCaller:
        """The region whose trust list has this very certificate for messages."""
        for partner in await self._rooms.partners.regions_in_force():
            try:
                trust = await self._rooms.partners.trust_of(partner.region)
            except (EtrustError, PartnerFault):
                continue
            for entry in self._keys(trust):
                if entry.certificate == certificate:
                    return PartnerCaller(partner.region, entry.kid, trust)
        raise bad_message_signature("the certificate is nobody's here")

    async def _trust(self, region: str) -> TrustSnapshot:
        try:
            return await self._rooms.partners.trust_of(region)
        except PartnerFault as fault:
            raise bad_message_signature(f"no trust list to judge it by ({fault.reason})") from fault

    def _keys(self, trust: TrustSnapshot) -> list[KeyEntry]:
        at = self._rooms.clock()
        return [
            entry for entry in trust.trust_list.keys
            if entry.purpose is Purpose.MESSAGE and entry.valid_from <= at < entry.valid_until and entry.compromised_since is None
        ]  # fmt: skip

    async def _pace(self, region: str) -> None:
        at, settings = self._rooms.clock(), self._rooms.settings
        most = settings.partner_calls_per_minute, settings.partner_calls_per_day
        minute = await self._minute.add(f"{region} {int(at.timestamp()) // 60}", at)
        day = await self._day.add(f"{region} {at.date()}", at)
        if minute > most[0] or day > most[1]:
            raise EtrustError(
                Kind.RATE_LIMITED, "too_many_calls",
                zh=f"调用过于频繁：每分钟最多 {most[0]} 次，每日最多 {most[1]} 次。",
                en=f"Too many calls: at most {most[0]} a minute and {most[1]} a day.",
            )

    def sign(self, request: web.Request, body: bytes, response: web.Response) -> web.Response:
        """The answer, signed over the request; a request whose headers are broken gets it unsigned."""
        try:
            asked = Request(request.method, f"http://host{request.raw_path}", kept_headers(_single(request)), body)
            answer = Answer(response.status, {"Content-Type": response.headers.get("Content-Type", "")}, _body(response), asked)
            sign_answer(answer, self._rooms.cabinet.current(MESSAGE_KEY), at=self._rooms.clock())
        except (EtrustError, ValueError):
            return response
        for name in ("Content-Digest", "Signature-Input", "Signature"):
            response.headers[name] = answer.headers[name]
        return response

    async def exchange(
        self, partner: PartnerRegion, method: str, path: str, *, body: bytes = b"", idempotency_key: str = "",
        seconds: float = SECONDS, limit: int | None = None,
    ) -> Answer:
        """Ask a region and return its answer, whatever its status; its signature was verified and it was kept.

        Args:
            idempotency_key: the same for every try of one question; without one a question is not repeated.
            seconds: how long it may take.
            limit: bytes of the answer.

        Raises:
            PartnerFault: ``partner_unreachable``, ``partner_slow``, ``bad_answer``; ``unsigned_answer``; those of its trust list.
        """
        at = self._rooms.clock()
        request = Request(method, partner.base_url + path, {}, body)
        if body:
            request.headers["Content-Type"] = "application/json"
        if idempotency_key:
            request.headers["Idempotency-Key"] = idempotency_key
        sign_request(
            request, self._rooms.cabinet.current(MESSAGE_KEY), sender=self._rooms.settings.region, recipient=partner.region,
            nonce=secrets.token_urlsafe(18), at=at,
        )  # fmt: skip
        status, headers, content = await self._rooms.partners.send(partner, request, seconds=seconds, limit=limit)
        request.headers = kept_headers(request.headers)
        return await self._verified(partner, request, status, headers, content)

    async def _verified(
        self, partner: PartnerRegion, request: Request, status: int, headers: Mapping[str, str], content: bytes
    ) -> Answer:
        trust = await self._rooms.partners.trust_of(partner.region)
        at = self._rooms.clock()
        try:
            answer = Answer(status, kept_headers(headers), content, request)
            verify_answer(answer, self._keys(trust), at=at)
        except EtrustError as error:
            raise PartnerFault.untrusted("unsigned_answer") from error
        await self._keep(Evidence(partner.region, at, answer), request.url.removeprefix(partner.base_url))
        return answer

    async def _keep(self, evidence: Evidence, path: str) -> None:
        name = f"A-{secrets.token_urlsafe(16)}"
        nonce = secrets.token_bytes(NONCE)
        sealed = nonce + self._cipher().encrypt(nonce, evidence.to_json(), name.encode())
        kept = KeptAnswer(
            name, evidence.region, path.partition("?")[0][:200], evidence.answer.status_code,
            hashlib.sha256(evidence.answer.body).digest(), sealed, evidence.at,
        )  # fmt: skip
        async with self._rooms.stores.pool.acquire() as connection:
            await call_store.keep_answer(connection, kept)

    async def evidence(self, name: str) -> Evidence:
        """A kept answer by its name, with the trust list it was judged by.

        Raises:
            EtrustError: NOT_FOUND ``no_such_answer``.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            kept = await call_store.answer(connection, name)
        if kept is None:
            raise EtrustError(Kind.NOT_FOUND, "no_such_answer", zh="没有这份答复。", en="There is no such answer.")
        try:
            found = Evidence.from_json(self._cipher().decrypt(kept.sealed[:NONCE], kept.sealed[NONCE:], name.encode()))
        except InvalidTag as error:
            raise EtrustError(Kind.UNTRUSTED, "answer_altered", zh="存证已被改动。", en="The kept answer was altered.") from error
        return replace(found, trust_list=await self._rooms.partners.token_of(kept.region))

    async def answers(self, region: str | None, limit: int = 100) -> list[KeptAnswer]:
        """The newest answers that are kept, without their content."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await call_store.answers(connection, region, limit)

    async def forget(self) -> None:
        """Forget the answers that were kept long enough."""
        async with self._rooms.stores.pool.acquire() as connection:
            await call_store.forget_answers(connection, self._rooms.clock() - KEPT_DAYS)
            await call_store.forget_repeats(connection, self._rooms.clock())
            await call_store.forget_downloads(connection, self._rooms.clock())

    def _cipher(self) -> AESGCM:
        return AESGCM(self._secret)

    def seal_for(self, trust: TrustSnapshot, body: str, fields: Mapping[str, object]) -> str:
        """Fields encrypted to a body of another region; see `recognition.sealed`."""
        return seal_fields(fields, key_of(trust, body, self._rooms.clock()))

    def unseal(self, sealed: str, *, limit: int = MAX_SEALED) -> dict[str, Any]:
        """What another region encrypted to this one, or to a body of it."""
        return open_fields(sealed, self._rooms.cabinet.decryption_keys(ENCRYPTION_KEY), limit=limit)

    async def once(self, who: str, name: str, question: bytes) -> Repeat:
        """A question that may come again under an Idempotency-Key; see `Repeat`.

        Args:
            who: region or API key that asks; the same name of another is another question.
        """
        repeat = Repeat(self._rooms, self._secret, who, name, question)
        await repeat.begin()
        return repeat


def _single(request: web.Request) -> dict[str, str]:
    """The headers of a request; one that stands twice is refused with those that are too long."""
    found: dict[str, str] = {}
    for name, value in request.headers.items():
        if name.lower() in found:
            found[name.lower()] = "\0"  # nothing verifies over it
        else:
            found[name.lower()] = value
    return found


def _body(response: web.Response) -> bytes:
    return response.body if isinstance(response.body, bytes) else b""


def _client_certificate(request: web.Request) -> bytes | None:
    """The certificate that the other end of a TLS connection proved, DER."""
    transport = request.transport
    connection = None if transport is None else transport.get_extra_info("ssl_object")
    return None if connection is None else connection.getpeercert(binary_form=True)

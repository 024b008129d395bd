"""`rooms.notices`: tells whoever is to be told, and takes in what other regions tell."""

import asyncio
import contextlib
import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import aiohttp

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.notices import store
from etrust.notices.arrive import Answer, Handler, take_in
from etrust.notices.deliver import AT_ONCE, LEASE, next_try
from etrust.notices.model import Arrived, Notice, Recipient, RecipientKind
from etrust.notices.store import Delivery, Webhook
from etrust.recognition.model import PartnerFault
from etrust.recognition.signatures import Request, sign_request
from etrust.settings import is_safe_address
from etrust.storage.postgres import Connection
from etrust.wiring.home import MESSAGE_KEY

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

PATH = "/api/v1/recognition/notices"
SECONDS = 10.0
"""How long a region or a webhook may take; nobody waits for it."""
PAGE = 50
_LOOK_SECONDS = 1.0
_MAX_ANSWER = 64 * 1024
_OK, _LAST_OK = 200, 299
_SENT = (RecipientKind.REGION.value, RecipientKind.BODY.value)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one try: confirmed by somebody, or an error; neither: it waits in an inbox."""

    confirmed_by: str = ""
    error: str = ""


class NoticeDesk:
    """`rooms.notices`."""

    def __init__(self, rooms: "Rooms") -> None:
        self._rooms = rooms
        self._handlers: dict[str, Handler] = {}
        self._session: aiohttp.ClientSession | None = None

    def on(self, kind: str, handler: Handler) -> None:
        """Say what is done about notices of a kind that other regions send; see `notices.arrive`."""
        self._handlers[kind] = handler

    async def keep(self) -> None:
        """Deliver what is due, until cancelled."""
        try:
            while True:
                with contextlib.suppress(EtrustError):
                    while await self.deliver() == AT_ONCE:
                        pass
                await asyncio.sleep(_LOOK_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        """Close what was opened for webhooks."""
        if self._session is not None:
            await self._session.close()

    async def deliver(self) -> int:
        """Try what is due once; returns how many notices were tried."""
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            due = await store.take_due(connection, _SENT, at=at, until=at + LEASE, limit=AT_ONCE)
        await asyncio.gather(*(self._try(each) for each in due))
        return len(due)

    async def _try(self, delivery: Delivery) -> None:
        notice = delivery.notice
        try:
            is_region = notice.recipient.kind is RecipientKind.REGION
            told = await (self._to_region(notice) if is_region else self._to_body(notice))
        except PartnerFault as fault:
            told = Told(error=fault.reason)
        except EtrustError as error:
            told = Told(error=error.code)
        at = self._rooms.clock()
        async with self._rooms.stores.pool.acquire() as connection:
            if told.confirmed_by:
                await store.confirm(connection, notice.notice_id, by=told.confirmed_by, at=at)
                return
            again = next_try(notice.at, delivery.attempts, at) if told.error else None
            await store.failed(connection, notice.notice_id, error=told.error, next_try=again)

    async def _to_region(self, notice: Notice) -> Told:
        partner = await self._rooms.partners.region(notice.recipient.name)
        if partner is None:
            return Told(error="no_partner")
        answer = await self._rooms.gate.exchange(
            partner, "POST", PATH, body=notice_json(notice), idempotency_key=f"{notice.notice_id}-{secrets.token_hex(4)}",
            seconds=SECONDS, limit=_MAX_ANSWER,
        )  # fmt: skip
        if answer.status_code != _OK:
            return Told(error=f"http_{answer.status_code}")
        said, last = _read(answer.body)
        if said is Answer.TOO_EARLY:
            async with self._rooms.stores.pool.acquire() as connection:
                await store.reopen(
                    connection, notice.recipient.text, notice.stream, after=last, before=notice.number, at=self._rooms.clock()
                )
            return Told(error=said.value)
        return Told(confirmed_by=notice.recipient.text)

    async def _to_body(self, notice: Notice) -> Told:
        """To the webhooks of a body; a body without one finds it in its inbox."""
        async with self._rooms.stores.pool.acquire() as connection:
            places = await store.webhooks(connection, notice.recipient.name)
        for place in places:
            status = await self._post(place, notice)
            if not _OK <= status <= _LAST_OK:
                return Told(error=f"webhook {place.webhook}: {status or 'unreachable'}")
        return Told(confirmed_by=f"webhook:{places[-1].webhook}" if places else "")

    async def _post(self, place: Webhook, notice: Notice) -> int:
        """The status a webhook answers with, 0 when it does not."""
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=SECONDS), cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
            )
        request = Request("POST", place.url, {"Content-Type": "application/json"}, notice_json(notice))
        sign_request(
            request, self._rooms.cabinet.current(MESSAGE_KEY), sender=self._rooms.settings.region, recipient=place.body,
            nonce=secrets.token_urlsafe(18), at=self._rooms.clock(),
        )  # fmt: skip
        try:
            async with self._session.post(
                place.url, data=request.body, headers=request.headers, allow_redirects=False
            ) as answer:
                return answer.status
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError):
            return 0

    async def arrive(self, sender: str, notice: Notice) -> tuple[Answer, int]:
        """Take in what another region tells."""
        async with self._rooms.stores.pool.acquire() as connection:
            answer = await take_in(connection, Arrived(sender, notice), self._handlers, at=self._rooms.clock())
        if answer[0] is Answer.UNKNOWN_KIND:
            _log.warning("region %s told of %s, which nothing here deals with", sender, notice.kind)
        return answer

    async def unconfirmed(self, *, kind: RecipientKind | None = None, limit: int = 500) -> list[Delivery]:
        """What nobody has confirmed yet, the oldest first."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.unconfirmed(connection, kind=None if kind is None else kind.value, limit=limit)

    async def counts(self) -> dict[str, int]:
        """How many notices are unconfirmed, by kind of recipient."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.count_unconfirmed(connection)

    async def of_stream(self, stream: str) -> list[Delivery]:
        """Whoever was told of something, and who has confirmed."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.of_stream(connection, stream)

    async def resend(self, notice_id: str, *, who: Operator) -> None:
        """Try a notice at once.

        Raises:
            EtrustError: ``no_role``; NOT_FOUND ``no_such_notice``, which a confirmed one is too.
        """
        _require_officer(who)
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            recipient = await store.try_now(connection, notice_id, self._rooms.clock())
            if recipient is None:
                raise no_such_notice()
            await self._record(connection, who, "notice.resend", notice_id)
        if recipient.kind is RecipientKind.REGION:
            await self._rooms.partners.wake(recipient.name)

    async def inbox(self, recipient: Recipient, *, only_open: bool = False, before: datetime | None = None) -> list[Delivery]:
        """A page of what a recipient was told, the newest first."""
        async with self._rooms.stores.pool.acquire() as connection:
            moment = before or self._rooms.clock()
            return await store.inbox(connection, recipient.text, only_open=only_open, before=moment, limit=PAGE)

    async def count_open(self, recipient: Recipient) -> int:
        """How many notices a recipient has not confirmed."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.count_open(connection, recipient.text)

    async def confirm(self, notice_id: str, recipient: Recipient, *, by: str) -> None:
        """The recipient says that it has taken note; again says the same.

        Raises:
            EtrustError: NOT_FOUND ``no_such_notice`` for an unknown one and another's.
        """
        async with self._rooms.stores.pool.acquire() as connection:
            found = await store.find(connection, notice_id)
            if found is None or found.notice.recipient != recipient:
                raise no_such_notice()
            await store.confirm(connection, notice_id, by=by, at=self._rooms.clock())

    async def webhooks(self, body: str | None = None) -> Sequence[Webhook]:
        """The webhooks in use."""
        async with self._rooms.stores.pool.acquire() as connection:
            return await store.webhooks(connection, body)

    async def add_webhook(self, body: str, url: str, *, who: Operator) -> int:
        """Tell programs of a body at an address.

        Raises:
            EtrustError: ``no_role``; INVALID ``bad_address``; NOT_FOUND ``no_such_body``.
        """
        require_role(who, Role.ADMIN)
        if not is_safe_address(url, plain_on_loopback=True) or len(url) > 500:  # noqa: PLR2004 - the table's bound
            raise EtrustError(
                Kind.INVALID, "bad_address", where="URL",
                zh="通知地址须以 https:// 开头（仅本机可用 http://），且不含账号。",
                en="The address begins with https:// (http:// only for this machine), with no user.",
            )
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            if all(each.code != body for each in await access_store.bodies(connection)):
                raise EtrustError(Kind.NOT_FOUND, "no_such_body", where="BODY", zh="没有该机构。", en="There is no such body.")
            number = await store.add_webhook(connection, body, url, operator=who.username, at=self._rooms.clock())
            await self._record(connection, who, "notice.webhook_add", f"{body} {number}")
        return number

    async def end_webhook(self, webhook: int, *, who: Operator) -> bool:
        """Tell nobody there any more; False when it was ended already."""
        require_role(who, Role.ADMIN)
        async with self._rooms.stores.pool.acquire() as connection, connection.transaction():
            done = await store.end_webhook(connection, webhook, operator=who.username, at=self._rooms.clock())
            await self._record(connection, who, "notice.webhook_end", str(webhook))
        return done

    async def _record(self, connection: Connection, who: Operator, action: str, subject: str) -> None:
        await access_store.record(
            connection, at=self._rooms.clock(), operator=who.username, body=who.body, action=action, subject=subject
        )


def notice_json(notice: Notice) -> bytes:
    """A notice as it is sent."""
    told = {
        "notice_id": notice.notice_id, "stream": notice.stream, "number": notice.number, "kind": notice.kind,
        "at": notice.at.isoformat(), "content": notice.content,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False).encode()


def _read(body: bytes) -> tuple[Answer, int]:
    try:
        found = json.loads(body)
        return Answer(found["answer"]), int(found["last"])
    except (ValueError, KeyError, TypeError) as error:
        raise PartnerFault.unreachable("bad_answer") from error


def _require_officer(who: Operator) -> None:
    if not {Role.TRUST_OFFICER, Role.CASE_OFFICER, Role.ADMIN} & who.roles:
        require_role(who, Role.CASE_OFFICER)


def no_such_notice() -> EtrustError:
    """The one answer for a notice that is not there and one that is another's."""
    return EtrustError(Kind.NOT_FOUND, "no_such_notice", zh="没有这条通知。", en="There is no such notice.")

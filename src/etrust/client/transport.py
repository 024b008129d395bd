"""How a region is called: within bounds, again where that is safe, and never after a redirect.

A question that changes something carries an Idempotency-Key, so that sending it again does it once. What is asked again is what
did not arrive, what came back with 429, 502, 503 or 504, and what is still under way (409 ``still_under_way``); between tries
lies what ``Retry-After`` says, else a time that doubles, spread at random so that callers do not come in step.
"""

import asyncio
import json
import random
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import unquote

import aiohttp

from etrust.client.faults import BadAddress, BadAnswer, RegionRefused, RegionUnreachable
from etrust.settings import is_safe_address

MAX_ANSWER = 32 * 1024 * 1024
"""Bytes of an answer; a document is the longest."""
MAX_WAIT = 60.0
"""Seconds between tries, whatever the server says."""
_AGAIN = frozenset({429, 502, 503, 504})
_BAD = 400
_SPREAD = 0.5
_SHORT = 2000
"""Bytes of a refusal."""


@dataclass(frozen=True, slots=True)
class Retry:
    """How often and for how long a question is asked.

    Attributes:
        tries: in all, the first included.
        wait: seconds before the second try; doubles from there on.
        timeout: seconds for each try.
    """

    tries: int = 4
    wait: float = 0.25
    timeout: float = 30.0

    def pause(self, tried: int, said: str | None) -> float:
        """Seconds until the next try.

        Args:
            tried: how often it was asked.
            said: ``Retry-After`` in seconds; a date is left aside.
        """
        own = self.wait * 2 ** (tried - 1) * (1 + _SPREAD * random.random())  # noqa: S311 - spreads callers, hides nothing
        told = float(said) if said is not None and said.isdecimal() else 0.0
        return float(min(max(own, told), MAX_WAIT))


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer with its content."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The content.

        Raises:
            BadAnswer: it is no JSON.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise BadAnswer("no JSON") from error


class Transport:
    """One connection pool to one region.

    Args:
        address: ``https://…``; ``http://`` for this very machine only.

    Raises:
        BadAddress: any other address, which a key would be told to in clear.
    """

    def __init__(self, address: str, *, retry: Retry | None = None, ssl: Any = True) -> None:
        if not is_safe_address(address, plain_on_loopback=True, bare=True):
            raise BadAddress(address)
        self.address = address.rstrip("/")
        self._retry = retry or Retry()
        self._ssl = ssl
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(), trust_env=False, auto_decompress=False,
            connector=aiohttp.TCPConnector(limit=64, ssl=self._ssl),
        )  # fmt: skip
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._session is not None:
            await self._session.close()

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, body: bytes = b"", again: bool = True,
        limit: int = MAX_ANSWER,
    ) -> Heard:
        """Ask until there is an answer, or the tries are used up.

        Args:
            again: it does no harm to ask twice.
            limit: bytes of the answer.

        Raises:
            RegionUnreachable: nothing came.
            BadAnswer: the answer is too long.
        """
        return await self.ask_anew(method, path, lambda: headers or {}, body, tries=None if again else 1, limit=limit)

    async def ask_anew(
        self, method: str, path: str, headers: Callable[[], Mapping[str, str]], body: bytes, *, tries: int | None = None,
        limit: int = MAX_ANSWER,
    ) -> Heard:
        """The same with headers that are made for every try, such as a signature that counts once."""
        tries = self._retry.tries if tries is None else tries
        for tried in range(1, tries + 1):
            try:
                heard = await self._once(method, path, headers(), body, limit)
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                if tried == tries:
                    raise RegionUnreachable(type(error).__name__) from error
                said = None
            else:
                if tried == tries or not _is_to_be_repeated(heard):
                    return heard
                said = heard.headers.get("Retry-After")
            await asyncio.sleep(self._retry.pause(tried, said))
        raise AssertionError  # the loop always ends above

    async def _once(self, method: str, path: str, headers: Mapping[str, str], body: bytes, limit: int) -> Heard:
        async with self._open(method, path, headers, body or None, self._retry.timeout) as answer:
            content = bytearray()
            async for part in answer.content.iter_chunked(1 << 16):
                content += part
                if len(content) > limit:
                    raise BadAnswer(f"more than {limit} bytes")
            return Heard(answer.status, answer.headers.copy(), bytes(content))

    @asynccontextmanager
    async def stream(
        self, path: str, *, headers: Mapping[str, str], body: AsyncIterator[bytes]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send and hear at the same time; only what comes to a standstill is given up."""
        try:
            async with self._open("POST", path, headers, body, None) as answer:
                yield answer
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise RegionUnreachable(type(error).__name__) from error

    @asynccontextmanager
    async def _open(
        self, method: str, path: str, headers: Mapping[str, str], body: Any, total: float | None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        if not path.startswith("/") or {".", ".."} & set(unquote(path.partition("?")[0]).split("/")):
            raise BadAddress(path)
        assert self._session is not None, "use the client in an `async with` block"  # noqa: S101 - a mistake in the caller's code
        bound = aiohttp.ClientTimeout(total=total, sock_connect=self._retry.timeout, sock_read=self._retry.timeout)
        async with self._session.request(
            method, self.address + path, headers={"Accept-Encoding": "identity", **headers}, data=body, timeout=bound,
            allow_redirects=False,
        ) as answer:  # fmt: skip
            yield answer


def new_key() -> str:
    """An Idempotency-Key that nobody else has."""
    return secrets.token_urlsafe(24)


def require_good(heard: Heard) -> Heard:
    """The answer, when it is none of a refusal.

    Raises:
        RegionRefused: with the server's own words.
    """
    if heard.status < _BAD:
        return heard
    problem: object = None
    if "json" in heard.headers.get("Content-Type", ""):
        problem = heard.json()
    raise RegionRefused.of_problem(heard.status, problem if isinstance(problem, dict) else {})


def _is_to_be_repeated(heard: Heard) -> bool:
    if heard.status in _AGAIN:
        return True
    refuses = heard.status in (200, 409) and len(heard.body) < _SHORT
    return refuses and b'"still_under_way"' in heard.body

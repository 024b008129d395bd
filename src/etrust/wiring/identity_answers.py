"""Small JSON answers of the identity platform, fetched within bounds; redirects are not followed, no proxy or cookie is used."""

import asyncio
import json
import logging
from collections.abc import Mapping

import aiohttp

from etrust.errors import EtrustError, Kind

SECONDS = 5.0
MAX_BYTES = 256 * 1024
_AT_ONCE = 16
_OK, _CLIENT_FAULT, _SERVER_FAULT = 200, 400, 500
_MAX_WORD = 64
_log = logging.getLogger(__name__)


class Answers:
    """Asks the platform, a few questions at once."""

    def __init__(self) -> None:
        self._gate = asyncio.Semaphore(_AT_ONCE)

    async def json(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, form: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """The JSON object at an address.

        Raises:
            EtrustError: ``identity_unreachable``, ``identity_misconfigured``; ``sign_in_expired`` for a code not taken.
        """
        try:
            async with self._gate, _client_session() as session:
                sent = {"Accept": "application/json", "Accept-Encoding": "identity", **(headers or {})}
                async with session.request(method, url, headers=sent, data=form, allow_redirects=False) as answer:
                    status, content = answer.status, await _bounded(answer)
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            _log.warning("the identity platform did not answer: %s", type(error).__name__)
            raise unreachable() from error
        return _read_answer(status, content)


def _client_session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=SECONDS), cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
    )


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > MAX_BYTES:
            raise misconfigured("size")
    return bytes(content)


def _read_answer(status: int, content: bytes) -> dict[str, object]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = None
    if status >= _SERVER_FAULT:
        _log.warning("the identity platform answered %d", status)
        raise unreachable()
    if status >= _CLIENT_FAULT and isinstance(found, dict) and found.get("error") == "invalid_grant":
        raise sign_in_expired()  # the code was used before, or took too long
    if status != _OK or not isinstance(found, dict):
        raise misconfigured(f"{status} {plain_word(found.get('error')) if isinstance(found, dict) else ''}".strip())
    return found


def plain_word(told: object) -> str:
    """An error code of the platform as it may stand in a log: letters and signs of RFC 6749, short."""
    text = told if isinstance(told, str) else ""
    return "".join(letter for letter in text[:_MAX_WORD] if letter.isascii() and (letter.isalnum() or letter in "_-."))


def sign_in_expired() -> EtrustError:
    """The one refusal for a sign-in that is unknown, over, used before, or of another browser."""
    return EtrustError(
        Kind.FORBIDDEN, "sign_in_expired",
        zh="这次登录已失效或不是从本浏览器发起的，请重新登录。",
        en="This sign-in is over, or was not begun in this browser. Please sign in again.",
    )


def unreachable() -> EtrustError:
    """The platform does not answer."""
    return EtrustError(
        Kind.UNAVAILABLE, "identityunreachable",
        zh="身份平台暂时无法访问，请稍后再试。", en="The identity platform is out of reach. Please try again later.",
    )


def misconfigured(where: str) -> EtrustError:
    """The platform answers what cannot be used; `where` says which part, for the log."""
    _log.error("the identity platform's answer cannot be used: %s", where)
    return EtrustError(
        Kind.UNAVAILABLE, "identitymisconfigured", where=where,
        zh="与身份平台的对接有误，暂时无法登录。请联系管理员。",
        en="The connection with the identity platform is not set up rightly. Tell the administrator.",
    )

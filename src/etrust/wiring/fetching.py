"""Revocation lists fetched for validation, when `fetch_for_validation` is set: few, small, quick, and never from inside.

The addresses stand in certificates that whoever made the file chose. So only public addresses are asked: every address a
name resolves to is looked at, and the connection goes to exactly the addresses that were looked at; redirects are not
followed, and no proxy or cookie is used.
"""

import asyncio
import ipaddress
import logging
import socket
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from etrust.errors import EtrustError
from etrust.trust.crls import Crl, read_crls

MAX_LISTS = 4
MAX_BYTES = 2 * 1024 * 1024
SECONDS = 3.0
_PORTS = {"http": 80, "https": 443}
_log = logging.getLogger(__name__)


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those of which any address is not a public one."""

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """The addresses of a name.

        Raises:
            OSError: unknown, or one of them is private, local, reserved or otherwise not public.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
        addresses = {str(each[4][0]): each[0] for each in found}
        if not addresses or not all(map(is_public, addresses)):
            raise OSError(f"{host} is not a public address")
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for address, kind in addresses.items()
        ]

    async def close(self) -> None:
        """Nothing is kept."""


def is_public(address: str) -> bool:
    """Whether an address belongs to the public internet; an IPv4 address inside an IPv6 one counts as what it is."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = [found]
    if isinstance(found, ipaddress.IPv6Address):
        inner += [each for each in (found.ipv4_mapped, found.sixtofour, *(found.teredo or ())) if each is not None]
    return all(each.is_global and not each.is_multicast for each in inner)


def is_allowed(url: str) -> bool:
    """Whether an address may be asked at all: http or https on its usual port, no user name, no bare private address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if parts.scheme not in _PORTS or not parts.hostname or parts.username is not None:
        return False
    if port not in (None, _PORTS[parts.scheme]):
        return False
    return is_public(parts.hostname) if _is_number(parts.hostname) else True


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


class Fetcher:
    """Fetches revocation lists within bounds; whatever fails is as if it had not been asked."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        self._resolver = resolver

    async def lists(self, urls: Iterable[str]) -> Sequence[Crl]:
        """The lists at the first `MAX_LISTS` addresses that may be asked."""
        allowed = [url for url in dict.fromkeys(urls) if is_allowed(url)][:MAX_LISTS]
        if not allowed:
            return []
        connector = aiohttp.TCPConnector(resolver=self._resolver or PublicResolver(), use_dns_cache=False, limit=MAX_LISTS)
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, trust_env=False
        ) as session:
            found = await asyncio.gather(*(self._list(session, url) for url in allowed))
        return [each for several in found for each in several]

    async def _list(self, session: aiohttp.ClientSession, url: str) -> Sequence[Crl]:
        try:
            async with session.get(url, allow_redirects=False, headers={"Accept-Encoding": "identity"}) as answer:
                if answer.status != 200:  # noqa: PLR2004 - HTTP
                    return []
                content = await _bounded(answer)
            return read_crls(content) if content else []
        except (aiohttp.ClientError, OSError, TimeoutError, EtrustError) as error:
            _log.info("a revocation list could not be fetched: %s", type(error).__name__)
            return []


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    content = bytearray()
    async for chunk in answer.content.iter_any():
        content += chunk
        if len(content) > MAX_BYTES:
            return b""
    return bytes(content)

"""Mutual TLS for partner regions: the certificates of their trust lists, and no others, are taken in the handshake.

A partner proves itself by the very certificate of a key for messages in its trust list; no authority stands between. The port is
a separate one, so that browsers are never asked for a certificate. Who may do what is decided by `PartnerGate`, on every request,
by the trust list of that moment: what OpenSSL once loaded only lets the handshake through.
"""

import asyncio
import logging
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from etrust.errors import EtrustError, Kind
from etrust.recognition.model import PartnerFault
from etrust.trust.model import Purpose

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms

LOOK_SECONDS = 10.0
_log = logging.getLogger(__name__)


def server_context(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    """TLS for the server's own certificate; None where there is none configured.

    Raises:
        EtrustError: INVALID ``bad_tls_files`` naming what is wrong with them.
    """
    if certificate is None and key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(certificate or "", key)  # a key alone is found wanting like a file that is not there
    except (OSError, ValueError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_tls_files", where="tls_certificate_file",
            zh="TLS 证书或私钥文件无法读取，或二者不匹配；请检查 tls_certificate_file 与 tls_key_file。",
            en=f"The TLS certificate and key cannot be used: {error}; check tls_certificate_file and tls_key_file.",
        ) from error
    return context


class PartnerTls:
    """The context of the partners' port, kept up with their trust lists."""

    def __init__(self, rooms: "Rooms", context: ssl.SSLContext) -> None:
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # the certificate itself is the anchor, whoever issued it
        self.context = context
        self._rooms = rooms
        self._loaded: set[bytes] = set()

    async def keep(self) -> None:
        """Look at the partners' trust lists every few seconds."""
        while True:
            try:
                await self.refresh()
            except (EtrustError, OSError) as error:
                _log.warning("certificates of partners: %s", error)
            await asyncio.sleep(LOOK_SECONDS)

    async def refresh(self) -> None:
        """Take the certificates that are new."""
        for partner in await self._rooms.partners.regions_in_force():
            try:
                trust = await self._rooms.partners.trust_of(partner.region)
            except (PartnerFault, EtrustError):
                continue  # nobody waits for another's list
            for entry in trust.trust_list.keys:
                if entry.purpose is Purpose.MESSAGE and entry.certificate not in self._loaded:
                    self._loaded.add(entry.certificate)
                    self._load(partner.region, entry.certificate)

    def _load(self, region: str, certificate: bytes) -> None:
        try:
            self.context.load_verify_locations(cadata=certificate)
        except (ssl.SSLError, ValueError) as error:  # a partner may publish anything as its certificate
            _log.warning("a certificate of region %s cannot be used for TLS: %s", region, error)

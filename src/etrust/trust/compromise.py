"""A key in other hands (密钥泄露): marked from a time on in the trust list, its certificate revoked, both published at once.

One person may do it: waiting for a second one would leave the key in use. What takes its place needs two, see `trust.rotation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.model import Operator
from etrust.errors import EtrustError, Kind
from etrust.signing.files import kid_of
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.trust import certificate_store, x509
from etrust.trust import rotation_store as store
from etrust.trust.issuing import RevocationReason, revoke_certificate
from etrust.trust.model import KeyEntry
from etrust.trust.publish import publish_trust_list
from etrust.trust.store import key_entries


@dataclass(frozen=True, slots=True)
class Compromise:
    """What was done about a key.

    Attributes:
        entry: as it stood in the trust list, None when it was never in it (a seal's key).
        revoked: whether its certificate was revoked; False when another authority issued it and must be told.
    """

    entry: KeyEntry | None
    revoked: bool


async def mark_compromised(
    connection: Connection, certificate: bytes, *, since: datetime, region: str, authorities: Sequence[Signer], anchor: Signer,
    who: Operator, reason: str, legal_basis: str, at: datetime,
) -> Compromise:
    """Mark the key of a certificate (DER) compromised, revoke the certificate and publish the trust list: one transaction.

    Marking again may move the time back, never forward.

    Args:
        since: from when on it was in other hands; what is proven to be older goes on counting.
        authorities: the region's own; the one that issued the certificate revokes it.
        anchor: signs the trust list.

    Raises:
        EtrustError: ``bad_compromise``: reason or legal basis is missing, or the time is to come; ``unknown_certificate``: the
            key is neither in the trust list nor certified by this region.
    """
    if since > at or not reason.strip() or not legal_basis.strip():
        raise EtrustError(
            Kind.INVALID, "bad_compromise",
            zh="须写明理由与依据，且泄露时间不得晚于现在。",
            en="Say why and on what legal basis; the time must not be to come.",
        )
    async with connection.transaction():
        entry = next((each for each, _ in await key_entries(connection) if each.certificate == certificate), None)
        revoked = await _revoke(
            connection, certificate, authorities, since=since, who=who, legal_basis=legal_basis, at=at
        )
        if entry is None and not revoked:
            raise EtrustError(
                Kind.NOT_FOUND, "unknown_certificate", where=kid_of(certificate).hex(),
                zh="该密钥既不在信任列表中，其证书也不是本区域签发的（或已因泄露吊销）。",
                en="The key is not in the trust list, nor was its certificate issued here (or it is revoked for this already).",
            )
        await store.set_compromised(connection, kid_of(certificate), since)
        await access_store.record(
            connection, at=at, operator=who.username, body=who.body if entry is None else entry.body, action="key.compromise",
            subject=kid_of(certificate).hex(), reason=reason, legal_basis=legal_basis,
        )
        if entry is not None:
            await publish_trust_list(connection, region=region, anchor=anchor, operator=who.username, at=at)
    return Compromise(entry, revoked)


async def _revoke(
    connection: Connection, certificate: bytes, authorities: Sequence[Signer], *, since: datetime, who: Operator,
    legal_basis: str, at: datetime,
) -> bool:
    """Whether the certificate was revoked now; one that is revoked as compromised already stays as it is."""
    serial = x509.read_certificate(certificate).serial
    for row in await certificate_store.find_by_serial(connection, serial):
        authority = next((each for each in authorities if each.kid == row.authority), None)
        if row.certificate != certificate or authority is None or row.shard is None:
            continue
        try:
            await revoke_certificate(
                connection, serial=serial, authority=authority, at=at, since=since, operator=who.username,
                reason=RevocationReason.KEY_COMPROMISE, legal_basis=legal_basis,
            )
        except EtrustError as error:
            if error.code != "already_revoked":
                raise
            return False
        return True
    return False

"""Certificates issued elsewhere (外部证书): one person proposes to trust one, another approves, either may end it.

An anchor from elsewhere decides which seals and documents of others are believed here, so nobody brings one in alone.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.model import Operator
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection
from etrust.trust import foreign_store as store
from etrust.trust.crls import Crl, read_crls
from etrust.trust.foreign_store import ForeignAction, ForeignCertificate, ForeignRole, ForeignState
from etrust.trust.x509 import Certificate, read_certificate

_MIN_PREFIX = 4


async def propose_certificate(
    connection: Connection, certificate: bytes, *, role: ForeignRole, holder: str, trusted_from: datetime,
    trusted_until: datetime | None, reason: str, legal_basis: str, who: Operator, at: datetime,
) -> ForeignCertificate:
    """Propose to trust a certificate (DER) for signatures of a time.

    Raises:
        EtrustError: ``bad_certificate``; ``not_an_authority``: it issues none; ``bad_proposal``: holder, reason or legal
            basis are missing, or the time ends before it begins; ``known_certificate``.
    """
    read = read_certificate(certificate)
    if not read.extensions.authority:
        raise EtrustError(
            Kind.INVALID, "not_an_authority", where=read.name,
            zh=f"“{read.name}”不是认证机构的证书。", en=f"{read.name!r} is not the certificate of an authority.",
        )
    if not (holder.strip() and reason.strip() and legal_basis.strip()) or (trusted_until and trusted_until <= trusted_from):
        raise EtrustError(
            Kind.INVALID, "bad_proposal",
            zh="须写明证书属于谁、理由和依据，且信任期的结束须晚于开始。",
            en="Say whose certificate it is, why, and on what legal basis; trust must end after it begins.",
        )
    proposal = ForeignCertificate(
        fingerprint=hashlib.sha256(certificate).digest(), certificate=certificate, role=role, holder=holder,
        trusted_from=trusted_from, trusted_until=trusted_until, reason=reason, legal_basis=legal_basis,
        proposed_by=who.username, proposed_at=at,
    )  # fmt: skip
    async with connection.transaction():
        if not await store.propose(connection, proposal):
            raise EtrustError(
                Kind.CONFLICT, "known_certificate", where=read.fingerprint,
                zh="该证书已导入过。", en="That certificate was imported before.",
            )
        await _record(connection, "certificate.propose", proposal, who, reason, at)
    return proposal


async def decide(
    connection: Connection, fingerprint: str, action: ForeignAction, *, reason: str, who: Operator, at: datetime,
    effective_at: datetime | None = None,
) -> ForeignCertificate:
    """Approve or refuse a proposal, or end the trust in a certificate.

    Args:
        fingerprint: SHA-256 in hexadecimal, or enough of its beginning.
        effective_at: when the end takes effect, when that is not now.

    Raises:
        EtrustError: ``no_certificate``; ``same_person``: who proposed it may not approve it; ``bad_transition``;
            ``bad_proposal``: no reason.
    """
    if not reason.strip():
        raise EtrustError(Kind.INVALID, "bad_proposal", where="reason", zh="请写明理由。", en="Say why.")
    found = await find(connection, fingerprint)
    async with connection.transaction():
        await store.lock_foreign(connection, found.fingerprint)
        found = await find(connection, found.fingerprint.hex())
        _may(found, action, who)
        effective_at = effective_at or at
        await store.add_event(
            connection, found.fingerprint, action, effective_at=effective_at, reason=reason, operator=who.username, at=at
        )
        await _record(connection, f"certificate.{action.value}", found, who, reason, at)
    return replace(await find(connection, found.fingerprint.hex()))


_FROM = {
    ForeignAction.APPROVE: (ForeignState.PROPOSED,),
    ForeignAction.REFUSE: (ForeignState.PROPOSED,),
    ForeignAction.END: (ForeignState.TRUSTED, ForeignState.ENDED),  # an end may be brought forward
}


def _may(found: ForeignCertificate, action: ForeignAction, who: Operator) -> None:
    if found.state not in _FROM[action]:
        raise EtrustError(
            Kind.CONFLICT, "bad_transition", where=found.state.value,
            zh=f"该证书当前状态为 {found.state.value}，不能执行此操作。",
            en=f"The certificate is {found.state.value}; that cannot be done now.",
        )
    if action is ForeignAction.APPROVE and who.username == found.proposed_by:
        raise EtrustError(
            Kind.FORBIDDEN, "same_person", where=who.username,
            zh="提议人不能批准自己的提议，须由另一人批准。", en="Who proposed it may not approve it; another person must.",
        )


async def find(connection: Connection, fingerprint: str) -> ForeignCertificate:
    """One certificate by its fingerprint, or enough of its beginning.

    Raises:
        EtrustError: ``no_certificate``: none or several begin so, or fewer than eight digits are given.
    """
    try:
        prefix = bytes.fromhex(fingerprint)
    except ValueError:
        prefix = b""
    found = await store.find_foreign(connection, prefix) if len(prefix) >= _MIN_PREFIX else []
    if len(found) != 1:
        raise EtrustError(
            Kind.NOT_FOUND, "no_certificate", where=fingerprint[:64],
            zh="没有唯一对应该指纹的外部证书，请给出至少 8 位十六进制指纹。",
            en="No one certificate has that fingerprint; give at least eight of its hexadecimal digits.",
        )
    return found[0]


async def import_crls(
    connection: Connection, data: bytes, *, known: Iterable[Certificate], who: Operator, at: datetime
) -> tuple[Crl, ...]:
    """Keep the revocation lists of a file; there is no fetching over the network.

    Args:
        known: authorities that may have signed them.

    Returns:
        Those that were not there before.

    Raises:
        EtrustError: ``bad_crl``; ``crl_of_nobody``: none of the authorities signed it; ``crl_in_future``.
    """
    lists, authorities = read_crls(data), tuple(known)
    for each in lists:
        _acceptable(each, authorities, at)
    fresh = []
    async with connection.transaction():
        for each in lists:
            added = await store.add_foreign_crl(
                connection, digest=hashlib.sha256(each.encoded).digest(), scope=scope_of(each), this_update=each.issued_at,
                next_update=each.next_update, crl=each.encoded, operator=who.username, at=at,
            )
            if added:
                fresh.append(each)
    return tuple(fresh)


def _acceptable(found: Crl, authorities: Iterable[Certificate], at: datetime) -> None:
    if not any(found.is_of(authority) for authority in authorities):
        raise EtrustError(
            Kind.UNTRUSTED, "crl_of_nobody",
            zh="该吊销列表不是由已信任的认证机构签发的，请先导入并批准其证书。",
            en="No trusted authority signed that revocation list; import and approve its certificate first.",
        )
    if found.issued_at > at:
        raise EtrustError(
            Kind.INVALID, "crl_in_future", where=found.issued_at.isoformat(),
            zh="该吊销列表的签发时间晚于现在。", en="That revocation list was issued in the future.",
        )


def scope_of(found: Crl) -> str:
    """A key that lists following one another share: issuer, addresses and kind of certificates."""
    points = "" if found.scope.points is None else " ".join(sorted(found.scope.points))
    text = f"{found.issuer.hex()}|{points}|{found.scope.authorities}"
    return hashlib.sha256(text.encode()).hexdigest()


async def _record(
    connection: Connection, action: str, found: ForeignCertificate, who: Operator, reason: str, at: datetime
) -> None:
    await access_store.record(
        connection, at=at, operator=who.username, body=who.body, action=action, subject=found.fingerprint.hex(), reason=reason,
        legal_basis=found.legal_basis,
    )

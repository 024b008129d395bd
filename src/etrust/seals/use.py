"""用印: a seal is put under a digest. The right is checked and the use is logged before the key is used.

Who has no right learns nothing: an unknown seal, one without a right and a matter outside the right get one answer.
Who has a right is told why the seal cannot be used now. Refusals are kept with their true reason.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from etrust.access import store as access_store
from etrust.errors import EtrustError, Kind
from etrust.seals import store, usage_store
from etrust.seals.grants import MATTER
from etrust.seals.model import Actor, Grant, Making, Purpose, SealRecord, SealState, covers
from etrust.seals.stamping import Stamping, stamped
from etrust.seals.words import STATES
from etrust.ses.make import DIGEST_LENGTH, sign_tbs, signature_tbs
from etrust.signing.model import Signer
from etrust.storage.postgres import Connection
from etrust.trust import certificate_store
from etrust.trust.x509 import read_certificate

_PURPOSE = {
    "license_type": re.compile(r"[a-z0-9_]{0,64}"), "matter": re.compile(rf"(?:{MATTER.pattern})?"),
    "document": re.compile(r"[0-9A-Za-z._:/-]{0,120}"),
}  # fmt: skip

SignerOf = Callable[[str], Signer]
"""A seal's signer by the name of its key; raises `EtrustError` when the key is not here."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A use that was found right and logged; `seal_permitted` makes its signature.

    Attributes:
        use_id: the number it is logged under.
        seal: the seal data (SESeal, DER).
    """

    use_id: int
    code: str
    digest: bytes
    at: datetime
    key_name: str
    seal: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class SealUse:
    """A use that is done: the seal signature (SES_Signature, DER), the bytes of a ``SignedValue.dat``."""

    use_id: int
    code: str
    at: datetime
    signed_value: bytes = field(repr=False)


async def use_seal(
    connection: Connection, *, code: str, digest: bytes, purpose: Purpose, who: Actor, property_info: str,
    signer_of: SignerOf, stamping: Stamping | None = None,
) -> SealUse:
    """Put a seal under a digest: `permit_use`, then `seal_permitted`.

    Args:
        connection: outside a transaction, for the log must be committed before the key is used.
        digest: SM3 of the document's range.
        property_info: names that range, see `ses.make`.
        stamping: timestamps for the seal signature; None for none.

    Raises:
        EtrustError: as `permit_use` and `seal_permitted`.
    """
    permit = await permit_use(connection, code=code, digest=digest, purpose=purpose, who=who)
    return await seal_permitted(connection, permit, property_info=property_info, signer_of=signer_of, stamping=stamping)


async def permit_use(connection: Connection, *, code: str, digest: bytes, purpose: Purpose, who: Actor) -> Permit:
    """Check the right to use a seal and log the use, or keep the refusal and raise it.

    Raises:
        EtrustError: ``bad_digest``, ``bad_purpose``; ``seal_not_usable`` where there is no right, or no such seal;
            ``seal_not_active``, ``seal_out_of_time``, ``certificate_out_of_time``, ``certificate_revoked``.
    """
    if connection.is_in_transaction():
        raise RuntimeError("a use is logged outside transactions, so that its log outlives what comes after")
    _check_request(digest, purpose)
    async with connection.transaction():
        await usage_store.hold_seal(connection, code)
        seal, making = await store.find(connection, code), await store.making_of(connection, code)
        right = _right(seal, making, await usage_store.grants_of(connection, code), purpose, who)
        if isinstance(right, Grant) and making is not None and await _is_revoked(connection, making, who.at):
            right = _Refusal("certificate_revoked", _revoked(code))
        if isinstance(right, Grant) and making is not None:
            return await _log(connection, making, digest, purpose, who, right)
    assert isinstance(right, _Refusal)  # noqa: S101 - a right for a seal that was not made is a refusal
    await _keep_refusal(connection, code, right, who)
    raise right.error


async def _log(
    connection: Connection, making: Making, digest: bytes, purpose: Purpose, who: Actor, grant: Grant
) -> Permit:
    code = making.code
    use_id = await usage_store.add_use(
        connection, code=code, digest=digest, purpose=purpose, who=who, grant_id=grant.grant_id
    )
    data = await store.seal_file(connection, code)
    assert data is not None  # noqa: S101 - an active seal was made; this tells the type checker
    return Permit(use_id, code, digest, who.at, making.key_name, data)


async def seal_permitted(
    connection: Connection, permit: Permit, *, property_info: str, signer_of: SignerOf, stamping: Stamping | None = None
) -> SealUse:
    """Make the seal signature of a logged use and note that it was made.

    Raises:
        EtrustError: the key is not here or out of reach; ``signer_not_in_seal``; ``bad_property_info``.
    """
    signer = signer_of(permit.key_name)
    tbs = signature_tbs(
        seal=permit.seal, digest=permit.digest, property_info=property_info, certificate=signer.certificate, at=permit.at
    )
    signed_value = await stamped(sign_tbs(tbs, signer), stamping)
    await usage_store.add_signed(connection, permit.use_id, permit.at)
    return SealUse(permit.use_id, permit.code, permit.at, signed_value)


async def user(connection: Connection, *, operator: str, body: str, at: datetime) -> Actor:
    """An account that acts for a body, with the roles it has."""
    found = await access_store.operator(connection, operator)
    return Actor(operator, body, frozenset() if found is None else found.roles, at)


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why a use is refused: the true reason, kept; and what the caller is told."""

    reason: str
    error: EtrustError


def _right(
    seal: SealRecord | None, making: Making | None, grants: Sequence[Grant], purpose: Purpose, who: Actor
) -> _Refusal | Grant:
    """The grant that covers the use, or why there is none or it does not help."""
    if seal is None:
        return _Refusal("unknown_seal", _not_usable())
    limit = seal.application.license_types
    if limit and purpose.license_type not in limit:
        return _Refusal("outside_seal", _not_usable())
    found = next((each for each in grants if covers(each, seal_body=seal.application.body, who=who, purpose=purpose)), None)
    if found is None:
        return _Refusal("no_grant", _not_usable())
    error = _unfit(seal, making, who.at)
    return found if error is None else _Refusal(error.code, error)


def _unfit(seal: SealRecord, making: Making | None, at: datetime) -> EtrustError | None:
    """Why a seal cannot be used at a moment, told to those who may use it."""
    if seal.state is not SealState.ACTIVE or making is None:
        words = STATES[seal.state]
        return EtrustError(
            Kind.CONFLICT, "seal_not_active", where=seal.code,
            zh=f"印章当前状态为“{words.zh}”，不能用印。", en=f"The seal is {words.en} and cannot be used.",
        )
    if not making.valid_from <= at <= making.valid_until:
        return _out_of_time("seal_out_of_time", seal.code, "印章", "The seal")
    certificate = read_certificate(making.certificate)
    if not certificate.not_before <= at <= certificate.not_after:
        return _out_of_time("certificate_out_of_time", seal.code, "印章证书", "The seal's certificate")
    return None


async def _is_revoked(connection: Connection, making: Making, at: datetime) -> bool:
    serial = read_certificate(making.certificate).serial
    rows = await certificate_store.find_by_serial(connection, serial)
    return any(row.revoked_since is not None and row.revoked_since <= at for row in rows)


def _revoked(where: str) -> EtrustError:
    return EtrustError(
        Kind.CONFLICT, "certificate_revoked", where=where,
        zh="印章的证书已被吊销，请办理变更。", en="The seal's certificate is revoked; apply for a new seal.",
    )


def _out_of_time(code: str, where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(
        Kind.CONFLICT, code, where=where,
        zh=f"{zh}不在有效期内，请办理变更。", en=f"{en} is out of its time; apply for a new seal.",
    )


def _not_usable() -> EtrustError:
    return EtrustError(
        Kind.FORBIDDEN, "seal_not_usable",
        zh="没有可供您使用的该印章，或所办事项不在授权范围内。", en="There is no such seal that you may use for this.",
    )


async def _keep_refusal(connection: Connection, code: str, refusal: _Refusal, who: Actor) -> None:
    code = code[:40]  # whatever a caller sent
    async with connection.transaction():
        await usage_store.add_refusal(connection, code=code, reason=refusal.reason, who=who)
        await access_store.record(
            connection, at=who.at, operator=who.operator, body=who.body, action="seal.use_refused", subject=code,
            reason=refusal.reason,
        )


def _check_request(digest: bytes, purpose: Purpose) -> None:
    if len(digest) != DIGEST_LENGTH:
        raise EtrustError(
            Kind.INVALID, "bad_digest", where="digest",
            zh="摘要须为 32 字节（SM3）。", en="The digest must have 32 bytes (SM3).",
        )
    wrong = [name for name, shape in _PURPOSE.items() if not shape.fullmatch(getattr(purpose, name))]
    if wrong or not (purpose.license_type or purpose.matter):
        raise EtrustError(
            Kind.INVALID, "bad_purpose", where=wrong[0] if wrong else "license_type",
            zh="须说明用印所涉证照类型或事项编码，且格式正确。",
            en="Name the license type or the matter the seal is used for, in their forms.",
        )

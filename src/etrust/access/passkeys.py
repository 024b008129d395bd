"""Passkeys (WebAuthn, level 2) as second factor: made and removed by who has just shown who it is, used before what is sensitive.

Every challenge is 64 random bytes, answered once, within two minutes, in the session it was made for. The authenticator must
have verified its user. What may not be guessed is not told: a wrong answer is one refusal, whatever was wrong with it.
"""

import hmac
import logging
import secrets
import struct
from dataclasses import dataclass
from datetime import datetime, timedelta

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import parse_authentication_credential_json, parse_registration_credential_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from etrust.access import passkey_store as store
from etrust.access.passkey_store import Passkey
from etrust.access.person_model import HolderSession
from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

MAX_PASSKEYS = 10
MAX_NAME = 40  # characters
MAX_ANSWER = 8_192  # characters of JSON
LASTS = timedelta(minutes=2)
MAKE, USE = "make", "use"
_CHALLENGE = 64  # bytes
_ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA, COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]  # fmt: skip
_WRONG = (WebAuthnException, ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, struct.error)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Party:
    """The site a passkey belongs to.

    Attributes:
        id: its host: passkeys are bound to it.
        origin: scheme, host and port.
        name: what the device shows.
    """

    id: str
    origin: str
    name: str


async def begin_making(connection: Connection, session: HolderSession, party: Party, at: datetime) -> str:
    """What the browser needs to make a passkey, as JSON.

    Raises:
        EtrustError: FORBIDDEN ``confirm_first``; CONFLICT ``too_many_passkeys``.
    """
    demand_confirmed(session, at)
    known = await store.passkeys(connection, session.person.id)
    if len(known) >= MAX_PASSKEYS:
        raise EtrustError(
            Kind.CONFLICT, "too_many_passkeys",
            zh=f"最多可有 {MAX_PASSKEYS} 个通行密钥，请先删除一个。", en=f"At most {MAX_PASSKEYS} passkeys; remove one first.",
        )
    options = generate_registration_options(
        rp_id=party.id, rp_name=party.name, user_id=bytes.fromhex(session.person.id), user_name=session.person.name,
        user_display_name=session.person.name, challenge=await _challenge(connection, session, MAKE, at),
        timeout=int(LASTS.total_seconds() * 1000), exclude_credentials=[_described(each) for each in known],
        supported_pub_key_algs=_ALGORITHMS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return options_to_json(options)


async def finish_making(
    connection: Connection, session: HolderSession, party: Party, answer: str, *, name: str, at: datetime
) -> None:
    """Keep the passkey the browser made.

    Raises:
        EtrustError: FORBIDDEN ``confirm_first``, ``passkey_refused``; INVALID ``bad_passkey_name``.
    """
    demand_confirmed(session, at)
    called = _good_name(name)
    challenge = await _taken(connection, session, MAKE, answer, at)
    try:
        credential = parse_registration_credential_json(answer)
        made = verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            require_user_verification=True, supported_pub_key_algs=_ALGORITHMS,
        )
    except _WRONG as error:
        raise _refused(error) from error
    transports = [each.value for each in credential.response.transports or []]
    passkey = Passkey(
        secrets.token_hex(16), made.credential_id, made.credential_public_key, made.sign_count, called, tuple(transports),
        synced=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE, created_at=at, used_at=None,
    )
    if not await store.add(connection, session.person.id, passkey, MAX_PASSKEYS):
        raise _refused(None)


async def begin_using(connection: Connection, session: HolderSession, party: Party, at: datetime) -> str:
    """What the browser needs to ask for a passkey, as JSON.

    Raises:
        EtrustError: NOT_FOUND ``no_passkey``.
    """
    known = await store.passkeys(connection, session.person.id)
    if not known:
        raise no_such_passkey()
    options = generate_authentication_options(
        rp_id=party.id, challenge=await _challenge(connection, session, USE, at),
        timeout=int(LASTS.total_seconds() * 1000), allow_credentials=[_described(each) for each in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return options_to_json(options)


async def finish_using(connection: Connection, session: HolderSession, party: Party, answer: str, at: datetime) -> None:
    """Return quietly when a passkey of this person answered.

    Raises:
        EtrustError: FORBIDDEN ``passkey_refused``.
    """
    challenge = await _taken(connection, session, USE, answer, at)
    try:
        credential = parse_authentication_credential_json(answer)
        passkey = await store.passkey(connection, session.person.id, credential.raw_id)
        if passkey is None or not _is_handle_of(session, credential.response.user_handle):
            raise _refused(None)
        used = verify_authentication_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id, expected_origin=party.origin,
            credential_public_key=passkey.public_key, credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except _WRONG as error:
        raise _refused(error) from error
    if not await store.use(connection, passkey.credential, before=passkey.sign_count, after=used.new_sign_count, at=at):
        raise _refused(None)  # used at the same moment elsewhere: a copy


async def rename(connection: Connection, session: HolderSession, handle: str, name: str) -> None:
    """Call a passkey by another name.

    Raises:
        EtrustError: INVALID ``bad_passkey_name``; NOT_FOUND ``no_passkey``.
    """
    if not await store.rename(connection, session.person.id, handle, _good_name(name)):
        raise no_such_passkey()


async def remove(connection: Connection, session: HolderSession, handle: str, at: datetime) -> None:
    """Forget a passkey.

    Raises:
        EtrustError: FORBIDDEN ``confirm_first``; NOT_FOUND ``no_passkey``.
    """
    demand_confirmed(session, at)
    if not await store.remove(connection, session.person.id, handle):
        raise no_such_passkey()


def demand_confirmed(session: HolderSession, at: datetime) -> None:
    """Return quietly when a passkey was used, or the identity platform asked who it is, a moment ago.

    Raises:
        EtrustError: FORBIDDEN ``confirm_first``.
    """
    if not (session.is_strong(at) or session.is_fresh(at)):
        raise EtrustError(
            Kind.FORBIDDEN, "confirm_first",
            zh="请先确认是您本人：使用通行密钥，或到身份平台重新登录。",
            en="First confirm that it is you: with a passkey, or by signing in at the identity platform again.",
        )


def no_such_passkey() -> EtrustError:
    """The refusal for a passkey that is unknown, or another person's."""
    return EtrustError(Kind.NOT_FOUND, "no_passkey", zh="没有这个通行密钥。", en="There is no such passkey.")


async def _challenge(connection: Connection, session: HolderSession, purpose: str, at: datetime) -> bytes:
    challenge = secrets.token_bytes(_CHALLENGE)
    await store.keep_challenge(connection, session.digest, purpose, challenge, at + LASTS)
    return challenge


async def _taken(connection: Connection, session: HolderSession, purpose: str, answer: str, at: datetime) -> bytes:
    challenge = await store.take_challenge(connection, session.digest, purpose, at)
    if challenge is None or len(answer) > MAX_ANSWER:
        raise _refused(None)
    return challenge


def _is_handle_of(session: HolderSession, handle: bytes | None) -> bool:
    return handle is None or hmac.compare_digest(handle, bytes.fromhex(session.person.id))


def _described(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    known = {each.value for each in AuthenticatorTransport}
    transports = [AuthenticatorTransport(each) for each in passkey.transports if each in known]
    return PublicKeyCredentialDescriptor(id=passkey.credential, transports=transports or None)


def _good_name(name: str) -> str:
    called = " ".join(name.split())
    if not 0 < len(called) <= MAX_NAME or not called.isprintable():
        raise EtrustError(
            Kind.INVALID, "bad_passkey_name", where="name",
            zh=f"名称须为 1 至 {MAX_NAME} 个字符。", en=f"A name has 1 to {MAX_NAME} characters.",
        )
    return called


def _refused(error: BaseException | None) -> EtrustError:
    _log.warning("a passkey was refused: %s", "not one that was asked for" if error is None else type(error).__name__)
    return EtrustError(
        Kind.FORBIDDEN, "passkey_refused",
        zh="通行密钥未通过验证，请重试。", en="The passkey was not accepted. Please try again.",
    )



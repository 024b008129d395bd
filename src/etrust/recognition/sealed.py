"""Personal fields on their way between regions: encrypted to the body that asked (JWE, RFC 7516 and 7518).

ECDH-ES with A256KW and A256GCM, to a P-256 key of purpose ``encryption`` in the recipient's trust list. Whoever carries the
message, and whoever keeps it, reads nothing of a person. Pure.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol

from etrust.errors import EtrustError, Kind
from etrust.signing.spki import certificate_spki
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot

TYP = "etrust-sealed+jwe"
MAX_SEALED = 512 * 1024
_ALG, _ENC = "ECDH-ES+A256KW", "A256GCM"


def key_of(trust: TrustSnapshot, body: str, at: datetime) -> KeyEntry:
    """The newest key in force that personal fields for a body are encrypted to: its own, else its region's.

    Raises:
        EtrustError: INVALID ``no_encryption_key``.
    """
    found = [
        entry for entry in trust.trust_list.keys
        if entry.purpose is Purpose.ENCRYPTION and entry.valid_from <= at < entry.valid_until and entry.compromised_since is None
    ]  # fmt: skip
    for owner in (body, trust.trust_list.region):
        own = [entry for entry in found if entry.body == owner]
        if own:
            return max(own, key=lambda entry: entry.valid_from)
    raise EtrustError(
        Kind.INVALID, "no_encryption_key", where=body,
        zh="该机构及其地区的信任列表中没有加密密钥，不能传送个人信息。",
        en="Neither the body nor its region has a key for encryption in the trust list; personal data are not sent.",
    )


def seal_fields(plain: Mapping[str, object], entry: KeyEntry) -> str:
    """Fields encrypted to a key: a compact JWE whose ``kid`` names it."""
    key = ECKey.import_key(_pem(certificate_spki(entry.certificate)))
    header = {"alg": _ALG, "enc": _ENC, "typ": TYP, "kid": entry.kid.hex()}
    return jwe.encrypt_compact(header, json.dumps(plain, ensure_ascii=False).encode(), key)


def open_fields(sealed: str, keys: Mapping[str, bytes], *, limit: int = MAX_SEALED) -> dict[str, Any]:
    """What was encrypted to one of our keys.

    Args:
        keys: private keys (PKCS#8, DER) by key id in hexadecimal.
        limit: characters of what is sealed.

    Raises:
        EtrustError: MALFORMED ``bad_sealed``: too long, for nobody here, altered, or no JSON object.
    """
    def find(message: GuestProtocol) -> ECKey:
        header = message.headers()
        named = {"typ": TYP, "alg": _ALG, "enc": _ENC}
        if any(header.get(name) != value for name, value in named.items()) or "zip" in header:
            raise _bad()
        return ECKey.import_key(_pem(keys[str(header.get("kid"))], "PRIVATE KEY"))

    if len(sealed) > limit:
        raise _bad()
    try:
        registry = jwe.JWERegistry(algorithms=[_ALG, _ENC])
        registry.max_ciphertext_length = limit  # the library's own bound is for tokens; files come this way, too
        plain = json.loads(jwe.decrypt_compact(sealed, find, registry=registry).plaintext or b"")
    except (JoseError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _bad() from error
    if not isinstance(plain, dict):
        raise _bad()
    return plain


def _pem(der: bytes, kind: str = "PUBLIC KEY") -> str:
    lines = base64.encodebytes(der).decode()
    return f"-----BEGIN {kind}-----\n{lines}-----END {kind}-----\n"


def _bad() -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_sealed", where="sealed",
        zh="加密内容无法解开：不是为本地区加密的，或已被改动。",
        en="What is sealed cannot be opened: it is for another, or was altered.",
    )

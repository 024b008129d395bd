"""ID tokens of an OpenID provider, judged as OpenID Connect Core 1.0, 3.1.3.7 asks. Pure: keys, expectations and time come in.

The key and this module say which algorithms may sign, never the token: ``none`` and shared secrets are not among them.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from etrust.errors import EtrustError, Kind

LEEWAY = timedelta(seconds=60)
"""How far the platform's clock and ours may differ."""
OLDEST = timedelta(minutes=10)
"""How long ago a token may have been made: it is fetched right after the sign-in."""
MAX_TOKEN = 32_768  # characters
MAX_KEYS = 32
MAX_SUB = 255  # characters, as the specification bounds it
_MIN_RSA = 2048
_KEYS: Mapping[str, tuple[type[Key], ...]] = {
    "RS256": (RSAKey,), "PS256": (RSAKey,), "ES256": (ECKey,), "ES384": (ECKey,), "EdDSA": (OKPKey,),
}  # fmt: skip
ALGORITHMS = tuple(_KEYS)
_HASHES = {"RS256": "sha256", "PS256": "sha256", "ES256": "sha256", "ES384": "sha384", "EdDSA": "sha512"}
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


class UnknownKeyError(Exception):
    """The token is signed with a key that is not among those at hand; fetching them once more may help."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say.

    Attributes:
        nonce: the one of this very sign-in.
        access_token: what came with the token, for ``at_hash``.
        fresh: the platform was asked to ask who it is again: ``auth_time`` must be there, and not before `begun_at`.
    """

    issuer: str
    client_id: str
    nonce: str = field(repr=False)
    access_token: str = field(repr=False)
    begun_at: datetime
    fresh: bool = False


def read_keys(document: object) -> tuple[Key, ...]:
    """The keys for signatures of a JWK set; what cannot be used is left out: secrets, short RSA keys, unknown kinds."""
    listed = document.get("keys") if isinstance(document, dict) else None
    found: list[Key] = []
    for each in listed[:MAX_KEYS] if isinstance(listed, list) else []:
        if not isinstance(each, dict) or each.get("use", "sig") != "sig":
            continue
        key = _import(each)
        if key is not None:
            found.append(key)
    return tuple(found)


def judge_id_token(
    text: str, keys: Sequence[Key], expected: Expected, at: datetime, *, algorithms: Sequence[str] = ALGORITHMS
) -> Mapping[str, object]:
    """The claims of a token that is genuine, of this sign-in and for us.

    Args:
        algorithms: those the provider says it uses; only what is among `ALGORITHMS` counts.

    Raises:
        UnknownKeyError: no key at hand by the name in the token.
        EtrustError: UNTRUSTED ``id_token_refused`` with the reason in ``where``, ``identity_clock_off``, ``sign_in_not_fresh``.
    """
    claims, algorithm = _verified(text, keys, algorithms)
    _demand(claims.get("iss") == expected.issuer, "iss")
    _check_audience(claims, expected.client_id)
    _check_times(claims, at)
    nonce = claims.get("nonce")
    _demand(isinstance(nonce, str) and hmac.compare_digest(nonce.encode(), expected.nonce.encode()), "nonce")
    if "at_hash" in claims:
        told, ours = str(claims["at_hash"]), _half_hash(algorithm, expected.access_token)
        _demand(hmac.compare_digest(told.encode(), ours.encode()), "at_hash")
    sub = claims.get("sub")
    _demand(isinstance(sub, str) and 0 < len(sub) <= MAX_SUB and sub.isprintable(), "sub")
    if expected.fresh:
        _check_fresh(authenticated_at(claims), expected)
    return claims


def authenticated_at(claims: Mapping[str, object]) -> datetime | None:
    """When the platform last asked who it is, None when it does not tell."""
    return _moment(claims.get("auth_time"))


def _import(each: dict[str, object]) -> Key | None:
    kinds: dict[str, type[RSAKey | ECKey | OKPKey]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}
    kind = kinds.get(str(each.get("kty")))
    if kind is None:
        return None
    try:
        key = kind.import_key(each)  # type: ignore[arg-type]  # the library reads it with care
        if isinstance(key, RSAKey) and key.public_key.key_size < _MIN_RSA:
            return None
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    return key


def _verified(text: str, keys: Sequence[Key], algorithms: Sequence[str]) -> tuple[Mapping[str, object], str]:
    if len(text) > MAX_TOKEN or not _COMPACT.fullmatch(text):
        raise id_token_refused("form")
    try:
        header = jws.extract_compact(text.encode()).headers()
    except (JoseError, ValueError) as error:
        raise id_token_refused("form") from error
    algorithm, kid = header.get("alg"), header.get("kid")
    if algorithm not in _KEYS or algorithm not in algorithms:
        raise id_token_refused("alg")
    key = _key(keys, str(algorithm), kid)
    try:
        claims = jwt.decode(text, key, algorithms=[str(algorithm)]).claims
    except (JoseError, ValueError) as error:
        raise id_token_refused("signature") from error
    return claims, str(algorithm)


def _key(keys: Sequence[Key], algorithm: str, kid: object) -> Key:
    """The one key that may have signed: by its name, or the only one where the token names none."""
    fitting = [key for key in keys if isinstance(key, _KEYS[algorithm]) and key.get("alg", algorithm) == algorithm]
    named = [key for key in fitting if key.kid == kid] if kid is not None else fitting
    if len(named) != 1:
        raise UnknownKeyError
    return named[0]


def _check_audience(claims: Mapping[str, object], client_id: str) -> None:
    told = claims.get("aud")
    audience = [told] if isinstance(told, str) else told
    _demand(isinstance(audience, list) and client_id in audience, "aud")
    _demand(claims.get("azp", client_id) == client_id, "azp")
    # Others in the audience could use the token against us: without a word for whom it was made it is refused.
    _demand(audience == [client_id] or "azp" in claims, "azp")


def _check_times(claims: Mapping[str, object], at: datetime) -> None:
    ends, made = _moment(claims.get("exp")), _moment(claims.get("iat"))
    if ends is None or made is None:
        raise id_token_refused("exp" if ends is None else "iat")
    if made > at + LEEWAY or at - made > OLDEST:
        raise _clock_off()
    if at >= ends + LEEWAY:
        raise id_token_refused("exp")
    if "nbf" in claims:
        begins = _moment(claims["nbf"])
        _demand(begins is not None and begins <= at + LEEWAY, "nbf")


def _check_fresh(asked_at: datetime | None, expected: Expected) -> None:
    if asked_at is None or asked_at < expected.begun_at - LEEWAY:
        raise EtrustError(
            Kind.UNTRUSTED, "sign_in_not_fresh",
            zh="身份平台没有重新核实您的身份，无法继续。请重试；仍不行请联系身份平台。",
            en="The identity platform did not ask who you are once more. Try again, or ask the platform.",
        )


def _moment(told: object) -> datetime | None:
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    try:
        return datetime.fromtimestamp(told, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _half_hash(algorithm: str, access_token: str) -> str:
    whole = hashlib.new(_HASHES[algorithm], access_token.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()


def _demand(good: object, claim: str) -> None:
    if not good:
        raise id_token_refused(claim)


def id_token_refused(where: str) -> EtrustError:
    """The refusal of an answer that does not pass; `where` says which check, for the log."""
    return EtrustError(
        Kind.UNTRUSTED, "id_token_refused", where=where,
        zh="身份平台的应答未通过校验，登录已被拒绝。请重新登录；反复出现请联系管理员。",
        en="The identity platform's answer did not pass our checks. Sign in again, and tell the administrator if it goes on.",
    )


def _clock_off() -> EtrustError:
    return EtrustError(
        Kind.UNTRUSTED, "identity_clock_off",
        zh="身份平台与本系统的时钟相差过大，暂时无法登录。请联系管理员校时。",
        en="The clocks of the identity platform and of this site differ too much. Tell the administrator.",
    )

"""Signed status lists in both forms of the Token Status List draft: JWT (section 5.1) and CWT (section 5.2)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import cbor2

from etrust.errors import EtrustError, Kind
from etrust.signing import base64url, cose
from etrust.signing.model import Algorithm, Signer
from etrust.signing.verify import VerifyKey
from etrust.status.bits import BITS, Bitmap
from etrust.status.model import StatusAnswer, StatusUnknown
from etrust.trust.model import KeyEntry, Purpose, TrustSnapshot

JWT_TYP = "statuslist+jwt"
CWT_TYP = "application/statuslist+cwt"
MAX_TOKEN = 8 * 1024 * 1024
CLOCK_SKEW = timedelta(seconds=60)
_SUB, _EXP, _IAT, _TTL, _STATUS_LIST = 2, 4, 6, 65534, 65533


@dataclass(frozen=True, slots=True)
class SignedList:
    """A status list whose signature has been judged good."""

    uri: str
    issued_at: datetime
    expires: datetime
    ttl: int | None
    bitmap: Bitmap
    digest: str


class ListSnapshot:
    """Answers from signed lists, each only for the time it speaks of."""

    def __init__(self, lists: Iterable[SignedList]) -> None:
        self._lists: dict[str, SignedList] = {}
        for each in lists:
            known = self._lists.get(each.uri)
            if known is None or known.issued_at < each.issued_at:
                self._lists[each.uri] = each

    def lookup(self, uri: str, index: int, at: datetime) -> StatusAnswer:
        """The state of one index; a list that does not cover the moment raises `StatusUnknown`."""
        found = self._lists.get(uri)
        if found is None:
            raise StatusUnknown.missing(uri)
        if not found.issued_at - CLOCK_SKEW <= at < found.expires:
            raise StatusUnknown.expired(uri)
        try:
            state = found.bitmap.get(index)
        except IndexError:
            raise StatusUnknown.out_of_range(uri) from None
        return StatusAnswer(state, "", None, found.digest)


def encode_status_jwt(
    uri: str, bitmap: Bitmap, signer: Signer, *, iat: datetime, exp: datetime, ttl: int
) -> bytes:
    """The list as a signed JWT; `ttl` in seconds."""
    header = {"alg": signer.algorithm.value, "kid": base64url.encode(signer.kid), "typ": JWT_TYP}
    claims = {
        "sub": uri, "iat": int(iat.timestamp()), "exp": int(exp.timestamp()), "ttl": ttl,
        "status_list": {"bits": BITS, "lst": base64url.encode(bitmap.packed())},
    }  # fmt: skip
    signed = f"{_json_part(header)}.{_json_part(claims)}".encode()
    return signed + b"." + base64url.encode(signer.sign(signed)).encode()


def encode_status_cwt(
    uri: str, bitmap: Bitmap, signer: Signer, *, iat: datetime, exp: datetime, ttl: int
) -> bytes:
    """The list as a signed CWT; `ttl` in seconds."""
    header = {cose.ALGORITHM: signer.algorithm.cose, cose.KEY_ID: signer.kid, cose.TYPE: CWT_TYP}
    claims = {
        _SUB: uri, _IAT: int(iat.timestamp()), _EXP: int(exp.timestamp()), _TTL: ttl,
        _STATUS_LIST: {"bits": BITS, "lst": bitmap.packed()},
    }  # fmt: skip
    return cose.sign1(cbor2.dumps(claims, canonical=True), header, signer)


def read_status_list(data: bytes, *, trust: TrustSnapshot, at: datetime) -> SignedList:
    """Read a signed list of either form and judge its signature by the trust list.

    Args:
        at: the present; the key must be in force when the list was issued, and the list not from the future.

    Raises:
        EtrustError: ``bad_status_list``, or ``status_list_untrusted``.
    """
    if len(data) > MAX_TOKEN:
        raise EtrustError(Kind.TOO_LARGE, "too_large", zh="状态列表过大。", en="The status list is too large.")
    data = data.strip() if data[:2] == b"ey" else data
    found = _read_jwt(data, trust) if data[:2] == b"ey" else _read_cwt(data, trust)
    signed_list, key = found
    if signed_list.issued_at > at + CLOCK_SKEW or not key.valid_from <= signed_list.issued_at < key.valid_until:
        raise untrusted()
    return signed_list


def _read_jwt(data: bytes, trust: TrustSnapshot) -> tuple[SignedList, KeyEntry]:
    try:
        head, body, signature = data.split(b".")
        header, claims = json.loads(base64url.decode(head)), json.loads(base64url.decode(body))
        kid = base64url.decode(str(header["kid"]).encode())
        if header["typ"] != JWT_TYP or "crit" in header:
            raise _bad("not of this type")
        key = key_that_signed(trust, kid, header["alg"], base64url.decode(signature), head + b"." + body)
        inner = claims["status_list"]
        packed = base64url.decode(str(inner["lst"]).encode())
        return _signed_list(claims["sub"], claims["iat"], claims["exp"], claims.get("ttl"), inner["bits"], packed), key
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _bad("the parts of a JWT are missing") from error


def _read_cwt(data: bytes, trust: TrustSnapshot) -> tuple[SignedList, KeyEntry]:
    sign1 = cose.parse_sign1(data, MAX_TOKEN)
    algorithm = sign1.protected.get(cose.ALGORITHM)
    if sign1.kid is None or sign1.protected.get(cose.TYPE) != CWT_TYP or not isinstance(algorithm, int):
        raise _bad("not of this type")
    tbs = cose.to_be_signed(sign1.protected_bytes, sign1.payload)
    key = key_that_signed(trust, sign1.kid, Algorithm.of_cose(algorithm), sign1.signature, tbs)
    claims = cose.strict_loads(sign1.payload)
    inner = claims.get(_STATUS_LIST) if isinstance(claims, dict) else None
    if not isinstance(claims, dict) or not isinstance(inner, dict) or not isinstance(inner.get("lst"), bytes):
        raise _bad("the claims are missing")
    return _signed_list(
        claims.get(_SUB), claims.get(_IAT), claims.get(_EXP), claims.get(_TTL), inner.get("bits"), inner["lst"]
    ), key


def packed_of(token: bytes) -> bytes:
    """The packed list inside one of our own tokens in CWT form; nothing is judged.

    Raises:
        EtrustError: ``bad_cose``, ``bad_status_list``.
    """
    claims = cose.strict_loads(cose.parse_sign1(token, MAX_TOKEN).payload)
    inner = claims.get(_STATUS_LIST) if isinstance(claims, dict) else None
    packed = inner.get("lst") if isinstance(inner, dict) else None
    if not isinstance(packed, bytes):
        raise _bad("the claims are missing")
    return packed


def key_that_signed(trust: TrustSnapshot, kid: bytes, algorithm: object, signature: bytes, tbs: bytes) -> KeyEntry:
    """The entry that verifies; its algorithm is the trust list's, and the token must name the same one (RFC 8725, 3.1)."""
    for entry in trust.keys_for(kid, Purpose.STATUS):
        if algorithm != entry.algorithm.value or entry.compromised_since is not None:
            continue
        try:
            VerifyKey.from_certificate(entry.certificate, entry.algorithm).check(signature, tbs)
        except EtrustError:
            continue
        return entry
    raise untrusted()


def _signed_list(uri: object, iat: object, exp: object, ttl: object, bits: object, packed: bytes) -> SignedList:
    if not isinstance(uri, str) or not isinstance(iat, int) or not isinstance(exp, int) or bits != BITS:
        raise _bad("a claim is missing or of the wrong kind, or it has not two bits an entry")
    bitmap = Bitmap.unpack(packed)
    try:
        issued_at, expires = datetime.fromtimestamp(iat, UTC), datetime.fromtimestamp(exp, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _bad("a time is out of range") from error
    return SignedList(uri, issued_at, expires, ttl if isinstance(ttl, int) else None, bitmap, bitmap.digest())


def _json_part(value: Mapping[str, object]) -> str:
    return base64url.encode(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


def _bad(why: str) -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_status_list", zh="状态列表内容无法读取。", en=f"The status list cannot be read: {why}."
    )


def untrusted() -> EtrustError:
    """The one refusal of a list or a change that no trusted key signed."""
    return EtrustError(
        Kind.UNTRUSTED, "status_list_untrusted",
        zh="状态列表的签名不可信，请重新从签发地区获取。", en="The status list is not signed by a trusted key; fetch it anew.",
    )

"""The credential: CWT claims (RFC 8392) with integer keys in a COSE_Sign1 (RFC 9052).

============ =====================================================================================
claim        content
============ =====================================================================================
1 iss        the region's division, ``"650000"``
4 exp        first second no longer valid; absent for 长期
5 nbf        first second of validity
6 iat        second of preparation
65535 status ``{"status_list": {"idx": …, "uri": …}}`` (Token Status List)
-65537       ``{0: "TYPE.ISSUER.SERIAL.VER.CHECK", n: disclosed field n of the license type, …}``
============ =====================================================================================
"""

from datetime import UTC, datetime
from functools import lru_cache

from etrust.credentials import cbor
from etrust.credentials.model import Claims, Credential, FieldValue
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.ids.license import ROOT
from etrust.signing import cose
from etrust.signing.model import SIGNATURE_LENGTH, Algorithm

MAX_CREDENTIAL = 2048
"""Bytes of a credential; the largest that fits a QR code on a phone has under 400."""

KID_LENGTH = 8
MAX_FIELDS = 32
MAX_FIELD = 500
MAX_URI = 200
MAX_INDEX = 2**26
ISS, EXP, NBF, IAT, STATUS, LICENSE = 1, 4, 5, 6, 65535, -65537
IDENTIFIER = 0
_NUMBERS = (int, float)
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z, the last a datetime can tell

assemble = cose.assemble


def to_be_signed(claims: Claims, kid: bytes, algorithm: Algorithm) -> tuple[bytes, bytes, bytes]:
    """Protected header, payload, and the bytes to sign, of a credential."""
    protected = _protected(kid, algorithm)
    payload = encode_claims(claims)
    return protected, payload, cose.to_be_signed(protected, payload)


@lru_cache(maxsize=256)
def _protected(kid: bytes, algorithm: Algorithm) -> bytes:
    return cose.encode_header({cose.ALGORITHM: algorithm.cose, cose.KEY_ID: kid})


def encode_claims(claims: Claims) -> bytes:
    """The claims set, deterministically encoded."""
    pairs = [b"\x01" + _text_bytes(claims.region)]
    if claims.expires is not None:
        pairs.append(b"\x04" + _moment_bytes(claims.expires))
    if claims.not_before is not None:
        pairs.append(b"\x05" + _moment_bytes(claims.not_before))
    pairs.append(b"\x06" + _moment_bytes(claims.issued_at))
    pairs.append(_STATUS_START + cbor.number(claims.status_index) + _uri(claims.status_uri))
    pairs.append(_LICENSE_KEY + _encode_license(claims))
    return cbor.head(5, len(pairs)) + b"".join(pairs)


def _encode_license(claims: Claims) -> bytes:
    identifier = claims.identifier
    name = (
        f"{identifier.type_code}.{identifier.issuer_code}.{identifier.serial}.{identifier.version:03d}.{identifier.check}"
    )
    parts = [cbor.head(5, len(claims.fields) + 1), b"\x00", cbor.text(name)]
    for key, value in sorted(claims.fields.items()):
        parts.append(cbor.number(key))
        if isinstance(value, str):
            parts.append(cbor.text(value))
        else:
            parts.append(cbor.head(4, len(value)))
            parts += map(cbor.text, value)
    return b"".join(parts)


@lru_cache(maxsize=4096)
def _moment_bytes(moment: datetime) -> bytes:
    """Days repeat: a file of licenses has few of them."""
    return cbor.number(int(moment.timestamp()))


@lru_cache(maxsize=64)
def _text_bytes(text: str) -> bytes:
    return cbor.text(text)


@lru_cache(maxsize=64)
def _uri(uri: str) -> bytes:
    return cbor.text("uri") + cbor.text(uri)


_STATUS_START = cbor.number(STATUS) + b"\xa1" + cbor.text("status_list") + b"\xa2" + cbor.text("idx")
_LICENSE_KEY = cbor.number(LICENSE)


def parse(raw: bytes) -> Credential:
    """Take a credential apart; its signature is not judged here.

    Raises:
        EtrustError: ``too_large``, ``bad_cose``, or ``bad_credential`` when the claims are not those of a license.
    """
    if raw[:2] == b"\xd8\x3d":  # the CWT tag of RFC 8392, section 6, may stand before the COSE tag
        raw = raw[2:]
    sign1 = cose.parse_sign1(raw, MAX_CREDENTIAL)
    kid, algorithm = sign1.kid, sign1.protected.get(cose.ALGORITHM, sign1.unprotected.get(cose.ALGORITHM))
    if kid is None or len(kid) != KID_LENGTH or len(sign1.signature) != SIGNATURE_LENGTH:
        raise _bad("key id or signature is missing or has the wrong length")
    if algorithm is not None and not isinstance(algorithm, int):
        raise _bad("the algorithm must be a number")
    claims = _claims(cose.strict_loads(sign1.payload))
    return Credential(
        claims, kid, algorithm, sign1.signature, cose.to_be_signed(sign1.protected_bytes, sign1.payload)
    )


def _claims(found: object) -> Claims:
    if not isinstance(found, dict):
        raise _bad("the claims must be a map")
    uri, index = _status(found.get(STATUS))
    identifier, fields = _license(found.get(LICENSE))
    issued_at = _moment(found.get(IAT))
    if issued_at is None:
        raise _bad("iat is missing")
    return Claims(
        region=_text(found.get(ISS), 20), identifier=identifier, issued_at=issued_at,
        not_before=_moment(found.get(NBF)), expires=_moment(found.get(EXP)),
        status_uri=uri, status_index=index, fields=fields,
    )


def _status(found: object) -> tuple[str, int]:
    inner = found.get("status_list") if isinstance(found, dict) else None
    if not isinstance(inner, dict):
        raise _bad("the status claim is missing")
    index = inner.get("idx")
    if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < MAX_INDEX:
        raise _bad("the status index is not a number in range")
    return _text(inner.get("uri"), MAX_URI), index


def _license(found: object) -> tuple[LicenseIdentifier, dict[int, FieldValue]]:
    if not isinstance(found, dict) or len(found) > MAX_FIELDS:
        raise _bad("the license claim is missing or too large")
    identifier = LicenseIdentifier.parse(f"{ROOT}.{_text(found.get(IDENTIFIER), 100)}")
    return identifier, {_key(key): _value(value) for key, value in found.items() if key != IDENTIFIER}


def _key(key: object) -> int:
    if not isinstance(key, int) or isinstance(key, bool):
        raise _bad("field keys must be numbers")
    return key


def _value(value: object) -> FieldValue:
    if isinstance(value, str) and len(value) <= MAX_FIELD:
        return value
    if isinstance(value, list) and len(value) <= MAX_FIELDS:
        return [_text(each, MAX_FIELD) for each in value]
    return _text(value, MAX_FIELD)


def _text(value: object, limit: int) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise _bad("a text is missing or too long")
    return value


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, _NUMBERS) or isinstance(value, bool) or not 0 <= value <= _LAST_SECOND:
        raise _bad("a time is not a number in range")
    return datetime.fromtimestamp(value, UTC)


def _bad(why: str) -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_credential", zh="内容不是证照凭证。", en=f"Not the credential of a license: {why}."
    )

"""The signed form of a trust list: a compact JWS (RFC 7515) whose header carries the anchor's certificate.

The certificate in the header only says which anchor is meant; what verifies is the anchor the reader already has. An
expired list fails closed, and so does an empty one.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Annotated, Any, Literal

import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from etrust.access.model import Body
from etrust.errors import EtrustError, Kind
from etrust.signing import base64url, cose
from etrust.signing.model import Algorithm, Signer
from etrust.signing.verify import VerifyKey
from etrust.trust.model import (
    Endpoint,
    KeyEntry,
    Purpose,
    Right,
    RightKind,
    StateName,
    TrustList,
    TrustSnapshot,
    TypeName,
)

TYP = "etrust-trust-list+jwt"
CBOR_TYP = "application/etrust-trust-list+cbor"
MAX_PIVOTS = 16
MAX_LIST = 32 * 1024 * 1024
_ALGORITHMS, _PURPOSES, _RIGHTS = frozenset(Algorithm), frozenset(Purpose), frozenset(RightKind)
_DIGEST = 32
_COSE_STARTS = {b"\xd2", b"\x84"}  # a tagged and an untagged COSE_Sign1; the other form is text
_Code = Annotated[str, Field(min_length=1, max_length=32)]
_Name = Annotated[str, Field(max_length=200)]
_Word = Annotated[str, Field(min_length=1, max_length=40)]


class _EntityJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    code: _Code
    name_zh: _Name
    name_ug: _Name = ""
    name_en: _Name = ""
    level: int = Field(ge=1, le=5)
    division: _Code
    parent: _Code | None = None


class _RightJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    body: _Code
    kind: _Word
    name: _Word
    valid_from: AwareDatetime
    valid_until: AwareDatetime | None = None


class _EndpointJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    kind: _Word
    url: str = Field(max_length=500)


class _TypeJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    code: _Word
    name: _Word
    zh: _Name
    ug: _Name = ""
    en: _Name = ""


class _StateJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    word: _Word
    code: str = Field(pattern=r"^\d{2}$")
    zh: _Name


class _KeyJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    kid: str = Field(pattern=r"^[0-9a-f]{16}$")
    x5c: str = Field(max_length=16_384)
    algorithm: _Word
    purpose: _Word
    body: _Code
    license_types: list[Annotated[str, Field(max_length=21)]] = Field(max_length=10_000)
    valid_from: AwareDatetime
    valid_until: AwareDatetime
    compromised_since: AwareDatetime | None = None


class _ListJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    version: Literal[1]
    region: str = Field(pattern=r"^\d{6}$")
    sequence: int = Field(ge=1)
    issued_at: AwareDatetime
    next_update: AwareDatetime
    entities: list[_EntityJson] = Field(min_length=1, max_length=100_000)
    keys: list[_KeyJson] = Field(min_length=1, max_length=100_000)
    rights: list[_RightJson] = Field(default=[], max_length=1_000_000)
    endpoints: list[_EndpointJson] = Field(default=[], max_length=100)
    types: list[_TypeJson] = Field(default=[], max_length=10_000)
    states: list[_StateJson] = Field(default=[], max_length=100)
    pivots: list[Annotated[str, Field(max_length=16_384)]] = Field(default=[], max_length=MAX_PIVOTS)
    removes: list[_Word] = Field(default=[], max_length=100_000)


def sign_trust_list(content: TrustList, anchor: Signer) -> bytes:
    """The list, signed by the region's anchor."""
    return sign_jws(_list_json(content).model_dump_json().encode(), anchor, TYP)


def sign_jws(payload: bytes, anchor: Signer, typ: str) -> bytes:
    """A compact JWS whose header names the anchor by its certificate."""
    header = {"alg": anchor.algorithm.value, "typ": typ, "x5c": [base64.b64encode(anchor.certificate).decode()]}
    signed = f"{base64url.encode(json.dumps(header, separators=(',', ':')).encode())}.{base64url.encode(payload)}".encode()
    return signed + b"." + base64url.encode(anchor.sign(signed)).encode()


def sign_cbor_list(content: TrustList, token: bytes, anchor: Signer) -> bytes:
    """The same list as CBOR in COSE_Sign1: certificates as bytes, and the digest of the list in its first form.

    Args:
        token: the list as `sign_trust_list` gave it. Verdicts name a list by the digest of that form.
    """
    plain = _list_json(content).model_dump(mode="json", exclude_none=True)
    for entry in plain["keys"]:
        entry["x5c"] = base64.b64decode(entry["x5c"])
    payload = cbor2.dumps({**plain, "digest": hashlib.sha256(token).digest()}, canonical=True)
    header: dict[int, object] = {
        cose.ALGORITHM: anchor.algorithm.cose, cose.TYPE: CBOR_TYP, cose.X5CHAIN: anchor.certificate,
    }  # fmt: skip
    return cose.sign1(payload, header, anchor)


def _list_json(content: TrustList) -> _ListJson:
    return _ListJson(
        version=1, region=content.region, sequence=content.sequence, issued_at=content.issued_at,
        next_update=content.next_update, entities=[_entity_json(entity) for entity in content.entities],
        keys=[_key_json(entry) for entry in content.keys],
        rights=[_RightJson(**_fields(each)) for each in content.rights],
        endpoints=[_EndpointJson(**_fields(each)) for each in content.endpoints],
        types=[_TypeJson(**_fields(each)) for each in content.types],
        states=[_StateJson(**_fields(each)) for each in content.states],
        pivots=list(content.pivots), removes=sorted(content.removes),
    )


def _fields(record: Any) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(record)}


def read_trust_list(token: bytes, *, anchors: Sequence[bytes], at: datetime) -> TrustSnapshot:
    """Read a signed list and judge it by the anchors (DER certificates) the reader already trusts.

    Raises:
        EtrustError: ``bad_trust_list``; ``untrusted_list`` when none of the anchors signed it; ``expired_list`` when its
            time is over, or it comes from the future.
    """
    found, digest = _read_cbor(token, anchors) if token[:1] in _COSE_STARTS else _read_json(token.strip(), anchors)
    if not found.issued_at <= at < found.next_update:
        raise EtrustError(
            Kind.UNTRUSTED, "expired_list", where=found.next_update.isoformat(),
            zh="信任列表不在有效期内，请获取最新的信任列表。", en="The trust list is out of its time; fetch the newest one.",
        )
    return TrustSnapshot.of(_trust_list(found), digest)


def _read_json(token: bytes, anchors: Sequence[bytes]) -> tuple[_ListJson, str]:
    body = verified_jws(token, anchors, TYP)
    try:
        return _ListJson.model_validate_json(body), "sha256:" + hashlib.sha256(token).hexdigest()
    except (ValidationError, ValueError) as error:
        raise _bad("its content does not have the form of a trust list") from error


def verified_jws(token: bytes, anchors: Sequence[bytes], typ: str) -> bytes:
    """The payload of a compact JWS that one of the anchors signed.

    Raises:
        EtrustError: ``bad_trust_list``; ``untrusted_list``.
    """
    head, body, signature = _parts(token)
    _check_signature(head, body, signature, anchors, typ)
    try:
        return base64url.decode(body)
    except ValueError as error:
        raise _bad("its content is not base64url") from error


def _read_cbor(token: bytes, anchors: Sequence[bytes]) -> tuple[_ListJson, str]:
    sign1 = cose.parse_sign1(token, MAX_LIST)
    if sign1.protected.get(cose.TYPE) != CBOR_TYP:
        raise _bad("not of this type")
    tbs = cose.to_be_signed(sign1.protected_bytes, sign1.payload)
    named = sign1.protected.get(cose.ALGORITHM)
    _check_by_anchor(sign1.signature, tbs, anchors, lambda algorithm: Algorithm.of_cose(named) is algorithm)
    found = cose.strict_loads(sign1.payload)
    try:
        if not isinstance(found, dict) or not isinstance(found["digest"], bytes) or len(found["digest"]) != _DIGEST:
            raise _bad("its digest is missing")
        keys = [{**entry, "x5c": base64.b64encode(entry["x5c"]).decode()} for entry in found["keys"]]
        return _ListJson.model_validate({**found, "keys": keys}), "sha256:" + found["digest"].hex()
    except (ValidationError, ValueError, TypeError, KeyError) as error:
        raise _bad("its content does not have the form of a trust list") from error


def content_of(token: bytes) -> TrustList:
    """What one of the region's own lists says, as it stands in its own database: no signature and no time is judged.

    Raises:
        EtrustError: ``bad_trust_list``.
    """
    try:
        return _trust_list(_ListJson.model_validate_json(base64url.decode(_parts(token.strip())[1])))
    except (ValidationError, ValueError) as error:
        raise _bad("its content does not have the form of a trust list") from error


def peek_pivots(token: bytes) -> list[str]:
    """The pivots in a list whose signature has not been judged yet: each is signed by itself.

    Raises:
        EtrustError: ``bad_trust_list``.
    """
    pivots = _peek(token).get("pivots", [])
    if not isinstance(pivots, list) or len(pivots) > MAX_PIVOTS or not all(isinstance(each, str) for each in pivots):
        return []
    return pivots


def peek_region(token: bytes) -> str:
    """The region that a list is about by its own word, which is not judged yet; empty when it says none.

    Raises:
        EtrustError: ``bad_trust_list``.
    """
    found = _peek(token).get("region", "")
    return found if isinstance(found, str) else ""


def _peek(token: bytes) -> dict[str, object]:
    try:
        if token[:1] in _COSE_STARTS:
            found = cose.strict_loads(cose.parse_sign1(token, MAX_LIST).payload)
        else:
            found = json.loads(base64url.decode(_parts(token.strip())[1]))
    except (ValueError, RecursionError) as error:
        raise _bad("its content cannot be read") from error
    return found if isinstance(found, dict) else {}


def anchor_of(token: bytes) -> bytes:
    """The anchor certificate (DER) that a list names; it proves nothing until it is compared with one known already.

    Raises:
        EtrustError: ``bad_trust_list``.
    """
    head, _, _ = _parts(token.strip())
    try:
        header = json.loads(base64url.decode(head))
        return base64.b64decode(header["x5c"][0], validate=True)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError, binascii.Error) as error:
        raise _bad("its header names no anchor") from error


def _parts(token: bytes) -> tuple[bytes, bytes, bytes]:
    parts = token.split(b".") if len(token) <= MAX_LIST else []
    if len(parts) != len(("header", "payload", "signature")):
        raise _bad("not a signed list, or too large")
    return parts[0], parts[1], parts[2]


def _check_signature(head: bytes, body: bytes, signature: bytes, anchors: Sequence[bytes], typ: str) -> None:
    try:
        header = json.loads(base64url.decode(head))
        named, decoded = header["alg"], base64url.decode(signature)
        if header["typ"] != typ or "crit" in header:
            raise _bad("not of this type")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _bad("its header cannot be read") from error
    _check_by_anchor(decoded, head + b"." + body, anchors, lambda algorithm: algorithm.value == named)


def _check_by_anchor(signature: bytes, signed: bytes, anchors: Sequence[bytes], is_named: Callable[[Algorithm], bool]) -> None:
    for anchor in anchors:
        algorithm = _anchor_algorithm(anchor)
        if not is_named(algorithm):
            continue
        try:
            VerifyKey.from_certificate(anchor, algorithm).check(signature, signed)
        except EtrustError:
            continue
        return
    raise EtrustError(
        Kind.UNTRUSTED, "untrusted_list",
        zh="信任列表不是由所信任的区域锚证书签发的。", en="The trust list was not signed by a trusted anchor.",
    )


def _anchor_algorithm(certificate: bytes) -> Algorithm:
    """The algorithm of an anchor comes from its key, which the reader trusts; never from the list."""
    try:
        key = x509.load_der_x509_certificate(certificate).public_key()
    except ValueError as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_anchor", zh="锚证书无法读取，须为 DER 格式。", en="The anchor is no DER certificate."
        ) from error
    return Algorithm.ES256 if isinstance(key, ec.EllipticCurvePublicKey) else Algorithm.EDDSA


def _trust_list(found: _ListJson) -> TrustList:
    return TrustList(
        region=found.region, sequence=found.sequence, issued_at=found.issued_at, next_update=found.next_update,
        entities=tuple(Body(**entity.model_dump()) for entity in found.entities),
        keys=tuple(_key_entry(entry) for entry in found.keys if _is_known(entry)),
        rights=tuple(
            Right(each.body, RightKind(each.kind), each.name, each.valid_from, each.valid_until)
            for each in found.rights if each.kind in _RIGHTS
        ),
        endpoints=tuple(Endpoint(each.kind, each.url) for each in found.endpoints),
        types=tuple(TypeName(**each.model_dump()) for each in found.types),
        states=tuple(StateName(**each.model_dump()) for each in found.states),
        pivots=tuple(found.pivots), removes=frozenset(found.removes),
    )  # fmt: skip


def _is_known(found: _KeyJson) -> bool:
    """Whether a key is one this reader can use; others are skipped, so that lists may bring new kinds of keys."""
    return found.algorithm in _ALGORITHMS and found.purpose in _PURPOSES


def _key_entry(found: _KeyJson) -> KeyEntry:
    try:
        certificate = base64.b64decode(found.x5c, validate=True)
    except binascii.Error as error:
        raise _bad("a certificate is not base64") from error
    kid = hashlib.sha256(certificate).digest()[:8]
    if kid.hex() != found.kid:
        raise _bad("a key id is not that of its certificate")
    return KeyEntry(
        kid=kid, certificate=certificate, algorithm=Algorithm(found.algorithm), purpose=Purpose(found.purpose),
        body=found.body, license_types=frozenset(found.license_types), valid_from=found.valid_from, valid_until=found.valid_until,
        compromised_since=found.compromised_since,
    )


def _entity_json(body: Body) -> _EntityJson:
    return _EntityJson(
        code=body.code, name_zh=body.name_zh, name_ug=body.name_ug, name_en=body.name_en, level=body.level,
        division=body.division, parent=body.parent,
    )


def _key_json(entry: KeyEntry) -> _KeyJson:
    return _KeyJson(
        kid=entry.kid.hex(), x5c=base64.b64encode(entry.certificate).decode(), algorithm=entry.algorithm,
        purpose=entry.purpose, body=entry.body, license_types=sorted(entry.license_types), valid_from=entry.valid_from,
        valid_until=entry.valid_until, compromised_since=entry.compromised_since,
    )


def _bad(why: str) -> EtrustError:
    return EtrustError(
        Kind.MALFORMED, "bad_trust_list", zh="信任列表无法读取。", en=f"The trust list cannot be read: {why}."
    )

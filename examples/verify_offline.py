"""Verify an etrust license code with no server and no etrust: only cbor2, cryptography and the standard library.

    python verify_offline.py CODE anchor.crt trust.jws status.cwt

It follows docs/formats.md, whose sections are named beside each step. The exit code is 0 only for a license in force.
"""
# ruff: noqa: D103, PLR2004, T201

import base64
import hashlib
import json
import sys
import time
import zlib
from datetime import datetime
from pathlib import Path

import cbor2
from cryptography import exceptions, x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256

BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
COSE_NUMBER = {"ES256": -7, "EdDSA": -8}
STATES = ("valid", "revoked", "suspended", "under_objection")
GRAVEST_FIRST = ("revoked", "suspended", "expired", "not_yet_valid", "unknown", "under_objection", "valid")
SKEW, MAX_TEXT, MAX_CREDENTIAL, MAX_LIST = 60, 4096, 2048, 2**22  # seconds, characters, bytes, bytes
DAMAGED = (ValueError, LookupError, TypeError, AttributeError, OverflowError, zlib.error, cbor2.CBORError)


class Answer(Exception):  # noqa: N818
    """The status where no more can be said."""


def signature_fits(certificate: bytes, algorithm: str, signature: bytes, data: bytes) -> bool:
    """Section 4: 64 raw bytes, and a key that is of the algorithm."""
    key = x509.load_der_x509_certificate(certificate).public_key()
    try:
        if algorithm == "ES256" and isinstance(key, ec.EllipticCurvePublicKey) and len(signature) == 64:
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
        elif algorithm == "EdDSA" and isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        else:
            return False
    except exceptions.InvalidSignature:
        return False
    return True


def inflate(data: bytes, limit: int) -> bytes:
    plain = (inflater := zlib.decompressobj()).decompress(data, limit + 1)
    if len(plain) > limit or not inflater.eof or inflater.unused_data:
        raise ValueError("too large, cut off, or followed by something")
    return plain


def decode_code(text: str) -> bytes:
    """Section 2: prefix, base45, and zlib behind the second prefix."""
    prefix, _, body = text.strip().upper().partition(":")
    if prefix not in {"ET1", "ET1Z"} or len(text) > MAX_TEXT:
        raise ValueError("not a license code")
    values, raw = [BASE45.index(character) for character in body], b""
    for start in range(0, len(values), 3):
        group = values[start : start + 3]  # a single character left over, or a value too large, raises OverflowError
        raw += sum(value * 45**place for place, value in enumerate(group)).to_bytes(len(group) - 1, "big")
    return inflate(raw, MAX_CREDENTIAL) if prefix == "ET1Z" else raw


def loads(data: bytes) -> object:
    """Section 3: one CBOR item, in the encoding that there is only one of."""
    if cbor2.dumps(found := cbor2.loads(data)) != data:
        raise ValueError("keys twice, longer than need be, or followed by something")
    return found


def open_sign1(data: bytes) -> tuple[dict, bytes, bytes, bytes]:
    """Section 3: headers, payload, signature and the bytes that were signed, of a COSE_Sign1."""
    protected, unprotected, payload, signature = loads(data.removeprefix(b"\xd8\x3d").removeprefix(b"\xd2"))  # its two tags
    if 2 in (headers := unprotected | (loads(protected) if protected else {})):
        raise ValueError("critical headers are not understood")
    return headers, payload, signature, cbor2.dumps(["Signature1", protected, b"", payload])


def in_force(entry: dict, moment: float, start: str = "valid_from", end: str = "valid_until") -> bool:
    first, after = (datetime.fromisoformat(entry[name]).timestamp() for name in (start, end))
    return first <= moment < after and entry.get("compromised_since") is None


def read_trust_list(token: bytes, anchor: bytes, now: float) -> list[dict]:
    """Section 5: the keys of a trust list that the anchor signed and that is in force."""
    signed, _, _ = token.strip().rpartition(b".")
    head, body, signature = (base64.urlsafe_b64decode(part + b"==") for part in token.strip().split(b"."))
    header, content = json.loads(head), json.loads(body)
    if header["typ"] != "etrust-trust-list+jwt" or not signature_fits(anchor, header["alg"], signature, signed):
        raise SystemExit("the trust list was not signed by this anchor")
    if content["version"] != 1 or not in_force(content, now, "issued_at", "next_update"):
        raise SystemExit("the trust list is out of its time; fetch the newest one")
    return [key for key in content["keys"] if key["algorithm"] in COSE_NUMBER]  # there may be keys that sign no credentials


def key_that_signed(keys: list[dict], purpose: str, headers: dict, signature: bytes, signed: bytes) -> dict:
    """Section 4: among all keys with that kid, the one that verifies under the algorithm of its entry."""
    candidates = [key for key in keys if bytes.fromhex(key["kid"]) == headers[4] and key["purpose"] == purpose]
    for key in candidates:
        certificate, algorithm = base64.b64decode(key["x5c"]), key["algorithm"]
        allowed = hashlib.sha256(certificate).digest()[:8] == headers[4] and headers.get(1) in {None, COSE_NUMBER[algorithm]}
        if allowed and signature_fits(certificate, algorithm, signature, signed):
            return key
    raise Answer("bad_signature" if candidates else "unknown_issuer")


def state_in_list(token: bytes, keys: list[dict], place: dict, now: float) -> str:
    """Section 6: the state at an index of a signed status list in its CWT form; whatever is wrong makes it unknown."""
    try:
        headers, payload, signature, signed = open_sign1(token)
        key, claims = key_that_signed(keys, "status", headers, signature, signed), loads(payload)
        good = headers[16] == "application/statuslist+cwt" and claims[2] == place["uri"] and claims[65533]["bits"] == 2
        good = good and in_force(key, claims[6]) and claims[6] - SKEW <= now < claims[4]
        bits = inflate(claims[65533]["lst"], MAX_LIST)[place["idx"] // 4] >> place["idx"] % 4 * 2 & 3
        return STATES[bits] if good else "unknown"
    except (Answer, *DAMAGED):
        return "unknown"


def verify(code: str, anchor: bytes, trust: bytes, status: bytes, now: float) -> tuple[str, dict | None]:
    """Section 7: the status of the license and its license claim."""
    keys = read_trust_list(trust, anchor, now)
    try:
        headers, payload, signature, signed = open_sign1(decode_code(code))
        key, claims = key_that_signed(keys, "credential", headers, signature, signed), loads(payload)
        type_code, issuer, *_ = claims[-65537][0].split(".")
        if issuer != key["body"] or type_code not in key["license_types"] or not in_force(key, claims[6]):
            return "unknown_issuer", None
        found = [state_in_list(status, keys, claims[65535]["status_list"], now)]
        found += ["not_yet_valid"] * (claims[6] > now + SKEW or now < claims.get(5, 0))
        found += ["expired"] * (now >= claims.get(4, now + 1))
        return min(found, key=GRAVEST_FIRST.index), claims[-65537]
    except Answer as answer:
        return str(answer), None
    except DAMAGED:
        return "malformed", None


if __name__ == "__main__":
    text, *paths = sys.argv[1:]
    answer, told = verify(text, *(Path(path).read_bytes() for path in paths), time.time())
    print(answer, json.dumps(told, ensure_ascii=False))
    raise SystemExit(answer != "valid")

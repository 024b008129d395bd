"""A region that is not etrust (630000), written from docs/formats.md, docs/partner-interface.md and docs/notices.md alone.

Not a line of etrust is in it: RFC 9421 is written out by hand from its text, JWE is `joserfc`, CBOR `cbor2`. It issues a license,
publishes a trust list and a status list, tells and is told notices, and judges codes of others with `examples/verify_offline.py`.
"""

import base64
import hashlib
import json
import secrets
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import cbor2
from aiohttp import web
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import NameOID
from joserfc import jwe
from joserfc.jwk import ECKey

REGION, BODY, COMPANIES = "630000", "11630000MB1A0007XN", "11100000MB0143028R001"
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
REQUEST = ("@method", "@path", "@query", "content-digest", "etrust-sender", "etrust-recipient")
Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def check_character(text: str) -> str:
    """ISO 7064 MOD 37,36 (formats.md, section 1)."""
    p = 36
    for character in text:
        p = ((p + ALPHABET.index(character)) % 36 or 36) * 2 % 37
    return ALPHABET[(37 - p) % 36]


def certificate(key: Key, name: str) -> bytes:
    now = datetime.now(UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = x509.CertificateBuilder(subject, subject, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=365))
    return made.sign(key, SHA256() if isinstance(key, ec.EllipticCurvePrivateKey) else None).public_bytes(serialization.Encoding.DER)


def sign(key: Key, data: bytes) -> bytes:
    """64 raw bytes (section 4)."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    r, s = utils.decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verifies(der: bytes, signature: bytes, data: bytes) -> bool:
    key = x509.load_der_x509_certificate(der).public_key()
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(utils.encode_dss_signature(r, s), data, ec.ECDSA(SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def sign1(protected: dict[int, object], payload: bytes, key: Key) -> bytes:
    """COSE_Sign1, tagged (section 3)."""
    head = cbor2.dumps(protected, canonical=True)
    signature = sign(key, cbor2.dumps(["Signature1", head, b"", payload]))
    return cbor2.dumps(cbor2.CBORTag(18, [head, {}, payload, signature]))


def code_text(credential: bytes) -> str:
    """Base45 (RFC 9285) behind its prefix (section 2)."""
    text = ""
    for start in range(0, len(credential), 2):
        group = credential[start : start + 2]
        value = int.from_bytes(group, "big")
        for _ in range(len(group) + 1):
            value, digit = divmod(value, 45)
            text += BASE45[digit]
    return "ET1:" + text


def digest(body: bytes) -> str:
    return f"sha-256=:{b64(hashlib.sha256(body).digest())}:"


def signed_headers(key: Key, kid: str, parts: list[tuple[str, str]], tag: str, nonce: str = "") -> dict[str, str]:
    """Signature-Input and Signature (RFC 9421, section 2.5) over parts: how each is named, and its value."""
    now = int(datetime.now(UTC).timestamp())
    named = " ".join(name for name, _ in parts)
    told = f'({named});created={now};expires={now + 60};keyid="{kid}"' + (f';nonce="{nonce}"' if nonce else "") + f';tag="{tag}"'
    base = "".join(f"{name}: {value}\n" for name, value in parts) + f'"@signature-params": {told}'
    return {"Signature-Input": f"etrust={told}", "Signature": f"etrust=:{b64(sign(key, base.encode()))}:"}


def open_signature(headers: dict[str, str]) -> tuple[list[str], str, dict[str, str], bytes]:
    """The names of what is covered, the parameters as text and by name, and the signature."""
    label, _, told = headers["signature-input"].partition("=")
    inner, _, rest = told.partition(")")
    names = [each for each in inner.removeprefix("(").split(" ") if each]
    parameters = dict(each.split("=", 1) for each in rest.strip(";").split(";"))
    signature = headers["signature"].removeprefix(f"{label}=:").removesuffix(":")
    return names, told, {name: value.strip('"') for name, value in parameters.items()}, base64.b64decode(signature)


@dataclass
class Known:
    """Another region as this one knows it: address and anchor, compared beforehand."""

    address: str
    anchor: bytes


@dataclass
class ForeignPeer:
    """The region at work."""

    address: str = ""
    known: dict[str, Known] = field(default_factory=dict)
    told: list[dict[str, Any]] = field(default_factory=list)
    """Notices that arrived, in their order."""
    nonces: set[str] = field(default_factory=set)
    states: bytearray = field(default_factory=lambda: bytearray(2**18))
    keys: dict[str, Key] = field(default_factory=dict)
    certificates: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.keys = {
            "anchor": ec.generate_private_key(ec.SECP256R1()), "credential": ed25519.Ed25519PrivateKey.generate(),
            "status": ec.generate_private_key(ec.SECP256R1()), "message": ed25519.Ed25519PrivateKey.generate(),
            "encryption": ec.generate_private_key(ec.SECP256R1()),
        }  # fmt: skip
        self.certificates = {name: certificate(key, f"{REGION} {name}") for name, key in self.keys.items()}

    def kid(self, name: str) -> str:
        return hashlib.sha256(self.certificates[name]).digest()[:8].hex()

    # What it publishes

    def trust_list(self, sequence: int = 1) -> bytes:
        now = datetime.now(UTC)
        period = {"valid_from": (now - timedelta(days=1)).isoformat(), "valid_until": (now + timedelta(days=365)).isoformat()}
        keys = [
            {
                "kid": self.kid(name), "x5c": b64(self.certificates[name]), "purpose": name,
                "algorithm": "ES256" if isinstance(self.keys[name], ec.EllipticCurvePrivateKey) else "EdDSA",
                "body": BODY if name == "credential" else REGION, "license_types": [COMPANIES] if name == "credential" else [],
                "compromised_since": None, **period,
            }
            for name in ("credential", "status", "message", "encryption")
        ]  # fmt: skip
        content = {
            "version": 1, "region": REGION, "sequence": sequence, "issued_at": (now - timedelta(minutes=1)).isoformat(),
            "next_update": (now + timedelta(days=30)).isoformat(), "keys": keys,
            "entities": [{"code": BODY, "name_zh": "青海省市场监督管理局", "level": 1, "division": REGION, "parent": None}],
        }  # fmt: skip
        header = {"alg": "ES256", "typ": "etrust-trust-list+jwt", "x5c": [b64(self.certificates["anchor"])]}
        signed = f"{url64(json.dumps(header).encode())}.{url64(json.dumps(content).encode())}".encode()
        return signed + b"." + url64(sign(self.keys["anchor"], signed)).encode()

    def status_list(self) -> bytes:
        now = int(datetime.now(UTC).timestamp())
        claims = {
            2: f"{self.address}/status/1", 6: now, 4: now + 86400, 65534: 300,
            65533: {"bits": 2, "lst": zlib.compress(bytes(self.states))},
        }  # fmt: skip
        head = {1: -7, 4: bytes.fromhex(self.kid("status")), 16: "application/statuslist+cwt"}
        return sign1(head, cbor2.dumps(claims, canonical=True), self.keys["status"])

    def issue(self, serial: str, holder: str, code: str, index: int) -> str:
        """A business license, as the text of its code."""
        plain = f"{COMPANIES}{BODY}{serial}001"
        identifier = f"{COMPANIES}.{BODY}.{serial}.001.{check_character(plain)}"
        now = int(datetime.now(UTC).timestamp())
        claims = {
            1: REGION, 5: now - 86400, 6: now, 65535: {"status_list": {"idx": index, "uri": f"{self.address}/status/1"}},
            -65537: {0: identifier, 1: [holder], 2: [code]},
        }  # fmt: skip
        head = {1: -8, 4: bytes.fromhex(self.kid("credential"))}
        return code_text(sign1(head, cbor2.dumps(claims, canonical=True), self.keys["credential"]))

    def revoke(self, index: int) -> None:
        self.states[index // 4] |= 1 << index % 4 * 2

    # What it says and hears

    async def keys_of(self, region: str) -> list[dict[str, Any]]:
        """The keys of another region, from its list, which its anchor signed."""
        known = self.known[region]
        async with aiohttp.ClientSession() as session, session.get(f"{known.address}/.well-known/etrust/trust-list") as answer:
            token = (await answer.read()).strip()
        signed, _, signature = token.rpartition(b".")
        assert verifies(known.anchor, base64.urlsafe_b64decode(signature + b"=="), signed)
        content: dict[str, Any] = json.loads(base64.urlsafe_b64decode(signed.partition(b".")[2] + b"=="))
        assert content["region"] == region
        return list(content["keys"])

    async def seal(self, region: str, fields: dict[str, str]) -> str:
        """Personal fields, encrypted to the region."""
        keys = [each for each in await self.keys_of(region) if each["purpose"] == "encryption" and each["body"] == region]
        key = ECKey.import_key(_pem(base64.b64decode(keys[-1]["x5c"])))
        header = {"alg": "ECDH-ES+A256KW", "enc": "A256GCM", "typ": "etrust-sealed+jwe", "kid": keys[-1]["kid"]}
        return str(jwe.encrypt_compact(header, json.dumps(fields).encode(), key))

    def unseal(self, sealed: str) -> dict[str, Any]:
        key = self.keys["encryption"].private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        opened = jwe.decrypt_compact(sealed, ECKey.import_key(key), algorithms=["ECDH-ES+A256KW", "A256GCM"])
        found: dict[str, Any] = json.loads(opened.plaintext or b"{}")
        return found

    async def post(self, region: str, path: str, content: dict[str, Any], *, nonce: str = "") -> tuple[int, dict[str, Any]]:
        """A signed request; the answer must be signed over it."""
        body = json.dumps(content).encode()
        headers = {
            "content-type": "application/json", "content-digest": digest(body), "etrust-sender": REGION, "etrust-recipient": region,
        }  # fmt: skip
        values = {"@method": "POST", "@path": path, "@query": "?", **headers}
        parts = [(f'"{name}"', values[name]) for name in (*REQUEST, "content-type")]
        headers |= signed_headers(
            self.keys["message"], self.kid("message"), parts, "etrust-partner", nonce or secrets.token_urlsafe(18)
        )
        async with aiohttp.ClientSession() as session, session.post(self.known[region].address + path, data=body, headers=headers) as answer:
            told = await answer.read()
            heard = {name.lower(): value for name, value in answer.headers.items()}
            await self._check_answer(region, answer.status, heard, told, {**values, "signature": headers["Signature"]})
            found: dict[str, Any] = json.loads(told)
            return answer.status, found

    async def _check_answer(
        self, region: str, status: int, heard: dict[str, str], body: bytes, asked: dict[str, str]
    ) -> None:
        names, told, parameters, signature = open_signature(heard)
        assert parameters["tag"] == "etrust-partner-answer"
        assert {'"@status"', '"content-digest"', '"signature";req'} <= set(names)
        assert heard["content-digest"] == digest(body)
        lines = []
        for name in names:
            plain = name.partition(";")[0].strip('"')
            if name.endswith(";req"):
                value = asked["signature"] if plain == "signature" else asked[plain]
            else:
                value = str(status) if plain == "@status" else heard[plain]
            lines.append(f"{name}: {value}\n")
        base = "".join(lines) + f'"@signature-params": {told}'
        assert await self._signed_by(region, parameters["keyid"], signature, base.encode())

    async def _signed_by(self, region: str, kid: str, signature: bytes, base: bytes) -> bool:
        keys = [each for each in await self.keys_of(region) if each["purpose"] == "message" and each["kid"] == kid]
        return any(verifies(base64.b64decode(each["x5c"]), signature, base) for each in keys)

    async def hear(self, request: web.Request) -> web.Response:
        """``POST /api/v1/recognition/notices``."""
        body, headers = await request.read(), {name.lower(): value for name, value in request.headers.items()}
        sender = headers.get("etrust-sender", "")
        names, told, parameters, signature = open_signature(headers)
        values = {"@method": request.method, "@path": request.path, "@query": "?" + request.query_string, **headers}
        base = "".join(f"{name}: {values[name.strip(chr(34))]}\n" for name in names) + f'"@signature-params": {told}'
        good = (
            sender in self.known and headers["etrust-recipient"] == REGION and {f'"{each}"' for each in REQUEST} <= set(names)
            and headers["content-digest"] == digest(body) and parameters["tag"] == "etrust-partner"
            and parameters["nonce"] not in self.nonces and abs(int(parameters["created"]) - datetime.now(UTC).timestamp()) < 60
            and await self._signed_by(sender, parameters["keyid"], signature, base.encode())
        )  # fmt: skip
        if not good:
            return self._answer(request, values, 401, {"code": "bad_message_signature"})
        self.nonces.add(parameters["nonce"])
        notice = {**json.loads(body), "sender": sender}
        before = [each for each in self.told if (each["sender"], each["stream"]) == (sender, notice["stream"])]
        if notice["number"] > len(before) + 1:
            return self._answer(request, values, 200, {"answer": "earlier_ones_missing", "last": len(before)})
        if notice["number"] <= len(before):
            return self._answer(request, values, 200, {"answer": "confirmed_before", "last": len(before)})
        self.told.append(notice)
        return self._answer(request, values, 200, {"answer": "confirmed", "last": notice["number"]})

    def _answer(self, request: web.Request, values: dict[str, str], status: int, content: dict[str, Any]) -> web.Response:
        body = json.dumps(content).encode()
        parts = [
            ('"@status"', str(status)), ('"content-digest"', digest(body)), ('"@method";req', request.method),
            ('"@path";req', request.path), ('"content-digest";req', values["content-digest"]),
            ('"signature";req', values["signature"]), ('"content-type"', "application/json"),
        ]  # fmt: skip
        headers = signed_headers(self.keys["message"], self.kid("message"), parts, "etrust-partner-answer")
        headers |= {"content-digest": digest(body), "content-type": "application/json"}
        return web.Response(body=body, status=status, headers=headers)

    def app(self) -> web.Application:
        async def trust_list(_: web.Request) -> web.Response:
            return web.Response(body=self.trust_list(), content_type="application/jose")

        async def status(_: web.Request) -> web.Response:
            return web.Response(body=self.status_list(), content_type="application/statuslist+cwt")

        app = web.Application()
        app.add_routes([
            web.get("/.well-known/etrust/trust-list", trust_list), web.get("/status/1", status),
            web.post("/api/v1/recognition/notices", self.hear),
        ])  # fmt: skip
        return app


def _pem(der: bytes) -> bytes:
    key = x509.load_der_x509_certificate(der).public_key()
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

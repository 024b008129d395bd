"""Makes certificates, revocation lists, timestamps, seals, seal signatures and OFD packages for the tests.

Everything is written with `etrust.signing.der` alone and signed by the SM2 of `tests.signing.by_hand`, so that files are
the same byte for byte every time. Keys come from their names; they protect nothing.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from etrust.signing import der, sm2
from etrust.trust import x509
from tests.signing import by_hand

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
CREATED = NOW - timedelta(days=100)
SIGNED = NOW - timedelta(days=10)
PURPOSES = {"key_usage": x509.DIGITAL_SIGNATURE | x509.CONTENT_COMMITMENT}
AUTHORITY_USAGE = x509.KEY_CERT_SIGN | x509.CRL_SIGN


class Sm2Key:
    """An SM2 key that comes from a name."""

    algorithm = sm2.WITH_SM3

    def __init__(self, name: str) -> None:
        self.secret = int.from_bytes(hashlib.sha512(name.encode()).digest(), "big") % (sm2.ORDER - 2) + 1
        self.point = by_hand.encode(by_hand.multiply(self.secret, by_hand.G))
        self.spki = der.write(der.SEQUENCE, sm2.ALGORITHM, der.write_bits(self.point))

    def sign(self, data: bytes) -> bytes:
        return by_hand.sign(self.secret, data)


class P256Key:
    """A P-256 key from a name."""

    algorithm = "1.2.840.10045.4.3.2"

    def __init__(self, name: str) -> None:
        number = int.from_bytes(hashlib.sha256(name.encode()).digest(), "big") >> 1
        self._key = ec.derive_private_key(number, ec.SECP256R1())
        self.spki = _spki(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))


class RsaKey:
    """A new RSA key."""

    algorithm = "1.2.840.113549.1.1.11"

    def __init__(self, bits: int = 2048) -> None:
        self._key = rsa.generate_private_key(65537, bits)
        self.spki = _spki(self._key.public_key())

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, padding.PKCS1v15(), hashes.SHA256())


Key = Sm2Key | P256Key | RsaKey


def _spki(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


@cache
def key(name: str) -> Sm2Key:
    return Sm2Key(name)


def time(moment: datetime, tag: int = der.GENERAL_TIME) -> bytes:
    return der.write(tag, moment.strftime("%Y%m%d%H%M%SZ")[2 * (tag == der.UTC_TIME) :].encode())


def name(text: str, tag: int = der.UTF8) -> bytes:
    pair = der.write(der.SEQUENCE, der.write_oid("2.5.4.3"), der.write(tag, text.encode()))
    return der.write(der.SEQUENCE, der.write(der.SET, pair))


def sequence(*parts: bytes) -> bytes:
    return der.write(der.SEQUENCE, *parts)


def extension(oid: str, value: bytes, *, critical: bool = False, explicit_false: bool = False) -> bytes:
    flag = der.write(der.BOOLEAN, b"\xff") if critical else der.write(der.BOOLEAN, b"\0") if explicit_false else b""
    return sequence(der.write_oid(oid), flag, der.write(der.OCTETS, value))


def named_bits(bits: int) -> bytes:
    text = f"{bits:09b}"[::-1].rstrip("0") or ""
    padded = text.ljust(-len(text) % 8 + len(text), "0")
    return der.write(der.BITS, bytes((len(padded) - len(text),)), int(padded or "0", 2).to_bytes(len(padded) // 8, "big"))


def algorithm(oid: str) -> bytes:
    return sequence(der.write_oid(oid))


@dataclass(frozen=True)
class CertificateRecipe:
    """A certificate; change what a test needs."""

    subject: str
    key: Key
    issuer: str = "Root"
    issuer_key: Key | None = None
    serial: int = 7
    not_before: datetime = NOW - 2 * YEAR
    not_after: datetime = NOW + 2 * YEAR
    authority: bool | None = None
    path_length: int | None = None
    key_usage: int | None = x509.DIGITAL_SIGNATURE | x509.CONTENT_COMMITMENT
    purposes: tuple[str, ...] = ()
    extra: tuple[bytes, ...] = ()
    explicit_false: bool = True  # real files write it out
    issuer_tag: int = der.UTF8

    def encoded(self) -> bytes:
        signer = self.issuer_key or key("Root")
        body = sequence(
            der.write(der.context(0), der.write_integer(2)), der.write_integer(self.serial), algorithm(signer.algorithm),
            name(self.issuer, self.issuer_tag), sequence(time(self.not_before, der.UTC_TIME), time(self.not_after, der.UTC_TIME)),
            name(self.subject), self.key.spki, der.write(der.context(3), sequence(*self.extensions())),
        )  # fmt: skip
        return sequence(body, algorithm(signer.algorithm), der.write_bits(signer.sign(body)))

    def extensions(self) -> list[bytes]:
        found = list(self.extra)
        if self.authority is not None:
            length = b"" if self.path_length is None else der.write_integer(self.path_length)
            value = sequence(der.write(der.BOOLEAN, b"\xff" if self.authority else b"\0"), length)
            found.append(extension(x509.BASIC_CONSTRAINTS, value, critical=True))
        if self.key_usage is not None:
            found.append(extension(x509.KEY_USAGE, named_bits(self.key_usage), explicit_false=self.explicit_false))
        if self.purposes:
            value = sequence(*map(der.write_oid, self.purposes))
            found.append(extension(x509.EXTENDED_KEY_USAGE, value, critical=True))
        return found


ROOT = CertificateRecipe("Root", key("Root"), serial=1, authority=True, key_usage=AUTHORITY_USAGE, not_before=NOW - 9 * YEAR, not_after=NOW + 9 * YEAR)
MAKER = CertificateRecipe("Maker", key("Maker"), serial=2)
SIGNER = CertificateRecipe("天山区市场监督管理局", key("Signer"), serial=3)
STAMPER = CertificateRecipe("Timestamps", key("Stamper"), serial=4, purposes=(x509.TIME_STAMPING,))


@cache
def made(recipe: CertificateRecipe) -> bytes:
    return recipe.encoded()


def crl(
    revoked: Sequence[tuple[int, datetime, int | None]] = (), *, issuer: str = "Root", signer: Key | None = None,
    issued: datetime = NOW - timedelta(days=1), next_update: datetime | None = NOW + timedelta(days=6), extra: bytes = b"",
) -> bytes:
    """A revocation list; of each entry serial, time and reason."""
    signer = signer or key("Root")
    entries = [
        sequence(der.write_integer(serial), time(since, der.UTC_TIME),
                 b"" if reason is None else sequence(extension("2.5.29.21", der.write(0x0A, bytes((reason,))))))
        for serial, since, reason in revoked
    ]  # fmt: skip
    body = sequence(
        der.write_integer(1), algorithm(signer.algorithm), name(issuer), time(issued, der.UTC_TIME),
        time(next_update, der.UTC_TIME) if next_update else b"", sequence(*entries) if entries else b"",
        der.write(der.context(0), sequence(extra)) if extra else b"",
    )  # fmt: skip
    return sequence(body, algorithm(signer.algorithm), der.write_bits(signer.sign(body)))


@dataclass(frozen=True)
class TokenRecipe:
    """A timestamp token over some bytes."""

    time: datetime = SIGNED + timedelta(seconds=5)
    stamper: CertificateRecipe = STAMPER
    imprint: bytes | None = None
    content_digest: bytes | None = None
    carries: bool = True
    signer: Key | None = None
    response: bool = False

    def encoded(self, over: bytes) -> bytes:
        info = sequence(
            der.write_integer(1), der.write_oid("1.2.3.4"),
            sequence(algorithm(sm2.SM3), der.write(der.OCTETS, self.imprint or sm2.sm3(over))), der.write_integer(99), time(self.time),
        )  # fmt: skip
        attributes = (
            sequence(der.write_oid("1.2.840.113549.1.9.3"), der.write(der.SET, der.write_oid("1.2.840.113549.1.9.16.1.4"))),
            sequence(der.write_oid("1.2.840.113549.1.9.4"), der.write(der.SET, der.write(der.OCTETS, self.content_digest or sm2.sm3(info)))),
        )
        signer = self.signer or self.stamper.key
        signer_info = sequence(
            der.write_integer(1), sequence(name(self.stamper.issuer), der.write_integer(self.stamper.serial)), algorithm(sm2.SM3),
            der.write(der.context(0), *attributes), algorithm(signer.algorithm), der.write(der.OCTETS, signer.sign(der.write(der.SET, *attributes))),
        )  # fmt: skip
        signed = sequence(
            der.write_integer(3), der.write(der.SET, algorithm(sm2.SM3)),
            sequence(der.write_oid("1.2.840.113549.1.9.16.1.4"), der.write(der.context(0), der.write(der.OCTETS, info))),
            der.write(der.context(0), made(self.stamper)) if self.carries else b"", der.write(der.SET, signer_info),
        )  # fmt: skip
        token = sequence(der.write_oid("1.2.840.113549.1.7.2"), der.write(der.context(0), signed))
        return sequence(sequence(der.write_integer(0)), token) if self.response else token


@dataclass(frozen=True)
class SealRecipe:
    """A seal of one of the three generations."""

    generation: int = 4
    header: str = "ES"
    version: int | None = None
    code: str = "65010212345678"
    type: int = 1
    name: str = "天山区市场监督管理局"
    signers: tuple[bytes, ...] = field(default_factory=lambda: (made(SIGNER),))
    by_digest: str = ""  # the algorithm's name
    created: datetime = CREATED
    valid_from: datetime = CREATED
    valid_until: datetime = NOW + YEAR
    picture: str = "PNG"
    size: tuple[int, int] = (42, 42)
    extensions: tuple[bytes, ...] = ()
    maker: CertificateRecipe = MAKER
    maker_certificate: bytes | None = None
    signer: Key | None = None
    algorithm: str | None = None
    token: TokenRecipe | None = None
    tamper: bytes = b""

    def encoded(self) -> bytes:
        info, certificate = self.info(), der.write(der.OCTETS, self.maker_certificate or made(self.maker))
        signer = self.signer or self.maker.key
        oid = der.write_oid(self.algorithm or signer.algorithm)
        signature = signer.sign(sequence(info, certificate, oid) if self.generation == 1 else info)
        if self.tamper:
            info = info.replace(self.code.encode(), self.tamper)
        tail = certificate + oid + der.write_bits(signature)
        if self.generation == 1:
            return sequence(info, sequence(tail))
        stamp = b"" if self.token is None else der.write(der.context(0), der.write_bits(self.token.encoded(signature)))
        return sequence(info, tail, stamp)

    def info(self) -> bytes:
        header = sequence(
            der.write(der.IA5, self.header.encode()), der.write_integer(self.version or self.generation), der.write(der.IA5, b"etrust")
        )
        picture = sequence(
            der.write(der.IA5, self.picture.encode()), der.write(der.OCTETS, b"\x89PNG picture"), *map(der.write_integer, self.size)
        )
        extensions = sequence(*self.extensions) if self.extensions else b""
        return sequence(header, der.write(der.IA5, self.code.encode()), self.properties(), picture, extensions)

    def properties(self) -> bytes:
        head = der.write_integer(self.type) + der.write(der.UTF8, self.name.encode())
        tag = der.UTC_TIME if self.generation == 1 else der.GENERAL_TIME
        times = b"".join(time(each, tag) for each in (self.created, self.valid_from, self.valid_until))
        if self.generation == 1:
            return sequence(head, self.listed(), times)
        return sequence(head, der.write_integer(2 if self.by_digest else 1), self.listed(), times)

    def listed(self) -> bytes:
        if not self.by_digest:
            return sequence(*(der.write(der.OCTETS, each) for each in self.signers))
        return sequence(
            *(sequence(der.write(der.PRINTABLE, self.by_digest.encode()), der.write(der.OCTETS, sm2.sm3(each))) for each in self.signers)
        )


@dataclass(frozen=True)
class SignatureRecipe:
    """A seal signature over a document."""

    seal: SealRecipe = field(default_factory=SealRecipe)
    document: bytes = b"the document"
    property_info: str = "/Doc_0/Signs/Sign_0/Signature.xml"
    version: int | None = None
    time: datetime = SIGNED
    time_token: TokenRecipe | None = None  # V1 only
    digest: bytes | None = None
    signer: CertificateRecipe = SIGNER
    signer_certificate: bytes | None = None
    signing_key: Key | None = None
    algorithm: str | None = None
    extensions: tuple[bytes, ...] = ()
    token: TokenRecipe | None = None
    tamper: tuple[bytes, bytes] | None = None

    def encoded(self) -> bytes:
        signing_key = self.signing_key or self.signer.key
        digest = self.digest or (sm2.sm3(self.document) if isinstance(signing_key, Sm2Key) else hashlib.sha256(self.document).digest())
        certificate = der.write(der.OCTETS, self.signer_certificate or made(self.signer))
        oid = der.write_oid(self.algorithm or signing_key.algorithm)
        head = der.write_integer(self.version or self.seal.generation) + self.seal.encoded()
        digested = der.write_bits(digest) + der.write(der.IA5, self.property_info.encode())
        if self.seal.generation == 1:
            stated = self.time_token.encoded(digest) if self.time_token else time(self.time, der.UTC_TIME)
            tbs = sequence(head, der.write_bits(stated), digested, certificate, oid)
        else:
            tail = der.write(der.context(0), sequence(*self.extensions)) if self.extensions else b""
            tbs = sequence(head, time(self.time), digested, tail)
        signature = signing_key.sign(tbs)
        if self.tamper:
            tbs = tbs.replace(*self.tamper)
        if self.seal.generation == 1:
            return sequence(tbs, der.write_bits(signature))
        stamp = b"" if self.token is None else der.write(der.context(0), der.write_bits(self.token.encoded(signature)))
        return sequence(tbs, certificate, oid, der.write_bits(signature), stamp)


NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
FILES = {
    "OFD.xml": f'<?xml version="1.0" encoding="UTF-8"?><ofd:OFD {NS} Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot>'
    "<ofd:Signatures>/Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody></ofd:OFD>",
    "Doc_0/Document.xml": f"<ofd:Document {NS}/>",
    "Doc_0/Pages/Page_0/Content.xml": f"<ofd:Page {NS}>营业执照</ofd:Page>",
}
SIGN = "Doc_0/Signs/Sign_0/"


@dataclass(frozen=True)
class OfdRecipe:
    """An OFD package with one seal signature."""

    signature: SignatureRecipe = field(default_factory=SignatureRecipe)
    files: tuple[tuple[str, bytes], ...] = tuple((path, text.encode()) for path, text in FILES.items())
    method: str | None = "SM3"
    unreferenced: tuple[str, ...] = ()
    references: tuple[tuple[str, bytes], ...] = ()  # further ones: path, digest
    signature_xml: bytes | None = None
    type: str = "Seal"
    seal_file: bytes | None = None
    value: bytes | None = None
    after: tuple[tuple[str, bytes | None], ...] = ()  # what is changed after signing; None takes a file away

    def contents(self) -> dict[str, bytes]:
        xml = self.signature_xml or self.xml()
        value = self.value or replace(self.signature, document=xml).encoded()
        contents = {
            **dict(self.files),
            "Doc_0/Signs/Signatures.xml": f'<ofd:Signatures {NS}><ofd:Signature ID="s1" Type="{self.type}" BaseLoc="Sign_0/Signature.xml"/></ofd:Signatures>'.encode(),
            SIGN + "Signature.xml": xml, SIGN + "SignedValue.dat": value,
            SIGN + "Seal.esl": self.seal_file or self.signature.seal.encoded(), **{path: data for path, data in self.after if data is not None},
        }  # fmt: skip
        for path, data in self.after:
            if data is None:
                del contents[path]
        return contents

    def xml(self) -> bytes:
        digest = (lambda data: hashlib.sha256(data).digest()) if self.method == "SHA256" else sm2.sm3
        listed = [(path, digest(data)) for path, data in self.files if path not in self.unreferenced]
        references = "".join(
            f'<ofd:Reference FileRef="/{path}"><ofd:CheckValue>{base64.b64encode(value).decode()}</ofd:CheckValue></ofd:Reference>'
            for path, value in (*listed, *self.references)
        )
        method = "" if self.method is None else f' CheckMethod="{self.method}"'
        return (
            f"<ofd:Signature {NS}><ofd:SignedInfo><ofd:Seal><ofd:BaseLoc>/{SIGN}Seal.esl</ofd:BaseLoc></ofd:Seal>"
            f"<ofd:References{method}>{references}</ofd:References></ofd:SignedInfo>"
            f"<ofd:SignedValue>/{SIGN}SignedValue.dat</ofd:SignedValue></ofd:Signature>"
        ).encode()

    def encoded(self) -> bytes:
        return packed(list(self.contents().items()))


def packed(files: Sequence[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP with these files, the same byte for byte every time."""
    room = io.BytesIO()
    with zipfile.ZipFile(room, "w", method) as package:
        for path, data in files:
            package.writestr(zipfile.ZipInfo(path, (2026, 11, 14, 12, 0, 0)), data, method)
    return room.getvalue()

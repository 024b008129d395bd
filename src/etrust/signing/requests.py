"""Certificate requests (证书申请, PKCS#10, RFC 2986) for keys whose certificate another authority issues."""

from dataclasses import dataclass

from etrust.errors import EtrustError, Kind
from etrust.signing import der
from etrust.signing.encoding import algorithm_identifier, der_raw
from etrust.signing.private_keys import SigningKey

_ATTRIBUTES = {
    "C": "2.5.4.6", "ST": "2.5.4.8", "L": "2.5.4.7", "O": "2.5.4.10", "OU": "2.5.4.11", "CN": "2.5.4.3",
    "organizationIdentifier": "2.5.4.97",
}  # fmt: skip
_COUNTRY_LETTERS = 2
_MAX_TEXT = 64  # RFC 5280, appendix A: the bounds of X.520 for most names


@dataclass(frozen=True, slots=True)
class Subject:
    """Who the certificate shall be for: attributes and values in the order they are written, the widest first."""

    parts: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> "Subject":
        """A subject as ``C=CN, O=某局, CN=某局签发``; a backslash stands before a comma that belongs to a value.

        Raises:
            EtrustError: ``bad_subject``.
        """
        pieces = [piece.replace("\0", ",").strip() for piece in text.replace("\\,", "\0").split(",")]
        parts = tuple((name.strip(), value.strip()) for name, _, value in (piece.partition("=") for piece in pieces))
        for name, value in parts:
            if name not in _ATTRIBUTES or not 1 <= len(value) <= _MAX_TEXT or not value.isprintable():
                raise _bad(f"{name}={value}"[:100])
            if name == "C" and not (len(value) == _COUNTRY_LETTERS and value.isascii() and value.isalpha()):
                raise _bad(f"C={value}")
        if "CN" not in dict(parts):
            raise _bad("CN")
        return cls(parts)

    def encoded(self) -> bytes:
        """The Name, DER."""
        return der.write(der.SEQUENCE, *(_relative(name, value) for name, value in self.parts))


def make_request(key: SigningKey, subject: Subject) -> bytes:
    """The CertificationRequest of a key, signed by it, DER."""
    body = der.write(der.SEQUENCE, der.write_integer(0), subject.encoded(), key.public_spki(), der.write(der.context(0)))
    signature = der_raw(key.algorithm, key.sign(body))
    return der.write(der.SEQUENCE, body, algorithm_identifier(key.algorithm), der.write_bits(signature))


def _relative(name: str, value: str) -> bytes:
    tag = der.PRINTABLE if name == "C" else der.UTF8
    pair = der.write(der.SEQUENCE, der.write_oid(_ATTRIBUTES[name]), der.write(tag, value.encode()))
    return der.write(der.SET, pair)


def _bad(where: str) -> EtrustError:
    return EtrustError(
        Kind.INVALID, "bad_subject", where=where,
        zh=f"证书主体不正确，应如 C=CN, O=某局, CN=某局签发；可用：{'、'.join(_ATTRIBUTES)}，每项不超过 {_MAX_TEXT} 字。",
        en=f"Not a subject such as C=CN, O=Some Bureau, CN=Issuing; known are {', '.join(_ATTRIBUTES)}, at most"
        f" {_MAX_TEXT} characters each.",
    )

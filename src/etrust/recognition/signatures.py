"""Signed HTTP messages between regions (RFC 9421): what a region says to another, and what it is answered.

A request is signed by the sender's key for messages and names both regions, so that it counts for one recipient only. It lives
a minute and carries a nonce. An answer is signed over its status and content and over the signature of the request, so that
it is an answer to this very request (RFC 9421, section 2.4). Keys and algorithms come from the trust list, never from the
message. Pure; the moment is an argument.
"""

import base64
import hashlib
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import load_der_public_key
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from etrust.errors import EtrustError, Kind
from etrust.signing.model import Algorithm, Signer
from etrust.signing.spki import certificate_spki
from etrust.trust.model import KeyEntry

TAG, ANSWER_TAG = "etrust-partner", "etrust-partner-answer"
SENDER, RECIPIENT = "Etrust-Sender", "Etrust-Recipient"
WINDOW = timedelta(seconds=60)
"""How long a message counts."""
SKEW = timedelta(seconds=10)
MAX_HEADER = 4096
"""Characters of each header of a signature."""
MAX_NONCE = 64
_ALGORITHMS = {Algorithm.ES256: algorithms.ECDSA_P256_SHA256, Algorithm.EDDSA: algorithms.ED25519}
_HEADERS = {
    "signature", "signature-input", "content-digest", "content-type", "idempotency-key", SENDER.lower(), RECIPIENT.lower(),
}  # fmt: skip
REQUEST_PARTS = ("@method", "@path", "@query", "content-digest", SENDER.lower(), RECIPIENT.lower())
"""What the signature of a request covers; content type and idempotency key besides, where they are sent."""
ANSWER_PARTS = ("@status", "content-digest", '"@method";req', '"@path";req', '"content-digest";req')
_BY_REQUEST = '"signature";req'


@dataclass(slots=True)
class Request:
    """A request as the library wants it.

    Attributes:
        url: whole; only path and query are signed, for a recipient may stand behind a proxy.
    """

    method: str
    url: str
    headers: MutableMapping[str, str]
    body: bytes = b""


@dataclass(slots=True)
class Answer:
    """An answer, with the request it belongs to."""

    status_code: int
    headers: MutableMapping[str, str]
    body: bytes
    request: Request


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that verified.

    Attributes:
        kid: of the key.
        nonce: to be remembered for as long as the message counts; empty for an answer.
    """

    kid: bytes
    nonce: str
    created: datetime


def sign_request(request: Request, signer: Signer, *, sender: str, recipient: str, nonce: str, at: datetime) -> None:
    """Sign a request in place."""
    request.headers[SENDER], request.headers[RECIPIENT] = sender, recipient
    request.headers["Content-Digest"] = content_digest(request.body)
    extra = [name for name in ("content-type", "idempotency-key") if _has(request.headers, name)]
    _sign(request, signer, (*REQUEST_PARTS, *extra), tag=TAG, nonce=nonce, at=at)


def sign_answer(answer: Answer, signer: Signer, *, at: datetime) -> None:
    """Sign an answer in place, over the signature of its request where that has one."""
    answer.headers["Content-Digest"] = content_digest(answer.body)
    parts = [*ANSWER_PARTS] if _has(answer.request.headers, "content-digest") else [*ANSWER_PARTS[:-1]]
    parts += [name for name in ("content-type",) if _has(answer.headers, name)]
    parts += [_BY_REQUEST] if _has(answer.request.headers, "signature") else []
    _sign(answer, signer, parts, tag=ANSWER_TAG, nonce=None, at=at)


def verify_request(request: Request, keys: Sequence[KeyEntry], *, recipient: str, at: datetime) -> Signed:
    """The signature of a request, by one of the sender's keys in force.

    Args:
        keys: the sender's for messages, from its trust list.

    Raises:
        EtrustError: UNAUTHENTICATED ``bad_message_signature``: whatever is wrong with it is one answer.
    """
    if request.headers.get(RECIPIENT.lower(), request.headers.get(RECIPIENT)) != recipient:
        raise bad_message_signature("it is for another region")
    needed = [*REQUEST_PARTS, *(name for name in ("content-type", "idempotency-key") if _has(request.headers, name))]
    found = _verify(request, request.body, keys, needed, tag=TAG, at=at)
    if not 16 <= len(found.nonce) <= MAX_NONCE:  # noqa: PLR2004 - enough not to be drawn twice
        raise bad_message_signature("its nonce is missing, too short or too long")
    return found


def verify_answer(answer: Answer, keys: Sequence[KeyEntry], *, at: datetime) -> Signed:
    """The signature of an answer to a request of ours.

    Raises:
        EtrustError: as `verify_request`.
    """
    parts = [*ANSWER_PARTS, _BY_REQUEST, *(["content-type"] if _has(answer.headers, "content-type") else [])]
    return _verify(answer, answer.body, keys, parts, tag=ANSWER_TAG, at=at)


def content_digest(body: bytes) -> str:
    """The header Content-Digest (RFC 9530) of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that signatures speak of, names in lower case.

    Raises:
        EtrustError: as `verify_request`, for headers that are too long or stand twice.
    """
    found: dict[str, str] = {}
    for name, value in headers.items():
        if name.lower() not in _HEADERS:
            continue
        if name.lower() in found or len(value) > MAX_HEADER:
            raise bad_message_signature("a header is too long, or stands twice")
        found[name.lower()] = value
    return found


def bad_message_signature(why: str) -> EtrustError:
    """The refusal of a message whose signature does not count."""
    return EtrustError(
        Kind.UNAUTHENTICATED, "bad_message_signature",
        zh="请求签名无效，请按互认接口文档签名后重试。", en=f"The signature of the message does not count: {why}.",
    )


@dataclass
class _Key(HTTPSignatureKeyResolver):
    """The one key that is tried."""

    entry: KeyEntry
    kid: str = field(init=False)

    def __post_init__(self) -> None:
        self.kid = self.entry.kid.hex()

    def resolve_public_key(self, key_id: str) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | None:
        """The key, when it is the one named."""
        if key_id != self.kid:
            return None
        key = load_der_public_key(certificate_spki(self.entry.certificate))
        return key if isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) else None


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, by the clock it is given."""

    at: datetime

    def validate_created_and_expires(self, sig_input: object, max_age: object = None) -> None:  # noqa: ARG002 - the library's signature
        """Both times are there and around the moment."""
        times = getattr(sig_input, "params", {})
        created, expires = times.get("created"), times.get("expires")
        if type(created) is not int or type(expires) is not int:
            raise InvalidSignature("created and expires are needed")
        now = self.at.timestamp()
        slack = SKEW.total_seconds()
        if not created - slack <= now <= expires + slack or not 0 <= expires - created <= WINDOW.total_seconds():
            raise InvalidSignature("not of this moment")


def _sign(
    message: Request | Answer, signer: Signer, parts: Sequence[str], *, tag: str, nonce: str | None, at: datetime
) -> None:
    writer = HTTPMessageSigner(signature_algorithm=_ALGORITHMS[signer.algorithm])
    at = at.replace(microsecond=0)
    prepared = writer.prepare(
        message, key_id=signer.kid.hex(), created=at, expires=at + WINDOW, nonce=nonce, tag=tag, label="etrust",
        covered_component_ids=parts, body=message.body, use_existing_digest=True,
    )  # fmt: skip
    writer.apply(message, prepared, signer.sign(prepared.signature_base))


def _verify(
    message: Request | Answer, body: bytes, keys: Sequence[KeyEntry], needed: Sequence[str], *, tag: str, at: datetime
) -> Signed:
    why = "none of the sender's keys signed it"
    for entry in keys:
        if entry.algorithm not in _ALGORITHMS:
            continue
        verifier = _Verifier(signature_algorithm=_ALGORITHMS[entry.algorithm], key_resolver=_Key(entry))
        verifier.at = at
        try:
            (found,) = verifier.verify(message, max_age=None, expect_tag=tag, require_components=needed, body=body)
        except (InvalidSignature, HTTPMessageSignaturesException, ValueError) as error:
            why = str(error)[:200] or why
            continue
        return Signed(entry.kid, found.nonce or "", datetime.fromtimestamp(int(found.parameters["created"]), tz=at.tzinfo))
    raise bad_message_signature(why)


def _has(headers: Mapping[str, str], name: str) -> bool:
    return any(each.lower() == name for each in headers)

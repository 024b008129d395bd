"""The online code (在线码): what a holder's screen shows for a minute. CWT claims in a COSE_Sign1 by the region's CODE key.

One text serves twice: online its handle is redeemed, once; a counter that is cut off judges signature and freshness.

======= ================================================================================================
claim   content
======= ================================================================================================
1 iss   the region's division, ``"650000"``
4 exp   second after which it is worth nothing: iat + 60
6 iat   second it was made
7 cti   the handle, 16 random bytes
-65538  ``{0: kind, 1: holder's name, masked, 2: type code, 3: short number, 4: state at iat, 5: matter}``
======= ================================================================================================

The short number is its 24 characters read as a number to base 36, in 16 bytes: the code must fit QR version 10.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from etrust.credentials import base45, cbor
from etrust.credentials.code import normalized, unpacked
from etrust.errors import EtrustError, Kind
from etrust.signing import cose
from etrust.signing.model import SIGNATURE_LENGTH, Signer

PREFIX = "ET2:"
LIFETIME = timedelta(seconds=60)
HANDLE_LENGTH = 16
KID_LENGTH = 8
MAX_RAW = 204
"""Bytes of a code in QR version 10 at level M: 311 characters, four of them the prefix, three for every two bytes."""
MAX_READ = 512
"""Bytes a reader takes: other regions may put more into theirs."""

ISS, EXP, IAT, CTI, WHAT = 1, 4, 6, 7, -65538
KIND, NAME, TYPE, SHORT, STATE, MATTER = range(6)
_LAST_SECOND = 253402300799  # 9999-12-31T23:59:59Z, the last a datetime can tell
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHORT_LENGTH, _SHORT_BYTES, _TYPE_LENGTH, _MATTER_LENGTH, _MAX_NAME = 24, 16, 21, 31, 60


class CodeFor(IntEnum):
    """What a code stands for."""

    HOLDER = 1
    LICENSE = 2
    MATTER = 3


class CodeState(IntEnum):
    """The state of the license when the code was made; the first four as in a status list."""

    VALID = 0
    REVOKED = 1
    SUSPENDED = 2
    UNDER_OBJECTION = 3
    EXPIRED = 4
    NOT_YET_VALID = 5
    SUPERSEDED = 6
    UNKNOWN = 7


@dataclass(frozen=True, slots=True)
class OnlineClaims:
    """What an online code says.

    Attributes:
        region: six-digit division (GB/T 2260) of the region that made it.
        issued_at: to the second.
        expires_at: first second it is worth nothing.
        handle: what is redeemed, 16 bytes.
        name: the holder's name, masked; a company's cut to what fits.
        type_code: of the license, 21 characters; empty for other kinds.
        short: short number of the license without hyphens, 24 characters; empty for other kinds.
        state: of the license at `issued_at`.
        matter: implementation code, 31 characters; empty for other kinds.
    """

    region: str
    issued_at: datetime
    expires_at: datetime
    handle: bytes
    kind: CodeFor
    name: str
    type_code: str = ""
    short: str = ""
    state: CodeState = CodeState.UNKNOWN
    matter: str = ""


@dataclass(frozen=True, slots=True)
class OnlineCode:
    """An online code as it was received, its signature not yet judged."""

    claims: OnlineClaims
    kid: bytes
    algorithm_header: int | None
    signature: bytes
    to_be_signed: bytes


def is_online_code(text: str) -> bool:
    """Whether a text is meant to be an online code, whatever it turns out to be."""
    return normalized(text[:64]).startswith(PREFIX[:3])


def sign_online_code(claims: OnlineClaims, signer: Signer) -> str:
    """The text of a code; a name too long for QR version 10 is cut, so that every code can be scanned alike."""
    header = {cose.ALGORITHM: signer.algorithm.cose, cose.KEY_ID: signer.kid}
    name = claims.name if len(claims.name) <= _MAX_NAME else f"{claims.name[: _MAX_NAME - 1]}…"
    while True:
        payload = encode_claims(claims, name)
        if len(payload) <= MAX_RAW - _AROUND or not name:
            return PREFIX + base45.encode(cose.sign1(payload, header, signer))
        name = name.removesuffix("…")[:-1]
        name = f"{name}…" if name else ""


_AROUND = 2 + 14 + 1 + 2 + 2 + SIGNATURE_LENGTH
"""Bytes around the payload: tag and array, protected header, unprotected header, two heads, the signature."""


def encode_claims(claims: OnlineClaims, name: str | None = None) -> bytes:
    """The claims set, deterministically encoded."""
    what = [cbor.number(KIND) + cbor.number(claims.kind), cbor.number(NAME) + cbor.text(claims.name if name is None else name)]
    if claims.kind is CodeFor.LICENSE:
        what.append(cbor.number(TYPE) + cbor.text(claims.type_code))
        what.append(cbor.number(SHORT) + _byte_string(int(claims.short, 36).to_bytes(_SHORT_BYTES, "big")))
        what.append(cbor.number(STATE) + cbor.number(claims.state))
    if claims.kind is CodeFor.MATTER:
        what.append(cbor.number(MATTER) + cbor.text(claims.matter))
    pairs = [
        cbor.number(ISS) + cbor.text(claims.region), cbor.number(EXP) + _seconds(claims.expires_at),
        cbor.number(IAT) + _seconds(claims.issued_at), cbor.number(CTI) + _byte_string(claims.handle),
        cbor.number(WHAT) + cbor.head(5, len(what)) + b"".join(what),
    ]  # fmt: skip
    return cbor.head(5, len(pairs)) + b"".join(pairs)


def _seconds(moment: datetime) -> bytes:
    return cbor.number(int(moment.timestamp()))


def _byte_string(value: bytes) -> bytes:
    return cbor.head(2, len(value)) + value


def read_online_code(presented: str) -> OnlineCode:
    """Take the text of a code apart, as a scanner, a clipboard or an input method delivers it; nothing is judged yet.

    Raises:
        EtrustError: as `decode_code`, ``not_a_code`` for other codes, ``bad_cose``, or ``bad_online_code`` when the
            claims are not those of an online code.
    """
    text = normalized(presented)
    if not text.startswith(PREFIX):
        raise EtrustError(
            Kind.MALFORMED, "not_a_code", where="presented",
            zh="这不是一码，请持证人打开“我的码”页面出示。",
            en="This is no code of a holder; ask the holder to open the page of the code.",
        )
    return parse_online_code(unpacked(text, PREFIX))


def parse_online_code(raw: bytes) -> OnlineCode:
    """Take the COSE_Sign1 of a code apart; see `read_online_code`."""
    sign1 = cose.parse_sign1(raw, MAX_READ)
    kid, algorithm = sign1.kid, sign1.protected.get(cose.ALGORITHM)
    if kid is None or len(kid) != KID_LENGTH or len(sign1.signature) != SIGNATURE_LENGTH:
        raise _bad("key id or signature is missing or has the wrong length")
    if algorithm is not None and not isinstance(algorithm, int):
        raise _bad("the algorithm must be a number")
    claims = _claims(cose.strict_loads(sign1.payload))
    return OnlineCode(claims, kid, algorithm, sign1.signature, cose.to_be_signed(sign1.protected_bytes, sign1.payload))


def _claims(found: object) -> OnlineClaims:
    what = found.get(WHAT) if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(what, dict):
        raise _bad("the claims are missing")
    issued_at, expires_at = _moment(found.get(IAT)), _moment(found.get(EXP))
    if not timedelta(0) < expires_at - issued_at <= LIFETIME:
        raise _bad("it does not live a minute at most")
    kind, region = _number(what.get(KIND)), _text(found.get(ISS), 6, exactly=True)
    if kind not in list(CodeFor):
        raise _bad("its kind is unknown")
    license_ = CodeFor(kind) is CodeFor.LICENSE
    return OnlineClaims(
        region=region, issued_at=issued_at, expires_at=expires_at, handle=_bytes(found.get(CTI), HANDLE_LENGTH),
        kind=CodeFor(kind), name=_text(what.get(NAME), _MAX_NAME),
        type_code=_text(what.get(TYPE), _TYPE_LENGTH, exactly=True) if license_ else "",
        short=_short(_bytes(what.get(SHORT), _SHORT_BYTES)) if license_ else "",
        state=_state(what.get(STATE)) if license_ else CodeState.UNKNOWN,
        matter=_text(what.get(MATTER), _MATTER_LENGTH, exactly=True) if CodeFor(kind) is CodeFor.MATTER else "",
    )


def _short(value: bytes) -> str:
    number, characters = int.from_bytes(value, "big"), []
    for _ in range(_SHORT_LENGTH):
        number, digit = divmod(number, 36)
        characters.append(_DIGITS[digit])
    if number:
        raise _bad("the short number has more than 24 characters")
    return "".join(reversed(characters))


def _state(value: object) -> CodeState:
    number = _number(value)
    return CodeState(number) if number in list(CodeState) else CodeState.UNKNOWN


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise _bad("a number is missing")
    return value


def _moment(value: object) -> datetime:
    number = _number(value)
    if not 0 <= number <= _LAST_SECOND:
        raise _bad("a time is out of range")
    return datetime.fromtimestamp(number, UTC)


def _bytes(value: object, length: int) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise _bad("a byte string is missing or has the wrong length")
    return value


def _text(value: object, length: int, *, exactly: bool = False) -> str:
    if not isinstance(value, str) or len(value) > length or (exactly and len(value) != length):
        raise _bad("a text is missing or has the wrong length")
    return value


def _bad(why: str) -> EtrustError:
    return EtrustError(Kind.MALFORMED, "bad_online_code", zh="内容不是一码。", en=f"Not the code of a holder: {why}.")

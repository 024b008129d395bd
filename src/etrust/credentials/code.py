"""The text of a code: a prefix that says what follows, then base45.

``ET1:`` is the credential as it is, ``ET1Z:`` the same behind zlib, used only when that is shorter. Reading is bounded
before anything is unpacked.
"""

import zlib

from etrust.credentials import base45
from etrust.credentials.credential import MAX_CREDENTIAL
from etrust.errors import EtrustError, Kind

PLAIN = "ET1:"
ZIPPED = "ET1Z:"
MAX_TEXT = 4096
"""Characters of a code; a QR code holds at most 4,296."""

_FULL_TO_HALF = {0xFF01 + offset: 0x21 + offset for offset in range(94)} | {0x3000: 0x20}


def is_code(text: str) -> bool:
    """Whether a text is meant to be a code of ours, whatever it turns out to be."""
    return text.lstrip()[:3].translate(_FULL_TO_HALF).upper() in ("ET1", "ET2")


def encode_code(raw: bytes) -> str:
    """The text of a credential."""
    zipped = zlib.compress(raw, 9)
    return ZIPPED + base45.encode(zipped) if len(zipped) + 1 < len(raw) else PLAIN + base45.encode(raw)


def decode_code(presented: str) -> bytes:
    """The credential inside a code as a scanner, a clipboard or a Chinese input method delivers it.

    Raises:
        EtrustError: ``too_long``, ``not_a_code`` for other codes, ``duplicated`` when one scan was read twice,
            ``truncated`` when the end is missing, ``bad_code`` for wrong characters, ``inflated`` when it unpacks to
            more than a credential can be.
    """
    text = normalized(presented)
    if text.startswith(PLAIN):
        return unpacked(text, PLAIN)
    if text.startswith(ZIPPED):
        return _inflate(unpacked(text, ZIPPED))
    if not text or "ET1Z:".startswith(text):
        raise _truncated()
    raise _bad("not_a_code", "这不是证照码，请出示证照页面上的二维码。", "This is another kind of code, not a license code.")


def normalized(presented: str) -> str:
    """What was presented, in the one letter case and width that codes are made of.

    Raises:
        EtrustError: ``too_long``.
    """
    if len(presented) > MAX_TEXT:
        raise _bad("too_long", "内容过长，不是证照码。", f"More than {MAX_TEXT} characters cannot be a license code.")
    text = presented.strip()
    if not text.isascii():
        text = text.translate(_FULL_TO_HALF)
    return text.upper()


def unpacked(text: str, prefix: str) -> bytes:
    """The bytes behind the prefix of a normalized text.

    Raises:
        EtrustError: ``duplicated``, ``truncated`` or ``bad_code``.
    """
    middle = len(text) // 2
    if len(text) % 2 == 0 and text[:middle] == text[middle:]:
        raise _bad("duplicated", "同一个码被读入了两次，请重新扫描。", "One code was read twice; please scan it again.")
    try:
        raw = base45.decode(text[len(prefix) :])
    except ValueError as error:
        if len(text[len(prefix) :]) % 3 == 1:
            raise _truncated() from error
        raise _bad(
            "bad_code", "码中有无法识别的字符，请重新扫描。", "The code has characters that cannot be; scan it again."
        ) from error
    if not raw:
        raise _truncated()
    return raw


def _inflate(zipped: bytes) -> bytes:
    inflater = zlib.decompressobj()
    try:
        raw = inflater.decompress(zipped, MAX_CREDENTIAL + 1)
    except zlib.error as error:
        raise _bad("bad_code", "码的内容已损坏，请重新扫描。", "The code is damaged; please scan it again.") from error
    if len(raw) > MAX_CREDENTIAL:
        raise _bad("inflated", "码的内容异常膨胀，已拒绝。", "The code unpacks to more than a license can hold; it is refused.")
    if not inflater.eof:
        raise _truncated()
    if inflater.unused_data:
        raise _bad("bad_code", "码的末尾有多余内容，请重新扫描。", "There is something after the end of the code; scan it again.")
    return raw


def _truncated() -> EtrustError:
    return _bad("truncated", "码不完整，请重新扫描整个二维码。", "The end of the code is missing; scan the whole code again.")


def _bad(code: str, zh: str, en: str) -> EtrustError:
    kind = Kind.TOO_LARGE if code in ("too_long", "inflated") else Kind.MALFORMED
    return EtrustError(kind, code, zh=zh, en=en, where="presented")

"""PEM (RFC 7468): one labeled block of base64."""

import base64
import binascii
import re

from etrust.errors import EtrustError, Kind

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]{1,40})-----\r?\n([A-Za-z0-9+/=\s]+)-----END \1-----")
_LINE = 64


def encode(label: str, data: bytes) -> bytes:
    """The bytes as a PEM block."""
    text = base64.b64encode(data).decode()
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", "")).encode()


def decode(data: bytes) -> tuple[str, bytes]:
    """Label and bytes of the first block.

    Raises:
        EtrustError: ``bad_pem``.
    """
    found = _BLOCK.search(data)
    try:
        if found:
            return found[1].decode(), base64.b64decode(b"".join(found[2].split()), validate=True)
    except binascii.Error:
        pass
    raise EtrustError(
        Kind.MALFORMED, "bad_pem", zh="文件不是有效的 PEM 格式。", en="The file is not in PEM form."
    )


def pem_or_der(data: bytes) -> bytes:
    """The DER bytes of a file that is DER itself or holds a PEM block.

    Raises:
        EtrustError: ``bad_pem``.
    """
    return decode(data)[1] if b"-----BEGIN " in data else data

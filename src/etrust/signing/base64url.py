"""Base64url without padding, as JOSE writes it (RFC 7515, section 2)."""

import base64
import binascii


def encode(data: bytes) -> str:
    """The bytes as text."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(data: bytes) -> bytes:
    """The bytes of a text.

    Raises:
        ValueError: a character outside the alphabet, or a length that none can have.
    """
    try:
        return base64.b64decode(data + b"=" * (-len(data) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error

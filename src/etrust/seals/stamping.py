"""Timestamps on seals and seal signatures, as this room asks for them."""

from collections.abc import Awaitable, Callable

from etrust.ses.make import add_timestamp, signature_value

Stamping = Callable[[bytes], Awaitable[bytes]]
"""Gives the TimeStampToken (DER) over the bytes of a signature; raises `EtrustError` when its clock is unsure."""


async def stamped(sealed: bytes, stamping: Stamping | None) -> bytes:
    """A seal or seal signature with its timestamp, or as it is where there is no timestamp service."""
    return sealed if stamping is None else add_timestamp(sealed, await stamping(signature_value(sealed)))

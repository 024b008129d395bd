"""Passwords of local accounts, kept as argon2id digests. OpenID Connect joins behind the same `SignIn` calls later."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from etrust.errors import EtrustError, Kind

MIN_LENGTH = 10
MAX_LENGTH = 200

_hasher = PasswordHasher()
# Threads of their own: each digest takes 64 MiB and a twentieth of a second, so a flood of sign-ins waits for itself
# and for nothing else.
_threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="passwords")


@cache
def _nobody() -> str:
    """Checked when a username is unknown, so that unknown and wrong take the same time."""
    return _hasher.hash("no account has this password")


async def digest_password(password: str) -> str:
    """The argon2id digest of a new password.

    Raises:
        EtrustError: shorter than ten or longer than two hundred characters.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise EtrustError(
            Kind.INVALID, "bad_password_length", where="password",
            zh=f"密码须为 {MIN_LENGTH} 至 {MAX_LENGTH} 个字符。",
            en=f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters.",
        )
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def password_matches(stored: str | None, password: str) -> bool:
    """Whether a password fits a stored digest; as slow for an unknown account as for a known one."""
    loop = asyncio.get_running_loop()
    nobody = await loop.run_in_executor(_threads, _nobody)  # made at the first question, known account or not
    fits = await loop.run_in_executor(_threads, _verify, stored or nobody, password[:MAX_LENGTH])
    return fits and stored is not None


def _verify(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False

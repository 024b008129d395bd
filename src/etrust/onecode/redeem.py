"""Redeems a code: of any number of scans exactly one succeeds, and insiders are told when that was.

Redis decides first, in one step, and spares the register a crowd; the register's primary key decides for good, so that
not even a Redis that lost its memory gives a code twice. For outsiders a wrong code, a used one and one that has expired
are one answer, reached by the same work.
"""

from dataclasses import dataclass
from datetime import datetime

from etrust.clock import BEIJING
from etrust.credentials.online_code import OnlineCode, read_online_code
from etrust.errors import EtrustError, Kind
from etrust.onecode import reconcile_store as store
from etrust.onecode.envelope import handle_digest, unseal
from etrust.onecode.limits import ScanLimits, Scanner
from etrust.onecode.model import Shown
from etrust.onecode.reconcile_store import CodeUse
from etrust.onecode.show import CodeBook
from etrust.storage.postgres import Pool
from etrust.trust.model import TrustSnapshot
from etrust.verification.online_code import Judged, judge_online_code


class CodeUsed(EtrustError):  # noqa: N818 - it is an answer, not a mistake
    """The code was used before; `first_used_at` tells when."""

    def __init__(self, first_used_at: datetime) -> None:
        told = f"{first_used_at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"  # official time, as the clerk's watch has it
        super().__init__(
            Kind.CONFLICT, "code_used", where="presented",
            zh=f"此码已于 {told} 使用过，请持证人刷新后再出示。",
            en=f"This code was used at {told} (UTC+8); ask the holder to show a fresh one.",
        )
        self.first_used_at = first_used_at


@dataclass(frozen=True, slots=True)
class Redeeming:
    """What codes are redeemed with."""

    book: CodeBook
    pool: Pool
    limits: ScanLimits

    async def redeem(self, text: str, scanner: Scanner, *, trust: TrustSnapshot, at: datetime) -> Shown:
        """What the code stands for; it is used up.

        Args:
            trust: the region's own trust list.

        Raises:
            EtrustError: for operators ``code_used`` (`CodeUsed`), ``code_expired``, ``code_ended``, ``bad_signature``,
                ``unknown_key``, ``code_of_other_region``, and what `read_online_code` raises; for outsiders
                ``code_not_valid`` alone; for both ``too_many_wrong_codes``, ``redis_unavailable``, ``store_unavailable``.
        """
        await self.limits.admit(scanner)
        try:
            code = read_online_code(text)
            shown = await self._redeem(judge_online_code(code, trust=trust, at=at), scanner, at)
        except EtrustError as error:
            if error.kind in (Kind.UNAVAILABLE, Kind.RATE_LIMITED):
                raise
            await self.limits.wrong(scanner, error)
            raise error if scanner.operator else not_valid() from None
        await self.limits.right(scanner)
        return shown

    async def _redeem(self, judged: Judged, scanner: Scanner, at: datetime) -> Shown:
        digest = handle_digest(judged.code.claims.handle, self.book.secret)
        taken = await self.book.handles.take(digest, at=at, only_look=not judged.genuine)
        if not judged.genuine:
            raise _refused("code_of_other_region" if judged.code.claims.region != self.book.region else judged.reason)
        if taken.used_at is not None:
            raise CodeUsed(taken.used_at)
        if taken.sealed is None:
            raise await self._gone(judged.code, digest, scanner, at)
        shown = unseal(judged.code.claims.handle, taken.sealed, self.book.secret)
        if at >= shown.expires_at:
            raise _refused("code_expired")
        return await self._first(shown, CodeUse(digest, at, scanner.operator, scanner.body), at)

    async def _gone(self, code: OnlineCode, digest: bytes, scanner: Scanner, at: datetime) -> EtrustError:
        """Why a code that the region made is not there: used longer ago, over, or ended with its session."""
        if scanner.operator:
            async with self.pool.acquire() as connection:
                first = await store.first_use(connection, digest)
            if first is not None:
                return CodeUsed(first.used_at)
        return _refused("code_expired" if at >= code.claims.expires_at else "code_ended")

    async def _first(self, shown: Shown, use: CodeUse, at: datetime) -> Shown:
        async with self.pool.acquire() as connection:
            if await store.add_first_use(connection, use, at):
                return shown
            first = await store.first_use(connection, use.handle)
            await store.add_further_use(connection, use, at)
        raise _refused("code_ended") if first is None else CodeUsed(first.used_at)


def not_valid() -> EtrustError:
    """The one answer for outsiders."""
    return EtrustError(
        Kind.INVALID, "code_not_valid", where="presented",
        zh="此码无效，请持证人刷新后再出示。", en="This code is not valid; ask the holder to show a fresh one.",
    )


_REFUSALS = {
    "code_expired": ("此码已过期，请持证人刷新后再出示。", "This code has expired; ask the holder to show a fresh one."),
    "code_ended": ("此码已失效，请持证人刷新后再出示。", "This code has ended; ask the holder to show a fresh one."),
    "code_of_other_region": ("这是其他地区的一码，本地区不能兑用。", "This is a code of another region; it cannot be used here."),
}
_FORGED = ("此码不是本地区签发的，不得采信。", "This code was not made by this region; do not rely on it.")


def _refused(code: str) -> EtrustError:
    zh, en = _REFUSALS.get(code, _FORGED)
    kind = Kind.INVALID if code in _REFUSALS else Kind.UNTRUSTED
    return EtrustError(kind, code, where="presented", zh=zh, en=en)

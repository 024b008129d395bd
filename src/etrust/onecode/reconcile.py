"""Reconciles codes that were scanned at a counter without a network (断网查验核对).

A counter that is cut off judges signature and freshness, goes on, and tells its scans when it is connected again. Each is
judged here anew as of the moment it was scanned, and counted as a use: a code that was used before, here or at another
counter, is told as used twice. Telling the same scan again changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from etrust.credentials.online_code import read_online_code
from etrust.errors import EtrustError
from etrust.onecode import reconcile_store as store
from etrust.onecode.envelope import handle_digest
from etrust.onecode.limits import Scanner
from etrust.onecode.reconcile_store import CodeUse
from etrust.storage.postgres import Connection
from etrust.trust.model import TrustSnapshot
from etrust.verification.online_code import CLOCK_SKEW, judge_online_code

MAX_SCANS = 500
"""Scans told in one call."""
MAX_AGE = timedelta(days=30)
"""A scan older than this is not taken: nobody can say any more what was shown."""


class Reconciled(StrEnum):
    """What became of one scan."""

    ACCEPTED = "accepted"
    USED_TWICE = "used_twice"
    NOT_FRESH = "not_fresh"
    BAD_SIGNATURE = "bad_signature"
    UNKNOWN = "unknown"  # no code of this region, or not readable


@dataclass(frozen=True, slots=True)
class Scan:
    """One scan as a counter tells it; `scanned_at` is by the counter's clock."""

    text: str
    scanned_at: datetime
    matter: str = ""
    case_number: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a scan; for `USED_TWICE` with the first use."""

    outcome: Reconciled
    reason: str = ""
    first: CodeUse | None = None


async def reconcile(
    connection: Connection, scan: Scan, scanner: Scanner, *, secret: bytes, trust: TrustSnapshot, at: datetime
) -> Answer:
    """Judge and keep one scan.

    Args:
        secret: the region's own, as of `CodeBook`.
        at: the present; a scan from the future, or older than `MAX_AGE`, is not fresh.
    """
    try:
        code = read_online_code(scan.text)
    except EtrustError as error:
        return Answer(Reconciled.UNKNOWN, error.code)
    judged = judge_online_code(code, trust=trust, at=scan.scanned_at)
    if not judged.genuine:
        forged = judged.reason in ("bad_signature", "algorithm_not_of_key")
        return Answer(Reconciled.BAD_SIGNATURE if forged else Reconciled.UNKNOWN, judged.reason)
    if judged.reason:
        return Answer(Reconciled.NOT_FRESH, judged.reason)
    if not at - MAX_AGE <= scan.scanned_at <= at + CLOCK_SKEW:
        return Answer(Reconciled.NOT_FRESH, "scanned_later" if scan.scanned_at > at else "scanned_too_long_ago")
    use = CodeUse(
        handle_digest(code.claims.handle, secret), scan.scanned_at, scanner.operator, scanner.body, offline=True,
        matter=scan.matter, case_number=scan.case_number, note=scan.note,
    )
    return await _count(connection, use, at)


async def _count(connection: Connection, use: CodeUse, at: datetime) -> Answer:
    if await store.add_first_use(connection, use, at):
        return Answer(Reconciled.ACCEPTED)
    first = await store.first_use(connection, use.handle)
    if first is not None and first.same_scan(use):
        return Answer(Reconciled.ACCEPTED)
    await store.add_further_use(connection, use, at)
    return Answer(Reconciled.USED_TWICE, "code_used", first)

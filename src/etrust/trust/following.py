"""Follows the trust list of another region: whether a list that was fetched takes the place of the one known. Pure.

Refused are a list by another anchor, of another region, older than one seen (rollback), another one under the same number
(equivocation), one that is out of its time (freeze), one that is emptied or shrunken without saying so, and one older than the
operator of regions names (mix and match). What is refused leaves the known list in force until its own end.

An anchor changes by pivots: the anchor in force signs a statement that names the next. A list carries all of them, so that a
follower who was away for years comes from the anchor it pinned to the one that signs today.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from etrust.errors import EtrustError, Kind
from etrust.signing.model import Signer
from etrust.trust.lists import MAX_PIVOTS, peek_pivots, read_trust_list, sign_jws, verified_jws
from etrust.trust.model import TrustList, TrustSnapshot

PIVOT_TYP = "etrust-pivot+jwt"
SHRINK = 3
"""A list that lost more than one in so many bodies or keys at once is refused, unless it names what it leaves out."""
FEW = 5
"""… but not for the loss of so few."""
ALARMS = frozenset({
    "older_list", "same_number_other_list", "emptied_list", "shrunken_list", "another_region", "untrusted_list",
    "older_than_named",
})  # fmt: skip
"""Refusals that a person must look at: somebody may be lying. An expired list alone may be a region that sleeps."""


@dataclass(frozen=True, slots=True)
class Known:
    """The list of a region that was accepted last.

    Attributes:
        anchor: the certificate (DER) that signed it.
    """

    snapshot: TrustSnapshot
    anchor: bytes


@dataclass(frozen=True, slots=True)
class Named:
    """What the operator of regions says of a region's newest list."""

    sequence: int
    digest: str


class _PivotJson(BaseModel):
    model_config = ConfigDict(extra="ignore")
    region: str = Field(pattern=r"^\d{6}$")
    next: str = Field(max_length=16_384)
    valid_from: AwareDatetime


def sign_pivot(region: str, next_anchor: bytes, old: Signer, *, valid_from: datetime) -> str:
    """The statement of an anchor that names the one after it."""
    found = _PivotJson(region=region, next=base64.b64encode(next_anchor).decode(), valid_from=valid_from)
    return sign_jws(found.model_dump_json().encode(), old, PIVOT_TYP).decode()


def follow(
    known: Known | None, token: bytes, *, region: str, anchor: bytes, at: datetime, named: Named | None = None
) -> Known:
    """Judge a list that was fetched.

    Args:
        known: the list accepted last, None at first.
        anchor: the certificate (DER) that was pinned; a change begins there.
        named: what a list of lists says, None where none is followed.

    Raises:
        EtrustError: UNTRUSTED ``untrusted_list``, ``another_region``, ``older_list``, ``same_number_other_list``,
            ``expired_list``, ``emptied_list``, ``shrunken_list``, ``older_than_named``; MALFORMED ``bad_trust_list``.
    """
    anchors = anchors_of(peek_pivots(token), region=region, pinned=anchor, at=at)
    # The newest first: once an anchor has named the next one, lists by the old one no longer count.
    signer = anchors[-1]
    snapshot = read_trust_list(token, anchors=[signer], at=at)
    if snapshot.trust_list.region != region:
        raise refused("another_region", "信任列表属于另一地区。", "The list is another region's.")
    if known is not None:
        _check_growth(known.snapshot, snapshot, anchors, known.anchor)
    if named is not None:
        _check_named(snapshot, named)
    return Known(snapshot, signer)


def anchors_of(pivots: Sequence[str], *, region: str, pinned: bytes, at: datetime) -> list[bytes]:
    """The anchors of a region from the pinned one on, as far as statements in force name them.

    Statements that do not verify by the anchor before them are passed over: they prove nothing.
    """
    found = [pinned]
    for statement in pivots[:MAX_PIVOTS]:
        try:
            pivot = _PivotJson.model_validate_json(verified_jws(statement.encode(), [found[-1]], PIVOT_TYP))
            following = base64.b64decode(pivot.next, validate=True)
        except (EtrustError, ValidationError, ValueError, binascii.Error):
            continue
        if pivot.region == region and pivot.valid_from <= at and following not in found:
            found.append(following)
    return found


def _check_growth(old: TrustSnapshot, new: TrustSnapshot, anchors: Sequence[bytes], last: bytes) -> None:
    before, after = old.trust_list, new.trust_list
    if after.sequence < before.sequence or last not in anchors:
        raise refused("older_list", "信任列表比已见过的更旧，已拒绝。", "The list is older than one that was seen.")
    if after.sequence == before.sequence:
        if new.digest != old.digest:
            raise refused(
                "same_number_other_list", "同一序号出现了两份不同的信任列表。", "There are two lists with one number."
            )
        return
    _check_size(before, after)


def _check_size(before: TrustList, after: TrustList) -> None:
    for old, new in (
        ({each.code for each in before.entities}, {each.code for each in after.entities}),
        ({each.kid.hex() for each in before.keys}, {each.kid.hex() for each in after.keys}),
    ):  # fmt: skip
        lost = old - new - after.removes
        if old and not old & new:
            raise refused("emptied_list", "信任列表被清空，已拒绝。", "Nothing of the list before is left in this one.")
        if len(lost) > max(FEW, len(old) // SHRINK):
            raise refused(
                "shrunken_list", f"信任列表一次减少了 {len(lost)} 项且未说明，已拒绝。",
                f"The list lost {len(lost)} entries at once without naming them.",
            )  # fmt: skip


def _check_named(snapshot: TrustSnapshot, named: Named) -> None:
    found = snapshot.trust_list.sequence
    if found < named.sequence or (found == named.sequence and snapshot.digest != named.digest):
        raise refused(
            "older_than_named", "信任列表比区域名录所载的更旧或与之不符。",
            "The list is older than, or another than, the list of lists names.",
        )


def refused(code: str, zh: str, en: str) -> EtrustError:
    """The refusal of a list that could be read."""
    return EtrustError(Kind.UNTRUSTED, code, zh=zh, en=en)


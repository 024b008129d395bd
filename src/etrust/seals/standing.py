"""How a seal stands in the register, now or at a past moment, for those who verify what it was put under. Pure but for one query.

A code is only a number: a seal of another maker may carry it. So the seal's own bytes are compared with the kept ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.seals import store
from etrust.seals.model import Action, SealEvent, SealState
from etrust.seals.words import STATES
from etrust.signing import sm2
from etrust.storage.postgres import Connection
from etrust.trust.findings import Finding, failed, passed, unknown

STEP = "now.seal_state"
_GOOD = (SealState.ACTIVE,)
_REASONS = {
    SealState.FROZEN: "seal_frozen", SealState.LOST: "seal_lost", SealState.SUPERSEDED: "seal_superseded",
    SealState.CANCELED: "seal_canceled",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a seal at a moment.

    Attributes:
        state: where its steps had led by then.
        since: when it came into that state.
        digest: SM3 of the seal data in the register, None before it was made.
        replaced_by: the code of the seal that took its place, empty when there is none.
        unused_since: when it was last taken out of use, in whatever state since; None while in use.
    """

    code: str
    state: SealState
    since: datetime
    digest: bytes | None
    replaced_by: str = ""
    unused_since: datetime | None = None


def standing_at(events: Sequence[SealEvent], digest: bytes | None, at: datetime) -> Standing | None:
    """The standing after the last step that was not later than a moment; None before the first."""
    past = [event for event in events if event.at <= at]
    if not past:
        return None
    last = past[-1]
    # A proposal to restore leaves the state as it is, and since when.
    since = next((event.at for event in reversed(past) if event.action is not Action.PROPOSE_RESTORE), last.at)
    unused = None
    for event in reversed(past):
        if event.state in _GOOD:
            break
        unused = event.at
    replaced_by = last.note if last.state is SealState.SUPERSEDED else ""
    return Standing(last.code, last.state, since, digest, replaced_by, unused)


async def standing_of(connection: Connection, code: str, at: datetime) -> Standing | None:
    """The standing of a seal of this region; None for a code that is not in its register."""
    return standing_at(await store.events_of(connection, code), await store.seal_digest(connection, code), at)


def standing_finding(standing: Standing | None, seal: bytes, *, step: str = STEP) -> Finding:
    """What the register says about a seal that was presented.

    Args:
        standing: of its code; None when the register does not have it.
        seal: the seal data presented (SESeal, DER).
    """
    if standing is None:
        return unknown(step, "not_in_register", "this register does not have the seal")
    if standing.digest != sm2.sm3(seal):
        return failed(step, "not_the_registered_seal", f"{standing.code} is another seal in the register")
    if standing.state in _GOOD:
        return passed(step, detail=f"in use since {standing.since.isoformat()}")
    detail = f"{STATES[standing.state].en} since {standing.since.isoformat()}"
    if standing.replaced_by:
        detail = f"{detail}, replaced by {standing.replaced_by}"
    return failed(step, _REASONS.get(standing.state, "seal_not_in_use"), detail)


def use_finding(
    standing: Standing | None, seal: bytes, *, stated: datetime | None, proven: datetime | None, step: str
) -> Finding | None:
    """Whether a seal was in use when it was put under something; None where the register has nothing against it.

    A seal that was frozen, lost or ended before the moment its signature states was used by nobody who had the right to. Who
    found a lost one states what moment he likes, so there a moment counts only with a proof from before.

    Args:
        stated: the moment in the seal signature.
        proven: what a trusted timestamp proves, None without one.
    """
    if standing is None or standing.state in _GOOD or standing.digest != sm2.sm3(seal) or stated is None:
        return None
    since = standing.unused_since or standing.since
    detail = f"out of use since {since.isoformat()}, now {STATES[standing.state].en}, signed {stated.isoformat()}"
    if stated >= since:
        return failed(step, _REASONS.get(standing.state, "seal_not_in_use"), detail)
    if standing.state is SealState.LOST and (proven is None or proven >= since):
        return unknown(step, "seal_lost_no_proof", detail)
    return None

"""Whose codes were scanned: redeems what each party shows, and refuses whoever cannot be that party."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.model import Holder
from etrust.matters.check_admission import is_offline, judged_code
from etrust.matters.check_model import MatterQuestion
from etrust.matters.model import Matter, Party
from etrust.onecode.consent import require_covered
from etrust.onecode.model import Acting, Basis, Subject
from etrust.trust.model import TrustSnapshot
from etrust.verification.model import Overall

if TYPE_CHECKING:
    from etrust.wiring.rooms import Rooms


@dataclass(frozen=True, slots=True)
class Scanned:
    """A party whose code was used up.

    Attributes:
        session: digest of the session that showed it; empty for an offline code.
        grant: the consent given beforehand, empty when none.
    """

    party: Party
    acting: Acting
    session: bytes = b""
    grant: str = ""


async def take_codes(
    rooms: "Rooms", question: MatterQuestion, matter: Matter, *, trust: TrustSnapshot, at: datetime
) -> tuple[Scanned, ...]:
    """Redeem the code of every party; those that can be seen to be no good are tried first, so that they cost no good one.

    Raises:
        EtrustError: what `rooms.codes.redeem` raises; INVALID ``wrong_party``, ``party_twice``; FORBIDDEN
            ``not_for_this_matter``, ``right_ended``; ``offline_code_not_valid``. `where` names the party.
    """
    parties = [party for party in matter.parties if question.codes.get(party.key)]
    doubtful = sorted(parties, key=lambda party: _is_good(question.codes[party.key], trust, at))
    taken: dict[str, Scanned] = {}
    for party in doubtful:
        taken[party.key] = await _take(rooms, question, party, at)
    scanned = tuple(taken[party.key] for party in parties)
    _require_different(scanned)
    return scanned


def _is_good(text: str, trust: TrustSnapshot, at: datetime) -> bool:
    judged = judged_code(text, trust=trust, at=at)
    return judged is not None and judged.genuine and not judged.reason


async def _take(rooms: "Rooms", question: MatterQuestion, party: Party, at: datetime) -> Scanned:
    text, where = question.codes[party.key], f"codes.{party.key}"
    if is_offline(text):
        return Scanned(party, await _holder_of(rooms, text, party, where))
    try:
        shown = await rooms.codes.redeem(text, operator=question.operator)
    except EtrustError as error:
        error.where = where
        raise
    acting = shown.acting
    require_covered(acting, question.matter)
    if acting.until is not None and acting.until <= at:
        raise EtrustError(
            Kind.FORBIDDEN, "right_ended", where=where,
            zh="代办或代理期限已过，请持证人重新授权。", en="The right to act for the holder has ended.",
        )
    _require_fitting(party, acting.subject.code_type, where)
    return Scanned(party, acting, shown.session, shown.grant if shown.matter == question.matter else "")


async def _holder_of(rooms: "Rooms", text: str, party: Party, where: str) -> Acting:
    """On duty the code of a genuine license in force names its holder, where it has one that can be the party."""
    verdict = await rooms.check(text)
    if verdict.verdict is not Overall.PASSED or verdict.license is None:
        raise EtrustError(
            Kind.INVALID, "offline_code_not_valid", where=where,
            zh=f"此证照码目前不能采信（{verdict.status.value}）。",
            en=f"This license cannot be relied on now ({verdict.status.value}).",
        )
    identifier = LicenseIdentifier.parse(str(verdict.license["identifier"]))
    async with rooms.stores.pool.acquire() as connection:
        found = await license_store.find(connection, identifier.serial, identifier.version)
    holders = [Holder(*each) for each in found.holders if each[2] in party.code_types] if found else []
    if len(holders) != 1:
        raise _wrong_party(party, where)
    holder = holders[0]
    subject = Subject(rooms.issuing.numbering.holder(holder), holder.name, holder.code, holder.code_type)
    return Acting(subject, "", Basis.SELF, reference=identifier.text)


def _require_fitting(party: Party, code_type: str, where: str) -> None:
    if code_type not in party.code_types:
        raise _wrong_party(party, where)


def _require_different(scanned: tuple[Scanned, ...]) -> None:
    keys = [each.acting.subject.key for each in scanned]
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise EtrustError(
                Kind.INVALID, "party_twice", where=f"codes.{scanned[place].party.key}",
                zh="两个当事人不能是同一人，请核对所出示的码。",
                en="Two parties cannot be the same person; check whose code was shown.",
            )


def _wrong_party(party: Party, where: str) -> EtrustError:
    return EtrustError(
        Kind.INVALID, "wrong_party", where=where,
        zh=f"所出示的码不是“{party.name.zh}”的，请核对。",
        en=f"This is not the code of a {party.name.en or party.key}; check whose it is.",
    )

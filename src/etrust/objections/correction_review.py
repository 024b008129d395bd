"""Deciding on reported differences: one officer proposes to accept, another agrees, and the next version is prepared.

Differences of one license that are agreed to together make one version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.licenses.again import corrected
from etrust.licenses.issue import Prepared, prepare_next_version
from etrust.licenses.model import Provenance, Record, StoredLicense
from etrust.objections import correction_store as store
from etrust.objections.corrections import Correction, CorrectionState, Step, find, tell_reporters
from etrust.objections.handling import Handling, bodies_above, check_reason
from etrust.objections.review import newest_version, tell_of_change
from etrust.storage.postgres import Connection

_BASIS = "反馈纠错"


@dataclass(frozen=True, slots=True)
class Agreed:
    """What agreeing to the differences of one license brought about.

    Attributes:
        prepared: the next version, to be signed; None when the license had the right values already.
        told: how many bodies and regions are told because they relied on the old version.
    """

    replaced_by: str
    prepared: Prepared | None
    told: int


async def propose(
    connection: Connection, handling: Handling, number: str, reason: str, *, who: Operator, at: datetime
) -> Step:
    """Propose to accept a difference (拟采纳); another officer agrees.

    Raises:
        EtrustError: ``no_role``; NOT_FOUND ``no_such_correction``; CONFLICT ``bad_step``; INVALID ``reason_needed``, and the
            faults that the next version would have.
    """
    async with connection.transaction():
        found = await _locked(connection, handling, number, who, (CorrectionState.OPEN,))
        stored = await newest_version(connection, found.difference.license)
        _next_record(handling, stored, [found], at)
        return await _step(connection, found, "propose", reason, who=who, at=at)


async def refuse(
    connection: Connection, handling: Handling, number: str, reason: str, *, who: Operator, at: datetime
) -> Step:
    """Refuse a difference (不采纳); whoever reported it is told why.

    Raises:
        EtrustError: as `propose`.
    """
    async with connection.transaction():
        found = await _locked(connection, handling, number, who, (CorrectionState.OPEN, CorrectionState.PROPOSED))
        step = await _step(connection, found, "refuse", reason, who=who, at=at)
        await tell_reporters(connection, found, step, at=at)
        return step


async def send_back(
    connection: Connection, handling: Handling, number: str, reason: str, *, who: Operator, at: datetime
) -> Step:
    """Disagree with a proposal; it is open again.

    Raises:
        EtrustError: as `propose`; FORBIDDEN ``second_person_needed``.
    """
    async with connection.transaction():
        found = await _locked(connection, handling, number, who, (CorrectionState.PROPOSED,))
        _require_second(found, who)
        return await _step(connection, found, "send_back", reason, who=who, at=at)


async def agree(
    connection: Connection, handling: Handling, numbers: Sequence[str], *, who: Operator, at: datetime
) -> Agreed:
    """Agree to the proposals about one license, in one transaction: the next version, every step and every notice.

    What was prepared is to be signed afterwards on the same connection (`licenses.issue.finish`).

    Raises:
        EtrustError: as `propose`; FORBIDDEN ``second_person_needed``; CONFLICT ``differing_corrections`` for two values of
            one item; those of issuing.
    """
    async with connection.transaction():
        found = [await _locked(connection, handling, each, who, (CorrectionState.PROPOSED,)) for each in sorted(numbers)]
        for each in found:
            _require_second(each, who)
        _require_one_value(found)
        stored = await newest_version(connection, found[0].difference.license)
        prepared = await _prepare(connection, handling, stored, found, who, at)
        new = stored.identifier.text if prepared is None else prepared.identifier.text
        for each in found:
            step = await _step(connection, each, "accept", each.last.reason if each.last else "", who=who, at=at, replaced_by=new)
            await tell_reporters(connection, each, step, at=at)
        stream = f"correction/{found[0].number}"
        told = 0
        if prepared is not None:
            told = await tell_of_change(connection, handling, stored.identifier.text, new, stream=stream, at=at)
    return Agreed(new, prepared, told)


async def _prepare(
    connection: Connection, handling: Handling, stored: StoredLicense, found: Sequence[Correction], who: Operator, at: datetime
) -> Prepared | None:
    record = _next_record(handling, stored, found, at)
    if record is None:
        return None
    return await prepare_next_version(
        connection, handling.issuing, handling.types[stored.type_code], record, who=Provenance(who.username, stored.issuer, at),
        replaces=stored.identifier.text, legal_basis=_BASIS, source=f"correction {found[0].number}",
    )


def _next_record(handling: Handling, stored: StoredLicense, found: Sequence[Correction], at: datetime) -> Record | None:
    """What the next version says, judged as any license is; None when the newest version is right already."""
    changes = {each.difference.field: each.difference.value for each in found}
    try:
        return corrected(handling.types[stored.type_code], stored, changes, today=official_date(at))
    except EtrustError as error:
        if error.code == "nothing_changed":
            return None
        raise


def _require_one_value(found: Sequence[Correction]) -> None:
    fields = [each.difference.field for each in found]
    for each in found:
        if fields.count(each.difference.field) > 1:
            raise EtrustError(
                Kind.CONFLICT, "differing_corrections", where=each.difference.field,
                zh="同一项目有两种更正内容，请先不采纳其中一种。",
                en="Two values are proposed for one item; refuse one of them first.",
            )


def _require_second(found: Correction, who: Operator) -> None:
    if found.last is not None and found.last.operator == who.username:
        raise EtrustError(
            Kind.FORBIDDEN, "second_person_needed",
            zh="拟采纳的更正须由另一位办理员同意。", en="Another officer must agree to what was proposed.",
        )


async def _locked(
    connection: Connection, handling: Handling, number: str, who: Operator, states: Sequence[CorrectionState]
) -> Correction:
    require_role(who, Role.CASE_OFFICER)
    await store.lock(connection, number)
    found = await find(connection, handling, number)
    if found is None or found.region != handling.region or who.body not in await bodies_above(connection, found.issuer):
        raise no_such_correction()
    if found.state not in states:
        raise EtrustError(
            Kind.CONFLICT, "bad_step", where=number,
            zh="该更正目前的状态不能办理此步骤，请刷新后查看。",
            en="The correction is not in a state for this step; look at it again.",
        )
    return found


async def _step(
    connection: Connection, found: Correction, action: str, reason: str, *, who: Operator, at: datetime, replaced_by: str = ""
) -> Step:
    check_reason(reason)
    place = await store.add_step(
        connection, found.number, action=action, operator=who.username, body=who.body, reason=reason, replaced_by=replaced_by,
        at=at,
    )  # fmt: skip
    await access_store.record(
        connection, at=at, operator=who.username, body=who.body, action=f"correction.{action}", subject=found.number,
        reason=reason[:200],
    )  # fmt: skip
    return Step(place, action, who.username, who.body, reason, replaced_by, at)


def no_such_correction() -> EtrustError:
    """The one answer for a difference that is not there and one that is another's."""
    return EtrustError(
        Kind.NOT_FOUND, "no_such_correction",
        zh="没有这条更正，请核对编号。", en="There is no such correction; check its number.",
    )  # fmt: skip

"""Handling an objection: accepting, proposing what becomes of it, and the second person's decision, which settles everything.

Law 7: whoever proposes does not decide. An appeal is reviewed and decided at the body above, by people who had no part before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from etrust.access.model import Operator
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.again import corrected
from etrust.licenses.change import Ground, change_status
from etrust.licenses.issue import Prepared, prepare_next_version
from etrust.licenses.model import Action as LicenseAction
from etrust.licenses.model import Holder, Provenance, StoredLicense
from etrust.notices.model import Recipient, RecipientKind
from etrust.notices.post import post
from etrust.objections import store
from etrust.objections.handling import Actor, Handling, case_for, no_such_objection, parent_of, take_step
from etrust.objections.model import DECIDING, MAX_CHANGES, Action, Event, Objection, Opener, Outcome, State
from etrust.objections.open import no_such_license, opener_of
from etrust.objections.reliance import PERIOD, who_relied
from etrust.onecode.access_log import subjects_of
from etrust.storage.postgres import Connection


@dataclass(frozen=True, slots=True)
class Settled:
    """What a decision brought about.

    Attributes:
        prepared: the next version, which is to be signed after the transaction; None without one.
        told: how many bodies and regions are told because they relied on the old version.
    """

    event: Event
    prepared: Prepared | None = None
    told: int = 0


async def accept(connection: Connection, handling: Handling, number: str, *, who: Operator, at: datetime) -> Event:
    """Take a case up (受理).

    Raises:
        EtrustError: ``no_role``; ``no_such_objection``; ``bad_step``.
    """
    async with connection.transaction():
        objection = await _locked(connection, handling, number, who)
        event = await take_step(
            connection, handling, objection, Action.ACCEPT, Actor(who.username, who.body), reason="受理", at=at
        )
        await tell_opener(connection, objection, "objection.progress", event)
    return event


async def refuse(
    connection: Connection, handling: Handling, number: str, reason: str, *, who: Operator, at: datetime
) -> Event:
    """Refuse to take a case up (不予受理); the opener is told why.

    Raises:
        EtrustError: as `accept`; ``reason_needed``.
    """
    async with connection.transaction():
        objection = await _locked(connection, handling, number, who)
        event = await take_step(
            connection, handling, objection, Action.REFUSE, Actor(who.username, who.body), reason=reason, at=at
        )
        await _clear(connection, handling, objection, event)
        await tell_opener(connection, objection, "objection.decided", event)
    return event


async def propose(
    connection: Connection, handling: Handling, number: str, outcome: Outcome, reason: str, *, who: Operator, at: datetime,
    changes: Mapping[str, str] | None = None,
) -> Event:
    """Propose what becomes of a case (核查意见); another officer decides.

    Args:
        changes: for a correction, the right values by cell; judged now as they will be when the version is issued.

    Raises:
        EtrustError: as `accept`; INVALID ``correction_needed``, those of `licenses.again.corrected`; CONFLICT
            ``not_a_license`` for an outcome that a look cannot have; FORBIDDEN ``had_part_before``.
    """
    async with connection.transaction():
        objection = await _locked(connection, handling, number, who)
        _require_fresh(objection, who)
        wanted = dict(changes or {})
        await _check_outcome(connection, handling, objection, outcome, wanted, at)
        step = objection.last.step + 1
        sealed = handling.sealing.seal_json(f"{number}/{step}", wanted)
        return await take_step(
            connection, handling, objection, Action.PROPOSE, Actor(who.username, who.body), reason=reason, at=at,
            outcome=outcome, sealed=sealed,
        )


async def send_back(
    connection: Connection, handling: Handling, number: str, reason: str, *, who: Operator, at: datetime
) -> Event:
    """Disagree with a proposal: the case is reviewed again.

    Raises:
        EtrustError: as `accept`; FORBIDDEN ``second_person_needed``.
    """
    async with connection.transaction():
        objection = await _locked(connection, handling, number, who)
        _require_second(objection, who)
        return await take_step(
            connection, handling, objection, Action.SEND_BACK, Actor(who.username, who.body), reason=reason, at=at
        )


async def decide(connection: Connection, handling: Handling, number: str, *, who: Operator, at: datetime) -> Settled:
    """Agree with a proposal, which settles the case.

    One transaction ends the old version, records the new one, closes the case and writes every notice. What was prepared is
    to be signed afterwards on the same connection (`licenses.issue.finish`); after a crash the next start signs it.

    Raises:
        EtrustError: as `accept`; FORBIDDEN ``second_person_needed``; those of issuing.
    """
    async with connection.transaction():
        objection = await _locked(connection, handling, number, who)
        _require_second(objection, who)
        proposal = objection.proposal()
        if proposal is None or proposal.outcome is None:
            raise EtrustError(Kind.CONFLICT, "bad_step", zh="没有待复核的核查意见。", en="There is no proposal to decide on.")
        action = DECIDING[proposal.outcome]
        event = await take_step(
            connection, handling, objection, action, Actor(who.username, who.body), reason=proposal.reason, at=at,
            outcome=proposal.outcome,
        )
        prepared = await _settle(connection, handling, objection, proposal, event, who)
        told = await _tell_all(connection, handling, objection, event, prepared)
    return Settled(event, prepared, told)


async def appeal(
    connection: Connection, handling: Handling, objection: Objection, reason: str, *, at: datetime
) -> Event:
    """Appeal against a dismissal (申请复核), once and in time, in the caller's transaction: the body above reviews.

    Raises:
        EtrustError: CONFLICT ``bad_step``, ``too_late``; INVALID ``reason_needed``.
    """
    if objection.due is not None and official_date(at) > objection.due:
        raise EtrustError(
            Kind.CONFLICT, "too_late",
            zh="申请复核的期限已过。", en="The time for an appeal is over.",
        )  # fmt: skip
    is_own = objection.region == handling.region
    charge = await parent_of(connection, objection.issuer) if is_own else objection.charge
    return await take_step(
        connection, handling, objection, Action.APPEAL, opener_of(objection), reason=reason, at=at, charge=charge,
        state=None if is_own else State.FORWARDED,
    )


async def withdraw(connection: Connection, handling: Handling, objection: Objection, *, at: datetime) -> Event:
    """The opener takes a case back, in the caller's transaction.

    Raises:
        EtrustError: CONFLICT ``bad_step``.
    """
    event = await take_step(
        connection, handling, objection, Action.WITHDRAW, opener_of(objection), reason="撤回", at=at
    )
    await _clear(connection, handling, objection, event)
    return event


async def escalate_overdue(connection: Connection, handling: Handling, *, at: datetime, limit: int = 100) -> int:
    """Tell the body above of cases whose next step is late; returns how many."""
    done = 0
    for number in await store.overdue(connection, official_date(at), limit):
        async with connection.transaction():
            await store.lock(connection, number)
            objection = await store.find(connection, number, handling.sealing)
            if objection is None or not objection.is_overdue(official_date(at)) or objection.last.action is Action.ESCALATE:
                continue  # somebody acted meanwhile
            event = await take_step(
                connection, handling, objection, Action.ESCALATE, Actor("deadline"), reason=f"超期：{objection.due}", at=at
            )
            above = await parent_of(connection, objection.charge)
            await post(
                connection, stream=stream_of(objection), recipient=Recipient(RecipientKind.BODY, above),
                kind="objection.overdue", at=at,
                content={"number": number, "state": event.state.value, "due": str(objection.due), "charge": objection.charge},
            )  # fmt: skip
            done += 1
    return done


async def archive_old(connection: Connection, handling: Handling, *, at: datetime, limit: int = 100) -> int:
    """Archive cases that are closed, once no appeal is possible any more; returns how many."""
    done = 0
    for number in await store.to_archive(connection, official_date(at), limit):
        async with connection.transaction():
            await store.lock(connection, number)
            objection = await store.find(connection, number, handling.sealing)
            if objection is not None and objection.state is not State.ARCHIVED:
                await take_step(
                    connection, handling, objection, Action.ARCHIVE, Actor("deadline"), reason="归档", at=at
                )
                done += 1
    return done


def stream_of(objection: Objection) -> str:
    """The stream of notices of a case."""
    return f"objection/{objection.number}"


async def tell_opener(
    connection: Connection, objection: Objection, kind: str, event: Event, **more: object
) -> None:
    """Tell whoever opened a case how it stands: a holder, a body, or the region that sent it by its own number."""
    number = objection.linked if objection.opener is Opener.REGION else objection.number
    content = {
        "number": number, "state": event.state.value, "due": None if event.due is None else event.due.isoformat(),
        "outcome": None if event.outcome is None else event.outcome.value, "reason": event.reason, **more,
    }  # fmt: skip
    recipient = {
        Opener.HOLDER: Recipient(RecipientKind.PERSON, objection.subject_key.hex()),
        Opener.CLERK: Recipient(RecipientKind.BODY, objection.events[0].body),
        Opener.REGION: Recipient(RecipientKind.REGION, objection.opener_name),
    }[objection.opener]
    stream = f"objection/{number}" if objection.opener is Opener.REGION else stream_of(objection)
    await post(connection, stream=stream, recipient=recipient, kind=kind, content=content, at=event.at)


async def _locked(connection: Connection, handling: Handling, number: str, who: Operator) -> Objection:
    await store.lock(connection, number)
    objection = await case_for(connection, handling, number, who)
    if objection.region != handling.region:
        raise no_such_objection()  # the region that issued the license handles it
    return objection


def _require_second(objection: Objection, who: Operator) -> None:
    proposal = objection.proposal()
    if proposal is not None and proposal.operator == who.username:
        raise EtrustError(
            Kind.FORBIDDEN, "second_person_needed",
            zh="核查意见须由另一位办理员复核。", en="Another officer must decide on the proposal.",
        )
    _require_fresh(objection, who)


def _require_fresh(objection: Objection, who: Operator) -> None:
    """On appeal nobody takes part who had a part in the decision appealed against."""
    if not objection.appealed:
        return
    appealed_at = next(each.step for each in objection.events if each.action is Action.APPEAL)
    before = {each.operator for each in objection.events if each.step < appealed_at and each.action is not Action.OPEN}
    if who.username in before:
        raise EtrustError(
            Kind.FORBIDDEN, "had_part_before",
            zh="您参与过原处理，不得办理复核。", en="You had a part in the decision; others review the appeal.",
        )


async def _check_outcome(
    connection: Connection, handling: Handling, objection: Objection, outcome: Outcome, changes: Mapping[str, str], at: datetime
) -> None:
    if not objection.license and outcome is Outcome.CORRECTED:
        raise EtrustError(
            Kind.CONFLICT, "not_a_license", where="outcome",
            zh="对用证记录的异议不能以更正处理。", en="An objection to a look cannot be settled by a correction.",
        )
    if outcome is not Outcome.CORRECTED:
        return
    if not 1 <= len(changes) <= MAX_CHANGES:
        raise EtrustError(
            Kind.INVALID, "correction_needed", where="changes",
            zh="更正须写明至少一项正确内容。", en="A correction names at least one right value.",
        )  # fmt: skip
    stored = await newest_version(connection, objection.license)
    corrected(handling.types[stored.type_code], stored, changes, today=official_date(at))


async def newest_version(connection: Connection, identifier: str) -> StoredLicense:
    """The newest version of the license that an identifier names.

    Raises:
        EtrustError: ``no_such_license``.
    """
    wanted = LicenseIdentifier.parse(identifier)
    versions: Sequence[int] = await license_store.versions(connection, wanted.serial)
    found = await license_store.find(connection, wanted.serial, versions[-1]) if versions else None
    if found is None:
        raise no_such_license()
    return found


async def _settle(
    connection: Connection, handling: Handling, objection: Objection, proposal: Event, event: Event, who: Operator
) -> Prepared | None:
    """What the decision does to the license."""
    if not objection.license or proposal.outcome is Outcome.STANDS:
        await _clear(connection, handling, objection, event)
        return None
    stored = await newest_version(connection, objection.license)
    acting = Provenance(who.username, stored.issuer, event.at)
    ground = Ground(f"异议 {objection.number}", "异议处理规定")
    if proposal.outcome is Outcome.REVOKED:
        await change_status(
            connection, serial=stored.serial, version=stored.version, action=LicenseAction.REVOKE, ground=ground, who=acting
        )
        return None
    sealed = await store.proposed_changes(connection, objection.number, proposal.step)
    changes = handling.sealing.open_json(f"{objection.number}/{proposal.step}", sealed)
    license_type = handling.types[stored.type_code]
    record = corrected(license_type, stored, changes, today=official_date(event.at))
    return await prepare_next_version(
        connection, handling.issuing, license_type, record, who=acting, replaces=stored.identifier.text,
        legal_basis=ground.legal_basis, source=f"objection {objection.number}",
    )


async def _clear(connection: Connection, handling: Handling, objection: Objection, event: Event) -> None:
    """Take the mark "under objection" away, when this was the last open case about the license."""
    if not objection.license or objection.region != handling.region or await store.count_open(connection, objection.license):
        return
    stored = await newest_version(connection, objection.license)
    try:
        await change_status(
            connection, serial=stored.serial, version=stored.version, action=LicenseAction.CLEAR,
            ground=Ground(f"异议 {objection.number}", "异议处理规定"), who=Provenance(event.operator, stored.issuer, event.at),
        )  # fmt: skip
    except EtrustError as error:
        if error.code != "bad_transition":  # it was not marked, or is suspended or revoked by now
            raise


async def _tell_all(
    connection: Connection, handling: Handling, objection: Objection, event: Event, prepared: Prepared | None
) -> int:
    """Write the notices of a decision; returns how many relied on the old version."""
    new = "" if prepared is None else prepared.identifier.text
    await tell_opener(connection, objection, "objection.decided", event, license=objection.license, replaced_by=new)
    if not objection.license or event.state is State.DISMISSED:
        return 0
    return await tell_of_change(
        connection, handling, objection.license, new, stream=stream_of(objection), at=event.at, but=objection.subject_key
    )


async def tell_of_change(
    connection: Connection, handling: Handling, old: str, new: str, *, stream: str, at: datetime, but: bytes = b""
) -> int:
    """Tell holders and everybody who relied on a version that it was corrected or revoked; returns how many relied.

    Args:
        old: its identifier.
        new: the identifier of the version that takes its place; empty when it was revoked.
        but: the key of a holder who is told in another way.
    """
    wanted = LicenseIdentifier.parse(old)
    stored = await license_store.find(connection, wanted.serial, wanted.version)
    if stored is None:
        return 0
    kind = "license.corrected" if new else "license.revoked"
    content = {"license": old, "replaced_by": new, "type": stored.type_code, "issuer": stored.issuer, "since": at.isoformat()}
    about = await subjects_of(connection, handling.issuing.numbering, stored.identifier)
    own = {handling.issuing.numbering.holder(Holder(*each)) for each in stored.holders}
    people = own | (set() if about is None else set(about[1]))
    for key in sorted(people - {but}):
        recipient = Recipient(RecipientKind.PERSON, key.hex())
        await post(connection, stream=stream, recipient=recipient, kind=kind, content=content, at=at)
    relied = await who_relied(connection, handling.issuing.numbering, stored, at - PERIOD)
    for recipient in relied:
        await post(connection, stream=stream, recipient=recipient, kind=kind, content=content, at=at)
    return len(relied)


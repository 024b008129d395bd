"""Who acts for whom, made out anew each time: nothing of it is kept but delegations.

What a right rests on is looked at when it is used, so a license that was revoked or suspended a moment ago, a birthday, a new
legal representative end it by themselves. See ``docs/decisions/representation.md``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from etrust.access.person_model import Person, Position
from etrust.clock import day_start
from etrust.credentials.credential import parse
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.model import Holder, StoredLicense
from etrust.licenses.numbering import Numbering
from etrust.onecode import delegation_store, representation_store
from etrust.onecode.delegation_model import (
    Delegation,
    DelegationKind,
    DelegationState,
    NameBox,
    birth_date_of,
    coming_of_age,
    same_name,
)
from etrust.onecode.delegations import CITIZEN, received
from etrust.onecode.model import Acting, Basis, Subject
from etrust.onecode.space import Register, space
from etrust.storage.postgres import Connection
from etrust.verification.model import Overall
from etrust.verification.verify import verify_parsed

COMPANY = "001"
BUSINESS_LICENSE, HOUSEHOLD, BIRTH = "business_license", "household_register", "birth_certificate"
_MANY = 100


@dataclass(frozen=True, slots=True)
class Ground:
    """What rights to act are made out from: the register of licenses, the numbering of holders, the sealed names."""

    register: Register
    numbering: Numbering
    box: NameBox


async def actings(connection: Connection, person: Person, ground: Ground) -> tuple[Acting, ...]:
    """For whom a person may act now; the person first, then companies, children, and what others entrusted."""
    me = Holder(person.name, person.code, person.code_type)
    subject = Subject(ground.numbering.holder(me), person.name, person.code, person.code_type)
    found = [Acting(subject, person.id, Basis.SELF)]
    for company in person.companies:
        if company.role is Position.LEGAL_REPRESENTATIVE:
            found += await _represented(connection, me, company.code, person.id, ground)
    found += await wards(connection, me, person.id, ground)
    for delegation, giver in await received(connection, ground.box, me, ground.numbering, ground.register.at):
        if delegation.state(ground.register.at) is DelegationState.IN_FORCE:
            found += await _entrusted(connection, delegation, giver, person.id, ground)
    return tuple(found)


async def _represented(connection: Connection, me: Holder, code: str, person: str, ground: Ground) -> list[Acting]:
    """A company, when its business license in force names this person as legal representative."""
    found = await _company(connection, ground.numbering.holder(Holder("", code, COMPANY)), me, ground)
    return [] if found is None else [Acting(found[0], person, Basis.LEGAL_REPRESENTATIVE, reference=found[1])]


async def _company(
    connection: Connection, key: bytes, representative: Holder, ground: Ground
) -> tuple[Subject, str] | None:
    for stored in await _held(connection, key, BUSINESS_LICENSE, ground):
        if same_name(stored.fields.get("legal_representative", ""), representative.name):
            name, code, code_type = stored.holders[0]
            return Subject(key, name, code, code_type), stored.identifier.text
    return None


async def wards(connection: Connection, parent: Holder, person: str, ground: Ground) -> list[Acting]:
    """The children under eighteen of a parent who live in the parent's household (监护人).

    A child counts when a birth certificate in force names this parent (the mother holds it, the father's number is in it),
    and a household page in force, in a household of which the parent has a page in force, bears the child's name and day of
    birth. The birth certificate has no number of the child; the page has.
    """
    key = ground.numbering.holder(parent)
    households = {
        stored.fields.get("household_number", "") for stored in await _held(connection, key, HOUSEHOLD, ground)
    } - {""}
    if not households:
        return []
    births = await _held(connection, key, BIRTH, ground)
    if parent.code_type == CITIZEN:
        births += _in_force(await representation_store.births_by_father(connection, parent.code, _MANY), ground.register)
    if not births:
        return []
    found: dict[bytes, Acting] = {}
    days = sorted({birth.fields.get("birth_date", "") for birth in births})
    for number in sorted(households):
        pages = await representation_store.household_pages(connection, number, days, _MANY)
        for page in _in_force(pages, ground.register):
            child = _child_on(page, births, ground)
            if child is not None and child[0].key != key:
                found[child[0].key] = Acting(child[0], person, Basis.GUARDIAN, until=child[1], reference=child[2])
    return list(found.values())


def _child_on(page: StoredLicense, births: Sequence[StoredLicense], ground: Ground) -> tuple[Subject, datetime, str] | None:
    """The child on a household page, until when it is one, and its birth certificate."""
    name, code, code_type = page.holders[0]
    born = _day(page.fields.get("birth_date", ""))
    if born is None or code_type != CITIZEN or birth_date_of(code) != born:
        return None
    until = day_start(coming_of_age(born))
    if ground.register.at >= until:
        return None
    for birth in births:
        if same_name(birth.fields.get("child_name", ""), name) and _day(birth.fields.get("birth_date", "")) == born:
            subject = Subject(ground.numbering.holder(Holder(name, code, code_type)), name, code, code_type)
            return subject, until, birth.identifier.text
    return None


async def _entrusted(
    connection: Connection, delegation: Delegation, giver: Holder, person: str, ground: Ground
) -> list[Acting]:
    """What a delegation in force lets a person do, as long as who gave it could give it today."""
    subject, until = await _giver_stands(connection, delegation, giver, ground)
    if subject is None:
        return []
    ends = delegation.until if until is None else min(delegation.until, until)
    basis = Basis.STAFF if delegation.kind is DelegationKind.STAFF else Basis.DELEGATE
    return [Acting(subject, person, basis, matter, ends, delegation.id) for matter in delegation.matters or ("",)]


async def _giver_stands(
    connection: Connection, delegation: Delegation, giver: Holder, ground: Ground
) -> tuple[Subject | None, datetime | None]:
    """Whom a delegation is for, and until when its giver could give it; None when the giver no longer can."""
    if delegation.kind is DelegationKind.STAFF:
        company = await _company(connection, delegation.subject_key, giver, ground)
        return (None, None) if company is None else (company[0], None)
    if delegation.subject_key == delegation.giver_key:
        return Subject(delegation.subject_key, giver.name, giver.code, giver.code_type), None
    for ward in await wards(connection, giver, "", ground):
        if ward.subject.key == delegation.subject_key:
            return ward.subject, ward.until
    return None, None


async def still_stands(connection: Connection, reference: str, ground: Ground) -> bool:
    """Whether what a right to act rested on still stands: a delegation with its giver's right, or a license in force.

    Args:
        reference: of an `Acting`; empty for oneself, who always may.
    """
    if not reference:
        return True
    if reference.startswith("D-"):
        delegation = await delegation_store.find(connection, reference)
        named = None if delegation is None else ground.box.open(delegation)
        if delegation is None or named is None or delegation.state(ground.register.at) is not DelegationState.IN_FORCE:
            return False
        return (await _giver_stands(connection, delegation, named.giver, ground))[0] is not None
    try:
        identifier = LicenseIdentifier.parse(reference)
    except EtrustError:
        return False
    stored = await license_store.find(connection, identifier.serial, identifier.version)
    return stored is not None and bool(_in_force([stored], ground.register))


async def _held(connection: Connection, key: bytes, license_type: str, ground: Ground) -> list[StoredLicense]:
    """The licenses in force of one type under a holder's key."""
    page = await space(connection, Subject(key, "", "", ""), ground.register, only=license_type)
    return [each.stored for each in page.held if each.verdict.verdict is Overall.PASSED]


def _in_force(found: Iterable[StoredLicense], register: Register) -> list[StoredLicense]:
    """Those that are valid now; one superseded, suspended, under objection or of unknown status is not."""
    return [
        stored for stored in found
        if verify_parsed(
            parse(stored.credential), trust=register.trust, status=register.status, at=register.at, types=register.by_code,
            proven=stored.signed_at,
        ).verdict is Overall.PASSED
    ]  # fmt: skip


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

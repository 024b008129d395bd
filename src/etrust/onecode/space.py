"""The holder's space (一人一档, 一企一档): every license of a holder across issuing bodies, with its state and what ends soon.

One query finds them by the holder's key, newest versions only; states come from the status lists in memory, so a page costs
no more statements for twenty licenses than for one.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from etrust.clock import official_date
from etrust.credentials.credential import parse
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.model import StoredLicense
from etrust.licenses.types import LicenseType
from etrust.onecode import space_store
from etrust.onecode.model import Subject
from etrust.status.model import StatusSnapshot
from etrust.storage.postgres import Connection
from etrust.trust.model import TrustSnapshot
from etrust.verification.model import Overall, Status, Verdict
from etrust.verification.verify import Names, verify_parsed

PAGE = 100
"""Licenses read at once; few people have more than a dozen, a chain of shops may have hundreds."""

REMINDERS = (7, 30, 60)
"""Days before the end at which the holder is told, the most urgent first."""

MAX_SEARCH = 60


@dataclass(frozen=True, slots=True)
class HeldLicense:
    """One license of a holder.

    Attributes:
        stored: its newest version.
        verdict: what a check says of it now; `state` is its status.
        days_left: days until its last day, 0 on that day; None when it never ends, has ended or is not in force.
        older: how many older versions are folded behind it.
    """

    stored: StoredLicense
    license_type: LicenseType
    verdict: Verdict
    days_left: int | None
    older: int = 0

    @property
    def state(self) -> Status:
        """Its status."""
        return self.verdict.status

    @property
    def identifier(self) -> str:
        """Its identifier (电子证照标识)."""
        return self.stored.identifier.text

    @property
    def holder_names(self) -> str:
        """Its holders, as they are printed."""
        return "、".join(name for name, _, _ in self.stored.holders)

    @property
    def is_past(self) -> bool:
        """Whether it can no longer be used; one suspended or under objection still may be."""
        return self.state in {Status.EXPIRED, Status.REVOKED, Status.SUPERSEDED}

    @property
    def reminder(self) -> int | None:
        """7, 30 or 60 when it ends within so many days."""
        if self.days_left is None:
            return None
        return next((days for days in REMINDERS if self.days_left <= days), None)

    @property
    def is_sensitive(self) -> bool:
        """Whether a passkey is asked for before it is shown."""
        return self.license_type.sensitive


@dataclass(frozen=True, slots=True)
class Register:
    """What licenses are judged with: the types by name, the trust list, the status lists, and the moment."""

    types: Mapping[str, LicenseType]
    by_code: Names
    trust: TrustSnapshot
    status: StatusSnapshot
    at: datetime


@dataclass(frozen=True, slots=True)
class Space:
    """One page of a holder's licenses; `after` leads to the next, empty on the last."""

    held: tuple[HeldLicense, ...]
    after: str = ""

    @property
    def ending(self) -> tuple[HeldLicense, ...]:
        """What ends within sixty days, the first to end first."""
        return tuple(sorted((each for each in self.held if each.reminder), key=lambda each: each.days_left or 0))

    @property
    def past(self) -> tuple[HeldLicense, ...]:
        """What can no longer be used."""
        return tuple(each for each in self.held if each.is_past)

    def kinds(self) -> dict[str, list[HeldLicense]]:
        """What can be used, or may be again, by kind of license (证照执照, 证明文件, …)."""
        found: dict[str, list[HeldLicense]] = {}
        for each in self.held:
            if not each.is_past:
                found.setdefault(each.license_type.kind, []).append(each)
        return found


async def space(
    connection: Connection, subject: Subject, register: Register, *, text: str = "", only: str = "", after: str = "",
    limit: int = PAGE,
) -> Space:
    """The licenses of a subject, newest versions only, those of one type beside each other.

    Args:
        text: what the name of the type, the printed number or the issuing authority contains.
        only: one license type by name.
        after: where the page before ended.
    """
    wanted = text.strip()[:MAX_SEARCH].lower()
    types = [name for name, each in register.types.items() if wanted in f"{each.zh}\n{each.ug}\n{each.en}".lower()]
    rows = await space_store.held(
        connection, subject.key, after=after, limit=limit + 1, text=wanted, types=types, only=only
    )
    order = list(register.types)
    page = [judged(stored, register, older) for stored, older in rows[:limit]]
    page.sort(key=lambda each: (order.index(each.license_type.name), each.stored.issued_on, each.stored.serial))
    return Space(tuple(page), rows[limit - 1][0].serial if len(rows) > limit else "")


async def held_license(
    connection: Connection, subject: Subject, identifier: str, register: Register
) -> tuple[HeldLicense, tuple[LicenseIdentifier, ...]]:
    """One license of a subject, and its versions, the newest first.

    Raises:
        EtrustError: NOT_FOUND ``no_such_license`` for an unknown license, another's, and a text that is no identifier alike.
    """
    try:
        wanted = LicenseIdentifier.parse(identifier)
    except EtrustError:
        raise _nothing() from None
    numbers = await space_store.held_versions(connection, subject.key, wanted.serial)
    stored = await license_store.find(connection, wanted.serial, wanted.version) if wanted.version in numbers else None
    if stored is None or stored.identifier != wanted or stored.license_type not in register.types:
        raise _nothing()
    versions = tuple(
        LicenseIdentifier.make(wanted.type_code, wanted.issuer_code, wanted.serial, number) for number in reversed(numbers)
    )
    return judged(stored, register, len([number for number in numbers if number < wanted.version])), versions


def judged(stored: StoredLicense, register: Register, older: int = 0) -> HeldLicense:
    """A license with the verdict on it; the register itself proves when it was signed."""
    verdict = verify_parsed(
        parse(stored.credential), trust=register.trust, status=register.status, at=register.at, types=register.by_code,
        proven=stored.signed_at,
    )
    left = _days_left(stored.valid_until, official_date(register.at)) if verdict.verdict is not Overall.FAILED else None
    return HeldLicense(stored, register.types[stored.license_type], verdict, left, older)


def _days_left(last: date | None, today: date) -> int | None:
    return None if last is None or last < today else (last - today).days


def _nothing() -> EtrustError:
    return EtrustError(
        Kind.NOT_FOUND, "no_such_license", where="identifier",
        zh="您的名下没有这本证照。", en="You have no such license.",
    )

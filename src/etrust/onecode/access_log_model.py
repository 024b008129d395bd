"""What is kept of a look at somebody's licenses, and of an objection to it. Pure."""

from dataclasses import dataclass
from datetime import datetime

from etrust.onecode.model import Ground, Use


@dataclass(frozen=True, slots=True)
class AccessEntry:
    """One look, as whoever looked tells it.

    Attributes:
        subject_key: whose licenses were asked for.
        use: on what ground, in which matter and case, by whom and why.
        licenses: identifiers of those that were told of.
        fields: names of what was told, ``license_type.field``; never values.
        outcome: of the check, such as ``done``, ``refused``.
        grant: id of the grant that was used, empty when none was.
    """

    subject_key: bytes
    at: datetime
    use: Use
    licenses: tuple[str, ...]
    fields: tuple[str, ...]
    outcome: str
    grant: str = ""


@dataclass(frozen=True, slots=True)
class Logged:
    """One look, as its subject sees it.

    Attributes:
        number: its place in the log; grows with time.
        named: the subject is only named on the license and was not the one asked for.
        objection: number of the subject's objection to it, empty when there is none.
    """

    number: int
    at: datetime
    ground: Ground
    matter: str
    case_number: str
    operator: str
    body: str
    reason: str
    legal_basis: str
    licenses: tuple[str, ...]
    fields: tuple[str, ...]
    outcome: str
    grant: str
    named: bool
    objection: str = ""


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the log, the latest first; `after` leads to earlier ones, 0 on the last page."""

    entries: tuple[Logged, ...]
    after: int = 0


@dataclass(frozen=True, slots=True)
class Objection:
    """An objection (异议) taken in by one tap; its state is 已受理 until the objections' own process takes it on.

    Attributes:
        number: 异议编号, ``YY``, the day, and eight random characters: short enough for a telephone.
        entry: the look it is about, 0 when it is about a license.
        license: identifier of the license it is about, empty when it is about a look.
        body: to whom it goes: whose official looked, or who issued the license.
    """

    number: str
    subject_key: bytes
    person: str
    entry: int
    license: str
    body: str
    received_at: datetime

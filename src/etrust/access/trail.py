"""Reading the audit trail (审计查询): changes and looks together, in one order, bounded by time and by body.

Changes are the rows of ``audit_trail``; looks are those of ``access_log``, without whom they were about: an auditor judges who
looked, on which ground and why, and needs no name of a citizen for it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from etrust.errors import EtrustError, Kind
from etrust.storage.postgres import Connection

PAGE = 50
MAX_PERIOD = timedelta(days=366)
MAX_EXPORT = 100_000
MAX_CONDITION = 200


class Source(StrEnum):
    """Where an entry stands; the value is shown."""

    CHANGE = "change"  # somebody did something
    LOOK = "look"  # somebody was told something of a license (用证)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that somebody did or was told.

    Attributes:
        action: of a change; of a look how it ended.
        subject: what it was about: a license, a seal, a case. Of a look its licenses.
        ground: of a look ``consent`` or ``duty``; empty of a change.
        matter: 事项 of a look, with the number of its case.
    """

    source: Source
    number: int
    at: datetime
    operator: str
    body: str
    action: str
    subject: str
    ground: str
    matter: str
    reason: str
    legal_basis: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; empty where it does not matter.

    Attributes:
        action: how it begins, such as ``seal.``.
        subject: exactly.
        bodies: the auditor's own body and those below it; None for the whole region.
    """

    since: datetime
    until: datetime
    operator: str = ""
    body: str = ""
    action: str = ""
    subject: str = ""
    ground: str = ""
    source: Source | None = None
    bodies: Sequence[str] | None = field(default=None)


def check(wanted: Wanted) -> None:
    """Return quietly when a search is bounded.

    Raises:
        EtrustError: INVALID ``bad_period``, ``bad_search``.
    """
    if not timedelta(0) < wanted.until - wanted.since <= MAX_PERIOD:
        raise EtrustError(
            Kind.INVALID, "bad_period", where="until",
            zh=f"请选择不超过 {MAX_PERIOD.days} 天的时间段。", en=f"Choose a period of at most {MAX_PERIOD.days} days.",
        )  # fmt: skip
    texts = (wanted.operator, wanted.body, wanted.action, wanted.subject)
    if any(len(each) > MAX_CONDITION or not each.isprintable() for each in texts):
        raise EtrustError(Kind.INVALID, "bad_search", zh="查询条件过长或含控制字符。", en="A condition is too long.")


async def search(
    connection: Connection, wanted: Wanted, *, limit: int = PAGE, before: tuple[datetime, Source, int] | None = None
) -> list[Entry]:
    """Entries, the latest first.

    Args:
        before: time, source and number of the last one of the page before.

    Raises:
        EtrustError: as `check`.
    """
    check(wanted)
    at, source, number = before or (wanted.until, Source.LOOK, 2**62)
    rows = await connection.fetch(
        _SEARCH, wanted.since, wanted.until, wanted.operator, wanted.body, wanted.action, wanted.subject, wanted.ground,
        "" if wanted.source is None else wanted.source.value, None if wanted.bodies is None else list(wanted.bodies), limit, at,
        source.value, number,
    )  # fmt: skip
    return [Entry(**{**dict(row), "source": Source(row["source"])}) for row in rows]


_SEARCH = """
SELECT * FROM (
    (SELECT 'change' AS source, entry AS number, at, operator, body, action, subject, '' AS ground, '' AS matter,
            reason, legal_basis
     FROM audit_trail
     WHERE at >= $1 AND at < $2 AND at <= $11 AND ($3 = '' OR operator = $3) AND ($4 = '' OR body = $4)
       AND ($5 = '' OR starts_with(action, $5)) AND ($6 = '' OR subject = $6) AND $7 = '' AND $8 IN ('', 'change')
       AND ($9::text[] IS NULL OR body = ANY($9)) AND (at, 'change', entry) < ($11, $12, $13)
     ORDER BY at DESC, entry DESC LIMIT $10)
    UNION ALL
    (SELECT 'look', min(number), at, operator, body, outcome, array_to_string(licenses, ' '), ground,
            trim(matter || ' ' || case_number), reason, legal_basis
     FROM access_log
     WHERE at >= $1 AND at < $2 AND at <= $11 AND ($3 = '' OR operator = $3) AND ($4 = '' OR body = $4)
       AND ($5 = '' OR starts_with(outcome, $5)) AND ($6 = '' OR licenses @> ARRAY[$6] OR case_number = $6)
       AND ($7 = '' OR ground = $7) AND $8 IN ('', 'look')
       AND ($9::text[] IS NULL OR body = ANY($9)) AND (at, 'look', number) < ($11, $12, $13)
     GROUP BY at, operator, body, outcome, licenses, ground, matter, case_number, reason, legal_basis
     ORDER BY at DESC, min(number) DESC LIMIT $10)
) found ORDER BY at DESC, source DESC, number DESC LIMIT $10
"""


def entry_json(entry: Entry) -> dict[str, object]:
    """An entry for programs."""
    return {
        "source": entry.source.value, "number": entry.number, "at": entry.at.isoformat(), "operator": entry.operator,
        "body": entry.body, "action": entry.action, "subject": entry.subject, "ground": entry.ground, "matter": entry.matter,
        "reason": entry.reason, "legal_basis": entry.legal_basis,
    }  # fmt: skip


def place_of(entry: Entry) -> str:
    """Where a page ended, for the next one."""
    return f"{entry.at.isoformat()}|{entry.source.value}|{entry.number}"


def read_place(text: str) -> tuple[datetime, Source, int] | None:
    """The same, read; None for the first page.

    Raises:
        EtrustError: MALFORMED ``bad_place``.
    """
    if not text:
        return None
    try:
        at, source, number = text.split("|")
        return datetime.fromisoformat(at.replace(" ", "+")).astimezone(UTC), Source(source), min(int(number), 2**62)
    except ValueError as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_place", where="after", zh="翻页位置无法读取，请从头查询。", en="Search again from the start.",
        ) from error

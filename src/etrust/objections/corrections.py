"""Error correction by feedback (反馈纠错): differences that those who share data report, and what becomes of them.

A report is one item of one version and its right value. The same one reported by several is one. An officer of the body that
issued the license proposes to accept, another one agrees, which prepares the next version; one officer refuses, with a reason.
Whoever reported is told. An answer to a report never says whether the value is the one the license has now: else the interface
could be asked until it agrees.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.body_tree import bodies_below
from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.ids import LicenseIdentifier
from etrust.licenses import store as license_store
from etrust.licenses.again import correctable, labels
from etrust.licenses.types import LicenseType
from etrust.notices.model import Recipient, RecipientKind
from etrust.notices.post import post
from etrust.objections import correction_store as store
from etrust.objections.handling import Handling
from etrust.objections.open import no_such_license
from etrust.storage.postgres import Connection

MAX_VALUE = 500
MAX_AT_ONCE = 1000
MAX_A_DAY = 20_000
"""Reports of one body, or one region, in twenty-four hours; more than any real exchange has, and few to guess with."""
_DAY = timedelta(days=1)
REPORTED, DECIDED = "correction.reported", "correction.decided"


class CorrectionState(StrEnum):
    """Where a difference stands; the value is shown."""

    OPEN = "open"  # 待核查
    FORWARDED = "forwarded"  # 已转送签发地区
    PROPOSED = "proposed"  # 拟采纳, 待复核
    ACCEPTED = "accepted"  # 已采纳
    REFUSED = "refused"  # 不采纳


AFTER: Mapping[str, CorrectionState] = {
    "propose": CorrectionState.PROPOSED, "accept": CorrectionState.ACCEPTED, "refuse": CorrectionState.REFUSED,
    "send_back": CorrectionState.OPEN, "forward": CorrectionState.FORWARDED,
}  # fmt: skip
"""The state after each kind of step."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What somebody found to differ.

    Attributes:
        license: 电子证照标识.
        field: name of the cell, English or as the face has it.
        value: what is right.
        observed: what the reporter saw in the license; may be empty.
        ground: how the reporter knows, such as another register.
        region: whose license it is; empty for one of this region.
    """

    license: str
    field: str
    value: str
    observed: str = ""
    ground: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports: a body with its account, or a region.

    Attributes:
        name: code of the body, or ``region:620000``.
        linked: the number that a region gave it.
    """

    name: str
    operator: str
    linked: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a decision."""

    step: int
    action: str
    operator: str
    body: str
    reason: str
    replaced_by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Correction:
    """A difference that was reported.

    Attributes:
        number: ``JC20261125-ABCDEFGH``.
        reports: how many reported it.
        last: the last step, None before the first.
    """

    number: str
    difference: Difference
    region: str
    issuer: str
    at: datetime
    reports: int
    last: Step | None = None

    @property
    def state(self) -> CorrectionState:
        """Where it stands."""
        return CorrectionState.OPEN if self.last is None else AFTER[self.last.action]


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to a report.

    Attributes:
        merged: whether it had been reported before.
    """

    number: str
    state: CorrectionState
    merged: bool


async def report(
    connection: Connection, handling: Handling, difference: Difference, reporter: Reporter, number: str, *, at: datetime,
    file: int | None = None, line: int = 0,
) -> Taken:
    """Take a report up in the caller's transaction; the same difference is the same record.

    Args:
        number: for a new one.

    Raises:
        EtrustError: NOT_FOUND ``no_such_license``; INVALID ``not_correctable``, ``bad_value``; RATE_LIMITED ``too_many_reports``.
    """
    _check(difference)
    region = difference.region or handling.region
    await _require_quota(connection, reporter, at)
    issuer = await _issuer(connection, difference, own=region == handling.region)
    field = field_name(handling.types, difference)
    tag = handling.sealing.tag(f"{difference.license}\n{field}\n{difference.value.strip()}")
    sealed = handling.sealing.seal_json(
        f"{number}/difference",
        {"value": difference.value.strip(), "observed": difference.observed, "ground": difference.ground},
    )
    kept = await store.add(
        connection, number=number, license_=difference.license, field=field, region=region, issuer=issuer, tag=tag,
        sealed=sealed, at=at,
    )  # fmt: skip
    await store.add_report(connection, kept or number, reporter, file=file, line=line, at=at)
    if kept is None:
        return Taken(number, CorrectionState.OPEN, merged=False)
    found = await find(connection, handling, kept)
    assert found is not None  # noqa: S101 - it has this number
    return Taken(kept, found.state, merged=True)


def field_name(types: Mapping[str, LicenseType], difference: Difference) -> str:
    """The name of the cell that a report means, by its English name or what the face calls it.

    Raises:
        EtrustError: INVALID ``not_correctable``.
    """
    license_type = types.get(LicenseIdentifier.parse(difference.license).type_code)
    wanted = difference.field.strip()
    if license_type is not None and wanted in correctable(license_type):
        return wanted
    named = {} if license_type is None else {text: name for name, each in labels(license_type).items() for text in each}
    if wanted in named:
        return named[wanted]
    if license_type is None and difference.region and wanted.isprintable() and wanted:
        return wanted  # another region knows its own types
    raise EtrustError(
        Kind.INVALID, "not_correctable", where="field",
        zh=f"“{wanted[:60]}”不是该证照可以更正的项目。", en=f"{wanted[:60]!r} is not something that can be corrected in it.",
    )


async def _issuer(connection: Connection, difference: Difference, *, own: bool) -> str:
    try:
        wanted = LicenseIdentifier.parse(difference.license)
        stored = await license_store.find(connection, wanted.serial, wanted.version) if own else None
    except EtrustError:
        raise no_such_license() from None
    if own and (stored is None or stored.identifier.text != difference.license):
        raise no_such_license()
    return wanted.issuer_code if stored is None else stored.issuer


async def _require_quota(connection: Connection, reporter: Reporter, at: datetime) -> None:
    if await store.count_since(connection, reporter.name, at - _DAY) >= MAX_A_DAY:
        raise EtrustError(
            Kind.RATE_LIMITED, "too_many_reports",
            zh=f"24 小时内上报的差异已达 {MAX_A_DAY} 条，请明天再报。",
            en=f"{MAX_A_DAY} differences were reported within a day; go on tomorrow.",
        )


def _check(difference: Difference) -> None:
    texts = (difference.value, difference.observed, difference.ground)
    good = difference.value.strip() and all(len(each) <= MAX_VALUE and each.isprintable() for each in texts)
    if not good or len(difference.license) > MAX_VALUE or len(difference.field) > MAX_VALUE:
        raise EtrustError(
            Kind.INVALID, "bad_value", where="value",
            zh=f"请填写正确内容；每项不超过 {MAX_VALUE} 字，且不含控制字符。",
            en=f"Give the right value; at most {MAX_VALUE} printable characters each.",
        )


async def find(connection: Connection, handling: Handling, number: str) -> Correction | None:
    """A difference by its number."""
    found = await store.search(connection, numbers=[number], limit=1)
    return _opened(handling, found[0]) if found else None


async def queue(
    connection: Connection, handling: Handling, who: Operator, states: Sequence[CorrectionState], *, limit: int, after: str = ""
) -> list[Correction]:
    """What an officer's body, and those below it, have to decide, license by license.

    Raises:
        EtrustError: ``no_role``.
    """
    require_role(who, Role.CASE_OFFICER)
    below = bodies_below(await access_store.bodies(connection), who.body)
    found = await store.search(connection, issuers=below, region=handling.region, states=list(states), limit=limit, after=after)
    return [_opened(handling, each) for each in found]


async def reported_by(connection: Connection, handling: Handling, reporter: str, *, limit: int) -> list[Correction]:
    """What a body reported, the latest first."""
    return [_opened(handling, each) for each in await store.search(connection, reporter=reporter, limit=limit)]


def _opened(handling: Handling, row: store.Row) -> Correction:
    told = handling.sealing.open_json(f"{row.number}/difference", row.sealed)
    difference = Difference(row.license, row.field, told["value"], told["observed"], told["ground"], row.region)
    last = None if row.step is None else Step(*row.step)
    return Correction(row.number, difference, row.region, row.issuer, row.at, row.reports, last)


async def tell_reporters(
    connection: Connection, correction: Correction, step: Step, *, at: datetime
) -> None:
    """Tell everybody who reported a difference what became of it, in the caller's transaction."""
    for reporter, linked in await store.reporters(connection, correction.number):
        region = reporter.removeprefix("region:") if reporter.startswith("region:") else ""
        kind = RecipientKind.REGION if region else RecipientKind.BODY
        number = linked or correction.number
        content = {
            "number": number, "license": correction.difference.license, "outcome": AFTER[step.action].value,
            "replaced_by": step.replaced_by, "reason": step.reason,
        }  # fmt: skip
        await post(
            connection, stream=f"correction/{number}", recipient=Recipient(kind, region or reporter), kind=DECIDED,
            content=content, at=at,
        )

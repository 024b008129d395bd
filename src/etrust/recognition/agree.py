"""Making, approving and ending agreements: two officers, and everything on record."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.clock import official_date
from etrust.errors import EtrustError, Kind
from etrust.recognition import agreement_store as store
from etrust.recognition import partner_store
from etrust.recognition.agreements import ALL, Agreement, AgreementState
from etrust.seals.model import SealKind
from etrust.storage.postgres import Connection

MAX_ITEMS = 500
MAX_TEXT = 200
MAX_MATTER = 40
LIST_AGE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed; see `Agreement`."""

    region: str
    types: frozenset[str]
    valid_from: datetime
    valid_until: datetime
    document: str
    reason: str
    legal_basis: str
    seals: frozenset[str] = frozenset()
    matters: frozenset[str] = frozenset()
    max_list_age: timedelta = LIST_AGE
    consent_only: bool = False
    online_status: bool = False
    receipt_owed: bool = False
    replaces: str | None = None


async def propose(connection: Connection, terms: Terms, *, who: Operator, at: datetime) -> Agreement:
    """Propose an agreement with a partner region; it counts for nothing until another officer approves it.

    Raises:
        EtrustError: ``no_role``; INVALID ``bad_agreement``; NOT_FOUND ``no_such_region``, ``no_such_agreement``.
    """
    require_role(who, Role.TRUST_OFFICER)
    _check(terms)
    async with connection.transaction():
        if all(each.region != terms.region for each in await partner_store.partners(connection)):
            raise EtrustError(
                Kind.NOT_FOUND, "no_such_region", where="region",
                zh=f"没有伙伴地区 {terms.region}，请先登记。", en=f"There is no partner region {terms.region}; add it first.",
            )
        if terms.replaces is not None:
            await find(connection, terms.replaces, region=terms.region)
        year = official_date(at).year
        serial = await store.next_serial(connection, terms.region, year)
        agreement = Agreement(
            number=f"HR-{terms.region}-{year}-{serial:04d}", region=terms.region, types=terms.types, seals=terms.seals,
            matters=terms.matters, max_list_age=terms.max_list_age, consent_only=terms.consent_only,
            valid_from=terms.valid_from, valid_until=terms.valid_until, replaces=terms.replaces, document=terms.document,
            reason=terms.reason, legal_basis=terms.legal_basis, proposed_by=who.username, proposed_at=at,
            online_status=terms.online_status, receipt_owed=terms.receipt_owed,
        )  # fmt: skip
        await store.add(connection, agreement)
        await _record(connection, agreement.number, "agreement.propose", who, at, terms.reason, terms.legal_basis)
    return agreement


async def approve(connection: Connection, number: str, *, who: Operator, at: datetime) -> Agreement:
    """Approve an agreement that another officer proposed.

    Raises:
        EtrustError: ``no_role``; FORBIDDEN ``second_person_needed``; CONFLICT ``not_proposed``; ``no_such_agreement``.
    """
    return await _decide(connection, number, "approve", "", who=who, at=at)


async def refuse(connection: Connection, number: str, reason: str, *, who: Operator, at: datetime) -> Agreement:
    """Refuse an agreement that was proposed; whoever proposed it may take it back so.

    Raises:
        EtrustError: as `approve`, but for the second person.
    """
    return await _decide(connection, number, "refuse", reason, who=who, at=at)


async def _decide(
    connection: Connection, number: str, action: str, reason: str, *, who: Operator, at: datetime
) -> Agreement:
    require_role(who, Role.TRUST_OFFICER)
    async with connection.transaction():
        found = await find(connection, number)
        if found.state(at) is not AgreementState.PROPOSED:
            raise _conflict("not_proposed", "该协议已有结论。", "The agreement has been decided about already.")
        if action == "approve" and found.proposed_by == who.username:
            raise EtrustError(
                Kind.FORBIDDEN, "second_person_needed",
                zh="协议须由另一位信任管理员批准。", en="Another trust officer must approve the agreement.",
            )
        if not await store.add_event(
            connection, number, step=1, action=action, operator=who.username, reason=reason[:MAX_TEXT], at=at
        ):
            raise _conflict("not_proposed", "该协议已有结论。", "The agreement has been decided about already.")
        await _record(connection, number, f"agreement.{action}", who, at, reason)
        return await find(connection, number)


async def end(connection: Connection, number: str, reason: str, *, who: Operator, at: datetime) -> Agreement:
    """End an agreement at once: one officer may, for less trust is never the danger.

    Raises:
        EtrustError: ``no_role``; ``no_such_agreement``; CONFLICT ``not_in_force``; INVALID ``bad_agreement``: no reason.
    """
    require_role(who, Role.TRUST_OFFICER)
    if not 1 <= len(reason.strip()) <= MAX_TEXT:
        raise _bad("reason", "须写明终止理由（不超过 200 字）", "say why, in at most 200 characters")
    async with connection.transaction():
        found = await find(connection, number)
        over = found.state(at) not in (AgreementState.IN_FORCE, AgreementState.NOT_YET)
        if over or not await store.add_event(
            connection, number, step=2, action="end", operator=who.username, reason=reason, at=at
        ):
            raise _conflict("not_in_force", "该协议未生效或已终止。", "The agreement is not in force.")
        await _record(connection, number, "agreement.end", who, at, reason)
        return await find(connection, number)


async def find(connection: Connection, number: str, *, region: str | None = None) -> Agreement:
    """An agreement by its number.

    Raises:
        EtrustError: NOT_FOUND ``no_such_agreement``.
    """
    for each in await store.agreements(connection):
        if each.number == number and region in (None, each.region):
            return each
    raise EtrustError(
        Kind.NOT_FOUND, "no_such_agreement", where="number", zh="没有这份协议。", en="There is no such agreement."
    )


def _check(terms: Terms) -> None:
    if not terms.types and not terms.seals:
        raise _bad("types", "至少写明一种证照类型或印章类型", "name a license type or a kind of seal")
    if any(len(each) > MAX_ITEMS for each in (terms.types, terms.seals, terms.matters)):
        raise _bad("types", f"各项不超过 {MAX_ITEMS} 个", f"at most {MAX_ITEMS} of each")
    _check_codes(terms)
    if not terms.valid_from < terms.valid_until:
        raise _bad("valid_until", "截止时间须晚于起始时间", "the end lies after the beginning")
    if not timedelta(minutes=1) <= terms.max_list_age <= timedelta(days=30):
        raise _bad("max_list_age", "状态列表最长时限应在 1 分钟至 30 天之间", "between a minute and thirty days")
    for name in ("document", "reason", "legal_basis"):
        text = getattr(terms, name)
        if not 1 <= len(text.strip()) <= MAX_TEXT or not text.isprintable():
            raise _bad(name, f"{name} 必填，不超过 {MAX_TEXT} 字", f"needed, at most {MAX_TEXT} characters")


def _check_codes(terms: Terms) -> None:
    for code in terms.types - {ALL}:
        if len(code) != 21 or not code.isascii() or not code.isalnum():  # noqa: PLR2004 - GB/T 36904
            raise _bad("types", f"证照类型代码应为 21 位：{code[:30]}", f"a type code has 21 characters: {code[:30]}")
    unknown = sorted(terms.seals - {ALL, *SealKind})
    if unknown:
        raise _bad("seals", f"没有这种印章类型：{unknown[0][:30]}", f"there is no such kind of seal: {unknown[0][:30]}")
    for matter in terms.matters:
        if not 1 <= len(matter) <= MAX_MATTER or not matter.isascii() or not matter.isalnum():
            raise _bad("matters", f"事项实施编码不正确：{matter[:40]}", f"no implementation code of a matter: {matter[:40]}")


async def _record(
    connection: Connection, number: str, action: str, who: Operator, at: datetime, reason: str, legal_basis: str = ""
) -> None:
    await access_store.record(
        connection, at=at, operator=who.username, body=who.body, action=action, subject=number, reason=reason,
        legal_basis=legal_basis,
    )  # fmt: skip


def _conflict(code: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.CONFLICT, code, zh=zh, en=en)


def _bad(where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, "bad_agreement", where=where, zh=f"协议内容不正确：{zh}。", en=f"Agreement: {en}.")

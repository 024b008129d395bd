"""Adding and removing partner regions by two people: one officer proposes, another decides."""

from collections.abc import Sequence
from datetime import datetime

from etrust.access import store as access_store
from etrust.access.accounts import require_role
from etrust.access.model import Operator, Role
from etrust.errors import EtrustError, Kind
from etrust.recognition import partner_store
from etrust.recognition import region_change_store as store
from etrust.recognition.model import PartnerRegion, RegionAction, RegionProposal
from etrust.settings import is_safe_address
from etrust.storage.postgres import Connection
from etrust.trust.x509 import read_certificates

MAX_NAME, MAX_TEXT, MAX_CERTIFICATE = 60, 200, 16 * 1024
_DIVISION = 6


async def propose_region(connection: Connection, wanted: RegionProposal, *, own: str, who: Operator, at: datetime) -> int:
    """Propose to add or remove a partner region; the number of the proposal.

    Args:
        own: this region's division.

    Raises:
        EtrustError: ``no_role``; INVALID ``bad_region``, ``bad_address``, ``bad_certificate``, ``bad_proposal``; CONFLICT
            ``region_exists``, ``already_proposed``; NOT_FOUND ``no_such_region``.
    """
    require_role(who, Role.TRUST_OFFICER)
    _check(wanted, own)
    async with connection.transaction():
        await _check_known(connection, wanted)
        number = await store.add(connection, wanted, operator=who.username, at=at)
        await _record(connection, f"region.propose_{wanted.action.value}", wanted.region, who, at, wanted.reason)
    return number


async def decide_region(
    connection: Connection, number: int, *, approve: bool, who: Operator, at: datetime
) -> RegionProposal:
    """Approve a proposal of another officer, or refuse one; whoever proposed it may take it back.

    Raises:
        EtrustError: ``no_role``; NOT_FOUND ``no_such_proposal``; CONFLICT ``not_proposed``; FORBIDDEN ``second_person_needed``.
    """
    require_role(who, Role.TRUST_OFFICER)
    async with connection.transaction():
        found = await store.find(connection, number)
        if found is None:
            raise EtrustError(Kind.NOT_FOUND, "no_such_proposal", zh="没有这项提议。", en="There is no such proposal.")
        if approve and found.proposed_by == who.username:
            raise EtrustError(
                Kind.FORBIDDEN, "second_person_needed",
                zh="须由另一位信任管理员批准。", en="Another trust officer must approve it.",
            )
        action = "approve" if approve else "refuse"
        if not await store.decide(connection, number, action=action, operator=who.username, at=at):
            raise EtrustError(
                Kind.CONFLICT, "not_proposed", zh="该提议已有结论。", en="The proposal has been decided about already.",
            )
        if approve:
            await _carry_out(connection, found, who, at)
        await _record(connection, f"region.{action}_{found.action.value}", found.region, who, at, found.reason)
    return found


async def _carry_out(connection: Connection, found: RegionProposal, who: Operator, at: datetime) -> None:
    await _check_known(connection, found, proposing=False)
    if found.action is RegionAction.ADD:
        partner = PartnerRegion(
            0, found.region, found.name_zh, found.name_ug, found.name_en, found.base_url, found.anchor, at, found.valid_until
        )
        await partner_store.add_partner(connection, partner, operator=who.username, at=at)
        return
    for each in await partner_store.partners(connection):
        if each.region == found.region:
            await partner_store.end_partner(connection, each.partner_id, operator=who.username, at=at)


async def _check_known(connection: Connection, wanted: RegionProposal, *, proposing: bool = True) -> None:
    known = any(each.region == wanted.region for each in await partner_store.partners(connection))
    if wanted.action is RegionAction.ADD and known:
        raise EtrustError(
            Kind.CONFLICT, "region_exists", where="region",
            zh=f"伙伴地区 {wanted.region} 已登记；如需更换，请先移除。",
            en=f"Region {wanted.region} is there already; to replace it, remove it first.",
        )
    if wanted.action is RegionAction.REMOVE and not known:
        raise EtrustError(
            Kind.NOT_FOUND, "no_such_region", where="region",
            zh=f"没有伙伴地区 {wanted.region}。", en=f"There is no partner region {wanted.region}.",
        )
    waiting: Sequence[RegionProposal] = await store.waiting(connection) if proposing else ()
    if any(each.region == wanted.region for each in waiting):
        raise EtrustError(
            Kind.CONFLICT, "already_proposed", where="region",
            zh="该地区已有一项提议待批准。", en="A proposal about that region waits already.",
        )


def _check(wanted: RegionProposal, own: str) -> None:
    check_division(wanted.region, own)
    if not 1 <= len(wanted.reason.strip()) <= MAX_TEXT:
        raise _bad("reason", "须写明理由（不超过 200 字）", "say why, in at most 200 characters")
    if wanted.action is RegionAction.REMOVE:
        return
    safe_address(wanted.base_url)
    read_anchor(wanted.anchor)
    if not wanted.name_zh.strip() or any(len(name) > MAX_NAME for name in (wanted.name_zh, wanted.name_ug, wanted.name_en)):
        raise _bad("name_zh", f"须写明地区名称（不超过 {MAX_NAME} 字）", f"name the region, in at most {MAX_NAME} characters")


def check_division(text: str, own: str) -> str:
    """A division of another region.

    Raises:
        EtrustError: ``bad_region``.
    """
    if len(text) != _DIVISION or not text.isascii() or not text.isdecimal() or text == own:
        raise EtrustError(
            Kind.INVALID, "bad_region", where="region",
            zh="地区须为六位行政区划代码，且不是本地区。", en="A region is six digits (GB/T 2260), and not this one.",
        )
    return text


def safe_address(url: str) -> str:
    """The address of a partner as it is kept: personal numbers go there, so encrypted, or not beyond this machine.

    Raises:
        EtrustError: ``bad_address``.
    """
    if len(url) > MAX_TEXT or not is_safe_address(url, plain_on_loopback=True, bare=True):
        raise EtrustError(
            Kind.INVALID, "bad_address", where="base_url",
            zh="服务地址须以 https:// 开头（仅本机可用 http://），且不含账号与参数。",
            en="The address begins with https:// (http:// only for this machine), with no user and no query.",
        )
    return url.rstrip("/")


def read_anchor(data: bytes) -> bytes:
    """The one certificate in a file (DER or PEM), as DER.

    Raises:
        EtrustError: ``bad_certificate``.
    """
    found = read_certificates(data[: 2 * MAX_CERTIFICATE]) if data else []
    if len(found) != 1:
        raise EtrustError(
            Kind.INVALID, "bad_certificate", where="anchor",
            zh="锚证书文件应只含一张证书。", en="The anchor is one certificate, not several and not none.",
        )
    return found[0].encoded


async def _record(connection: Connection, action: str, region: str, who: Operator, at: datetime, reason: str) -> None:
    await access_store.record(
        connection, at=at, operator=who.username, body=who.body, action=action, subject=region, reason=reason
    )


def _bad(where: str, zh: str, en: str) -> EtrustError:
    return EtrustError(Kind.INVALID, "bad_proposal", where=where, zh=f"{zh}。", en=f"Please {en}.")

"""The trust officer's pages of partner regions (伙伴地区): how they are, adding and removing them by two people."""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.clock import BEIJING, official_date
from etrust.errors import EtrustError, Kind
from etrust.notices.model import RecipientKind
from etrust.recognition.agreements import Agreement, AgreementState
from etrust.recognition.model import RegionAction, RegionProposal, TrustAlarm
from etrust.recognition.region_changes import MAX_CERTIFICATE, read_anchor
from etrust.web.forms import Form, read_form, read_upload
from etrust.web.region_words import AGREEMENT_STATES, ALARMS, BROKEN, DONE, FAULTS, GOOD, OLD, QUIET, RESTING, StateWords
from etrust.web.rendering import redirect, render
from etrust.web.seal_forms import Fault, fault_of
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS
from etrust.wiring.partners import PartnerHealth

_FIELDS = frozenset({"region", "name_zh", "name_ug", "name_en", "base_url", "anchor", "valid_until", "reason"})
_STALE = timedelta(minutes=30)
"""A region that has not answered for so long is not in contact."""
_PARTS = 12


@dataclass(frozen=True, slots=True)
class Shown:
    """A partner region as the list shows it.

    Attributes:
        anchor: fingerprint of the pinned one.
        open_notices: notices to it that it has not confirmed.
        waiting: a proposal to remove it.
    """

    health: PartnerHealth
    words: StateWords
    anchor: str
    agreements: Sequence[Agreement]
    alarms: Sequence[TrustAlarm]
    open_notices: int
    waiting: bool


async def list_regions(request: web.Request) -> web.Response:
    """``GET /regions``."""
    officer = await demand_role(request, Role.TRUST_OFFICER)
    return await _list(request, officer)


async def _list(request: web.Request, officer: Operator, fault: Fault | None = None) -> web.Response:
    rooms = request.app[ROOMS]
    now = rooms.clock()
    health, agreements, alarms, proposals = await asyncio.gather(
        rooms.partners.health(), rooms.agreements.all(), rooms.partners.alarms(), rooms.agreements.proposals()
    )
    open_notices = await _open_notices(request)
    leaving = {each.region for each in proposals if each.action is RegionAction.REMOVE}
    regions = [
        Shown(
            each, _words(each, now), fingerprint(each.partner.anchor),
            [one for one in agreements if one.region == each.partner.region and _is_current(one, now)],
            [one for one in alarms if one.region == each.partner.region], open_notices[each.partner.region],
            each.partner.region in leaving,
        )
        for each in health
    ]  # fmt: skip
    over = [each for each in agreements if not _is_current(each, now)]
    return render(
        request, "regions.html", status=fault.status if fault else 200, operator=officer, regions=regions, over=over,
        proposals=[(each, fingerprint(each.anchor)) for each in proposals], states=AGREEMENT_STATES, now=now, faults=FAULTS,
        alarm_words=ALARMS, alarms=alarms[:20], done=DONE.get(request.query.get("done", ""), ""), fault=fault,
        day=official_date,
    )  # fmt: skip


async def _open_notices(request: web.Request) -> Counter[str]:
    try:
        found = await request.app[ROOMS].notices.unconfirmed(kind=RecipientKind.REGION)
    except EtrustError:
        return Counter()
    return Counter(each.notice.recipient.name for each in found)


def _is_current(agreement: Agreement, now: datetime) -> bool:
    return agreement.state(now) in (AgreementState.PROPOSED, AgreementState.IN_FORCE, AgreementState.NOT_YET)


def _words(health: PartnerHealth, now: datetime) -> StateWords:
    if health.fault in ("expired_list", "untrusted_list"):
        return BROKEN
    if health.is_resting or health.fault:
        return RESTING
    if health.answered_at is None:
        return QUIET if health.sequence is None else OLD
    return GOOD if now - health.answered_at < _STALE else OLD


def fingerprint(certificate: bytes) -> str:
    """SHA-256 of a certificate in groups that two people can compare aloud; empty for none."""
    digest = hashlib.sha256(certificate).hexdigest()
    return " ".join(digest[start : start + 8] for start in range(0, len(digest), 8)) if certificate else ""


async def ask_region(request: web.Request) -> web.Response:
    """``GET /regions/new``."""
    return _form(request, await demand_role(request, Role.TRUST_OFFICER), Form())


async def propose_region(request: web.Request) -> web.StreamResponse:
    """``POST /regions/new``; a refusal is told in the form, which keeps what was written."""
    officer = await demand_role(request, Role.TRUST_OFFICER)
    form = await read_upload(request, 2 * MAX_CERTIFICATE, parts=_PARTS)
    try:
        demand_token(request, form.text("csrf"))
        await request.app[ROOMS].agreements.propose_region(_wanted(request, form), who=officer)
    except EtrustError as error:
        return _form(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect("/regions?done=propose-add")


def _wanted(request: web.Request, form: Form) -> RegionProposal:
    return RegionProposal(
        0, RegionAction.ADD, form.text("region"), form.text("name_zh"), form.text("name_ug"), form.text("name_en"),
        form.text("base_url"), read_anchor(form.image), day_end(form.text("valid_until"), "valid_until"), form.text("reason"), "",
        request.app[ROOMS].clock(),
    )  # fmt: skip


def _form(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    return render(
        request, "region_new.html", status=fault.status if fault else 200, operator=officer, form=form, fault=fault
    )


async def ask_removal(request: web.Request) -> web.Response:
    """``GET /regions/{region}/remove``."""
    return await _removal(request, await demand_role(request, Role.TRUST_OFFICER), Form())


async def propose_removal(request: web.Request) -> web.StreamResponse:
    """``POST /regions/{region}/remove``."""
    officer, form = await demand_role(request, Role.TRUST_OFFICER), await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        wanted = RegionProposal(
            0, RegionAction.REMOVE, request.match_info["region"], "", "", "", "", b"", None, form.text("reason"), "",
            request.app[ROOMS].clock(),
        )  # fmt: skip
        await request.app[ROOMS].agreements.propose_region(wanted, who=officer)
    except EtrustError as error:
        return await _removal(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect("/regions?done=propose-remove")


async def _removal(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    partner = await request.app[ROOMS].partners.region(request.match_info["region"])
    if partner is None:
        raise web.HTTPNotFound
    return render(
        request, "region_remove.html", status=fault.status if fault else 200, operator=officer, partner=partner, form=form,
        fault=fault,
    )  # fmt: skip


async def decide(request: web.Request) -> web.StreamResponse:
    """``POST /regions/proposals/{number}/{step}``: approve or refuse."""
    officer, form = await demand_role(request, Role.TRUST_OFFICER), await read_form(request)
    step = request.match_info["step"]
    try:
        demand_token(request, form.text("csrf"))
        number = int(request.match_info["number"])
        found = await request.app[ROOMS].agreements.decide_region(number, approve=step == "approve", who=officer)
    except EtrustError as error:
        return await _list(request, officer, fault_of(request, error, frozenset()))
    return redirect(f"/regions?done={step}-{found.action.value}")


def day_end(text: str, field: str) -> datetime | None:
    """The last second of a day that was written, in official time; None for nothing written.

    Raises:
        EtrustError: ``bad_time``.
    """
    day = day_begin(text, field)
    return None if day is None else day + timedelta(days=1, seconds=-1)


def day_begin(text: str, field: str) -> datetime | None:
    """The first moment of a day that was written, in official time.

    Raises:
        EtrustError: ``bad_time``.
    """
    if not text:
        return None
    try:
        return datetime.combine(date.fromisoformat(text), time(), BEIJING)
    except (ValueError, OverflowError) as error:
        raise EtrustError(
            Kind.INVALID, "bad_time", where=field,
            zh="日期须写作 2026-12-31 的形式。", en="Write the day as 2026-12-31.",
        ) from error

"""The trust officer's pages of agreements (互认协议): one agreement with its difference, proposing, approving, ending."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.clock import official_date
from etrust.errors import EtrustError
from etrust.recognition.agree import Terms
from etrust.recognition.agreement_diff import TERMS as NAMES
from etrust.recognition.agreement_diff import differences
from etrust.recognition.agreements import ALL, Agreement
from etrust.recognition.model import PartnerRegion
from etrust.seals.model import KINDS
from etrust.web.forms import Form, read_form
from etrust.web.region_words import AGREEMENT_STATES, DONE, TERMS
from etrust.web.regions import day_begin, day_end
from etrust.web.rendering import redirect, render
from etrust.web.seal_forms import Fault, chosen, fault_of
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

_FIELDS = frozenset({
    "types", "seals", "matters", "max_list_age", "valid_from", "valid_until", "document", "reason", "legal_basis",
})  # fmt: skip
_DUTIES = ("consent_only", "online_status", "receipt_owed")
_DAYS = frozenset({"valid_from", "valid_until"})
_HOURS = 3600


@dataclass(frozen=True, slots=True)
class Term:
    """One term as it is shown; with what only the older and only the newer agreement has, where they differ."""

    name: str
    label: str
    values: Sequence[str]
    before: Sequence[str] = ()
    after: Sequence[str] = ()
    differs: bool = False


async def show_agreement(request: web.Request) -> web.Response:
    """``GET /regions/agreements/{number}``."""
    return await _show(request, await demand_role(request, Role.TRUST_OFFICER), Form())


async def take_step(request: web.Request) -> web.StreamResponse:
    """``POST /regions/agreements/{number}/{step}``: approve, refuse or end."""
    officer, form = await demand_role(request, Role.TRUST_OFFICER), await read_form(request)
    number, step, desk = request.match_info["number"], request.match_info["step"], request.app[ROOMS].agreements
    try:
        demand_token(request, form.text("csrf"))
        if step == "approve":
            await desk.approve(number, who=officer)
        elif step == "refuse":
            await desk.refuse(number, form.text("reason"), who=officer)
        else:
            await desk.end(number, form.text("reason"), who=officer)
    except EtrustError as error:
        return await _show(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect(f"/regions/agreements/{number}?done={step}")


async def _show(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    rooms = request.app[ROOMS]
    found = await rooms.agreements.find(request.match_info["number"])
    before = None if found.replaces is None else await rooms.agreements.find(found.replaces)
    now = rooms.clock()
    return render(
        request, "agreement.html", status=fault.status if fault else 200, operator=officer, agreement=found, before=before,
        terms=_terms(found, before), state=found.state(now), words=AGREEMENT_STATES[found.state(now)], form=form, fault=fault,
        partner=await rooms.partners.region(found.region), types={each.code: each for each in rooms.types.values()},
        kinds=_kinds(), done=DONE.get(request.query.get("done", ""), ""),
    )  # fmt: skip


def _kinds() -> Mapping[str, object]:
    return {kind.value: facts for kind, facts in KINDS.items()}


def _terms(found: Agreement, before: Agreement | None) -> list[Term]:
    changed = {} if before is None else {name: (old, new) for name, old, new in differences(before, found)}
    terms = []
    for name in NAMES:
        value = getattr(found, name)
        values = sorted(value) if isinstance(value, frozenset) else [_day(name, str(value))]
        old, new = ([_day(name, each) for each in side] for side in changed.get(name, ((), ())))
        terms.append(Term(name, TERMS[name], values, old, new, differs=name in changed))
    return terms


def _day(name: str, text: str) -> str:
    """A moment as the day it lies in, in official time."""
    return official_date(datetime.fromisoformat(text)).isoformat() if name in _DAYS else text


async def ask_agreement(request: web.Request) -> web.Response:
    """``GET /regions/{region}/agreements/new``; with ``replaces=`` the form begins with the terms of that agreement."""
    officer, replaces = await demand_role(request, Role.TRUST_OFFICER), request.query.get("replaces", "")
    older = await request.app[ROOMS].agreements.find(replaces) if replaces else None
    return await _form(request, officer, Form({} if older is None else _filled(older)))


def _filled(older: Agreement) -> dict[str, str]:
    """The form as the older agreement has it, but for its days and its reason."""
    values = {f"type.{each}": "1" for each in older.types} | {f"seal.{each}": "1" for each in older.seals}
    values |= {name: "1" for name in _DUTIES if getattr(older, name)}
    return values | {
        "matters": " ".join(sorted(older.matters)), "max_list_age": f"{older.max_list_age.total_seconds() / _HOURS:g}",
        "document": older.document, "legal_basis": older.legal_basis, "replaces": older.number,
    }  # fmt: skip


async def propose(request: web.Request) -> web.StreamResponse:
    """``POST /regions/{region}/agreements/new``; a refusal is told in the form, which keeps what was written."""
    officer, form = await demand_role(request, Role.TRUST_OFFICER), await read_form(request)
    try:
        demand_token(request, form.text("csrf"))
        made = await request.app[ROOMS].agreements.propose(_read(request, form), who=officer)
    except EtrustError as error:
        return await _form(request, officer, form, fault_of(request, error, _FIELDS))
    return redirect(f"/regions/agreements/{made.number}?done=propose")


def _read(request: web.Request, form: Form) -> Terms:
    now = request.app[ROOMS].clock()
    since = day_begin(form.text("valid_from"), "valid_from")
    return Terms(
        region=request.match_info["region"], types=frozenset(chosen(form, "type")), seals=frozenset(chosen(form, "seal")),
        matters=frozenset(form.text("matters").split()), max_list_age=timedelta(hours=_number(form.text("max_list_age"))),
        valid_from=now if since is None or official_date(since) == official_date(now) else since,
        valid_until=day_end(form.text("valid_until"), "valid_until") or now, document=form.text("document"),
        reason=form.text("reason"), legal_basis=form.text("legal_basis"), replaces=form.text("replaces") or None,
        consent_only=bool(form.text("consent_only")), online_status=bool(form.text("online_status")),
        receipt_owed=bool(form.text("receipt_owed")),
    )  # fmt: skip


def _number(text: str) -> float:
    """Hours as they were written; what is no number is out of bounds, which the rules then say."""
    try:
        return min(max(float(text), 0.0), 1e6)
    except ValueError:
        return 0.0


async def _form(request: web.Request, officer: Operator, form: Form, fault: Fault | None = None) -> web.Response:
    rooms = request.app[ROOMS]
    partner: PartnerRegion | None = await rooms.partners.region(request.match_info["region"])
    if partner is None:
        raise web.HTTPNotFound
    return render(
        request, "agreement_new.html", status=fault.status if fault else 200, operator=officer, partner=partner, form=form,
        fault=fault, types=rooms.types, kinds=_kinds(), every=ALL, today=official_date(rooms.clock()).isoformat(),
        known={each.code for each in rooms.types.values()},
    )  # fmt: skip

"""Notices on pages (通知): the inbox of a body, what nobody has confirmed yet, and what a holder was told."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from etrust.access.model import Operator, Role
from etrust.errors import EtrustError
from etrust.ids import LicenseIdentifier
from etrust.licenses.types import LicenseType, by_code
from etrust.notices.model import Recipient, RecipientKind
from etrust.notices.store import Delivery
from etrust.web.forms import read_form
from etrust.web.languages import mark as _
from etrust.web.my_visit import show, visit_of
from etrust.web.objection_words import STATES
from etrust.web.rendering import redirect, render
from etrust.web.security import demand_token
from etrust.web.service_names import names_of
from etrust.web.sessions import demand_operator, demand_role
from etrust.wiring import ROOMS
from etrust.wiring.acting_desk import OWN_AFFAIRS

KINDS: Mapping[str, str] = {
    "license.corrected": _("A license was corrected"),
    "license.revoked": _("A license was revoked"),
    "objection.progress": _("An objection is under way"),
    "objection.decided": _("An objection was decided"),
    "objection.overdue": _("An objection is overdue"),
    "objection.forwarded": _("An objection was sent on"),
    "objection.appealed": _("An appeal was made"),
    "objection.withdrawn": _("An objection was taken back"),
    "correction.decided": _("An error report was decided"),
}
"""What a notice says, by its kind."""


async def show_inbox(request: web.Request) -> web.Response:
    """``GET /notices/inbox``: what the operator's body was told."""
    operator = await demand_operator(request)
    found = await request.app[ROOMS].notices.inbox(Recipient(RecipientKind.BODY, operator.body))
    return render(request, "notice_inbox.html", operator=operator, found=found, **await _words(request, found))


async def confirm(request: web.Request) -> web.StreamResponse:
    """``POST /notices/{notice}/confirm``: the body has taken note."""
    operator = await demand_operator(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    recipient = Recipient(RecipientKind.BODY, operator.body)
    await request.app[ROOMS].notices.confirm(request.match_info["notice"], recipient, by=f"account:{operator.username}")
    return redirect("/notices/inbox")


async def show_unconfirmed(request: web.Request) -> web.Response:
    """``GET /notices``: what nobody has confirmed yet; ``stream=`` for everybody who was told of one thing."""
    operator = await _officer(request)
    desk, stream = request.app[ROOMS].notices, request.query.get("stream", "")[:100]
    found = await (desk.of_stream(stream) if stream else desk.unconfirmed())
    return render(
        request, "notices.html", operator=operator, found=found, stream=stream, **await _words(request, found)
    )


async def resend(request: web.Request) -> web.StreamResponse:
    """``POST /notices/{notice}/resend``: try at once."""
    operator = await _officer(request)
    form = await read_form(request)
    demand_token(request, form.text("csrf"))
    await request.app[ROOMS].notices.resend(request.match_info["notice"], who=operator)
    return redirect("/notices")


async def show_mine(request: web.Request) -> web.Response:
    """``GET /my/notices``: what a holder was told; what is shown is noted."""
    visit = await visit_of(request)
    if visit.acting.basis not in OWN_AFFAIRS:
        return show(request, "my_not_yours.html", visit)
    desk, recipient = request.app[ROOMS].notices, Recipient(RecipientKind.PERSON, visit.acting.subject.key.hex())
    found = await desk.inbox(recipient)
    for each in found:
        if each.confirmed_at is None:
            await desk.confirm(each.notice.notice_id, recipient, by="holder")
    return show(request, "my_notices.html", visit, found=found, **await _words(request, found))


async def _officer(request: web.Request) -> Operator:
    return await demand_role(request, Role.CASE_OFFICER, Role.TRUST_OFFICER, Role.ADMIN)


async def _words(request: web.Request, found: Sequence[Delivery]) -> dict[str, Any]:
    bodies = {each.notice.recipient.name for each in found if each.notice.recipient.kind is RecipientKind.BODY}
    regions = {each.region: each.name_zh for each in await request.app[ROOMS].partners.regions_in_force()}
    return {
        "kinds": KINDS, "states": {state.value: words for state, words in STATES.items()}, "regions": regions,
        "types": {each.notice.notice_id: _type(request, each) for each in found},
        "names": await names_of(request, (), bodies),
    }  # fmt: skip


def _type(request: web.Request, delivery: Delivery) -> LicenseType | None:
    """The type of the license that a notice speaks of."""
    try:
        code = LicenseIdentifier.parse(str(delivery.notice.content.get("license", ""))).type_code
    except EtrustError:
        return None
    return by_code(request.app[ROOMS].types).get(code)

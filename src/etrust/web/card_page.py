"""What whoever was given a digital card (数字名片) sees: the chosen fields, and what they are worth now.

Opening the link shows a button first, so that the previews that messengers fetch use up no view.
"""

import hmac
from datetime import UTC, datetime, timedelta

from aiohttp import hdrs, web

from etrust.onecode.cards import CONTACT_SECONDS, Told, no_such_card
from etrust.web.card import card_of
from etrust.web.rendering import render
from etrust.wiring import ROOMS

_ROBOTS = {"X-Robots-Tag": "noindex, nofollow, noarchive"}
_HEADERS = {**_ROBOTS, "Referrer-Policy": "no-referrer"}
_MAX_UNIX = 11  # digits


async def show_door(request: web.Request) -> web.Response:
    """``GET /c/{token}``: what this is, and a button; nothing of the card, and nothing counted."""
    token = request.match_info["token"]
    if not await request.app[ROOMS].space.card_is_open(token):
        raise no_such_card()
    response = render(request, "card_door.html")
    # The pages' own same-origin policy: no other site learns the address, and browsers name themselves to our form.
    response.headers.update(_ROBOTS)
    return response


async def open_card(request: web.Request) -> web.Response:
    """``POST /c/{token}``: the card; this is one view."""
    token = request.match_info["token"]
    rooms = request.app[ROOMS]
    found = await rooms.space.open_card(token)
    if found is None:
        raise no_such_card()
    card, told = found
    until = rooms.clock() + timedelta(seconds=CONTACT_SECONDS)
    contact = f"/c/{token}/contact.vcf?until={int(until.timestamp())}&ticket={rooms.space.contact_ticket(token, until)}"
    parts = [(each, card_of(each.held.verdict)) for each in told]
    return _private(
        render(request, "card_page.html", card=card, parts=parts, contact=contact if _contact(told) else "", now=rooms.clock())
    )


async def send_contact(request: web.Request) -> web.Response:
    """``GET /c/{token}/contact.vcf``: the card as a contact (vCard 3.0), for ten minutes after it was shown."""
    token = request.match_info["token"]
    until = _moment(request.query.get("until", ""))
    rooms = request.app[ROOMS]
    expected = rooms.space.contact_ticket(token, until)
    if not hmac.compare_digest(expected.encode(), request.query.get("ticket", "")[:128].encode()) or rooms.clock() >= until:
        raise no_such_card()
    found = await rooms.space.open_card(token, counted=False)
    contact = _contact(found[1]) if found else ""
    if not contact:
        raise no_such_card()
    headers = {hdrs.CONTENT_DISPOSITION: 'attachment; filename="contact.vcf"'}
    return _private(web.Response(body=contact.encode(), content_type="text/vcard", charset="utf-8", headers=headers))


def _private(response: web.Response) -> web.Response:
    response.headers.update(_HEADERS)
    return response


def _moment(text: str) -> datetime:
    good = text.isascii() and text.isdecimal() and len(text) < _MAX_UNIX
    return datetime.fromtimestamp(int(text), UTC) if good else datetime.fromtimestamp(0, UTC)


def _contact(told: tuple[Told, ...]) -> str:
    """A vCard of the name of a person and of a company that are on the card; empty when neither is.

    3.0 (RFC 2426), not 4.0: it is what phones and messengers read.
    """
    person = company = title = ""
    for each in told:
        for field in each.fields:
            is_company = each.held.license_type.name == "business_license"
            if field.name == "holder_name" and is_company:
                company = company or field.value
            elif field.name == "holder_name":
                person = person or field.value
            elif field.name == "legal_representative":
                title, person = "法定代表人", person or field.value
            elif field.name == "employer":
                company = company or field.value
    if not person and not company:
        return ""
    lines = ["BEGIN:VCARD", "VERSION:3.0", f"N:{_escaped(person or company)};;;;", f"FN:{_escaped(person or company)}"]
    lines += [f"ORG:{_escaped(company)}"] if company else []
    lines += [f"TITLE:{_escaped(title)}"] if title else []
    return "\r\n".join([*lines, "END:VCARD", ""])


def _escaped(text: str) -> str:
    """RFC 2426, section 5: nothing of a value can begin another line or another part."""
    plain = " ".join(text.split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")

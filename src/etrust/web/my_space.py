"""The holder's first page (一人一档, 一企一档): who I am, my code, my licenses, and what ends soon."""

from urllib.parse import urlencode

from aiohttp import web

from etrust.onecode.space import MAX_SEARCH, HeldLicense
from etrust.web.card import card_of
from etrust.web.my_visit import show, visit_of
from etrust.web.my_words import KINDS
from etrust.wiring import ROOMS

MANY = 8
"""From so many licenses on there is a field to search them."""


async def show_space(request: web.Request) -> web.Response:
    """``GET /my``; ``?q=`` searches, ``?after=`` turns the page."""
    visit = await visit_of(request)
    text = request.query.get("q", "").strip()[:MAX_SEARCH]
    after = request.query.get("after", "")[:20]
    found = await request.app[ROOMS].space.of(visit.acting, text=text, after=after)
    further = f"/my?{urlencode({'q': text, 'after': found.after})}" if found.after else ""
    return show(
        request, "my.html", visit, space=found, kinds=KINDS, text=text, further=further, matter_of=matter_of,
        cards={each.identifier: card_of(each.verdict) for each in found.held}, searching=bool(text or after),
        many=len(found.held) >= MANY or bool(text or found.after),
    )


def matter_of(held: HeldLicense) -> str:
    """Where to find the matter that renews a license: the public list, searched for its name."""
    return f"/matters?{urlencode({'q': held.license_type.zh})}"

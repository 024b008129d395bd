"""For whom the visitor acts: made out anew at every request, once."""

from aiohttp import web

from etrust.access.person_model import HolderSession
from etrust.onecode.model import Acting
from etrust.wiring import ROOMS

_ACTINGS = web.RequestKey("actings", tuple[Acting, ...])


async def actings_of(request: web.Request, session: HolderSession) -> tuple[Acting, ...]:
    """For whom the person of a session may act now, the person first."""
    if _ACTINGS not in request:
        request[_ACTINGS] = await request.app[ROOMS].consent.actings(session.person)
    return request[_ACTINGS]


async def acting_of(request: web.Request, session: HolderSession) -> Acting:
    """For whom the person acts now; for oneself, when the right that was chosen has ended."""
    found = await actings_of(request, session)
    return next((each for each in found if each.choice == session.acting_for), found[0])

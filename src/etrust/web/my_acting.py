"""For whom the visitor acts: made out anew at every request, chosen on one page."""

from aiohttp import web

from etrust.access.person_model import HolderSession
from etrust.onecode.model import Acting
from etrust.wiring import ROOMS


async def acting_of(request: web.Request, session: HolderSession) -> Acting:
    """For whom the person acts now; for oneself, when the right that was chosen has ended."""
    return await request.app[ROOMS].consent.acting(session)

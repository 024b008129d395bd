"""`GET /api/v1/ratings`: the published figures of 好差评, for anyone."""

from aiohttp import web

from etrust.matters.ratings import HIDDEN_BELOW, Level
from etrust.wiring import ROOMS


async def show(request: web.Request) -> web.Response:
    """How often each level was given, by matter, body and month; months that ended, figures of some ratings only."""
    tallies = await request.app[ROOMS].counter.figures()
    told = [
        {
            "matter": each.matter, "body": each.body, "month": each.month.isoformat()[:7], "total": each.total,
            "satisfied": round(each.satisfied, 4), "levels": {str(int(level)): each.counts.get(level, 0) for level in Level},
        }
        for each in tallies
    ]  # fmt: skip
    return web.json_response({"ratings": told, "hidden_below": HIDDEN_BELOW}, headers={"Cache-Control": "public, max-age=3600"})

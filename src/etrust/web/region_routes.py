"""The addresses of the region pages."""

from aiohttp import web

from etrust.web import agreements, regions

_REGION = r"/regions/{region:\d{6}}"
_AGREEMENT = r"/regions/agreements/{number:HR-\d{6}-\d{4}-\d{4,6}}"

REGION_PAGES: list[web.RouteDef] = [
    web.get("/regions", regions.list_regions),
    web.get("/regions/new", regions.ask_region),
    web.post("/regions/new", regions.propose_region),
    web.post(r"/regions/proposals/{number:\d{1,18}}/{step:approve|refuse}", regions.decide),
    web.get(_REGION + "/remove", regions.ask_removal),
    web.post(_REGION + "/remove", regions.propose_removal),
    web.get(_REGION + "/agreements/new", agreements.ask_agreement),
    web.post(_REGION + "/agreements/new", agreements.propose),
    web.get(_AGREEMENT, agreements.show_agreement),
    web.post(_AGREEMENT + "/{step:approve|refuse|end}", agreements.take_step),
]

"""The addresses of the trust list's pages."""

from aiohttp import web

from etrust.web import trust

TRUST_PAGES: list[web.RouteDef] = [
    web.get("/trust", trust.show_trust),
    web.post("/trust", trust.propose),
    web.get(r"/trust/drafts/{draft:\d{1,9}}", trust.show_draft),
    web.post(r"/trust/drafts/{draft:\d{1,9}}/{step:publish|refuse}", trust.decide),
    web.get(r"/trust/lists/{sequence:[1-9]\d{0,8}}", trust.show_list),
]

"""The addresses of a holder's consent, access log, delegations and objections."""

from aiohttp import web

from etrust.web.my_access import export, object_to_look, show_access
from etrust.web.my_delegations import ask_delegation, give_delegation, list_delegations, settle_delegation
from etrust.web.my_grants import list_grants, revoke_grant
from etrust.web.my_objections import ask_objection, list_objections, object_to_license, take_step
from etrust.web.my_requests import answer_request, list_requests, show_requests_part

_ID = "[A-Za-z0-9_-]{22}"

CONSENT_PAGES = [
    web.get("/my/access", show_access),
    web.get("/my/access/export.{kind:csv|json}", export),
    web.post(r"/my/access/{number:\d{1,18}}/objection", object_to_look),
    web.get("/my/grants", list_grants),
    web.post(f"/my/grants/{{id:G-{_ID}}}/end", revoke_grant),
    web.get("/my/requests", list_requests),
    web.get("/my/requests/part", show_requests_part),
    web.post(f"/my/requests/{{id:R-{_ID}}}", answer_request),
    web.get("/my/delegations", list_delegations),
    web.get("/my/delegations/new", ask_delegation),
    web.post("/my/delegations/new", give_delegation),
    web.post(f"/my/delegations/{{id:D-{_ID}}}/{{step:accept|decline|end}}", settle_delegation),
    web.get("/my/objections", list_objections),
    web.get("/my/objections/new", ask_objection),
    web.post("/my/objections", object_to_license),
    web.post("/my/objections/{number:YY[0-9]{8}-[0-9A-Z]{8}}/{step:withdraw|appeal|evidence}", take_step),
]

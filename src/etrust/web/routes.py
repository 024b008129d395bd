"""The addresses of the pages."""

from aiohttp import web

from etrust.web import my_signin
from etrust.web.audit_routes import AUDIT_PAGES
from etrust.web.check import check, check_frame, show_check
from etrust.web.correction_routes import CORRECTION_PAGES
from etrust.web.counter_routes import COUNTER_PAGES
from etrust.web.faults import PAGE_ROUTES, guard_pages
from etrust.web.files import check_file, show_file_check
from etrust.web.front import send_asset, show_front
from etrust.web.holder import send_document, show_license
from etrust.web.ledger_routes import LEDGER_PAGES
from etrust.web.matter_routes import MATTER_PAGES
from etrust.web.my_consent_routes import CONSENT_PAGES
from etrust.web.my_passkeys import (
    confirm,
    make,
    remove,
    rename,
    send_options,
    show_confirm,
    show_passkeys,
    sign_out_elsewhere,
)
from etrust.web.my_routes import MY_PAGES
from etrust.web.notice_routes import NOTICE_PAGES
from etrust.web.objection_routes import OBJECTION_PAGES
from etrust.web.offline import send_places, send_worker, show_offline, take_scans
from etrust.web.region_routes import REGION_PAGES
from etrust.web.rendering import PAGES, load_pages
from etrust.web.seal_application import apply, ask_application, preview
from etrust.web.seal_grants import ask_end, ask_grant, end, grant
from etrust.web.seal_steps import STEPS, ask_step, take_step
from etrust.web.seals import list_seals, send_picture, show_seal, show_uses
from etrust.web.signin import show_sign_in, sign_in, sign_out
from etrust.web.trust_routes import TRUST_PAGES

_SEAL = r"/seals/{code:\d{13,14}}"
_STEP = f"{_SEAL}/{{step:{'|'.join(STEPS)}}}"


def add_pages(app: web.Application) -> None:
    """Add the pages, their files and what protects them to an application that will have its ``ROOMS``."""
    app[PAGES] = load_pages()
    routes = app.add_routes(
        [
            web.get("/", show_front),
            web.get("/signin", show_sign_in),
            web.post("/signin", sign_in),
            web.post("/signout", sign_out),
            web.get("/check", show_check),
            web.post("/check", check),
            web.post("/check/frame", check_frame),
            web.get("/check/offline", show_offline),
            web.get("/check/lists.json", send_places),
            web.get("/{scope:check|desk}/worker.js", send_worker),
            web.post("/check/scans", take_scans),
            web.get("/check/file", show_file_check),
            web.post("/check/file", check_file),
            *COUNTER_PAGES,
            *MY_PAGES,
            *CONSENT_PAGES,
            web.get("/my/signin", my_signin.show_sign_in),
            web.post("/my/signin", my_signin.sign_in),
            web.get("/my/callback", my_signin.arrive),
            web.post("/my/signout", my_signin.sign_out),
            web.get("/my/passkeys", show_passkeys),
            web.post("/my/passkeys", make),
            web.post("/my/passkeys/options", send_options),
            web.get("/my/passkeys/confirm", show_confirm),
            web.post("/my/passkeys/confirm", confirm),
            web.post("/my/passkeys/elsewhere", sign_out_elsewhere),
            web.post("/my/passkeys/{handle:[0-9a-f]{8,64}}/name", rename),
            web.post("/my/passkeys/{handle:[0-9a-f]{8,64}}/remove", remove),
            *MATTER_PAGES,
            *TRUST_PAGES,
            *REGION_PAGES,
            *OBJECTION_PAGES,
            *CORRECTION_PAGES,
            *NOTICE_PAGES,
            *AUDIT_PAGES,
            *LEDGER_PAGES,
            web.get("/my/{token:[A-Za-z0-9_-]{16,256}}", show_license),
            web.get("/my/{token:[A-Za-z0-9_-]{16,256}}/documents/{kind:pdf|ofd}", send_document),
            web.get("/seals", list_seals),
            web.get("/seals/new", ask_application),
            web.post("/seals/new", apply),
            web.post("/seals/preview", preview),
            web.get(_SEAL, show_seal),
            web.get(f"{_SEAL}/picture.svg", send_picture),
            web.get(f"{_SEAL}/uses", show_uses),
            web.get(f"{_SEAL}/grants/new", ask_grant),
            web.post(f"{_SEAL}/grants/new", grant),
            web.get(_SEAL + r"/grants/{number:\d{1,18}}/end", ask_end),
            web.post(_SEAL + r"/grants/{number:\d{1,18}}/end", end),
            web.get(_STEP, ask_step),
            web.post(_STEP, take_step),
            web.get("/static/{digest:[0-9a-f]{16}}/{name:[a-z0-9_./-]{1,80}}", send_asset),
        ]
    )
    app[PAGE_ROUTES] = {route.resource for route in routes if route.resource is not None}
    app.middlewares.append(guard_pages)

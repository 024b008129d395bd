"""The addresses of the pages."""

from aiohttp import web

from etrust.web.check import check, check_frame, show_check
from etrust.web.faults import PAGE_ROUTES, guard_pages
from etrust.web.files import check_file, show_file_check
from etrust.web.front import send_asset, show_front
from etrust.web.holder import send_document, show_license
from etrust.web.rendering import PAGES, load_pages
from etrust.web.seal_application import apply, ask_application, preview
from etrust.web.seal_grants import ask_end, ask_grant, end, grant
from etrust.web.seal_steps import STEPS, ask_step, take_step
from etrust.web.seals import list_seals, send_picture, show_seal, show_uses
from etrust.web.signin import show_sign_in, sign_in, sign_out

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
            web.get("/check/file", show_file_check),
            web.post("/check/file", check_file),
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

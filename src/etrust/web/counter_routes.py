"""The addresses of the counter: the clerk's desk, the kiosk, the public check, ratings."""

from aiohttp import web

from etrust.web import kiosk
from etrust.web.desk import MATTER_CODE, choose_matter, show_case, show_desk
from etrust.web.desk_scan import follow, scan
from etrust.web.desk_slip import send_receipt, show_slip
from etrust.web.desk_steps import STEPS, take_step
from etrust.web.rate import rate, show_rate
from etrust.web.ratings import close_rating, show_ratings, show_supervision
from etrust.web.verify import show_verify, verify

_DESK = f"/desk/{{matter:{MATTER_CODE}}}"
_CASE = "/desk/cases/{number:[0-9A-Z]{43}}"
_KIOSK = f"/kiosk/matters/{{matter:{MATTER_CODE}}}"
_CHECK = "checks/{check:[0-9a-f]{32}}"
_RATE = "/rate/{token:[A-Za-z0-9_-]{22}}"

COUNTER_PAGES = [
    web.get("/desk", choose_matter),
    web.get(_DESK, show_desk),
    web.post(_DESK, scan),
    web.get(f"/desk/{_CHECK}", follow),
    web.get(_CASE, show_case),
    web.get(f"{_CASE}/slip", show_slip),
    web.post(f"{_CASE}/{{action:{'|'.join(STEPS)}}}", take_step),
    web.get("/desk/receipts/{receipt:[0-9A-Za-z-]{1,40}}.pdf", send_receipt),
    web.get("/kiosk", kiosk.show_kiosk),
    web.get("/kiosk/themes", kiosk.show_themes),
    web.get("/kiosk/themes/{theme:[a-z][a-z0-9_]{0,39}}", kiosk.show_theme),
    web.get(_KIOSK, kiosk.show_scan),
    web.post(_KIOSK, kiosk.scan),
    web.get(f"/kiosk/{_CHECK}", kiosk.follow),
    web.post("/kiosk/frame", kiosk.read_frame),
    web.post("/kiosk/reset", kiosk.forget),
    web.get("/verify", show_verify),
    web.post("/verify", verify),
    web.get(_RATE, show_rate),
    web.post(_RATE, rate),
    web.get("/ratings", show_ratings),
    web.get("/ratings/follow-ups", show_supervision),
    web.post("/ratings/follow-ups", close_rating),
]

"""The addresses of the holder's space, code and cards, and of the page that a card's link opens."""

from aiohttp import web

from etrust.web.card_page import open_card, send_contact, show_door
from etrust.web.my_app import send_icon, send_manifest, send_worker, show_offline
from etrust.web.my_cards import ask_card, end_card, list_cards, make_card, renew_link
from etrust.web.my_choose import ask_acting, choose_acting
from etrust.web.my_code import ask_matter, choose_matter, give_consent, show_code, show_code_part, show_code_use
from etrust.web.my_license import send_my_document, send_offline_code, show_license_code, show_my_license
from etrust.web.my_space import show_space

_LICENSE = r"/my/licenses/{identifier:[0-9A-Za-z.]{40,120}}"
_CARD = r"/my/cards/{number:\d{1,18}}"
_TOKEN = r"/c/{token:[A-Za-z0-9_-]{1,64}}"  # noqa: S105  # a pattern

MY_PAGES = [
    web.get("/my", show_space),
    web.get("/my/manifest.webmanifest", send_manifest),
    web.get("/my/icons/{name:180|192|512|maskable}.png", send_icon),
    web.get("/my/worker.js", send_worker),
    web.get("/my/offline", show_offline),
    web.get("/my/acting", ask_acting),
    web.post("/my/acting", choose_acting),
    web.get("/my/code", show_code),
    web.get("/my/code/part", show_code_part),
    web.get("/my/code/use/{reference:[0-9a-f]{32}}", show_code_use),
    web.get("/my/code/matter", choose_matter),
    web.get(r"/my/code/matter/{code:[0-9A-Z]{31}}", ask_matter),
    web.post(r"/my/code/matter/{code:[0-9A-Z]{31}}", give_consent),
    web.get(_LICENSE, show_my_license),
    web.get(f"{_LICENSE}/code", show_license_code),
    web.get(f"{_LICENSE}/saved", send_offline_code),
    web.get(f"{_LICENSE}/documents/{{kind:pdf|ofd}}", send_my_document),
    web.get("/my/cards", list_cards),
    web.get("/my/cards/new", ask_card),
    web.post("/my/cards/new", make_card),
    web.post(f"{_CARD}/link", renew_link),
    web.post(f"{_CARD}/end", end_card),
    web.get(_TOKEN, show_door),
    web.post(_TOKEN, open_card),
    web.get(f"{_TOKEN}/contact.vcf", send_contact),
]

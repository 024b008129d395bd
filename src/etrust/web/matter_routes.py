"""The addresses of the pages about matters."""

from aiohttp import web

from etrust.web.matter_edit import (
    act,
    ask_edit,
    ask_material,
    ask_new,
    list_drafts,
    make_new,
    save_edit,
    save_material,
    show_preview,
)
from etrust.web.matter_import import ask_import, confirm_import, preview_import, send_export
from etrust.web.matters import send_list, show_matter, show_matters, show_theme

_MATTER = "/matters/{code:[0-9A-Za-z]{31}}"
_MATERIAL = _MATTER + "/edit/materials/{key:[a-z][a-z0-9_]{0,39}}"

MATTER_PAGES = (
    web.get("/matters", show_matters),
    web.get("/matters.csv", send_list),
    web.get("/matters/themes/{key:[a-z][a-z0-9_]{0,39}}", show_theme),
    web.get("/matters/drafts", list_drafts),
    web.get("/matters/new", ask_new),
    web.post("/matters/new", make_new),
    web.get("/matters/import", ask_import),
    web.post("/matters/import", preview_import),
    web.post("/matters/import/confirm", confirm_import),
    web.get("/matters/export.csv", send_export),
    web.get(_MATTER, show_matter),
    web.get(_MATTER + "/edit", ask_edit),
    web.post(_MATTER + "/edit", save_edit),
    web.get(_MATERIAL, ask_material),
    web.post(_MATERIAL, save_material),
    web.get(_MATTER + "/edit/preview", show_preview),
    web.post(_MATTER + "/edit/{act:propose|publish|discard|withdraw}", act),
)

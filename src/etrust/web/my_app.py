"""The holder's pages as an installed app: manifest, icons, service worker, and the page it shows without a network.

What the worker keeps, and for how long, is told in docs/holders.md and docs/decisions/holder-pages.md.
"""

import asyncio
import json

from aiohttp import hdrs, web

from etrust.resources import resource
from etrust.web.my_icons import MASKABLE, SIZES, icon
from etrust.web.preferences import preferences_of
from etrust.web.rendering import PAGES, render

SHELL = ("style.css", "my.css", "my.js", "my_saved.js", "my_offline.js", "mark.svg")
"""Files the page without a network is made of."""

KEPT_HOURS = 72
"""How long a saved offline code can be shown."""

_A_DAY = "public, max-age=86400"


async def send_manifest(request: web.Request) -> web.Response:
    """``GET /my/manifest.webmanifest``: in the language of the visitor."""
    language = preferences_of(request).language
    say = request.app[PAGES].translations[language.code].gettext
    icons = [{"src": f"/my/icons/{side}.png", "sizes": f"{side}x{side}", "type": "image/png"} for side in SIZES]
    icons.append({"src": f"/my/icons/{MASKABLE}.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"})
    manifest = {
        "id": "/my", "name": say("My licenses"), "short_name": say("My licenses"),
        "description": say("All my licenses in one place, and one code to show."),
        "lang": language.tag, "dir": language.direction, "start_url": "/my", "scope": "/my", "display": "standalone",
        "background_color": "#ffffff", "theme_color": "#0b5cad", "icons": icons,
        "shortcuts": [{"name": say("Show my code"), "url": "/my/code", "icons": icons[1:2]}],
    }
    text = json.dumps(manifest, ensure_ascii=False)
    return web.Response(text=text, content_type="application/manifest+json", headers={hdrs.CACHE_CONTROL: "no-cache"})


async def send_icon(request: web.Request) -> web.Response:
    """``GET /my/icons/{name}.png``."""
    picture = await asyncio.to_thread(icon, request.match_info["name"])
    return web.Response(body=picture, content_type="image/png", headers={hdrs.CACHE_CONTROL: _A_DAY})


async def send_worker(request: web.Request) -> web.Response:
    """``GET /my/worker.js``: the service worker of ``/my``, with the addresses of the files it keeps."""
    assets = request.app[PAGES].assets
    kept = {"version": assets.digest, "files": [assets.url(name) for name in SHELL if assets.url(name)], "hours": KEPT_HOURS}
    code = resource("templates", "static", "my_worker.js").read_text("utf-8")
    headers = {hdrs.CACHE_CONTROL: "no-cache", "Service-Worker-Allowed": "/my"}
    text = f"const KEPT = {json.dumps(kept)};\n{code}"
    return web.Response(text=text, content_type="text/javascript", charset="utf-8", headers=headers)


async def show_offline(request: web.Request) -> web.Response:
    """``GET /my/offline``: what an installed app shows without a network. It holds nobody's data: the browser adds it."""
    return render(request, "my_offline.html", hours=KEPT_HOURS)

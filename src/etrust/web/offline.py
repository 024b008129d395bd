"""The check page without a network: the page that a service worker keeps, what it needs, and the scans it tells later."""

import json
from collections.abc import Callable, Iterable

from aiohttp import hdrs, web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from etrust.access.model import Role
from etrust.licenses.types import LicenseType, claim_labels
from etrust.onecode.reconcile import MAX_SCANS, Answer, Scan
from etrust.resources import resource
from etrust.status import store as status_store
from etrust.verification.judgment import INDICATIONS
from etrust.verification.model import Status
from etrust.web.card import OUTCOMES, REASONS, SHARPER, STEPS, TONES, WORDS, Words
from etrust.web.languages import LANGUAGES
from etrust.web.preferences import preferences_of
from etrust.web.rendering import PAGES, render
from etrust.web.security import demand_token
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS

PAGE = "/check/offline"
_PARTS = (
    "camera.js",
    "decoders.js",
    "mark.svg",
    "offline.css",
    "signals.js",
    "style.css",
    "vendor/zxing.js",
    "vendor/zxing_reader.wasm",
)
_STATUSES = [status for status in INDICATIONS if status is not Status.ALREADY_USED]  # a use is never seen without a network


async def show_offline(request: web.Request) -> web.Response:
    """``GET /check/offline``: nobody's page, so that a browser may keep it; it knows words and shapes, no person."""
    cards = [(status, *TONES[INDICATIONS[status][0]], WORDS[status]) for status in _STATUSES]
    return render(request, "check_offline.html", cards=cards, words=json.dumps(_words(request), ensure_ascii=False))


async def send_worker(request: web.Request) -> web.Response:
    """``GET /check/worker.js`` and ``/desk/worker.js``: the worker, and before it the files it keeps."""
    assets = request.app[PAGES].assets
    own = (name for name in assets.files if name.startswith("verifier/") and name != "verifier/worker.js")
    shell = [PAGE, *(assets.url(name) for name in (*_PARTS, *own) if assets.url(name))]
    head = f'const DIGEST = "{assets.digest}", PAGE = "{PAGE}", SHELL = {json.dumps(shell)};\n'
    script = head + resource("templates", "static", "verifier", "worker.js").read_text("utf-8")
    scope = request.path.removesuffix("/worker.js")
    headers = {hdrs.CACHE_CONTROL: "no-cache", "Service-Worker-Allowed": scope}
    return web.Response(text=script, content_type="text/javascript", charset="utf-8", headers=headers)


async def send_places(request: web.Request) -> web.Response:
    """``GET /check/lists.json``: where the lists are that a check rests on."""
    rooms = request.app[ROOMS]
    async with rooms.stores.pool.acquire() as connection:
        lists = await status_store.lists(connection)
    status = [{"uri": uri, "path": f"/status/{number}"} for uri, number in lists.items()]
    places = {"anchor": "/.well-known/etrust/anchor", "trust_list": "/.well-known/etrust/trust-list", "status": status}
    return web.json_response(places, headers={hdrs.CACHE_CONTROL: "no-cache"})


class _ScanBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=4096)
    scanned_at: AwareDatetime
    matter: str = Field(default="", max_length=31)


class _ScansBody(BaseModel):
    model_config = ConfigDict(extra="forbid")
    scans: list[_ScanBody] = Field(min_length=1, max_length=MAX_SCANS)


async def take_scans(request: web.Request) -> web.Response:
    """``POST /check/scans``: codes that a clerk scanned without a network; told again, they change nothing."""
    operator = await demand_role(request, Role.CLERK)
    demand_token(request, request.headers.get("X-CSRF-Token", ""))
    asked = _ScansBody.model_validate_json(await request.read())
    scans = [Scan(each.text, each.scanned_at, each.matter) for each in asked.scans]
    answers = await request.app[ROOMS].codes.reconcile(scans, operator=operator)
    return web.json_response({"answers": [_answer(answer) for answer in answers]})


def _answer(answer: Answer) -> dict[str, object]:
    return {"outcome": answer.outcome, "first_used_at": None if answer.first is None else answer.first.used_at.isoformat()}


def _words(request: web.Request) -> dict[str, object]:
    """Everything the page may have to say, in the visitor's language."""
    code = preferences_of(request).language.code
    say = request.app[PAGES].translations[code].gettext
    return {
        "language": LANGUAGES[code].tag,
        "steps": {name: say(words) for name, words in STEPS.items()},
        "outcomes": {outcome.value: [tone, say(words)] for outcome, (tone, words) in OUTCOMES.items()},
        "reasons": {name: say(words) for name, words in REASONS.items()},
        "sharper": {name: _said(words, say) for name, words in SHARPER.items()},
        "types": _types(request.app[ROOMS].types.values(), ("zh", "ug", "en").index(code)),
    }


def _said(words: Words, say: Callable[[str], str]) -> list[str]:
    return [say(text) for text in (words.label, words.why, words.do)]


def _types(types: Iterable[LicenseType], place: int) -> dict[str, object]:
    return {
        each.code: {
            "name": (each.zh, each.ug, each.en)[place],
            "labels": [[claim, name, labels[place]] for claim, name, labels in claim_labels(each)],
        }
        for each in types
    }

"""One license on a phone (亮证): its face, a code that renews itself, its documents; sensitive ones after a passkey."""

from datetime import datetime

from aiohttp import hdrs, web
from markupsafe import Markup

from etrust.credentials.qr import svg
from etrust.documents.register import DocumentKind
from etrust.errors import EtrustError, Kind
from etrust.onecode.masking import mask_name
from etrust.onecode.model import CodeKind
from etrust.verification.model import Overall, Status
from etrust.web.card import card_of
from etrust.web.my_session import require_strong
from etrust.web.my_space import matter_of
from etrust.web.my_visit import Visit, show, visit_of
from etrust.wiring import ROOMS
from etrust.wiring.holder_desk import LicenseView


async def show_my_license(request: web.Request) -> web.Response:
    """``GET /my/licenses/{identifier}``."""
    visit, view = await _opened(request)
    shown = view.held.verdict.verdict is not Overall.FAILED
    code = await _code(request, visit, view) if shown else {}
    return show(
        request, "my_license.html", visit, view=view, card=card_of(view.held.verdict), code=code, renewal=_renewal(view),
        offline=_picture(view.offline_code) if shown and not view.held.is_sensitive else "",
    )


async def show_license_code(request: web.Request) -> web.Response:
    """``GET /my/licenses/{identifier}/code``: only the code, when the page renews it."""
    visit, view = await _opened(request)
    shown = view.held.verdict.verdict is not Overall.FAILED
    code = await _code(request, visit, view) if shown else {}
    card = card_of(view.held.verdict)
    return show(request, "my_license_code.html", visit, view=view, card=card, code=code, renewal=_renewal(view))


async def send_my_document(request: web.Request) -> web.Response:
    """``GET /my/licenses/{identifier}/documents/{kind}``."""
    _, view = await _opened(request)
    kind = DocumentKind(request.match_info["kind"])
    found = await request.app[ROOMS].space.document(view.held, kind)
    if found is None:
        raise EtrustError(
            Kind.NOT_FOUND, "document_not_made",
            zh="没有可下载的文书：颁发机构尚未制作。", en="There is no document yet: the issuing authority has not made it.",
        )
    data, name = found
    headers = {hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"', hdrs.CACHE_CONTROL: "no-store"}
    return web.Response(body=data, content_type=kind.media_type, headers=headers)


async def send_offline_code(request: web.Request) -> web.Response:
    """``GET /my/licenses/{identifier}/saved``: what a phone may keep to show without a network, as JSON.

    The signed minimal credential, the name of its type, and the masked name of the holder: no more than its code tells.
    """
    visit = await visit_of(request)
    view = await _own_or_represented(request, visit)
    held = view.held
    if held.verdict.verdict is not Overall.PASSED or held.is_sensitive:
        raise EtrustError(
            Kind.CONFLICT, "not_to_be_saved",
            zh="这本证照不能保存到手机离线出示。", en="This license cannot be kept on the phone to be shown without a network.",
        )
    license_type = held.license_type
    names = {"zh": license_type.zh, "ug": license_type.ug, "en": license_type.en}
    body = {
        "owner": visit.owner, "identifier": held.identifier, "type": names, "short": held.stored.identifier.short,
        "holder": "、".join(mask_name(name) for name, _, _ in held.stored.holders),
        "code": view.offline_code, "picture": svg(view.offline_code), "until": view.valid_until or "",
        "saved": int(request.app[ROOMS].clock().timestamp() * 1000),
    }
    return web.json_response(body, headers={hdrs.CACHE_CONTROL: "no-store"})


async def _own_or_represented(request: web.Request, visit: Visit) -> LicenseView:
    """A license of whomever the person may act for: what is kept on a phone is renewed whoever is acted for just now."""
    refused = None
    for acting in (visit.acting, *visit.actings):
        try:
            return await request.app[ROOMS].space.license(acting, request.match_info["identifier"])
        except EtrustError as error:
            if error.kind is not Kind.NOT_FOUND:
                raise
            refused = error
    assert refused is not None  # noqa: S101  # the loop runs at least once; this tells the type checker
    raise refused


async def _opened(request: web.Request) -> tuple[Visit, LicenseView]:
    """The license of a request, with the passkey a sensitive one asks for."""
    visit = await visit_of(request)
    view = await request.app[ROOMS].space.license(visit.acting, request.match_info["identifier"])
    if view.held.is_sensitive:
        await require_strong(request, visit.session)
    return visit, view


async def _code(request: web.Request, visit: Visit, view: LicenseView) -> dict[str, object]:
    """A fresh online code; without the store of codes the offline one, and said so."""
    rooms = request.app[ROOMS]
    try:
        fresh = await rooms.codes.show(
            visit.acting, session=visit.session.digest, kind=CodeKind.LICENSE, identifier=view.held.identifier
        )
    except EtrustError as error:
        if error.kind is not Kind.UNAVAILABLE:
            raise
        return {"picture": _picture(view.offline_code), "left": 0}
    return {"picture": _picture(fresh.text), "left": milliseconds(fresh.expires_at, rooms.clock())}


def _renewal(view: LicenseView) -> str:
    """Where a license that ends soon or has ended is renewed."""
    held = view.held
    return matter_of(held) if held.reminder or held.state is Status.EXPIRED else ""


def milliseconds(until: datetime, now: datetime) -> int:
    """Milliseconds from one moment to another, at least none."""
    return max(0, int((until - now).total_seconds() * 1000))


def _picture(code: str) -> Markup:
    return Markup(svg(code))  # noqa: S704  # drawn by our encoder

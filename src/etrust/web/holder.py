"""The holder's page (亮证): one license and its code, opened by the link the holder was given."""

from aiohttp import web
from markupsafe import Markup

from etrust.credentials.qr import svg
from etrust.documents.register import DocumentKind
from etrust.errors import EtrustError, Kind
from etrust.verification.model import Overall
from etrust.web.card import card_of
from etrust.web.rendering import is_partial, render
from etrust.wiring import ROOMS


async def show_license(request: web.Request) -> web.Response:
    """``GET /my/{token}``, or only its code when the page refreshes itself."""
    rooms = request.app[ROOMS]
    view = await rooms.holder_view(request.match_info["token"])
    if view is None:
        raise EtrustError(
            Kind.NOT_FOUND,
            "no_such_link",
            zh="这个链接不存在或已失效。请向颁发机构领取新的链接。",
            en="This link does not exist or is no longer in force. Ask the issuing authority for a new one.",
        )
    shown = view.verdict.verdict is not Overall.FAILED
    picture = Markup(svg(view.code)) if shown else Markup("")  # noqa: S704  # drawn by our encoder
    template = "holder_code.html" if is_partial(request) else "holder.html"
    return render(
        request, template, view=view, card=card_of(view.verdict), picture=picture, now=rooms.clock(),
        documents=await rooms.documents.made_for_holder(request.match_info["token"]) if shown else [],
    )


async def send_document(request: web.Request) -> web.Response:
    """``GET /my/{token}/documents/{kind}``: the license's document, when it was made."""
    kind = DocumentKind(request.match_info["kind"])
    found = await request.app[ROOMS].documents.holders_document(request.match_info["token"], kind)
    if found is None:
        raise EtrustError(
            Kind.NOT_FOUND, "document_not_made",
            zh="没有可下载的文书：链接已失效，或颁发机构尚未制作。",
            en="There is no document to download: the link is no longer in force, or the authority has not made it yet.",
        )
    data, name = found
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return web.Response(body=data, content_type=kind.media_type, headers=headers)

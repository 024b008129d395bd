"""What the applicant takes along: a slip with the case, its materials and the code for a rating; and the signed receipts."""

from aiohttp import web
from markupsafe import Markup

from etrust.access.model import Role
from etrust.credentials.qr import svg
from etrust.web.desk import no_such_matter, told_with
from etrust.web.desk_cards import view_of_case
from etrust.web.rendering import render
from etrust.web.sessions import demand_role
from etrust.wiring import ROOMS


async def show_slip(request: web.Request) -> web.Response:
    """``GET /desk/cases/{number}/slip``: made to be printed; no name and no value of a license stands on it."""
    operator = await demand_role(request, Role.CLERK)
    rooms = request.app[ROOMS]
    case = await rooms.matters.case(request.match_info["number"], operator=operator)
    matter = await rooms.catalogue.matter_version(case.matter, case.version)
    if matter is None:
        raise no_such_matter()
    step = len(case.events)
    path = await rooms.counter.invite(case_number=case.number, step=step, matter=case.matter, body=operator.body)
    address = f"{rooms.settings.public_url.rstrip('/')}{path}"
    async with rooms.stores.pool.acquire() as connection:
        receipts = await rooms.receipts.of_case(connection, case.number)
    return render(
        request, "desk_slip.html", operator=operator, case=view_of_case(case, matter), matter=matter, receipts=receipts,
        rating=address, picture=Markup(svg(address)), at=rooms.clock(), **told_with(request),  # noqa: S704  # drawn by our encoder
    )


async def send_receipt(request: web.Request) -> web.Response:
    """``GET /desk/receipts/{receipt}.pdf``: the signed receipt of a check of the clerk's own body."""
    operator = await demand_role(request, Role.CLERK)
    receipt = request.match_info["receipt"]
    data = await request.app[ROOMS].receipts.pdf(receipt, body=operator.body)
    headers = {"Content-Disposition": f'inline; filename="{receipt}.pdf"', "Cache-Control": "private, no-store"}
    return web.Response(body=data, content_type="application/pdf", headers=headers)

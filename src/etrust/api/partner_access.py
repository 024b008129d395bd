"""Handlers for other regions: who calls is proven, a question may come twice, and every answer is signed, refusals too."""

import logging
import secrets
from collections.abc import Awaitable, Callable

from aiohttp import web
from pydantic import ValidationError

from etrust.api.problems import of_error, of_invalid, problem
from etrust.errors import EtrustError, log_failure
from etrust.recognition.model import PartnerCaller
from etrust.recognition.signatures import RECIPIENT
from etrust.wiring import ROOMS

PartnerHandler = Callable[[web.Request, PartnerCaller, bytes], Awaitable[web.Response]]
"""What answers a region: the request, who calls, and the body that was signed."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_FINAL = 500
_log = logging.getLogger(__name__)


def for_partners(handler: PartnerHandler) -> Handler:
    """A handler that only regions reach, by signature or by certificate."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.read()
        response = await _answered(request, body, handler)
        return request.app[ROOMS].gate.sign(request, body, response)

    return answer


def is_partner(request: web.Request) -> bool:
    """Whether a request means to come from another region."""
    transport = request.transport
    tls = None if transport is None else transport.get_extra_info("ssl_object")
    return RECIPIENT in request.headers or (tls is not None and bool(tls.getpeercert(binary_form=True)))


async def _answered(request: web.Request, body: bytes, handler: PartnerHandler) -> web.Response:
    try:
        caller = await request.app[ROOMS].gate.caller(request, body)
        return await once(request, caller.region, body, lambda: handler(request, caller, body))
    except EtrustError as error:
        return of_error(error)
    except ValidationError as error:
        return of_error(of_invalid(error))
    except Exception as error:  # noqa: BLE001 - the last net, so that this answer is signed as well
        correlation = secrets.token_hex(8)
        log_failure(_log, f"{correlation} on {request.match_info.route.name or 'unnamed route'}", error)
        return problem(500, code="internal", zh=f"系统内部错误，编号 {correlation}。", en=f"Internal error {correlation}.")


async def once(
    request: web.Request, who: str, body: bytes, work: Callable[[], Awaitable[web.Response]]
) -> web.Response:
    """The answer; the one kept, when the question came under the same Idempotency-Key before.

    Args:
        who: asks; keys of another are other keys.
    """
    name = request.headers.get("Idempotency-Key")
    if name is None:
        return await work()
    repeat = await request.app[ROOMS].gate.once(who, name, f"{request.method} {request.path_qs}\n".encode() + body)
    if repeat.kept is not None:
        status, kept = repeat.kept
        return web.Response(status=status, body=kept, content_type="application/json", headers={"Idempotent-Replay": "true"})
    try:
        response = await work()
    except BaseException:
        await repeat.give_up()
        raise
    if response.status < _FINAL and response.content_type == "application/json" and isinstance(response.body, bytes):
        await repeat.keep(response.status, response.body)
    else:
        await repeat.give_up()
    return response

"""Every failure as an RFC 9457 problem; one table maps its kind. An unknown failure is a bare 500 with a correlation id."""

import logging
import secrets
from collections.abc import Mapping

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from etrust.errors import EtrustError, Kind, log_failure

HTTP_STATUS: Mapping[Kind, int] = {
    Kind.MALFORMED: 400,
    Kind.INVALID: 422,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.TOO_LARGE: 413,
    Kind.RATE_LIMITED: 429,
    Kind.UNAVAILABLE: 503,
    Kind.UNTRUSTED: 502,
}
_RETRY_SECONDS = {Kind.RATE_LIMITED: "600", Kind.UNAVAILABLE: "2"}
_SOON = {"too_many_checks": "2"}  # a file is judged within two seconds, then a reader is free
_log = logging.getLogger(__name__)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn failures of API handlers into problem documents; other paths are left to the pages."""
    if not _is_api(request.path):
        return await handler(request)
    try:
        return await handler(request)
    except EtrustError as error:
        return of_error(error)
    except ValidationError as error:
        return of_error(of_invalid(error))
    except web.HTTPException as error:
        return problem(error.status, code=f"http_{error.status}", zh="请求无法处理。", en=error.reason, headers=_kept(error))
    except Exception as error:  # noqa: BLE001 - the last net: a bare 500, the place in the log
        correlation = secrets.token_hex(8)
        log_failure(_log, f"{correlation} on {request.match_info.route.name or 'unnamed route'}", error)
        return problem(500, code="internal", zh=f"系统内部错误，编号 {correlation}。", en=f"Internal error {correlation}.")


def of_error(error: EtrustError) -> web.Response:
    """The problem document of one of our own errors."""
    seconds = _SOON.get(error.code, _RETRY_SECONDS.get(error.kind))
    headers = {"Retry-After": seconds} if seconds else {}
    if error.kind is Kind.UNAUTHENTICATED:
        headers["WWW-Authenticate"] = "Bearer"
    return problem(
        HTTP_STATUS[error.kind], code=error.code, zh=error.zh, en=error.en, where=error.where, headers=headers
    )


def problem(
    status: int, *, code: str, zh: str, en: str, where: str = "", headers: Mapping[str, str] | None = None
) -> web.Response:
    """A problem document: `title` in English, `detail` in Chinese, `code` for programs."""
    body = {"type": f"urn:etrust:problem:{code}", "title": en, "status": status, "detail": zh, "code": code}
    if where:
        body["where"] = where
    return web.json_response(body, status=status, headers=headers, content_type="application/problem+json")


def _is_api(path: str) -> bool:
    return path.startswith(("/api/", "/.well-known/", "/status/", "/ca/", "/crl/", "/log/", "/lists/")) or path in {
        "/openapi.json", "/livez", "/readyz", "/metrics", "/tsa"
    }


def _kept(error: web.HTTPException) -> dict[str, str]:
    return {name: error.headers[name] for name in ("Allow", "Retry-After") if name in error.headers}


def of_invalid(error: ValidationError) -> EtrustError:
    """What is wrong with a body, and where."""
    first = error.errors(include_input=False, include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "body"
    return EtrustError(
        Kind.INVALID, "bad_request", where=where,
        zh=f"请求内容不正确：{where}。", en=f"The request is not right: {where}: {first['msg']}",
    )

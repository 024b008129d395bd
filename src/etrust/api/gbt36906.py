"""`/api/gbt36906/…`: the operations of GB/T 36906 (电子证照共享服务接口), for departments of this region and for partner regions.

A request is ``{accessId, accessToken, data}``, an answer ``{head: {status, message}, data}``. A department proves itself by its
API key as ``accessToken``; a region by the signature of its message or its certificate, and all its data are sealed both ways.
"""

import base64
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from etrust.access.model import Scope
from etrust.api.access import KEY_RING
from etrust.api.partner_access import is_partner, once
from etrust.api.problems import HTTP_STATUS, of_invalid
from etrust.documents.register import DocumentKind
from etrust.errors import EtrustError, Kind, log_failure
from etrust.onecode.model import Ground, Use
from etrust.recognition.model import PartnerCaller
from etrust.recognition.sharing import MAX_CLAIMS, Asker
from etrust.verification.report import verdict_json
from etrust.wiring import ROOMS
from etrust.wiring.sharing_desk import Link, Question

OK, NOT_PROVEN, OTHER, NO_RIGHT, BAD_HOLDER_TYPE = 0, 11, 99, 100, 103
"""The statuses of GB/T 36906 that are given here."""
HOLDER_CODE_TYPES = frozenset(
    {"001", "099", "111", "112", "114", "117", "118", "414", "511", "516", "551", "553", "554", "555"}
)
"""持证主体代码类型 that can be asked for (GB/T 36903): organisations, and people's papers by GA/T 2000.156."""
_HTTP = {Kind.RATE_LIMITED, Kind.UNAVAILABLE, Kind.TOO_LARGE}
"""What is not of the operation itself keeps its HTTP status; everything else is 200 with the status in the head."""
_RETRY_SECONDS = {Kind.RATE_LIMITED: "60", Kind.UNAVAILABLE: "2"}
_MAX_QUESTION = 64 * 1024
_MAX_BRACKETS = 8
_MAX_FILE = 12 * 1024 * 1024
_log = logging.getLogger(__name__)
Data = Mapping[str, Any]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Envelope(_Strict):
    """What every request has. `accessId` is the API key's account, or the region's division."""

    accessId: str = Field(default="", max_length=64)  # noqa: N815 - the standard's name
    accessToken: str = Field(default="", max_length=200)  # noqa: N815 - the standard's name
    data: dict[str, Any]


class UseBound(_Strict):
    """申请事由 and what it is bound to; nothing is told without."""

    useCause: str = Field(min_length=1, max_length=200, description="申请事由")  # noqa: N815 - the standard's name
    ground: Ground
    matter: str = Field(pattern=r"^[0-9A-Z]{31}$", description="implementation code, GB/T 39554.1")
    caseNumber: str = Field(pattern=r"^[0-9A-Z]{43}$", description="办件编码")  # noqa: N815 - as its neighbors
    operator: str = Field(min_length=1, max_length=40)
    body: str = Field(pattern=r"^[0-9A-Z]{18}$", description="whom the operator acts for")
    legalBasis: str = Field(default="", max_length=200)  # noqa: N815 - as its neighbors
    grant: str = Field(default="", pattern=r"^(G-[A-Za-z0-9_-]{22})?$", description="the holder's consent, on that ground")

    @model_validator(mode="after")
    def _duty_has_its_basis(self) -> Self:
        if self.ground is Ground.DUTY and not self.legalBasis.strip():
            raise ValueError("a use on duty names its legal basis")
        return self

    def question(self, asker: Asker) -> Question:
        """The question it stands for."""
        use = Use(self.ground, self.matter, self.caseNumber, self.operator, self.body, self.useCause, self.legalBasis)
        return Question(asker, use, self.grant)


class OfLicense(UseBound):
    """One license by its identifier (电子证照标识)."""

    identifier: str = Field(min_length=1, max_length=120)


class OfHolder(UseBound):
    """A holder's licenses of one type."""

    holderCode: str = Field(min_length=1, max_length=32)  # noqa: N815 - the standard's name
    holderCodeType: str = Field(min_length=1, max_length=3)  # noqa: N815 - the standard's name
    licenseType: str = Field(pattern=r"^[0-9A-Z]{18}\d{3}$", description="type code, 21 characters")  # noqa: N815 - as its neighbors

    def require_type(self) -> None:
        """Return quietly for a type of code that there is.

        Raises:
            EtrustError: INVALID ``bad_holder_code_type``, which is status 103.
        """
        if self.holderCodeType not in HOLDER_CODE_TYPES:
            raise EtrustError(
                Kind.INVALID, "bad_holder_code_type", where="data.holderCodeType",
                zh="持证主体代码类型不正确。", en="There is no such type of holder code.",
            )


class OfCode(UseBound):
    """The license on a code."""

    qrText: str = Field(min_length=1, max_length=4096)  # noqa: N815 - as its neighbors


class Claims(OfLicense):
    """Fields that are claimed, by name."""

    claims: dict[str, str] = Field(min_length=1, max_length=MAX_CLAIMS)


class Kinded(_Strict):
    """Which kind of file."""

    kind: DocumentKind = DocumentKind.PDF


class LicenseFile(OfLicense, Kinded):
    """A file of a license."""


class HolderFiles(OfHolder, Kinded):
    """Files of a holder's licenses."""


class DownloadData(_Strict):
    """A link's token."""

    token: str = Field(pattern=r"^[A-Za-z0-9_-]{43}$")
    body: str = Field(default="", pattern=r"^([0-9A-Z]{18})?$", description="to whom a region wants the file encrypted")


class FileData(_Strict):
    """A file to be judged."""

    file: str = Field(max_length=_MAX_FILE * 4 // 3 + 4, description="base64 of PDF or OFD")


Operation = Callable[[web.Request, Asker, Data], Awaitable[object]]


async def query_info(request: web.Request, asker: Asker, data: Data) -> object:
    """What is told of a license."""
    asked = OfLicense.model_validate(data)
    return await request.app[ROOMS].sharing.by_identifier(asked.identifier, asked.question(asker))


async def query_by_holder(request: web.Request, asker: Asker, data: Data) -> object:
    """What is told of a holder's licenses of a type."""
    asked = OfHolder.model_validate(data)
    asked.require_type()
    found = await request.app[ROOMS].sharing.by_holder(
        asked.holderCode, asked.holderCodeType, asked.licenseType, asked.question(asker)
    )
    return {"list": found}


async def query_by_code(request: web.Request, asker: Asker, data: Data) -> object:
    """What is told of the license on a code."""
    asked = OfCode.model_validate(data)
    (found,) = await request.app[ROOMS].sharing.by_code(asked.qrText, asked.question(asker))
    return found


async def verify_info(request: web.Request, asker: Asker, data: Data) -> object:
    """Whether claimed fields are so."""
    asked = Claims.model_validate(data)
    fields = await request.app[ROOMS].sharing.compare(asked.identifier, asked.claims, asked.question(asker))
    return {"result": "match" if all(fields.values()) else "mismatch", "fields": fields}


async def download_url(request: web.Request, asker: Asker, data: Data) -> object:
    """A link for one download."""
    asked = LicenseFile.model_validate(data)
    (link,) = await request.app[ROOMS].sharing.links(asked.identifier, asked.kind, asked.question(asker))
    return _link(link)


async def download_urls(request: web.Request, asker: Asker, data: Data) -> object:
    """Links for a holder's licenses of a type."""
    asked = HolderFiles.model_validate(data)
    asked.require_type()
    links = await request.app[ROOMS].sharing.links_of_holder(
        asked.holderCode, asked.holderCodeType, asked.licenseType, asked.kind, asked.question(asker)
    )
    return {"list": [_link(each) for each in links]}


async def download_file(request: web.Request, asker: Asker, data: Data) -> object:
    """The file of a link, once."""
    asked = DownloadData.model_validate(data)
    found, kind = await request.app[ROOMS].sharing.download(asked.token, asker)
    return {"file": base64.b64encode(found).decode(), "kind": kind.value, "mediaType": kind.media_type}


async def verify_file(request: web.Request, asker: Asker, data: Data) -> object:  # noqa: ARG001 - every operation takes it
    """The verdict on a file."""
    asked = FileData.model_validate(data)
    try:
        file = base64.b64decode(asked.file, validate=True)
    except ValueError as error:
        raise EtrustError(
            Kind.MALFORMED, "bad_base64", where="data.file", zh="文件不是有效的 base64。", en="The file is not valid base64."
        ) from error
    return verdict_json((await request.app[ROOMS].files.check(file)).verdict)


OPERATIONS: Mapping[str, Operation] = {
    "queryCertInfo": query_info, "queryCertInfoByHolderCode": query_by_holder, "queryCertInfoByQRcode": query_by_code,
    "verifyCertInfo": verify_info, "downloadUrl": download_url, "downloadUrlsByHolderCode": download_urls,
    "downloadFile": download_file, "verifyFile": verify_file,
}  # fmt: skip


async def answer(request: web.Request) -> web.StreamResponse:
    """One operation, by its name."""
    body = await request.read()
    if not _is_plain(request, body):
        return _refusal(EtrustError(
            Kind.TOO_LARGE, "too_large", zh="请求内容过大或结构不符。", en="The request is too large, or of another shape."
        ))
    if is_partner(request):
        return request.app[ROOMS].gate.sign(request, body, await _guarded(request, lambda: _to_region(request, body)))
    return await _guarded(request, lambda: _to_program(request, body))


def _is_plain(request: web.Request, body: bytes) -> bool:
    """Whether a body is small, or a file in one text: what nobody has proven to have sent is not taken apart at any size."""
    if request.match_info["operation"] == "verifyFile":
        return body.count(b"[") + body.count(b"{") <= _MAX_BRACKETS
    return len(body) <= _MAX_QUESTION


async def _to_region(request: web.Request, body: bytes) -> web.Response:
    caller = await request.app[ROOMS].gate.caller(request, body)
    return await once(request, caller.region, body, lambda: _work_sealed(request, caller, body))


async def _work_sealed(request: web.Request, caller: PartnerCaller, body: bytes) -> web.Response:
    rooms = request.app[ROOMS]
    data = Envelope.model_validate_json(body).data
    sealed = data.get("sealed")
    if not isinstance(sealed, str) or len(data) != 1:
        raise EtrustError(
            Kind.INVALID, "not_sealed", where="data",
            zh="data 须整体加密，只含 sealed。", en="data is sealed: it has sealed and nothing else.",
        )
    plain = rooms.gate.unseal(sealed, limit=_MAX_FILE * 2)
    asker = Asker(f"region:{caller.region}", caller.region, await _bodies(request, caller))
    told = await _work(request, asker, plain)
    return _told(OK, "成功 · success", {"sealed": rooms.gate.seal_for(caller.trust, str(plain.get("body", caller.region)), told)})


async def _bodies(request: web.Request, caller: PartnerCaller) -> frozenset[str]:
    """For whom a region may ask: bodies of its list that lie in it, and none of ours, whatever it puts on its list."""
    place = caller.region.rstrip("0")
    place += "0" * (len(place) % 2)
    own = (await request.app[ROOMS].trust.snapshot()).trust_list.entities
    ours = {each.code for each in own if not each.division.startswith(place)}
    listed = caller.trust.trust_list.entities
    return frozenset(each.code for each in listed if each.division.startswith(place) and each.code not in ours)


async def _to_program(request: web.Request, body: bytes) -> web.Response:
    asked = Envelope.model_validate_json(body)
    key = await request.app[KEY_RING].find(asked.accessToken)
    scope = Scope.CHECK if request.match_info["operation"] == "verifyFile" else Scope.RECOGNITION
    if key.operator != asked.accessId or scope not in key.scopes:
        raise EtrustError(
            Kind.UNAUTHENTICATED, "bad_api_key", where="accessId",
            zh="accessId 与 accessToken 不符，或密钥没有相应权限。",
            en="accessId and accessToken do not belong together, or the key does not have the scope.",
        )
    asker = Asker(key.operator, "", frozenset({key.body}))
    await request.app[ROOMS].partners.require_pace(key)

    async def work() -> web.Response:
        return _told(OK, "成功 · success", await _work(request, asker, asked.data))

    return await once(request, f"key:{key.key_id}", body, work)


async def _work(request: web.Request, asker: Asker, data: Data) -> dict[str, object]:
    found = await OPERATIONS[request.match_info["operation"]](request, asker, data)
    assert isinstance(found, dict)  # noqa: S101 - what every operation gives
    return found


async def _guarded(request: web.Request, work: Callable[[], Awaitable[web.Response]]) -> web.Response:
    try:
        return await work()
    except EtrustError as error:
        return _refusal(error)
    except ValidationError as error:
        return _refusal(of_invalid(error))
    except Exception as error:  # noqa: BLE001 - the last net, so that this answer has the standard's shape as well
        correlation = secrets.token_hex(8)
        log_failure(_log, f"{correlation} on {request.match_info.route.name or 'unnamed route'}", error)
        return _told(OTHER, f"系统内部错误，编号 {correlation}。 · Internal error {correlation}.", None, http=500)


def _refusal(error: EtrustError) -> web.Response:
    status = HTTP_STATUS[error.kind] if error.kind in _HTTP else 200
    message = f"{error.zh} · {error.en}"
    wait = _RETRY_SECONDS.get(error.kind)
    headers = {"Retry-After": wait} if wait else {}
    return _told(_status_of(error), message, {"code": error.code, "where": error.where}, http=status, headers=headers)


def _status_of(error: EtrustError) -> int:
    if error.code == "bad_holder_code_type":
        return BAD_HOLDER_TYPE
    if error.kind is Kind.UNAUTHENTICATED:
        return NOT_PROVEN
    return NO_RIGHT if error.kind in (Kind.FORBIDDEN, Kind.NOT_FOUND) else OTHER


def _told(
    status: int, message: str, data: object, *, http: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    body = {"head": {"status": status, "message": message}, "data": data}
    return web.Response(
        text=json.dumps(body, ensure_ascii=False), content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})}, status=http,
    )  # fmt: skip


def _link(link: Link) -> dict[str, object]:
    return {
        "identifier": link.identifier, "url": "/api/gbt36906/downloadFile", "token": link.token, "kind": link.kind.value,
        "expiresAt": link.expires_at.isoformat(),
    }  # fmt: skip

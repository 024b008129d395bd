"""`/openapi.json`: the API described in OpenAPI 3.1, from the same pydantic models that read the requests."""

from collections.abc import Mapping
from functools import cache

from aiohttp import web
from pydantic import BaseModel

from etrust.api.cases import CaseStepRequest
from etrust.api.checks import CheckRequest
from etrust.api.codes import ReconciliationRequest, RedemptionRequest
from etrust.api.documents import CopyBody, DocumentsRequest
from etrust.api.licenses import ChangeRequest, IssueRequest
from etrust.api.matter_checks import MatterCheckRequest
from etrust.api.openapi_audit import audit_paths
from etrust.api.openapi_cases import case_paths, check_schema
from etrust.api.openapi_correction import correction_paths
from etrust.api.openapi_ledger import ledger_paths
from etrust.api.openapi_notice import notice_paths
from etrust.api.openapi_objection import objection_paths
from etrust.api.openapi_partner import SHARED_MODELS, partner_paths
from etrust.api.openapi_trust import trust_paths
from etrust.api.recognition import HoldingsRequest
from etrust.api.seals import SealUseRequest
from etrust.verification.model import Outcome, Overall, Status

_REF = "#/components/schemas/{model}"
_AUTHORITY = {"name": "authority", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{16}$"}}


async def document(_: web.Request) -> web.Response:
    """The description of the API."""
    return web.json_response(describe())


@cache
def describe() -> dict[str, object]:
    """The OpenAPI document as plain data."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "etrust", "version": "1", "description": "电子证照签发、核验 · issue and verify electronic licenses"},
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "etk_… API key"}},
            "schemas": {
                **_schemas(CheckRequest, IssueRequest, ChangeRequest, SealUseRequest, DocumentsRequest, CopyBody),
                **_schemas(RedemptionRequest, ReconciliationRequest, HoldingsRequest),
                **_schemas(*SHARED_MODELS),
                **_schemas(MatterCheckRequest, CaseStepRequest), "MatterCheck": check_schema(),
                "Verdict": _verdict(), "Problem": _problem(),
            },
        },
    }


def _paths() -> dict[str, object]:
    identifier = {"name": "identifier", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 120}}
    changes = {
        f"/api/v1/licenses/{{identifier}}/{action}": {
            "parameters": [identifier], "post": _operation(f"{action} a license of your body", "ChangeRequest", {"200": "done"}),
        }
        for action in ("revoke", "suspend", "restore")
    }
    return {
        "/api/v1/checks": {"post": _operation("check a code, an identifier or a picture", "CheckRequest", {"200": "Verdict"})},
        "/api/v1/checks/batch": {"post": _operation("check many codes, NDJSON in and out", None, {"200": "NDJSON, totals last"})},
        "/api/v1/files/verify": {"post": _file_operation()},
        "/api/v1/licenses": {"post": _operation("issue one license", "IssueRequest", {"201": "issued"})},
        "/api/v1/licenses/{identifier}": {
            "parameters": [identifier], "get": _operation("a license of your body", None, {"200": "the license"}),
        },
        **changes,
        **_code_paths(),
        "/api/v1/recognition/holdings": {
            "post": _operation("a partner region asks for licenses of a holder", "HoldingsRequest", {"200": "credentials"}),
        },
        **case_paths(_operation),
        **ledger_paths(_operation),
        **trust_paths(_operation),
        **partner_paths(_operation),
        **objection_paths(_operation),
        **correction_paths(_operation),
        **notice_paths(_operation),
        **audit_paths(_operation),
        **_matter_paths(),
        **_seal_paths(),
        **_document_paths(identifier),
        "/.well-known/etrust/trust-list": {"get": _public("the region's signed trust list")},
        "/.well-known/etrust/anchor": {"get": _public("the region's anchor certificate")},
        "/status/{list}": {
            "parameters": [{"name": "list", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": _public("a signed Token Status List, JWT or CWT by Accept"),
        },
        "/ca/{authority}": {"parameters": [_AUTHORITY], "get": _public("the certificate of an authority, DER")},
        "/crl/{authority}/{shard}": {
            "parameters": [_AUTHORITY, {"name": "shard", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": _public("a certificate revocation list, DER"),
        },
        "/api/v1/ratings": {"get": _public("published figures of 好差评 by matter, body and month")},
        "/tsa": {"post": _timestamp_operation()},
        "/metrics": {"get": _public("gauges in the text format of Prometheus")},
        "/livez": {"get": _public("the process answers")},
        "/readyz": {"get": _public("the stores answer")},
    }


def _code_paths() -> dict[str, object]:
    base = "/api/v1/codes"
    return {
        f"{base}/redemptions": {
            "post": _operation("use up a code that a holder shows", "RedemptionRequest", {"200": "what it stands for"}),
        },
        f"{base}/reconciliations": {
            "post": _operation("tell codes scanned without a network", "ReconciliationRequest", {"200": "what became of each"}),
        },
    }


def _matter_paths() -> dict[str, object]:
    code = {"name": "code", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9A-Z]{31}$"}}
    asked = [
        *({"name": name, "in": "query", "schema": {"type": "string"}} for name in ("text", "theme", "body", "after")),
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}},
    ]
    return {
        "/api/v1/matters": {
            "parameters": asked,
            "get": _public("matters in force, by code; `next` is the `after` of the next page"),
        },
        "/api/v1/matters/shared-licenses": {"get": _public("every license that spares a material of a matter")},
        "/api/v1/matters/themes": {"get": _public("the things of life (一件事) with their matters")},
        "/api/v1/matters/{code}": {"parameters": [code], "get": _public("the version in force of a matter")},
    }


def _seal_paths() -> dict[str, object]:
    code = {"name": "code", "in": "path", "required": True, "schema": {"type": "string", "pattern": r"^\d{3,19}$"}}
    return {
        "/api/v1/seals/{code}": {
            "parameters": [code], "get": _operation("a seal of your body, or one you may use", None, {"200": "the seal"}),
        },
        "/api/v1/seals/{code}/uses": {
            "parameters": [code],
            "post": _operation("put a seal under a digest", "SealUseRequest", {"201": "the seal signature, base64"}),
        },
    }


def _document_paths(identifier: dict[str, object]) -> dict[str, object]:
    kind = {"name": "kind", "in": "path", "required": True, "schema": {"enum": ["pdf", "ofd"]}}
    copy = {"name": "copy", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 1}}
    base = "/api/v1/licenses/{identifier}"
    return {
        f"{base}/documents": {
            "parameters": [identifier],
            "post": _operation(
                "documents of a license of your body", "DocumentsRequest", {"201": "made or found"}, body_required=False
            ),
        },
        f"{base}/documents/{{kind}}": {
            "parameters": [identifier, kind], "get": _operation("its bytes", None, {"200": "the file"}),
        },
        f"{base}/copies": {
            "parameters": [identifier], "post": _operation("an annotated copy (加注件)", "CopyBody", {"201": "its documents"}),
        },
        f"{base}/copies/{{copy}}/{{kind}}": {
            "parameters": [identifier, copy, kind], "get": _operation("its bytes", None, {"200": "the file"}),
        },
    }


def _operation(
    summary: str, body: str | None, answers: Mapping[str, str], *, body_required: bool = True
) -> dict[str, object]:
    operation: dict[str, object] = {"summary": summary, "responses": {**_answers(answers), "default": _answer("Problem")}}
    if body is not None:
        schema = {"$ref": _REF.format(model=body)}
        operation["requestBody"] = {"required": body_required, "content": {"application/json": {"schema": schema}}}
    return operation


def _file_operation() -> dict[str, object]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    form = {"schema": {"type": "object", "required": ["file"], "properties": {
        "file": {"type": "string", "format": "binary"}, "document": {"type": "string", "format": "binary"},
    }}}  # fmt: skip
    operation = _operation("judge a PDF, an OFD, a seal, a seal signature or the picture of a code", None, {"200": "Verdict"})
    return {
        **operation,
        "parameters": [
            {"name": "at", "in": "query", "schema": {"type": "string", "format": "date-time"}},
            {"name": "format", "in": "query", "schema": {"enum": ["json", "etsi"]}, "description": "etsi: ETSI TS 119 102-2"},
        ],
        "requestBody": {"required": True, "content": {"application/octet-stream": binary, "multipart/form-data": form}},
    }


def _timestamp_operation() -> dict[str, object]:
    binary = {"schema": {"type": "string", "format": "binary"}}
    operation = _public("a timestamp (RFC 3161): TimeStampReq in, TimeStampResp out; a refusal is a TimeStampResp as well")
    asked = {"required": True, "content": {"application/timestamp-query": binary}}
    answer = {"200": {"description": "TimeStampResp", "content": {"application/timestamp-reply": binary}}}
    return {**operation, "requestBody": asked, "responses": answer}


def _public(summary: str) -> dict[str, object]:
    return {"summary": summary, "security": [], "responses": {"200": {"description": summary}}}


def _answers(answers: Mapping[str, str]) -> dict[str, object]:
    models = ("Verdict", "MatterCheck")
    return {status: _answer(name) if name in models else {"description": name} for status, name in answers.items()}


def _answer(model: str) -> dict[str, object]:
    media = "application/problem+json" if model == "Problem" else "application/json"
    return {"description": model, "content": {media: {"schema": {"$ref": _REF.format(model=model)}}}}


def _schemas(*models: type[BaseModel]) -> dict[str, object]:
    return {model.__name__: model.model_json_schema(ref_template=_REF) for model in models}


def _verdict() -> dict[str, object]:
    text = {"type": "string"}
    finding = {"type": "object", "properties": {
        "step": text, "outcome": {"enum": [str(outcome) for outcome in Outcome]}, "reason": text, "detail": text,
    }}  # fmt: skip
    return {
        "type": "object",
        "required": ["verdict", "sub_indication", "status", "kind", "at", "findings", "evidence", "license"],
        "properties": {
            "verdict": {"enum": [str(overall) for overall in Overall]},
            "sub_indication": text,
            "status": {"enum": [str(status) for status in Status]},
            "kind": text,
            "at": {"type": "string", "format": "date-time"},
            "findings": {"type": "array", "items": finding},
            "evidence": {"type": "object", "additionalProperties": text},
            "license": {"type": ["object", "null"]},
        },
    }


def _problem() -> dict[str, object]:
    text = {"type": "string"}
    return {"type": "object", "properties": {
        "type": text, "title": text, "status": {"type": "integer"}, "detail": text, "code": text, "where": text,
    }}  # fmt: skip

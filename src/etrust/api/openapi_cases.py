"""The paths of checks of matters and of cases, for `/openapi.json`."""

from collections.abc import Callable, Mapping

from etrust.api.cases import STEPS
from etrust.matters.check_model import CheckState, Substitute
from etrust.matters.model import Outcome

Operation = Callable[..., dict[str, object]]

_TEXT: Mapping[str, object] = {"type": "string"}
_TEXTS: Mapping[str, object] = {"type": "object", "additionalProperties": _TEXT}
_LISTS: Mapping[str, object] = {"type": "object", "additionalProperties": {"type": "array", "items": _TEXT}}
_NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9A-Z]{31}[0-9]{12}$"}}
_RECEIPT = {"name": "receipt", "in": "path", "required": True, "schema": {"type": "string", "maxLength": 40}}
_CODE = {"name": "code", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9A-Z]{31}$"}}
_CHECK = {"name": "check", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}}
_STEP = {"name": "step", "in": "path", "required": True, "schema": {"enum": STEPS.split("|")}}
_AGAIN = {
    "name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 16, "maxLength": 128},
    "description": "the same question under the same key within ten minutes gets the same answer, without a second scan",
}  # fmt: skip


def case_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """
    answers = {"200": "MatterCheck", "202": "a holder is asked for consent; go on under the check's id"}
    return {
        "/api/v1/matters/{code}/checks": {
            "parameters": [_CODE, _AGAIN], "post": operation("check what a matter needs", "MatterCheckRequest", answers),
        },
        "/api/v1/matters/checks/{check}": {
            "parameters": [_CHECK, _AGAIN], "post": operation("go on with a check that waits for consent", None, answers),
        },
        "/api/v1/cases": {"get": operation("cases of your body, the latest first", None, {"200": "the cases"})},
        "/api/v1/cases/overdue": {"get": operation("materials to be brought that are overdue", None, {"200": "the materials"})},
        "/api/v1/cases/{number}": {
            "parameters": [_NUMBER], "get": operation("a case of your body, or of one below it", None, {"200": "the case"}),
        },
        "/api/v1/cases/{number}/{step}": {
            "parameters": [_NUMBER, _STEP], "post": operation("take a step in a case", "CaseStepRequest", {"200": "the case"}),
        },
        "/api/v1/cases/{number}/archive": {
            "parameters": [_NUMBER], "get": operation("the archive package of a case", None, {"200": "a zip"}),
        },
        "/api/v1/receipts/{receipt}": {
            "parameters": [_RECEIPT], "get": operation("a receipt as COSE", None, {"200": "the signed record"}),
        },
        "/api/v1/receipts/{receipt}.pdf": {
            "parameters": [_RECEIPT], "get": operation("a receipt as a page", None, {"200": "a signed PDF"}),
        },
    }  # fmt: skip


def check_schema() -> dict[str, object]:
    """The answer to a check."""
    material = {"type": "object", "properties": {
        "key": _TEXT, "outcome": {"enum": [each.value for each in Outcome]}, "found": _TEXT, "reason": _TEXT,
        "may": {"type": "array", "items": {"enum": [each.value for each in Substitute]}},
        "license": {"type": ["object", "null"]}, "fields": _TEXTS, "evidence": _TEXTS,
        "deadline": {"type": ["string", "null"], "format": "date"}, "commitment": {"type": ["object", "null"]},
    }}  # fmt: skip
    return {"type": "object", "properties": {
        "check": _TEXT, "state": {"enum": [each.value for each in CheckState]}, "case_number": _TEXT,
        "step": {"type": "integer"}, "matter": _TEXT, "version": {"type": "integer"},
        "at": {"type": "string", "format": "date-time"}, "requests": _TEXTS, "parties": {"type": "object"},
        "materials": {"type": "array", "items": material}, "lacking": {"type": "array", "items": _TEXT}, "form": _TEXTS,
        "evidence": _LISTS, "receipt": {"type": ["string", "null"]},
    }}  # fmt: skip

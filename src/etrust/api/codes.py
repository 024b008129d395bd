"""`/api/v1/codes`: redeem a code that a holder shows, and tell those that were scanned without a network."""

from datetime import datetime

from aiohttp import web
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from etrust.access.model import ApiKey, Operator, Scope
from etrust.api.access import require_key
from etrust.onecode.masking import shown_name
from etrust.onecode.model import Shown
from etrust.onecode.reconcile import MAX_SCANS, Answer, Scan
from etrust.wiring import ROOMS


class RedemptionRequest(BaseModel):
    """The text of the code, as it was scanned."""

    model_config = ConfigDict(extra="forbid")
    code: str = Field(min_length=1, max_length=4096)


class ScanBody(BaseModel):
    """One scan made without a network."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=4096)
    scanned_at: AwareDatetime
    matter: str = Field(default="", max_length=31)
    case_number: str = Field(default="", max_length=43)
    note: str = Field(default="", max_length=200)


class ReconciliationRequest(BaseModel):
    """Scans made without a network, in the order in which they are to be counted."""

    model_config = ConfigDict(extra="forbid")
    scans: list[ScanBody] = Field(min_length=1, max_length=MAX_SCANS)


async def redeem(request: web.Request) -> web.Response:
    """Use a code up; what it stands for, and no more than that."""
    key = await require_key(request, Scope.CODES)
    asked = RedemptionRequest.model_validate_json(await request.read())
    rooms = request.app[ROOMS]
    operator = await _operator(request, key)
    shown = await rooms.codes.redeem(asked.code, operator=operator)
    await rooms.codes.record(shown, operator=operator, outcome="redeemed")
    return web.json_response(_shown(shown, rooms.clock()))


async def reconcile(request: web.Request) -> web.Response:
    """What became of each scan; 200 whatever that is."""
    key = await require_key(request, Scope.CODES)
    asked = ReconciliationRequest.model_validate_json(await request.read())
    scans = [Scan(each.text, each.scanned_at, each.matter, each.case_number, each.note) for each in asked.scans]
    operator = await _operator(request, key)
    answers = await request.app[ROOMS].codes.reconcile(scans, operator=operator)
    return web.json_response({"answers": [_answer(answer, operator) for answer in answers]})


async def _operator(request: web.Request, key: ApiKey) -> Operator:
    return await request.app[ROOMS].operator(key.operator)


def _shown(shown: Shown, at: datetime) -> dict[str, object]:
    acting = shown.acting
    return {
        "kind": shown.kind, "holder": {"name": shown_name(acting.subject), "company": acting.subject.is_company},
        "basis": acting.basis, "identifier": shown.identifier or None, "matter": shown.matter or acting.matter or None,
        "issued_at": shown.issued_at.isoformat(), "expires_at": shown.expires_at.isoformat(), "redeemed_at": at.isoformat(),
    }  # fmt: skip


def _answer(answer: Answer, operator: Operator) -> dict[str, object]:
    """Of the first use only when it was, how, and whether it was the caller's own: not where the holder was."""
    told: dict[str, object] = {"outcome": answer.outcome, "reason": answer.reason or None}
    if answer.first is not None:
        first = answer.first
        told["first"] = {
            "used_at": first.used_at.isoformat(), "offline": first.offline, "own": first.operator == operator.username
        }
    return told

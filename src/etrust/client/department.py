"""What departments' programs ask of their own region, with an API key (接口密钥)."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ValidationError

from etrust.client.faults import BadAnswer, RegionRefused
from etrust.client.models import (
    Checked,
    Difference,
    License,
    Notice,
    StatusChange,
    Taken,
    Totals,
    Use,
    Verdict,
)
from etrust.client.shared import SharedQueries
from etrust.client.transport import Heard, Retry, Transport, new_key, require_good
from etrust.credentials.online_code import is_online_code

MAX_LINE = 16 * 1024 * 1024
T = TypeVar("T", bound=BaseModel)


class Client(SharedQueries):
    """A region as a department's program sees it; use it in an ``async with`` block.

    Args:
        address: of the region.
        key: the API key, ``etk_…``; its scopes say what it may do.
        account: whose key it is; needed for the operations of GB/T 36906.
        retry: how often and how long to ask.
        ssl: an `ssl.SSLContext`, such as one with a client certificate.
    """

    def __init__(
        self, address: str, key: str, *, account: str = "", retry: Retry | None = None, ssl: Any = True
    ) -> None:
        self._transport = Transport(address, retry=retry, ssl=ssl)
        self._key = key
        self._account = account

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.__aexit__()

    async def check(self, presented: str, *, at: datetime | None = None) -> Verdict:
        """The verdict on a code, an identifier or a short number; whatever is wrong with it is in the verdict.

        A code that a holder shows (一码) is used up by it; it is sent once more only under the same key.

        Args:
            at: the moment asked about, with its zone; now when left out.

        Raises:
            RegionFault: no verdict could be had. That never means valid.
        """
        asked: dict[str, object] = {"presented": presented}
        if at is not None:
            asked["at"] = at.isoformat()
        if is_online_code(presented):
            return _read(Verdict, await self._post("/api/v1/checks", asked))
        headers = {**self._headers(), "Content-Type": "application/json"}
        body = json.dumps(asked, ensure_ascii=False).encode()
        return _read(Verdict, require_good(await self._transport.ask("POST", "/api/v1/checks", headers=headers, body=body)))

    async def check_many(
        self, presented: Iterable[str | tuple[str, str]], *, brief: bool = False
    ) -> AsyncIterator[Checked | Totals]:
        """Check up to 100,000 codes as one stream: an answer for each in its order, then the totals.

        Args:
            presented: texts, or pairs of an id of the caller's and a text.
            brief: verdict, status and identifier only.

        Raises:
            RegionFault: the stream ended without totals; lines that were answered count.
        """

        async def lines() -> AsyncIterator[bytes]:
            for each in presented:
                told = {"presented": each} if isinstance(each, str) else {"id": each[0], "presented": each[1]}
                yield json.dumps(told, ensure_ascii=False).encode() + b"\n"

        headers = {**self._headers(), "Content-Type": "application/x-ndjson"}
        path = f"/api/v1/checks/batch?answers={'brief' if brief else 'full'}"
        async with self._transport.stream(path, headers=headers, body=lines()) as answer:
            if answer.status >= 400:  # noqa: PLR2004 - HTTP
                require_good(Heard(answer.status, answer.headers, await answer.content.read(MAX_LINE)))
            async for line in answer.content:
                found = _line(line)
                yield found
                if isinstance(found, Totals):
                    return
        raise BadAnswer("the batch ended without its totals")

    async def verify_file(self, content: bytes) -> Verdict:
        """The verdict on a file: PDF, OFD, a seal, a seal signature, or a picture of a code."""
        headers = {**self._headers(), "Content-Type": "application/octet-stream"}
        heard = await self._transport.ask("POST", "/api/v1/files/verify", headers=headers, body=content)
        return _read(Verdict, require_good(heard))

    async def issue(
        self, license_type: str, record: Mapping[str, str], *, replaces: str | None = None, legal_basis: str = "", key: str = ""
    ) -> License:
        """Issue one license of the caller's body.

        Args:
            license_type: by its name, such as ``business_license``.
            record: cells under the column names an export would have.
            replaces: identifier of the version it replaces.
            key: Idempotency-Key of the caller's own, to ask again after a restart; a new one when left out.
        """
        asked = {"type": license_type, "record": dict(record), "replaces": replaces, "legal_basis": legal_basis}
        return _read(License, await self._post("/api/v1/licenses", asked, key=key))

    async def license(self, identifier: str) -> License:
        """A license of the caller's body, with the verdict of this moment."""
        return _read(License, await self._get(f"/api/v1/licenses/{quote(identifier, safe='')}"))

    async def revoke(self, identifier: str, *, reason: str, legal_basis: str, key: str = "") -> StatusChange:
        """Revoke a license (撤销), for good."""
        return await self._change(identifier, "revoke", reason, legal_basis, key)

    async def suspend(self, identifier: str, *, reason: str, legal_basis: str, key: str = "") -> StatusChange:
        """Suspend a license (暂扣)."""
        return await self._change(identifier, "suspend", reason, legal_basis, key)

    async def restore(self, identifier: str, *, reason: str, legal_basis: str, key: str = "") -> StatusChange:
        """Put a suspended license in force again (恢复)."""
        return await self._change(identifier, "restore", reason, legal_basis, key)

    async def _change(self, identifier: str, action: str, reason: str, legal_basis: str, key: str) -> StatusChange:
        path = f"/api/v1/licenses/{quote(identifier, safe='')}/{action}"
        return _read(StatusChange, await self._post(path, {"reason": reason, "legal_basis": legal_basis}, key=key))

    async def holdings(self, holder_code: str, holder_code_type: str, type_code: str, use: Use) -> list[str]:
        """The codes of a holder's licenses of a type, to be judged by `check`; none and unknown are one answer."""
        asked = {
            "holder_code": holder_code, "holder_code_type": holder_code_type, "license_type": type_code,
            "use": use.model_dump(mode="json", exclude={"grant"}),
        }  # fmt: skip
        found = (await self._post("/api/v1/recognition/holdings", asked)).json()
        return [str(each) for each in found["credentials"]]

    async def report(self, differences: Sequence[Difference], *, key: str = "") -> list[Taken]:
        """Report what differs (纠错), up to a thousand at once; the same one again is the same number."""
        asked = {"differences": [each.model_dump() for each in differences]}
        found = (await self._post("/api/v1/corrections", asked, key=key)).json()
        return [_checked(Taken, each) for each in found["results"]]

    async def notices(self, *, only_open: bool = False, before: datetime | None = None) -> list[Notice]:
        """What the caller's body was told, the newest first."""
        query = f"?open={1 if only_open else 0}" + (f"&before={quote(before.isoformat())}" if before else "")
        found = (await self._get(f"/api/v1/notices{query}")).json()
        return [_checked(Notice, each) for each in found["notices"]]

    async def confirm(self, notice_id: str) -> None:
        """Say that the caller's body has taken note."""
        await self._post(f"/api/v1/notices/{quote(notice_id, safe='')}/confirmation", {})

    async def call(self, method: str, path: str, content: object | None = None, *, key: str = "") -> Any:
        """Any other operation of `/openapi.json`; the JSON it answers with."""
        heard = await (self._get(path) if method == "GET" else self._post(path, content, key=key, method=method))
        return heard.json() if heard.body else None

    async def operation(self, name: str, data: Mapping[str, object]) -> dict[str, Any]:
        """One operation of GB/T 36906; see `SharedQueries`."""
        asked = {"accessId": self._account, "accessToken": self._key, "data": dict(data)}
        heard = await self._transport.ask(
            "POST", f"/api/gbt36906/{name}", body=json.dumps(asked, ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": new_key()},
        )  # fmt: skip
        return read_head(heard)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._key}"}

    async def _get(self, path: str) -> Heard:
        return require_good(await self._transport.ask("GET", path, headers=self._headers()))

    async def _post(self, path: str, content: object, *, key: str = "", method: str = "POST") -> Heard:
        headers = {**self._headers(), "Content-Type": "application/json", "Idempotency-Key": key or new_key()}
        body = json.dumps(content, ensure_ascii=False).encode()
        return require_good(await self._transport.ask(method, path, headers=headers, body=body))


def read_head(heard: Heard) -> dict[str, Any]:
    """The data of an answer in the shape of GB/T 36906.

    Raises:
        RegionRefused: the head's status is another than 0.
        BadAnswer: it has no head.
    """
    found = heard.json() if "json" in heard.headers.get("Content-Type", "") else None
    head = found.get("head") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(head, dict):
        require_good(heard)
        raise BadAnswer("no head")
    data = found.get("data") if isinstance(found.get("data"), dict) else {}
    status, message = head.get("status"), str(head.get("message", ""))
    if status != 0 or not isinstance(data, dict):
        zh, _, en = message.partition(" · ")
        told = data if isinstance(data, dict) else {}
        number = status if isinstance(status, int) else 99
        raise RegionRefused(number, str(told.get("code", "")), zh=zh, en=en, where=str(told.get("where", "")))
    return data


def _line(line: bytes) -> Checked | Totals:
    try:
        told = json.loads(line)
        if "totals" in told:
            return Totals(lines=told["totals"].pop("lines"), by_status=told["totals"])
        if "line" not in told:
            raise RegionRefused(400, str(told["error"]), zh=str(told.get("zh", "")), en=str(told.get("en", "")))
        full = Verdict.model_validate(told) if "at" in told else None
        return Checked.model_validate({**told, "full": full})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadAnswer("a line of the batch") from error


def _read(model: type[T], heard: Heard) -> T:
    return _checked(model, heard.json())


def _checked(model: type[T], told: object) -> T:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise BadAnswer(str(error.errors(include_input=False, include_url=False)[0]["loc"])) from error

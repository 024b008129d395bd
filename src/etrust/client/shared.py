"""The operations of GB/T 36906 (电子证照共享服务接口), alike for a department and for a partner region."""

import base64
from collections.abc import Mapping
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from etrust.client.faults import BadAnswer
from etrust.client.models import Compared, Download, Metadata, Use, Verdict

T = TypeVar("T", bound=BaseModel)
FileKind = Literal["pdf", "ofd"]


class SharedQueries:
    """What can be asked of a region's licenses, each time with what for."""

    async def operation(self, name: str, data: Mapping[str, object]) -> dict[str, Any]:
        """One operation by its name; the answer's ``data``.

        Raises:
            RegionRefused: with the head's status: 11, 99, 100, 103.
        """
        raise NotImplementedError

    async def query(self, identifier: str, use: Use) -> Metadata:
        """queryCertInfo: the metadata of a license."""
        return _read(Metadata, await self.operation("queryCertInfo", {"identifier": identifier, **_bound(use)}))

    async def query_by_holder(self, holder_code: str, holder_code_type: str, type_code: str, use: Use) -> list[Metadata]:
        """queryCertInfoByHolderCode: the same of a holder's licenses of a type; none and unknown are one answer."""
        found = await self.operation("queryCertInfoByHolderCode", _of_holder(holder_code, holder_code_type, type_code, use))
        return [_read(Metadata, each) for each in _list(found)]

    async def query_by_code(self, text: str, use: Use) -> Metadata:
        """queryCertInfoByQRcode: the license on a code; one that a holder shows now is used up by it."""
        return _read(Metadata, await self.operation("queryCertInfoByQRcode", {"qrText": text, **_bound(use)}))

    async def compare(self, identifier: str, claims: Mapping[str, str], use: Use) -> Compared:
        """VerifyCertInfo (查验): whether claimed fields are so; the holder's name or code must be among them."""
        asked = {"identifier": identifier, "claims": dict(claims), **_bound(use)}
        return _read(Compared, await self.operation("verifyCertInfo", asked))

    async def download_link(self, identifier: str, use: Use, *, kind: FileKind = "pdf") -> Download:
        """downloadUrl: a link for one download, within ten minutes."""
        return _read(Download, await self.operation("downloadUrl", {"identifier": identifier, "kind": kind, **_bound(use)}))

    async def download_links(
        self, holder_code: str, holder_code_type: str, type_code: str, use: Use, *, kind: FileKind = "pdf"
    ) -> list[Download]:
        """downloadUrlsByHolderCode: links for a holder's licenses of a type."""
        asked = {"kind": kind, **_of_holder(holder_code, holder_code_type, type_code, use)}
        return [_read(Download, each) for each in _list(await self.operation("downloadUrlsByHolderCode", asked))]

    async def download(self, link: Download, *, body: str = "") -> bytes:
        """downloadFile: the file of a link, once.

        Args:
            body: to whom a region wants it encrypted; left out by a department.
        """
        asked = {"token": link.token, **({"body": body} if body else {})}
        return _bytes((await self.operation("downloadFile", asked)).get("file"))

    async def verify_shared_file(self, content: bytes) -> Verdict:
        """verifyFile: the verdict on a PDF or OFD."""
        return _read(Verdict, await self.operation("verifyFile", {"file": base64.b64encode(content).decode()}))


def _bound(use: Use) -> dict[str, object]:
    told = {
        "useCause": use.reason, "ground": use.ground.value, "matter": use.matter, "caseNumber": use.case_number,
        "operator": use.operator, "body": use.body, "legalBasis": use.legal_basis, "grant": use.grant,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value}


def _of_holder(code: str, code_type: str, type_code: str, use: Use) -> dict[str, object]:
    return {"holderCode": code, "holderCodeType": code_type, "licenseType": type_code, **_bound(use)}


def _list(found: Mapping[str, Any]) -> list[Any]:
    told = found.get("list")
    if not isinstance(told, list):
        raise BadAnswer("no list")
    return told


def _read(model: type[T], told: object) -> T:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        raise BadAnswer(str(error.errors(include_input=False, include_url=False)[0]["loc"])) from error


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except ValueError as error:
        raise BadAnswer("a file that is no base64") from error

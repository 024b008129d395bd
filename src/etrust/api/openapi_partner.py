"""The operations of GB/T 36906, for `/openapi.json`."""

from pydantic import BaseModel

from etrust.api.gbt36906 import Claims, DownloadData, FileData, HolderFiles, LicenseFile, OfCode, OfHolder, OfLicense
from etrust.api.openapi_cases import Operation

_DATA: dict[str, tuple[str, type[BaseModel]]] = {
    "queryCertInfo": ("metadata of a license", OfLicense),
    "queryCertInfoByHolderCode": ("metadata of a holder's licenses of a type", OfHolder),
    "queryCertInfoByQRcode": ("metadata of the license on a code", OfCode),
    "verifyCertInfo": ("whether claimed fields are so (查验)", Claims),
    "downloadUrl": ("a link for one download", LicenseFile),
    "downloadUrlsByHolderCode": ("links for a holder's licenses of a type", HolderFiles),
    "downloadFile": ("the file of a link, once", DownloadData),
    "verifyFile": ("the verdict on a PDF or OFD", FileData),
}
SHARED_MODELS = tuple(model for _, model in _DATA.values())
"""The models of ``data``, for the schemas of the document."""


def partner_paths(operation: Operation) -> dict[str, object]:
    """The paths.

    Args:
        operation: how `api.openapi` describes one.
    """
    return {f"/api/gbt36906/{name}": {"post": _described(operation, told, model)} for name, (told, model) in _DATA.items()}


def _described(operation: Operation, told: str, model: type[BaseModel]) -> dict[str, object]:
    sealed = {"type": "string", "description": "of a region: JWE of the same"}
    envelope = {
        "type": "object", "required": ["data"], "additionalProperties": False,
        "properties": {
            "accessId": {"type": "string", "maxLength": 64, "description": "the key's account, or the region"},
            "accessToken": {"type": "string", "maxLength": 200, "description": "the API key; empty for a region, which signs"},
            "data": {"oneOf": [
                {"$ref": f"#/components/schemas/{model.__name__}"},
                {"type": "object", "required": ["sealed"], "properties": {"sealed": sealed}},
            ]},
        },
    }  # fmt: skip
    found = dict(operation(told, None, {"200": "head.status 0, 11, 99, 100 or 103, and data"}))
    return {**found, "security": [], "requestBody": {"required": True, "content": {"application/json": {"schema": envelope}}}}

"""From a stored license to what its face shows."""

import json
from datetime import datetime

from etrust.credentials.code import encode_code
from etrust.documents.model import Annotation, Attachment, FaceContent, FaceRow, SealPicture
from etrust.licenses.model import StoredLicense
from etrust.licenses.types import LicenseType
from etrust.licenses.types.model import FieldKind
from etrust.licenses.types.standard import CODE_TYPES

CREDENTIAL_FILE, LICENSE_FILE, ANNOTATION_FILE = "license.cwt", "license.json", "annotation.json"
_DATES = ("issued_on", "valid_from", "valid_until")




def face_content(
    stored: StoredLicense, license_type: LicenseType, *, authority_ug: str, made_at: datetime,
    seal: SealPicture | None = None, annotation: Annotation | None = None,
) -> FaceContent:
    """The face of a license: its rows, code, attachments and seal.

    Args:
        authority_ug: the issuing authority's Uyghur name, empty when it is not known.
        seal: None leaves its place empty.
    """
    return FaceContent(
        license_type=license_type.name, title_zh=license_type.zh, title_ug=license_type.ug, identifier=stored.identifier.text,
        rows=(*_holders(stored, license_type), *_fields(stored, license_type), *_elements(stored, license_type, authority_ug)),
        code=encode_code(stored.credential), made_at=made_at, seal=seal, annotation=annotation,
        attachments=_attachments(stored, license_type, annotation),
    )  # fmt: skip


def license_json(stored: StoredLicense, license_type: LicenseType) -> dict[str, object]:
    """The content of a license as its documents carry it for programs."""
    return {
        "identifier": stored.identifier.text, "type": license_type.name, "type_code": license_type.code,
        "title": license_type.zh, "number": stored.number, "issuer": stored.issuer,
        "issuing_authority": stored.issuing_authority, "issued_on": stored.issued_on.isoformat(),
        "valid_from": stored.valid_from.isoformat(),
        "valid_until": None if stored.valid_until is None else stored.valid_until.isoformat(),
        "holders": [{"name": name, "code": code, "code_type": code_type} for name, code, code_type in stored.holders],
        "fields": stored.fields,
    }  # fmt: skip


def annotation_json(identifier: str, annotation: Annotation) -> dict[str, str]:
    """What an annotated copy says of itself for programs."""
    return {
        "identifier": identifier, "number": annotation.number, "purpose": annotation.purpose,
        "recipient": annotation.recipient, "valid_until": annotation.valid_until.isoformat(),
    }  # fmt: skip


def _holders(stored: StoredLicense, license_type: LicenseType) -> list[FaceRow]:
    rows = []
    for role, (name, code, code_type) in zip(license_type.holders, stored.holders, strict=True):
        kind = CODE_TYPES[code_type]
        rows.append(FaceRow(f"{role.name}_name", role.zh, role.ug, name))
        rows.append(FaceRow(f"{role.name}_code", kind.zh, kind.ug, code))
    return rows


def _fields(stored: StoredLicense, license_type: LicenseType) -> list[FaceRow]:
    return [
        FaceRow(field.name, field.zh, field.ug, stored.fields[field.name], date=field.kind is FieldKind.DATE)
        for field in license_type.fields if field.name in stored.fields
    ]  # fmt: skip


def _elements(stored: StoredLicense, license_type: LicenseType, authority_ug: str) -> list[FaceRow]:
    values = {
        "number": stored.number, "issued_on": stored.issued_on.isoformat(), "valid_from": stored.valid_from.isoformat(),
        "valid_until": "" if stored.valid_until is None else stored.valid_until.isoformat(),
        "issuing_authority": stored.issuing_authority,
    }  # fmt: skip
    endless = ("valid_from", "valid_until") if license_type.validity.until == "none" else ()
    return [
        FaceRow(
            name, element.zh, element.ug, values[name], authority_ug if name == "issuing_authority" else "", date=name in _DATES
        )
        for name, element in license_type.elements.items() if name not in endless
    ]  # fmt: skip


def _attachments(
    stored: StoredLicense, license_type: LicenseType, annotation: Annotation | None
) -> tuple[Attachment, ...]:
    content = _json(license_json(stored, license_type))
    found = [
        Attachment(CREDENTIAL_FILE, "application/cwt", stored.credential, "证照凭证 Signed credential (CWT)"),
        Attachment(LICENSE_FILE, "application/json", content, "证照数据 License data"),
    ]
    if annotation is not None:
        told = _json(annotation_json(stored.identifier.text, annotation))
        found.append(Attachment(ANNOTATION_FILE, "application/json", told, "加注信息 What this copy is for"))
    return tuple(found)


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()

"""Faces to look at and to test: synthetic licenses of every type, as `FaceContent`."""

from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random

from etrust.documents.model import Annotation, Attachment, FaceContent, FaceRow, SealPicture
from etrust.licenses.samples.rows import Plan, _good_row
from etrust.licenses.types import load_types
from etrust.licenses.types.model import FieldKind, LicenseType
from etrust.licenses.types.standard import CODE_TYPES

MADE_AT = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
CODE = "HC1:" + "6BF0X7Y2QK8G9W3V5N1M4T0ZLPJ" * 14
ISSUER = "11650000MB1A0004XU"
AUTHORITY_UG = "شىنجاڭ ئۇيغۇر ئاپتونوم رايونلۇق بازار نازارەت قىلىپ باشقۇرۇش ئىدارىسى"
COPY = Annotation("JZ-2026-000017", "申请住房公积金贷款", "乌鲁木齐住房公积金管理中心", date(2026, 12, 25))


def sample(name: str, *, seed: int = 7, seal: SealPicture | None = None, **changes: object) -> FaceContent:
    """The content of one synthetic license; `changes` are fields of `FaceContent`."""
    license_type = load_types()[name]
    columns = tuple(field.name for field in license_type.fields)
    row = _good_row(Plan(license_type, columns, date(2026, 11, 25), {}), 1, Random(seed), set())
    content = FaceContent(
        license_type=name, title_zh=license_type.zh, title_ug=license_type.ug,
        identifier=f"1.2.156.3005.2.{license_type.code}.{ISSUER}.0a1b2c3d4e5f60718293.001.K",
        rows=tuple(_rows(license_type, row)), code=CODE, made_at=MADE_AT, seal=seal,
        attachments=(Attachment("license.json", "application/json", b'{"number":"\xe6\xa0\xb7\xe4\xbe\x8b"}', "证照数据"),),
    )  # fmt: skip
    return replace(content, **changes)  # type: ignore[arg-type]  # names of fields, checked by the dataclass


def with_value(content: FaceContent, name: str, value: str) -> FaceContent:
    """The same content with another value in one row."""
    return replace(content, rows=tuple(replace(row, value=value) if row.name == name else row for row in content.rows))


def _rows(license_type: LicenseType, row: dict[str, object]) -> list[FaceRow]:
    found = []
    for role in license_type.holders:
        code = CODE_TYPES[str(row[f"{role.name}.code_type"])]
        found.append(FaceRow(f"{role.name}_name", role.zh, role.ug, str(row[f"{role.name}.name"])))
        found.append(FaceRow(f"{role.name}_code", code.zh, code.ug, str(row[f"{role.name}.code"])))
    found += [
        FaceRow(field.name, field.zh, field.ug, str(row[field.name]), date=field.kind is FieldKind.DATE)
        for field in license_type.fields
    ]
    for element in license_type.elements.values():
        if element.name in ("valid_from", "valid_until") and license_type.validity.until == "none":
            continue
        value = str(row[element.name]).replace("长期", "")
        found.append(
            FaceRow(
                element.name, element.zh, element.ug, value, AUTHORITY_UG if element.name == "issuing_authority" else "",
                date=element.name in ("issued_on", "valid_from", "valid_until"),
            )
        )
    return found

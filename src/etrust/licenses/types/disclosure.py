"""What of a license is told: the minimum inside its credential, and all of it on the holder's page."""

from collections.abc import Mapping, Sequence

from etrust.licenses.model import Holder, Record
from etrust.licenses.types.model import Element, Field, LicenseType
from etrust.licenses.types.standard import ANY_CODE, CODE_TYPES, HOLDER, CodeType

_LONG = 14
_SHORT = 7


def mask_number(text: str) -> str:
    """A number with its middle hidden: ``650104********0708``; at least four characters, where there are as many.

    From 14 characters on the first six and last four stay, from 7 on one and two, from 5 on the last.
    """
    length = len(text)
    if length >= _LONG:
        first, last = 6, 4
    elif length >= _SHORT:
        first, last = 1, 2
    else:
        first, last = 0, length // 5
    return text[:first] + "*" * (length - first - last) + (text[-last:] if last else "")


def minimal_claims(license_type: LicenseType, record: Record) -> dict[int, str | list[str]]:
    """The minimal disclosure of a record by integer key: texts, one per holder; personal numbers masked."""
    names_key, codes_key = license_type.holder_claims
    claims: dict[int, str | list[str]] = {
        names_key: [holder.name for holder in record.holders],
        codes_key: [_told_code(holder) for holder in record.holders],
    }
    for element in license_type.elements.values():
        if element.claim is not None:
            value = _element_text(record, element.name)
            claims[element.claim] = mask_number(value) if element.masked else value
    for field in license_type.fields:
        value = record.fields.get(field.name, "")
        if field.claim is not None and value:
            claims[field.claim] = mask_number(value) if field.masked else value
    return dict(sorted(claims.items()))


def describe_claims(license_type: LicenseType, fields: Mapping[int, object]) -> list[dict[str, object]]:
    """The claims of a credential, named, in the order of the face; unknown keys are left out."""
    return [_named(name, names, fields[claim]) for claim, name, names in claim_labels(license_type) if claim in fields]


def claim_labels(license_type: LicenseType) -> list[tuple[int, str, tuple[str, str, str]]]:
    """What the claims of a credential are called, in the order of the face: claim, name, and its label in zh, ug and en."""
    names_key, codes_key = license_type.holder_claims
    parts: list[Element | Field] = [*license_type.elements.values(), *license_type.fields]
    return [
        (names_key, "holder_name", _name_label(license_type)),
        (codes_key, "holder_code", _code_label(license_type)),
        *((part.claim, part.name, (part.zh, part.ug, part.en)) for part in parts if part.claim is not None),
    ]


def describe_fields(
    license_type: LicenseType, holders: Sequence[Sequence[str]], number: str, fields: Mapping[str, str]
) -> list[dict[str, object]]:
    """Everything on the face in its order, named; ``masked`` is empty when nothing is hidden.

    Args:
        license_type: the type.
        holders: name, code and code type of each.
        number: the printed number.
        fields: the type's own fields by name.
    """
    described: list[dict[str, object]] = []
    for role, (name, code, code_type) in zip(license_type.holders, holders, strict=False):
        label = _type_label(code_type)
        described.append(_shown(f"{role.name}_name", (role.zh, role.ug, role.en), name))
        described.append(
            _shown(f"{role.name}_code", (label.zh, label.ug, label.en), code, hidden=label.personal)
        )
    element = license_type.elements["number"]
    described.append(_shown("number", (element.zh, element.ug, element.en), number, hidden=element.masked))
    return described + [
        _shown(field.name, (field.zh, field.ug, field.en), fields[field.name], hidden=field.masked)
        for field in license_type.fields
        if fields.get(field.name)
    ]


def _told_code(holder: Holder) -> str:
    return mask_number(holder.code) if _type_label(holder.code_type).personal else holder.code


def _element_text(record: Record, name: str) -> str:
    value = getattr(record, name)
    return "" if value is None else str(value)


def _type_label(code_type: str) -> CodeType:
    return CODE_TYPES.get(code_type, ANY_CODE)


def _name_label(license_type: LicenseType) -> tuple[str, str, str]:
    first = license_type.holders[0]
    return (first.zh, first.ug, first.en) if len(license_type.holders) == 1 else HOLDER


def _code_label(license_type: LicenseType) -> tuple[str, str, str]:
    labels = {_type_label(code_type) for role in license_type.holders for code_type in role.code_types}
    label = labels.pop() if len(labels) == 1 else ANY_CODE
    return label.zh, label.ug, label.en


def _named(name: str, names: tuple[str, str, str], value: object) -> dict[str, object]:
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return {"name": name, "zh": names[0], "ug": names[1], "en": names[2], "value": text}


def _shown(name: str, names: tuple[str, str, str], value: str, *, hidden: bool = False) -> dict[str, object]:
    return {**_named(name, names, value), "masked": mask_number(value) if hidden else ""}

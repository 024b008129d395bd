"""What a field of a license type is called, by the names that matters and consents use for fields. Pure."""

from etrust.licenses.types.disclosure import describe_claims
from etrust.licenses.types.model import Element, Field, LicenseType


def label_of(license_type: LicenseType, name: str) -> dict[str, str]:
    """A field's label in three languages: of the type's own field, an element, or a holder's name or code.

    A name the type does not have is its own label.
    """
    parts: list[Element | Field] = [*license_type.fields, *license_type.elements.values()]
    found = next((part for part in parts if part.name == name), None)
    if found is not None:
        return {"zh": found.zh, "ug": found.ug, "en": found.en}
    names_key, codes_key = license_type.holder_claims
    described = describe_claims(license_type, {names_key: "", codes_key: ""})
    labels = {str(each["name"]): {language: str(each[language]) for language in ("zh", "ug", "en")} for each in described}
    for role in license_type.holders:
        labels[f"{role.name}_name"] = {"zh": role.zh, "ug": role.ug, "en": role.en}
        labels.setdefault(f"{role.name}_code", labels["holder_code"])
    return labels.get(name, {"zh": name, "ug": name, "en": name})

"""What must hold across the keys of a type file: no name, claim or header for two things."""

from dataclasses import dataclass

from etrust.licenses.types.document import Section
from etrust.licenses.types.model import Element, Field, HolderRole, LicenseType


class _Taken:
    """Who uses a name, a claim or a header first; the second one is told of."""

    def __init__(self, zh: str, en: str) -> None:
        self._zh, self._en = zh, en
        self._by: dict[str | int, str] = {}

    def take(self, value: str | int | None, owner: str, section: Section, key: str) -> None:
        if value is None:
            return
        # Readers of files compare headers without regard to letter case.
        first = self._by.setdefault(value.casefold() if isinstance(value, str) else value, owner)
        if first != owner:
            zh, en = f"{self._zh}“{value}”已用于 {first}", f"{self._en} “{value}” is already that of {first}"
            raise section.error_at(key, zh, en)


@dataclass(frozen=True, slots=True)
class _Register:
    """The three kinds of things that must each lead to one place."""

    names: _Taken
    claims: _Taken
    headers: _Taken


def check_unique(document: Section, license_type: LicenseType) -> None:
    """Each name, claim and header leads to one thing; otherwise a column or a claim would be ambiguous.

    Raises:
        EtrustError: ``bad_license_type`` at the second use.
    """
    register = _Register(_Taken("名称", "name"), _Taken("披露键", "claim"), _Taken("列名", "header"))
    holder_claims = document.section("holder_claims")
    for key, claim in zip(("names", "codes"), license_type.holder_claims, strict=True):
        register.claims.take(claim, f"holder_claims.{key}", holder_claims, key)
    elements = document.section("elements") if document.has("elements") else document
    for element in license_type.elements.values():
        _take_element(register, elements, element)
    for section, role in zip(document.sections("holders"), license_type.holders, strict=True):
        _take_holder(register, section, role)
    for section, field in zip(document.sections("fields"), license_type.fields, strict=True):
        _take_field(register, section, field)


def _take_element(register: _Register, section: Section, element: Element) -> None:
    register.names.take(element.name, element.name, section, element.name)
    register.claims.take(element.claim, element.name, section, element.name)
    for header in element.headers:
        register.headers.take(header, element.name, section, element.name)


def _take_holder(register: _Register, section: Section, role: HolderRole) -> None:
    register.names.take(role.name, section.name, section, "name")
    headers = {
        "name_headers": role.name_headers,
        "code_headers": role.code_headers,
        "code_type_headers": role.code_type_headers,
    }
    for key, texts in headers.items():
        for header in texts:
            register.headers.take(header, f"{section.name}.{key}", section, key)


def _take_field(register: _Register, section: Section, field: Field) -> None:
    register.names.take(field.name, section.name, section, "name")
    register.claims.take(field.claim, section.name, section, "claim")
    for key, header in (("zh", field.zh), ("pinyin", field.pinyin), ("name", field.name)):
        register.headers.take(header, section.name, section, key)
    for header in field.aliases:
        register.headers.take(header, section.name, section, "aliases")

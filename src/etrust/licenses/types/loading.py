"""From a type file to a `LicenseType`: the shape and value of every key."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from etrust.ids import uscc_is_valid
from etrust.licenses.types.document import Section, read_document
from etrust.licenses.types.model import Element, Field, FieldKind, HolderRole, LicenseType, Validity
from etrust.licenses.types.rules import check_unique
from etrust.licenses.types.standard import CODE_TYPES, ELEMENTS, KINDS, SINGLE_HOLDER_HEADERS
from etrust.resources import resource

MAX_CLAIM = 23
"""The largest key that CBOR writes in one byte (RFC 8949, section 3); key 0 is the license identifier."""

MAX_LENGTH = 4000
MAX_HOLDERS = 4
_NAME = r"[a-z][a-z0-9_]{1,39}"
_PINYIN = r"[A-Z][A-Z0-9_]{0,29}"
_TYPE_CODE = r"[0-9A-Z]{18}[0-9]{3}"
_USCC_LENGTH = 18
_KEYS = (
    "name", "code", "zh", "ug", "en", "kind", "defining_body", "face", "sensitive", "shows_objection", "validity",
    "holder_claims", "holders", "elements", "fields",
)  # fmt: skip
_HOLDER_KEYS = (
    "name", "zh", "ug", "en", "name_headers", "code_headers", "code_type_headers", "code_types",
    "default_code_type",
)  # fmt: skip
_UNTIL = ("required", "optional", "none")


def load_types(folder: Path | None = None) -> Mapping[str, LicenseType]:
    """The license types of a folder by name; the packaged ones, read once, when none is given.

    Faces are looked for in the folder ``faces`` beside it.

    Raises:
        EtrustError: ``bad_license_type``, naming file, line and field.
    """
    return _packaged() if folder is None else _read_folder(folder)


def by_code(types: Mapping[str, LicenseType]) -> Mapping[str, LicenseType]:
    """License types by 21-character type code."""
    return {license_type.code: license_type for license_type in types.values()}


@lru_cache(maxsize=1)
def _packaged() -> Mapping[str, LicenseType]:
    return _read_folder(resource("templates", "types"))


def _read_folder(folder: Path) -> Mapping[str, LicenseType]:
    found: dict[str, LicenseType] = {}
    codes: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        document = read_document(path)
        license_type = _read_type(document, folder.parent / "faces")
        other = codes.setdefault(license_type.code, path.name)
        if other != path.name:
            zh, en = f"与 {other} 的类型代码相同", f"the type code is also that of {other}"
            raise document.error_at("code", zh, en)
        found[license_type.name] = license_type
    return MappingProxyType(found)


def _read_type(document: Section, faces: Path) -> LicenseType:
    document.finish(*_KEYS)
    license_type = LicenseType(
        name=_file_name(document), code=_type_code(document), **_names(document),
        kind=document.text("kind", among=KINDS), defining_body=document.text("defining_body"),
        elements=_elements(document), holders=_holders(document), fields=_fields(document),
        validity=_validity(document), face=_face(document, faces), holder_claims=_holder_claims(document),
        sensitive=document.boolean("sensitive", default=False),
        shows_objection=document.boolean("shows_objection", default=False),
    )  # fmt: skip
    check_unique(document, license_type)
    return license_type


def _file_name(document: Section) -> str:
    name = document.text("name", pattern=_NAME)
    if name != (stem := document.path.stem):
        raise document.error_at("name", f"应与文件名 {stem} 相同", f"must be the file's name, {stem}")
    return name


def _type_code(document: Section) -> str:
    code = document.text("code", pattern=_TYPE_CODE)
    if not uscc_is_valid(code[:_USCC_LENGTH]):
        raise document.error_at(
            "code", "前 18 位不是有效的统一社会信用代码（校验位不符）",
            "the first 18 characters are no unified social credit code (check character)",
        )  # fmt: skip
    return code


def _names(section: Section) -> dict[str, str]:
    return {language: section.text(language) for language in ("zh", "ug", "en")}


def _face(document: Section, faces: Path) -> str:
    face = document.text("face", pattern=r"[a-z][a-z0-9_]*\.html")
    if not (faces / face).is_file():
        raise document.error_at("face", f"没有找到样式文件 faces/{face}", f"there is no face faces/{face}")
    return face


def _validity(document: Section) -> Validity:
    section = document.section("validity")
    section.finish("until", "max_years")
    until = section.text("until", among=_UNTIL)
    max_years = section.integer("max_years", least=1, most=100)
    if until == "none" and max_years is not None:
        zh, en = "长期有效的类型没有最长年限", "a type that never ends has no longest period"
        raise section.error_at("max_years", zh, en)
    return Validity(until, max_years)


def _holder_claims(document: Section) -> tuple[int, int]:
    section = document.section("holder_claims")
    section.finish("names", "codes")
    names, codes = _claim(section, "names"), _claim(section, "codes")
    if names is None or codes is None:
        missing = "names" if names is None else "codes"
        raise section.error_at(missing, "缺少此项", "is missing")
    return names, codes


def _claim(section: Section, key: str = "claim") -> int | None:
    return section.integer(key, least=1, most=MAX_CLAIM)


def _elements(document: Section) -> Mapping[str, Element]:
    if not document.has("elements"):
        return MappingProxyType(dict(ELEMENTS))
    section = document.section("elements")
    section.finish(*ELEMENTS)
    own = {name: _element(section, standard) for name, standard in ELEMENTS.items() if section.has(name)}
    return MappingProxyType({**ELEMENTS, **own})


def _element(section: Section, standard: Element) -> Element:
    own = section.section(standard.name)
    own.finish("zh", "ug", "en", "headers", "required", "masked", "claim")
    zh = own.text("zh", default=standard.zh)
    return Element(
        standard.name, zh, own.text("ug", default=standard.ug), own.text("en", default=standard.en),
        headers=_together((zh,), own.texts("headers", default=()), standard.headers),
        required=own.boolean("required", default=standard.required),
        masked=own.boolean("masked", default=False), claim=_claim(own),
    )  # fmt: skip


def _holders(document: Section) -> tuple[HolderRole, ...]:
    sections = list(document.sections("holders"))
    if len(sections) > MAX_HOLDERS:
        raise document.error_at("holders", f"最多 {MAX_HOLDERS} 个持证主体", f"at most {MAX_HOLDERS} holders")
    standard = SINGLE_HOLDER_HEADERS if len(sections) == 1 else {"name": (), "code": (), "code_type": ()}
    return tuple(_holder(section, standard) for section in sections)


def _holder(section: Section, standard: Mapping[str, tuple[str, ...]]) -> HolderRole:
    section.finish(*_HOLDER_KEYS)
    needed = {part for part in ("name", "code") if not standard[part]}
    code_types = section.texts("code_types", among=tuple(CODE_TYPES))
    # Without columns of names and codes no holder can be read; a column of code types may be missing.
    headers = {
        part: _together(section.texts(f"{part}_headers", default=None if part in needed else ()), own)
        for part, own in standard.items()
    }
    return HolderRole(
        section.text("name", pattern=r"holder(_[a-z])?"), **_names(section),
        name_headers=headers["name"], code_headers=headers["code"], code_type_headers=headers["code_type"],
        code_types=code_types,
        default_code_type=section.text("default_code_type", default=code_types[0], among=code_types),
    )  # fmt: skip


def _fields(document: Section) -> tuple[Field, ...]:
    return tuple(_field(section) for section in document.sections("fields"))


def _field(section: Section) -> Field:
    section.finish(
        "name", "zh", "ug", "en", "pinyin", "kind", "required", "aliases", "max_length", "masked", "claim"
    )
    return Field(
        section.text("name", pattern=_NAME), **_names(section),
        pinyin=section.text("pinyin", pattern=_PINYIN),
        kind=FieldKind(section.text("kind", default="text", among=tuple(FieldKind))),
        required=section.boolean("required", default=False), aliases=section.texts("aliases", default=()),
        max_length=section.integer("max_length", least=1, most=MAX_LENGTH) or 100,
        masked=section.boolean("masked", default=False), claim=_claim(section),
    )  # fmt: skip


def _together(*groups: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for group in groups for text in group))

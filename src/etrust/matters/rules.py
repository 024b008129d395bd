"""What a matter must be like before it can be published: names, codes, parties, materials, fields, form. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind
from etrust.ids.matter import MATTER_TYPES, MatterCode
from etrust.licenses.types import LicenseType
from etrust.licenses.types.standard import CODE_TYPES
from etrust.matters.fields import told_fields
from etrust.matters.model import Demand, Material, Matter, Words
from etrust.matters.national import ELEMENTS, MAX_DAYS, MAX_ELEMENT, MAX_ELEMENTS

APPLICANT = "applicant"
MAX_PARTIES, MAX_MATERIALS, MAX_DEMANDS, MAX_FORM = 8, 60, 6, 120
MAX_NAME, MAX_TEXT, MAX_DEFERRAL = 200, 4000, 365
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        where: the place, such as ``materials.marriage.fields``.
    """

    code: str
    where: str
    zh: str
    en: str


def problems(matter: Matter, types: Mapping[str, LicenseType]) -> list[Problem]:
    """Everything that is wrong with a matter, in the order in which it is told; empty when it can be published."""
    return [
        *_code(matter),
        *_words(matter),
        *_parties(matter),
        *_materials(matter, types),
        *_form(matter, types),
        *_elements(matter),
    ]


def require_sound(matter: Matter, types: Mapping[str, LicenseType]) -> None:
    """Refuse a matter that is not as it must be.

    Raises:
        EtrustError: the first of its `problems`.
    """
    found = problems(matter, types)
    if found:
        raise as_error(found[0])


def as_error(problem: Problem) -> EtrustError:
    """A problem as the error that a page, a program or a reject file shows."""
    return EtrustError(Kind.INVALID, problem.code, where=problem.where, zh=problem.zh, en=problem.en)


def _code(matter: Matter) -> Iterator[Problem]:
    try:
        code = MatterCode.parse(matter.code)
    except EtrustError as error:
        yield Problem(error.code, "code", error.zh, error.en)
        return
    if code.text != matter.code:
        yield Problem("bad_matter_code", "code", "实施编码须为半角大写。", "The code must be in half width and upper case.")
    if code.body != matter.body:
        yield Problem(
            "body_mismatch", "body", "实施主体代码与实施编码前 18 位不一致，请核对。",
            "The body is not the one in the first 18 characters of the code.",
        )  # fmt: skip
    if code.level != matter.level:
        yield Problem(
            "level_mismatch", "level", "行使层级与实施编码第 19 位不一致，请核对。",
            "The level is not the one in the 19th character of the code.",
        )  # fmt: skip
    if MATTER_TYPES[code.kind] != matter.kind:
        yield Problem(
            "kind_mismatch", "kind", f"事项类型与基本编码不一致：编码表示“{MATTER_TYPES[code.kind]}”。",
            f"The type of matter differs from the code's, which says {MATTER_TYPES[code.kind]}.",
        )  # fmt: skip


def _words(matter: Matter) -> Iterator[Problem]:
    yield from _named(matter.name, "name")
    if not matter.legal_basis.strip():
        yield Problem("no_legal_basis", "legal_basis", "请填写设定依据。", "Please name the legal basis.")
    elif len(matter.legal_basis) > MAX_TEXT:
        yield _too_long("legal_basis")
    if not 0 <= matter.days <= MAX_DAYS:
        yield Problem(
            "bad_days", "days", f"承诺办结时限应为 0 至 {MAX_DAYS} 个工作日，0 表示当场办结。",
            f"The promised time must be 0 to {MAX_DAYS} working days; 0 means at once.",
        )  # fmt: skip
    if not matter.grounds:
        yield Problem(
            "no_ground", "grounds", "请至少选择一种用证依据：持证人授权，或依职能用证。",
            "Please choose at least one ground of use: consent or duty.",
        )  # fmt: skip
    if matter.theme and not _KEY.fullmatch(matter.theme):
        yield Problem("bad_key", "theme", "主题标识只能用小写字母、数字和下划线。", "A theme's key has only a-z, 0-9 and _.")


def _named(words: Words, where: str) -> Iterator[Problem]:
    if not words.zh.strip():
        yield Problem("no_name", where, "请填写中文名称。", "Please give the Chinese name.")
    if any(len(text) > MAX_NAME for text in (words.zh, words.ug, words.en)):
        yield _too_long(where)


def _too_long(where: str) -> Problem:
    return Problem("too_long", where, "内容过长，请缩短。", "The text is too long; please shorten it.")


def _keys(keys: list[str], where: str, most: int) -> Iterator[Problem]:
    if len(keys) > most:
        yield Problem("too_many", where, f"最多 {most} 项，请精简。", f"At most {most} of them; please leave some out.")
    for key in keys:
        if not _KEY.fullmatch(key):
            zh, en = (
                f"标识“{key[:40]}”只能用小写字母、数字和下划线，以字母开头。",
                f"The key {key[:40]} must match [a-z][a-z0-9_]*.",
            )
            yield Problem("bad_key", where, zh, en)
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem("duplicate_key", f"{where}.{key}", f"标识“{key}”重复出现。", f"The key {key} appears twice.")


def _parties(matter: Matter) -> Iterator[Problem]:
    yield from _keys([party.key for party in matter.parties], "parties", MAX_PARTIES)
    if not any(party.key == APPLICANT and party.required for party in matter.parties):
        yield Problem(
            "no_applicant", "parties", "须有必需的当事人 applicant（申请人）。",
            "There must be a party “applicant”, and it is required.",
        )  # fmt: skip
    for party in matter.parties:
        where = f"parties.{party.key}"
        yield from _named(party.name, where)
        unknown = [code for code in party.code_types if code not in CODE_TYPES]
        if unknown or not party.code_types:
            yield Problem(
                "bad_holder_code_type", where, "持证主体代码类型应取自国家标准，如 001、111。",
                "Holder code types are those of the standard, such as 001 and 111.",
            )  # fmt: skip
        needed = any(demand.party == party.key for material in matter.materials for demand in material.satisfied_by)
        if not needed and party.key != APPLICANT:
            yield Problem(
                "party_not_needed", where, f"没有材料用到当事人“{party.name.zh}”，请删除。",
                f"No material is about the party {party.key}; please remove it.",
            )  # fmt: skip


def _materials(matter: Matter, types: Mapping[str, LicenseType]) -> Iterator[Problem]:
    yield from _keys([material.key for material in matter.materials], "materials", MAX_MATERIALS)
    if not matter.materials:
        yield Problem("no_material", "materials", "请至少填写一份申请材料。", "Please give at least one material.")
    for material in matter.materials:
        where = f"materials.{material.key}"
        yield from _named(material.name, where)
        yield from _substitutes(material, where)
        if len(material.satisfied_by) > MAX_DEMANDS:
            yield Problem(
                "too_many", where, f"可替代证照最多 {MAX_DEMANDS} 种。", f"At most {MAX_DEMANDS} licenses may satisfy it."
            )
        for demand in material.satisfied_by:
            yield from _demand(matter, material, demand, types)


def _substitutes(material: Material, where: str) -> Iterator[Problem]:
    if material.commitment is not None and not material.commitment.zh.strip():
        yield Problem("no_commitment_text", where, "告知承诺须有承诺内容。", "A commitment needs its text.")
    if material.commitment is not None and len(material.commitment.zh) > MAX_TEXT:
        yield _too_long(where)
    if material.deferral_days is not None and not 1 <= material.deferral_days <= MAX_DEFERRAL:
        yield Problem(
            "bad_deferral", where, f"容缺补正期限应为 1 至 {MAX_DEFERRAL} 天。",
            f"The deferral must be 1 to {MAX_DEFERRAL} days.",
        )  # fmt: skip
    if not material.required and (material.commitment is not None or material.deferral_days is not None):
        yield Problem(
            "needless_substitute", where, f"“{material.name.zh}”不是必要材料，无需承诺或容缺。",
            f"{material.key} is not required, so nothing need stand for it.",
        )  # fmt: skip


def _demand(matter: Matter, material: Material, demand: Demand, types: Mapping[str, LicenseType]) -> Iterator[Problem]:
    where = f"materials.{material.key}"
    license_type = types.get(demand.license_type)
    if license_type is None:
        yield Problem(
            "unknown_license_type", where, f"没有证照类型“{demand.license_type[:40]}”，请从证照目录中选择。",
            f"There is no license type {demand.license_type[:40]}; please choose one of the catalogue.",
        )  # fmt: skip
        return
    party = next((party for party in matter.parties if party.key == demand.party), None)
    if party is None:
        yield Problem(
            "unknown_party", where, f"没有当事人“{demand.party[:40]}”。", f"There is no party {demand.party[:40]}.",
        )  # fmt: skip
    elif not {code for role in license_type.holders for code in role.code_types} & set(party.code_types):
        yield Problem(
            "party_cannot_hold", where, f"“{party.name.zh}”的代码类型不能持有“{license_type.zh}”，请核对当事人。",
            f"{party.key} cannot hold a {license_type.en}: no holder code type fits.",
        )  # fmt: skip
    yield from _fields(matter, material, demand, license_type)


def _fields(matter: Matter, material: Material, demand: Demand, license_type: LicenseType) -> Iterator[Problem]:
    where = f"materials.{material.key}.fields"
    known = told_fields(license_type)
    for name in demand.fields:
        if name not in known:
            yield Problem(
                "unknown_field", where, f"“{license_type.zh}”没有信息项“{name[:40]}”。",
                f"A {license_type.en} has no field {name[:40]}.",
            )  # fmt: skip
    for name in sorted(set(demand.fields) - needed_fields(matter, material)):
        yield Problem(
            "field_not_needed", where,
            f"“{material.name.zh}”要求了信息项“{name[:40]}”，但表单和审查都用不到；请删除，或列入审查信息项。",
            f"{material.key} asks for {name[:40]}, which neither the form nor the review needs; please remove it.",
        )  # fmt: skip
    if len(set(demand.fields)) < len(demand.fields):
        yield Problem("duplicate_key", where, "信息项重复出现。", "A field is named twice.")


def needed_fields(matter: Matter, material: Material) -> frozenset[str]:
    """The fields of a material that the form takes or the clerk reviews: nothing else may be asked for."""
    sources = (field.source.partition(".") for field in matter.form)
    return frozenset({name for key, _, name in sources if key == material.key} | set(material.review))


def _form(matter: Matter, types: Mapping[str, LicenseType]) -> Iterator[Problem]:
    yield from _keys([field.name for field in matter.form], "form", MAX_FORM)
    told = {
        f"{material.key}.{name}"
        for material in matter.materials for demand in material.satisfied_by if demand.license_type in types
        for name in demand.fields
    }  # fmt: skip
    for field in matter.form:
        yield from _named(field.label, f"form.{field.name}")
        if field.source not in told:
            yield Problem(
                "source_not_told", f"form.{field.name}",
                f"表单“{field.label.zh}”取自“{field.source[:80]}”，但没有材料提供该信息项。",
                f"The form field {field.name} takes {field.source[:80]}, which no material tells.",
            )  # fmt: skip
    for material in matter.materials:
        for name in material.review:
            if f"{material.key}.{name}" not in told:
                yield Problem(
                    "source_not_told", f"materials.{material.key}.review",
                    f"审查信息项“{name[:40]}”不在“{material.name.zh}”提供的信息项之中。",
                    f"The review of {material.key} looks at {name[:40]}, which is not told.",
                )  # fmt: skip


def _elements(matter: Matter) -> Iterator[Problem]:
    if len(matter.elements) > MAX_ELEMENTS:
        yield Problem("too_many", "elements", f"要素最多 {MAX_ELEMENTS} 项。", f"At most {MAX_ELEMENTS} elements.")
    for name, value in matter.elements.items():
        element = ELEMENTS.get(name)
        if len(value) > MAX_ELEMENT or len(name) > MAX_NAME:
            yield _too_long(f"elements.{name[:40]}")
        elif element is not None and element.judge is not None and value and not element.judge(value):
            yield Problem(
                "bad_element", f"elements.{name}", f"“{name}”应为：{element.zh}。", f"{name} must be: {element.en}.",
            )  # fmt: skip

"""Single cells of a list of matters, read and written: parties, form, grounds, days, license types, fields."""

import re
from collections.abc import Mapping

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.cleaning import clean_code, clean_number, clean_text
from etrust.licenses.types import LicenseType
from etrust.matters.fields import told_fields
from etrust.matters.model import FormField, Party, Words
from etrust.onecode.model import Ground

GROUNDS: Mapping[Ground, tuple[str, ...]] = {
    Ground.CONSENT: ("持证人授权", "授权", "consent"),
    Ground.DUTY: ("依职能用证", "依职能", "依职权", "duty"),
}
NEEDED, OPTIONAL, DEFERRABLE = "必要", "非必要", "容缺后补"
_REQUIRED = {
    NEEDED: True, "是": True, "必需": True, "必备": True, "必须": True, DEFERRABLE: True, "容缺": True, "可容缺": True,
    OPTIONAL: False, "否": False, "非必需": False, "非必备": False, "可选": False,
}  # fmt: skip
_AT_ONCE = ("当场", "即时", "即办", "立即", "立等可取", "随到随办")
_DAYS = re.compile(r"(\d{1,4})(?:个?(?:工作日|自然日|日|天))?")
_LIST = re.compile(r"[、,，;；\n]+")
_LINES = re.compile(r"[\n；;]+")
_PARTS = 6


def faulty(code: str, column: str, zh: str, en: str) -> EtrustError:
    """The refusal of a row for one of its cells; never with the cell's content."""
    return EtrustError(Kind.INVALID, code, where=column, zh=f"“{column}”{zh}", en=f"{column}: {en}")


def read_grounds(text: str) -> frozenset[Ground]:
    """Grounds of use; consent where nothing is said."""
    found = set()
    for word in _split(text):
        ground = next((ground for ground, names in GROUNDS.items() if word in names), None)
        if ground is None:
            raise faulty("bad_ground", "用证依据", "应为持证人授权、依职能用证。", "must be 持证人授权 or 依职能用证.")
        found.add(ground)
    return frozenset(found) or frozenset({Ground.CONSENT})


def write_grounds(grounds: frozenset[Ground]) -> str:
    """The same as text."""
    return "、".join(GROUNDS[ground][0] for ground in Ground if ground in grounds)


def read_days(text: str, handling: str) -> int:
    """Promised working days: a number, with or without its unit; at once is 0.

    Args:
        handling: 办件类型, which says 即办件 where the cell is blank.
    """
    plain = clean_code(text)
    if any(plain.startswith(word) for word in _AT_ONCE) or (not plain and handling == "即办件"):
        return 0
    match = _DAYS.fullmatch(plain)
    if match is None:
        raise faulty("bad_days", "承诺办结时限", "应为工作日数，如 5 或 5个工作日。", "must be a number of working days.")
    return int(match[1])


def read_required(text: str) -> bool:
    """材料必要性; required where nothing is said."""
    word = clean_text(text)
    if word and word not in _REQUIRED:
        raise faulty(
            "bad_necessity",
            "材料必要性",
            f"应为{NEEDED}、{OPTIONAL}、{DEFERRABLE}。",
            f"must be {NEEDED}, {OPTIONAL} or {DEFERRABLE}.",
        )
    return _REQUIRED.get(word, True)


def read_deferral(text: str) -> int | None:
    """容缺补正天数, None where nothing is said."""
    plain = clean_code(text)
    if not plain:
        return None
    match = _DAYS.fullmatch(plain)
    if match is None:
        raise faulty("bad_deferral", "容缺补正天数", "应为天数，如 15。", "must be a number of days.")
    return int(match[1])


def read_license_type(text: str, types: Mapping[str, LicenseType]) -> LicenseType | None:
    """A license type by its Chinese name, its code or its name here; None for an empty cell."""
    word = clean_text(text).removeprefix("《").removesuffix("》").removeprefix("中华人民共和国")
    if not word:
        return None
    code = clean_code(text)
    for each in types.values():
        if word in (each.zh, each.name) or code == each.code:
            return each
    raise faulty(
        "unknown_license_type", "证照类型", "不在证照目录中，请填写目录中的名称或类型代码。", "is none of the license types."
    )


def read_fields(text: str, license_type: LicenseType, column: str) -> tuple[str, ...]:
    """Fields of a license type by their Chinese labels or their names."""
    known = told_fields(license_type)
    by_label = {label.zh: name for name, label in reversed(list(known.items()))}
    found = []
    for word in _split(text):
        name = word if word in known else by_label.get(word)
        if name is None:
            raise faulty(
                "unknown_field",
                column,
                f"中有“{license_type.zh}”没有的信息项。",
                f"names a field that a {license_type.en} has not.",
            )
        found.append(name)
    return tuple(dict.fromkeys(found))


def read_parties(text: str) -> tuple[Party, ...]:
    """Parties, one a line: ``key|中文|ئۇيغۇرچە|English|111,001|必要``; what is left out at the end is empty."""
    found = []
    for line in _lines(text):
        key, zh, ug, en, code_types, needed = _cut(line, "当事人")
        types = tuple(_split(code_types)) or ("111",)
        found.append(Party(key, Words(zh or key, ug, en), types, read_required(needed)))
    return tuple(found)


def write_parties(parties: tuple[Party, ...]) -> str:
    """The same as text."""
    return "\n".join(
        "|".join(
            (each.key, each.name.zh, each.name.ug, each.name.en, ",".join(each.code_types), NEEDED if each.required else OPTIONAL)
        )
        for each in parties
    )


def read_form(text: str) -> tuple[FormField, ...]:
    """Form fields, one a line: ``name|中文|ئۇيغۇرچە|English|material.field``."""
    found = []
    for line in _lines(text):
        name, zh, ug, en, source, _ = _cut(line, "表单字段")
        found.append(FormField(name, Words(zh, ug, en), source))
    return tuple(found)


def write_form(form: tuple[FormField, ...]) -> str:
    """The same as text."""
    return "\n".join(f"{each.name}|{each.label.zh}|{each.label.ug}|{each.label.en}|{each.source}" for each in form)


def _cut(line: str, column: str) -> list[str]:
    parts = [clean_text(part) for part in line.replace("｜", "|").split("|")]
    if len(parts) > _PARTS:
        raise faulty("bad_list", column, "每行最多 6 段，用竖线分隔。", "has more than six parts in a line.")
    return parts + [""] * (_PARTS - len(parts))


def _lines(text: str) -> list[str]:
    return [line for line in _LINES.split(text) if line.strip()]


def _split(text: str) -> list[str]:
    return [word for word in map(clean_number, _LIST.split(text)) if word]

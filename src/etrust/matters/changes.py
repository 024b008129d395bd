"""What differs between two versions of a matter, item by item, for people to read. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from etrust.licenses.types import LicenseType
from etrust.matters.disclosure import growth, told
from etrust.matters.fields import told_fields
from etrust.matters.model import Demand, FormField, Material, Matter, Party, Words

_PLAIN: Mapping[str, Words] = {
    "legal_basis": Words("设定依据", "قانۇنىي ئاساسى", "Legal basis"),
    "days": Words("承诺办结时限", "ۋەدە قىلغان مۇددىتى", "Promised days"),
    "theme": Words("主题", "تېمىسى", "Theme"),
}
_NAME = Words("名称", "نامى", "Name")
_GROUNDS = Words("用证依据", "ئىشلىتىش ئاساسى", "Grounds of use")
_FORM = Words("表单", "جەدۋەل", "Form")
_PARTY = Words("当事人", "تەرەپلەر", "Party")
_REQUIRED = Words("必要性", "زۆرۈرلۈكى", "Required")
_LICENSES = Words("共享证照与信息项", "ئورتاقلىشىدىغان گۇۋاھنامە ۋە ئۇچۇرلار", "Licenses and fields told")
_COMMITMENT = Words("告知承诺", "ۋەدىنامە", "Commitment")
_DEFERRAL = Words("容缺天数", "كېيىن تولۇقلاش كۈنى", "Deferral, days")
_SOURCE = Words("来源渠道", "مەنبەسى", "Source")
_PAPER = Words("材料形式", "شەكلى", "Form on paper")
_REVIEW = Words("审查信息项", "تەكشۈرىدىغان ئۇچۇرلار", "Fields reviewed")
_MATERIAL = Words("材料", "ماتېرىيال", "Material")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference.

    Attributes:
        where: what it is about; `of` is the material or party it belongs to, None for the matter itself.
        before: as text, empty where there was nothing.
        after: as text, empty where there is nothing now.
        grows: whether more is told of holders than before.
    """

    where: Words
    before: str
    after: str
    of: Words | None = None
    grows: bool = False


def changes(before: Matter | None, after: Matter, types: Mapping[str, LicenseType]) -> list[Change]:
    """All differences, in the order of the form; with nothing before, what the matter consists of."""
    found = [
        *_own(before, after),
        *_parties(before, after),
        *_materials(before, after, types),
        *_form(before, after),
        *_elements(before, after),
    ]
    return [change for change in found if change.before != change.after]


def _own(before: Matter | None, after: Matter) -> Iterator[Change]:
    yield Change(_NAME, _three(before.name) if before else "", _three(after.name))
    for name, label in _PLAIN.items():
        yield Change(label, str(getattr(before, name)) if before else "", str(getattr(after, name)))
    grown = growth(before, after)
    yield Change(_GROUNDS, _grounds(before) if before else "", _grounds(after), grows=bool(grown.grounds))


def _grounds(matter: Matter) -> str:
    names = {"consent": "持证人授权", "duty": "依职能用证"}
    return "、".join(names[ground] for ground in sorted(map(str, matter.grounds)))


def _parties(before: Matter | None, after: Matter) -> Iterator[Change]:
    old = {party.key: party for party in before.parties} if before else {}
    new = {party.key: party for party in after.parties}
    grown = {key for key, _ in growth(before, after).holders}
    for key in dict.fromkeys((*old, *new)):
        yield Change(_PARTY, _party(old.get(key)), _party(new.get(key)), Words(key), grows=key in grown)


def _party(party: Party | None) -> str:
    if party is None:
        return ""
    return f"{_three(party.name)} {','.join(party.code_types)}{'' if party.required else ' 非必要'}"


def _materials(before: Matter | None, after: Matter, types: Mapping[str, LicenseType]) -> Iterator[Change]:
    old = {material.key: material for material in before.materials} if before else {}
    new = {material.key: material for material in after.materials}
    known = told(before) if before else frozenset()
    grown = {key for key, material in new.items() if {
        (demand.party, demand.license_type, name) for demand in material.satisfied_by for name in ("", *demand.fields)
    } - known}  # fmt: skip
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        present = now or was
        assert present is not None  # noqa: S101 - the key is one of the two
        of = present.name
        yield Change(_MATERIAL, was.name.zh if was else "", now.name.zh if now else "", of)
        yield Change(_LICENSES, _licenses(was, types), _licenses(now, types), of, grows=key in grown)
        for label, text_of in _PARTS.items():
            yield Change(_LABELS[label], text_of(was) if was else "", text_of(now) if now else "", of)


_LABELS = {
    "name": _NAME, "required": _REQUIRED, "commitment": _COMMITMENT, "deferral": _DEFERRAL, "source": _SOURCE,
    "paper": _PAPER, "review": _REVIEW,
}  # fmt: skip
_PARTS: Mapping[str, Callable[[Material], str]] = {
    "name": lambda material: " / ".join(filter(None, (material.name.ug, material.name.en))),
    "required": lambda material: "必要" if material.required else "非必要",
    "commitment": lambda material: _three(material.commitment) if material.commitment else "",
    "deferral": lambda material: "" if material.deferral_days is None else str(material.deferral_days),
    "source": lambda material: material.source,
    "paper": lambda material: material.form,
    "review": lambda material: "、".join(material.review),
}


def _licenses(material: Material | None, types: Mapping[str, LicenseType]) -> str:
    return "" if material is None else "；".join(_demand(demand, types) for demand in material.satisfied_by)


def _demand(demand: Demand, types: Mapping[str, LicenseType]) -> str:
    license_type = types.get(demand.license_type)
    if license_type is None:
        return demand.license_type
    known = told_fields(license_type)
    fields = "、".join(known[name].zh if name in known else name for name in demand.fields) or "仅有无"
    return f"{license_type.zh}（{demand.party}）：{fields}{f'，{demand.since.isoformat()} 起' if demand.since else ''}"


def _form(before: Matter | None, after: Matter) -> Iterator[Change]:
    old = {field.name: field for field in before.form} if before else {}
    new = {field.name: field for field in after.form}
    for name in dict.fromkeys((*old, *new)):
        yield Change(_FORM, _filled(old.get(name)), _filled(new.get(name)), Words(name))


def _filled(field: FormField | None) -> str:
    return "" if field is None else f"{_three(field.label)} ← {field.source}"


def _elements(before: Matter | None, after: Matter) -> Iterator[Change]:
    old = before.elements if before else {}
    for name in dict.fromkeys((*old, *after.elements)):
        yield Change(Words(name), old.get(name, ""), after.elements.get(name, ""))


def _three(words: Words) -> str:
    return " / ".join(filter(None, (words.zh, words.ug, words.en)))

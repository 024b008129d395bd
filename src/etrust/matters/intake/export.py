"""Matters written as the list that `rows` reads: importing it again changes nothing."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from etrust.licenses.intake.cleaning import guard
from etrust.licenses.types import LicenseType
from etrust.matters.intake.cells import DEFERRABLE, NEEDED, OPTIONAL, write_form, write_grounds, write_parties
from etrust.matters.intake.columns import CODE, EN, MATERIAL, MATERIAL_COLUMNS, MATTER_COLUMNS, NAME, UG
from etrust.matters.model import Demand, Material, Matter
from etrust.matters.national import ELEMENTS

BOM = "\ufeff"


def export_csv(matters: Sequence[Matter], types: Mapping[str, LicenseType]) -> str:
    """CSV text with a BOM, so that spreadsheets read it as UTF-8; a row for every material and every alternative of it."""
    elements = _elements(matters)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*MATTER_COLUMNS, *elements, *MATERIAL_COLUMNS])
    for matter in matters:
        for row in _rows(matter, elements, types):
            writer.writerow(map(guard, row))
    return BOM + out.getvalue()


def _elements(matters: Iterable[Matter]) -> list[str]:
    used = {name for matter in matters for name in matter.elements}
    return [*(name for name in ELEMENTS if name in used), *sorted(used - set(ELEMENTS))]


def _rows(matter: Matter, elements: list[str], types: Mapping[str, LicenseType]) -> Iterator[list[str]]:
    own = {
        CODE: matter.code, NAME: matter.name.zh, NAME + UG: matter.name.ug, NAME + EN: matter.name.en, "事项类型": matter.kind,
        "主题": matter.theme, "用证依据": write_grounds(matter.grounds), "承诺办结时限": str(matter.days),
        "设定依据": matter.legal_basis, "当事人": write_parties(matter.parties), "表单字段": write_form(matter.form),
    }  # fmt: skip
    first = [*(own[name] for name in MATTER_COLUMNS), *(matter.elements.get(name, "") for name in elements)]
    further = [matter.code, *[""] * (len(first) - 1)]
    for material in matter.materials:
        for place, demand in enumerate(material.satisfied_by or (None,)):
            cells = _material(material, first=place == 0) | ({} if demand is None else _demand(demand, material, types))
            yield [*first, *(cells.get(name, "") for name in MATERIAL_COLUMNS)]
            first = further


def _material(material: Material, *, first: bool) -> dict[str, str]:
    known = {"材料标识": material.key, MATERIAL: material.name.zh}
    if not first:
        return known
    promise = material.commitment
    return known | {
        MATERIAL + UG: material.name.ug, MATERIAL + EN: material.name.en,
        "材料必要性": OPTIONAL if not material.required else NEEDED if material.deferral_days is None else DEFERRABLE,
        "来源渠道": material.source, "材料形式": material.form, "告知承诺内容": promise.zh if promise else "",
        "告知承诺内容" + UG: promise.ug if promise else "", "告知承诺内容" + EN: promise.en if promise else "",
        "容缺补正天数": "" if material.deferral_days is None else str(material.deferral_days),
    }  # fmt: skip


def _demand(demand: Demand, material: Material, types: Mapping[str, LicenseType]) -> dict[str, str]:
    return {
        "证照类型": types[demand.license_type].zh, "证照持有人": demand.party, "共享信息项": "、".join(demand.fields) or "无",
        "审查信息项": "、".join(name for name in material.review if name in demand.fields),
        "实施日期": "" if demand.since is None else demand.since.isoformat(),
    }  # fmt: skip

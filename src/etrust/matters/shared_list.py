"""The public list of matters for which licenses are shared (电子证照共享事项清单). Pure."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from etrust.access.model import Body
from etrust.licenses.intake.cleaning import guard
from etrust.licenses.types import LicenseType
from etrust.matters.fields import told_fields
from etrust.matters.model import Demand, Material, Matter

_BOM = "\ufeff"
_HEADER = (
    "序号", "实施编码", "事项名称", "事项类型", "实施主体", "主题", "材料名称", "是否必要",
    "共享证照", "证照类型代码", "证照来源", "共享信息项", "实施日期", "法律依据",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shared:
    """One line of the list: a material of a matter, and one license that satisfies it."""

    matter: Matter
    material: Material
    demand: Demand
    license_type: LicenseType

    @property
    def fields(self) -> list[str]:
        """Chinese labels of the fields told."""
        known = told_fields(self.license_type)
        return [known[name].zh for name in self.demand.fields if name in known]


def shared_licenses(matters: Iterable[Matter], types: Mapping[str, LicenseType]) -> list[Shared]:
    """The lines of the list, in the order of the matters and of their materials."""
    return [
        Shared(matter, material, demand, types[demand.license_type])
        for matter in matters
        for material in matter.materials
        for demand in material.satisfied_by
        if demand.license_type in types
    ]


def shared_csv(lines: Iterable[Shared], bodies: Mapping[str, Body], themes: Mapping[str, str]) -> str:
    """The list as CSV text with a BOM.

    Args:
        themes: Chinese names by key.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEADER)
    for number, line in enumerate(lines, start=1):
        matter, since = line.matter, line.demand.since
        body = bodies[matter.body].name_zh if matter.body in bodies else matter.body
        cells = (
            str(number), matter.code, matter.name.zh, matter.kind, body, themes.get(matter.theme, ""), line.material.name.zh,
            "是" if line.material.required else "否", line.license_type.zh, line.license_type.code, line.material.source,
            "、".join(line.fields), since.isoformat() if since else "", matter.legal_basis,
        )  # fmt: skip
        writer.writerow(map(guard, cells))
    return _BOM + out.getvalue()

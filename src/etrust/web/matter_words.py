"""Words of the pages about matters: what the elements of the national form are called, and what people are told."""

from collections.abc import Mapping
from dataclasses import dataclass

from etrust.licenses.types import LicenseType
from etrust.matters.fields import told_fields
from etrust.matters.model import Demand, Material, Matter, Words
from etrust.web.languages import mark as _

KINDS: Mapping[str, str] = {
    "行政许可": _("Administrative permit"), "行政处罚": _("Administrative penalty"), "行政强制": _("Administrative coercion"),
    "行政征收": _("Administrative levy"), "行政给付": _("Administrative payment"), "行政检查": _("Administrative inspection"),
    "行政确认": _("Administrative confirmation"), "行政奖励": _("Administrative reward"),
    "行政裁决": _("Administrative ruling"), "其他行政权力": _("Other administrative power"), "公共服务": _("Public service"),
}  # fmt: skip
ELEMENTS: Mapping[str, str] = {
    "服务对象": _("For whom"), "办件类型": _("How it is handled"), "法定办结时限": _("Time allowed by law"),
    "受理条件": _("Conditions"), "办理流程": _("Steps"), "办理形式": _("Ways to apply"), "办理地点": _("Where"),
    "办理时间": _("Opening hours"), "是否收费": _("Fees"),
    "收费标准": _("Amount of the fee"), "咨询电话": _("Questions, by telephone"),
    "监督投诉电话": _("Complaints, by telephone"), "是否网办": _("Online"), "是否一次办好": _("Done in one visit"),
    "到办事现场次数": _("Visits needed"), "通办范围": _("Handled throughout"), "办理结果名称": _("What you receive"),
    "结果送达方式": _("How you receive it"), "是否支持物流快递": _("Delivery by post"),
}  # fmt: skip
"""Labels of elements; those without one are shown under their Chinese name."""

YES_NO: Mapping[str, str] = {"是": _("yes"), "否": _("no")}


@dataclass(frozen=True, slots=True)
class Spare:
    """A material that need not be brought, and what is told instead.

    Attributes:
        ways: for each license that satisfies it: its name, whose it is, and the labels of what is told.
    """

    material: Material
    ways: tuple[tuple[Words, Words, tuple[Words, ...]], ...]


def spared(matter: Matter, types: Mapping[str, LicenseType]) -> tuple[Spare, ...]:
    """The materials that a license satisfies."""
    parties = {party.key: party.name for party in matter.parties}
    return tuple(
        Spare(material, tuple(_way(demand, types, parties) for demand in material.satisfied_by if demand.license_type in types))
        for material in matter.materials if material.satisfied_by
    )  # fmt: skip


def _way(
    demand: Demand, types: Mapping[str, LicenseType], parties: Mapping[str, Words]
) -> tuple[Words, Words, tuple[Words, ...]]:
    license_type = types[demand.license_type]
    known = told_fields(license_type)
    fields = tuple(known[name] for name in demand.fields if name in known)
    return Words(license_type.zh, license_type.ug, license_type.en), parties.get(demand.party, Words(demand.party)), fields


def brought(matter: Matter) -> tuple[Material, ...]:
    """The materials that no license satisfies: to be brought, promised or brought later."""
    return tuple(material for material in matter.materials if not material.satisfied_by)

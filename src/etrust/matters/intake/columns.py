"""The columns of a list of matters: one row a material, the matter's own cells repeated or left blank below the first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from etrust.errors import EtrustError, Kind
from etrust.licenses.intake.cleaning import clean_text
from etrust.matters.national import ELEMENTS

CODE, NAME, MATERIAL = "实施编码", "事项名称", "材料名称"
UG, EN = "（维吾尔文）", "（英文）"

MATTER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    CODE: ("实施清单编码", "事项实施编码", "事项编码", "SSBM", "code"),
    NAME: ("实施清单名称", "事项", "SXMC", "name"),
    NAME + UG: ("维吾尔文名称",),
    NAME + EN: ("英文名称",),
    "事项类型": ("SXLX", "kind"),
    "主题": ("所属主题", "一件事", "theme"),
    "用证依据": ("grounds",),
    "承诺办结时限": ("承诺时限", "承诺办理时限", "承诺办结时限（工作日）", "承诺期限", "days"),
    "设定依据": ("法律依据", "实施依据", "SDYJ", "legal_basis"),
    "当事人": ("parties",),
    "表单字段": ("form",),
}
MATERIAL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "材料标识": ("材料编码", "material"),
    MATERIAL: ("申请材料", "申请材料名称", "CLMC"),
    MATERIAL + UG: (),
    MATERIAL + EN: (),
    "材料必要性": ("必要性", "是否必要", "是否必需"),
    "来源渠道": ("材料来源", "材料来源渠道"),
    "材料形式": ("材料类型", "纸质/电子"),
    "证照类型": ("关联证照", "电子证照", "电子证照名称", "关联电子证照", "共享证照"),
    "证照持有人": ("持证当事人",),
    "共享信息项": ("共享字段", "证照信息项"),
    "审查信息项": ("审查字段",),
    "实施日期": ("免提交实施日期",),
    "告知承诺内容": ("承诺内容", "承诺书内容"),
    "告知承诺内容" + UG: (),
    "告知承诺内容" + EN: (),
    "容缺补正天数": ("容缺天数", "容缺期限", "容缺补正期限"),
}
_DERIVED = frozenset({
    "序号", "实施主体", "实施主体名称", "实施主体编码", "统一社会信用代码", "行使层级", "基本编码", "基本目录编码", "材料序号",
    "免提交材料数",
    "row", "reason", "explanation", "行号", "退回原因", "说明",
})  # fmt: skip
"""Columns that say what the code says already, or that a reject file brought."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where in a row each column stands.

    Attributes:
        at: place by canonical name, for columns of matters and materials.
        elements: place by name, for elements of the national form and unknown columns.
    """

    at: Mapping[str, int]
    elements: Mapping[str, int]


def find_layout(header: Sequence[str], where: str) -> Layout:
    """Where the columns of a header stand; of two with one meaning, the first counts.

    Raises:
        EtrustError: ``missing_columns``.
    """
    known = {
        _folded(alias): name
        for table in (MATTER_COLUMNS, MATERIAL_COLUMNS)
        for name, own in table.items()
        for alias in (name, *own)
    }
    national = {_folded(alias): element.name for element in ELEMENTS.values() for alias in (element.name, *element.headers)}
    at: dict[str, int] = {}
    elements: dict[str, int] = {}
    for place, title in enumerate(header):
        folded = _folded(title)
        if folded in known:
            at.setdefault(known[folded], place)
        elif folded in national:
            elements.setdefault(national[folded], place)
        elif folded and folded not in _DERIVED and not folded.startswith("列"):
            elements.setdefault(clean_text(title), place)
    missing = [name for name in (CODE, NAME, MATERIAL) if name not in at]
    if missing:
        raise EtrustError(
            Kind.INVALID, "missing_columns", where=where, zh=f"表头缺少列：{'、'.join(missing)}；请对照导入说明补充。",
            en=f"The header lacks the columns {', '.join(missing)}; please add them.",
        )  # fmt: skip
    return Layout(at, elements)


def has_code_column(cells: Sequence[str]) -> bool:
    """Whether a row looks like the header: above it, departments put a title."""
    titles = {_folded(alias) for alias in (CODE, *MATTER_COLUMNS[CODE])}
    return any(_folded(cell) in titles for cell in cells)


def _folded(title: str) -> str:
    plain = clean_text(title).replace("(", "（").replace(")", "）").replace(" ", "").strip("*＊")
    return plain.removesuffix("（必填）") or ""

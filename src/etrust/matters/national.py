"""What the national form of a matter (GB/T 39554.1 基本目录 and 实施清单) holds beside names, parties and materials. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from etrust.ids.matter import MATTER_LEVELS, MATTER_TYPES

KINDS = tuple(MATTER_TYPES.values())
"""事项类型."""

LEVELS = MATTER_LEVELS
"""行使层级 by its digit."""

MAX_DAYS = 3650
"""承诺办结时限 in working days."""

MAX_ELEMENTS = 60
MAX_ELEMENT = 4000

_YES_NO = ("是", "否")
_PHONE = re.compile(r"[0-9()（）+\-—、,，;；/ 转]{5,80}")
_COUNT = re.compile(r"\d{1,2}", re.ASCII)
_SUBJECTS = ("自然人", "企业法人", "事业法人", "社会组织法人", "非法人企业", "行政机关", "其他组织", "个体工商户")


@dataclass(frozen=True, slots=True)
class Element:
    """One element of the national form that is kept as text.

    Attributes:
        headers: further names of the column in export files.
        judge: None for free text, else whether a value is allowed.
        zh: what is allowed, for the person who filled it in.
    """

    name: str
    headers: tuple[str, ...] = ()
    judge: Callable[[str], bool] | None = None
    zh: str = ""
    en: str = ""


def _among(*values: str) -> Mapping[str, object]:
    return {"judge": values.__contains__, "zh": "、".join(values), "en": ", ".join(values)}


def _element(name: str, *headers: str, rule: Mapping[str, object] | None = None) -> Element:
    return Element(name, headers, **(rule or {}))  # type: ignore[arg-type] # the rules above are made of its keys


_PHONE_RULE = {
    "judge": lambda text: _PHONE.fullmatch(text) is not None,
    "zh": "电话号码，如 0998-3251234",
    "en": "a telephone number",
}
_COUNT_RULE = {
    "judge": lambda text: _COUNT.fullmatch(text) is not None, "zh": "0 至 99 的次数", "en": "a count from 0 to 99",
}  # fmt: skip
_SUBJECT_RULE = {
    "judge": lambda text: all(part in _SUBJECTS for part in re.split("[、，,；;]", text)),
    "zh": "、".join(_SUBJECTS), "en": ", ".join(_SUBJECTS),
}  # fmt: skip

ELEMENTS: Mapping[str, Element] = {
    element.name: element
    for element in (
        _element("服务对象", "面向对象", "办理对象", rule=_SUBJECT_RULE),
        _element("办件类型", "办理类型", rule=_among("即办件", "承诺件", "上报件")),
        _element("法定办结时限", "法定时限"),
        _element("受理条件", "申请条件", "办理条件"),
        _element("办理流程", "办事流程"),
        _element("办理形式", "办理方式"),
        _element("办理地点", "办理地址"),
        _element("办理时间", "工作时间"),
        _element("是否收费", "是否收取费用", rule=_among(*_YES_NO)),
        _element("收费标准", "收费项目"),
        _element("咨询电话", "咨询方式", rule=_PHONE_RULE),
        _element("监督投诉电话", "投诉电话", "监督投诉方式", rule=_PHONE_RULE),
        _element("是否网办", "是否网上办理", "是否全程网办", rule=_among(*_YES_NO)),
        _element("是否一次办好", "是否最多跑一次", rule=_among(*_YES_NO)),
        _element("到办事现场次数", "到现场次数", rule=_COUNT_RULE),
        _element("通办范围", "通办区域", rule=_among("全国", "跨省", "全省", "全区", "全市", "全地区", "全县", "全镇", "无")),
        _element("办理结果名称", "结果名称", "审批结果名称"),
        _element("结果送达方式", "送达方式"),
        _element("是否支持物流快递", "物流快递", rule=_among(*_YES_NO)),
        _element("行使内容"),
        _element("权力来源"),
        _element("联办机构"),
        _element("委托部门"),
        _element("中介服务"),
    )
}
"""Elements by their Chinese name, in the order in which a page tells them. Others are kept as they came."""

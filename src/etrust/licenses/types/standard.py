"""What every type shares: elements of GB/T 36903 with their headers, holder code types, kinds."""

from collections.abc import Mapping
from dataclasses import dataclass

from etrust.licenses.types.model import Element

KINDS = ("证照执照", "证明文件", "批文批复", "鉴定报告", "办事结果")

ELEMENTS: Mapping[str, Element] = {
    element.name: element
    for element in (
        Element(
            "number", "证照编号", "گۇۋاھنامە نومۇرى", "License number",
            ("证照编号", "ZZBH", "number"), required=True,
        ),
        Element(
            "issued_on", "颁发日期", "تارقىتىلغان چېسلا", "Date of issue",
            ("颁发日期", "发证日期", "签发日期", "ZZBFRQ", "issued_on"), required=True,
        ),
        Element(
            "valid_from", "有效期起始日期", "ئىناۋەتلىك مۇددەت باشلانغان چېسلا", "Valid from",
            ("有效期起始日期", "有效期起始", "有效期自", "ZZYXQQSRQ", "valid_from"), required=False,
        ),
        Element(
            "valid_until", "有效期截止日期", "ئىناۋەتلىك مۇددەت توشىدىغان چېسلا", "Valid until",
            ("有效期截止日期", "有效期截止", "有效期至", "ZZYXQJZRQ", "valid_until"), required=False,
        ),
        Element(
            "issuing_authority", "颁发机构", "تارقاتقان ئورۇن", "Issuing authority",
            ("颁发机构", "发证机关", "签发机关", "登记机关", "ZZBFJG", "issuing_authority"), required=True,
        ),
    )
}  # fmt: skip
"""The five elements as GB/T 36903 names them; a type file changes only what it calls otherwise."""

SINGLE_HOLDER_HEADERS: Mapping[str, tuple[str, ...]] = {
    "name": ("持证主体", "持证主体名称", "CZZT", "holder_name"),
    "code": ("持证主体代码", "CZZTDM", "holder_code"),
    "code_type": ("持证主体代码类型", "持证主体代码类型代码", "CZZTDMLX", "CZZTDMLXDM", "holder_code_type"),
}
"""Headers of the one holder; with several holders a type file names the columns of each."""


@dataclass(frozen=True, slots=True)
class CodeType:
    """One 持证主体代码类型 of GB/T 36903; `personal` codes are masked where the whole is not needed."""

    zh: str
    ug: str
    en: str
    personal: bool


_PASSPORT = CodeType("护照号码", "پاسپورت نومۇرى", "Passport number", personal=True)
CODE_TYPES: Mapping[str, CodeType] = {
    "001": CodeType(
        "统一社会信用代码", "بىرلىككە كەلگەن ئىجتىمائىي ئىناۋەت كودى",
        "Unified social credit code", personal=False,
    ),
    "099": CodeType("其他机构代码", "باشقا ئورۇن كودى", "Code of another organization", personal=False),
    "111": CodeType("公民身份号码", "پۇقرالىق كىملىك نومۇرى", "Citizen identification number", personal=True),
    "114": CodeType("军官证号", "ئوفىتسېر كىنىشكىسى نومۇرى", "Officer's card number", personal=True),
    "411": _PASSPORT,
    "412": _PASSPORT,
    "413": _PASSPORT,
    "414": _PASSPORT,
    "511": CodeType(
        "台湾居民来往大陆通行证号码", "تەيۋەنلىكلەرنىڭ چوڭ قۇرۇقلۇققا كېلىش-كېتىش يول خېتى نومۇرى",
        "Mainland travel permit number (Taiwan)", personal=True,
    ),
    "516": CodeType(
        "港澳居民来往内地通行证号码",
        "شياڭگاڭ ۋە ئاۋمېنلىقلارنىڭ ئىچكى قۇرۇقلۇققا كېلىش-كېتىش يول خېتى نومۇرى",
        "Mainland travel permit number (Hong Kong and Macao)", personal=True,
    ),
    "999": CodeType("其他证件号码", "باشقا كىنىشكا نومۇرى", "Other document number", personal=True),
}  # fmt: skip

ANY_CODE = CodeType("证件号码", "كىنىشكا نومۇرى", "Document number", personal=True)
"""What a code is called where holders of a type may have different ones."""

HOLDER = ("持证主体", "گۇۋاھنامە ئىگىسى", "Holder")
"""What several holders together are called."""

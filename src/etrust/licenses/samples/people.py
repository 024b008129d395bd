"""Synthetic people and companies (合成主体): names of the region's peoples, codes with valid check characters.

Nobody real is meant: names are put together at random, and so are numbers.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from etrust.ids import USCC_ALPHABET, make_citizen_check, make_uscc_check

DIVISIONS = (
    ("650102", "天山区"), ("650103", "沙依巴克区"), ("650104", "新市区"), ("650105", "水磨沟区"), ("650203", "克拉玛依区"),
    ("650402", "高昌区"), ("650502", "伊州区"), ("652301", "昌吉市"), ("652701", "博乐市"), ("652801", "库尔勒市"),
    ("652901", "阿克苏市"), ("653001", "阿图什市"), ("653101", "喀什市"), ("653121", "疏附县"), ("653201", "和田市"),
    ("654002", "伊宁市"), ("654201", "塔城市"), ("654301", "阿勒泰市"), ("659001", "石河子市"), ("659002", "阿拉尔市"),
)  # fmt: skip
"""Divisions of GB/T 2260 with their names."""

_SURNAMES = (
    ("王", "WANG"), ("李", "LI"), ("张", "ZHANG"), ("刘", "LIU"), ("陈", "CHEN"), ("杨", "YANG"), ("赵", "ZHAO"),
    ("马", "MA"), ("黄", "HUANG"), ("周", "ZHOU"), ("吴", "WU"), ("郭", "GUO"), ("欧阳", "OUYANG"), ("上官", "SHANGGUAN"),
)  # fmt: skip
# 䶮 and 𬭚 lie outside the old Chinese character sets; names that carry them break weaker programs.
_GIVEN = (
    ("伟", "WEI"), ("敏", "MIN"), ("静", "JING"), ("勇", "YONG"), ("娜", "NA"), ("磊", "LEI"), ("洋", "YANG"),
    ("艳", "YAN"), ("军", "JUN"), ("杰", "JIE"), ("涛", "TAO"), ("霞", "XIA"), ("浩", "HAO"), ("雨", "YU"),
    ("䶮", "YAN"), ("𬭚", "CHUN"),
)  # fmt: skip
_MEN = (
    ("买买提", "مۇھەممەت", "MUHAMMAT"), ("吐尔逊", "تۇرسۇن", "TURSUN"), ("艾力", "ئېلى", "ELI"),
    ("玉素甫", "يۈسۈپ", "YUSUP"), ("阿不都热合曼", "ئابدۇراخمان", "ABDURAHMAN"), ("依明", "ئىمىن", "IMIN"),
    ("亚森", "ياسىن", "YASIN"), ("阿迪力", "ئادىل", "ADIL"),
)  # fmt: skip
_WOMEN = (
    ("阿依古丽", "ئايگۈل", "AYGUL"), ("古丽巴哈尔", "گۈلباھار", "GULBAHAR"), ("帕提古丽", "پاتىگۈل", "PATIGUL"),
    ("热依汗", "رەيھان", "REYHAN"), ("古丽娜尔", "گۈلنار", "GULNAR"),
)  # fmt: skip
_PLACES = ("天山", "昆仑", "塔河", "丝路", "瀚海", "金穗")
_MIDDLES = ("盛丰", "宏达", "华通", "润泰", "源盛", "达丰")
_TRADES = ("棉业", "旅游开发", "农业科技", "建材", "国际物流", "餐饮管理", "果业", "信息技术")
COMPANY_FORMS = ("有限责任公司", "有限公司", "股份有限公司", "农民专业合作社")
_YEAR = timedelta(days=365)
_HAN_SHARE = 0.55


@dataclass(frozen=True, slots=True)
class Subject:
    """A person or a company; a company has no birthday, sex or other script."""

    name: str
    name_ug: str
    name_latin: str
    code: str
    code_type: str
    born_on: date
    female: bool
    ethnicity: str


def make_person(random: Random, *, born_from: date, born_to: date) -> Subject:
    """A person born in a period, with a citizen number that fits birthday and sex."""
    born_on = born_from + timedelta(days=random.randrange(max((born_to - born_from).days, 1)))
    female = random.random() < 0.5  # noqa: PLR2004 - one half
    name, name_ug, latin, ethnicity = _name(random, female=female)
    code = _citizen_number(random, born_on, female=female)
    return Subject(name, name_ug, latin, code, "111", born_on, female, ethnicity)


def make_adult(random: Random, on: date) -> Subject:
    """A person between 18 and 80 on a day."""
    return make_person(random, born_from=on - 80 * _YEAR, born_to=on - 19 * _YEAR)


def make_company(random: Random, founded_on: date) -> Subject:
    """A company with a unified social credit code."""
    division, _ = random.choice(DIVISIONS)
    middle = "".join(random.choices(USCC_ALPHABET, k=9))
    first = f"9{random.choice('123')}{division}{middle}"
    name = f"新疆{random.choice(_PLACES)}{random.choice(_MIDDLES)}{random.choice(_TRADES)}{random.choice(COMPANY_FORMS)}"
    return Subject(name, "", "", first + make_uscc_check(first), "001", founded_on, female=False, ethnicity="")


def _name(random: Random, *, female: bool) -> tuple[str, str, str, str]:
    """Name in Chinese, in Uyghur script where there is one, in Latin letters; and the ethnicity (民族)."""
    if random.random() < _HAN_SHARE:
        surname, given = random.choice(_SURNAMES), random.choices(_GIVEN, k=random.choice((1, 2)))
        latin = f"{surname[1]} {''.join(letters for _, letters in given)}"
        return surname[0] + "".join(sign for sign, _ in given), "", latin, random.choice(("汉", "汉", "汉", "回"))
    own, father = random.choice(_WOMEN if female else _MEN), random.choice(_MEN)
    return f"{own[0]}·{father[0]}", f"{own[1]} {father[1]}", f"{own[2]} {father[2]}", "维吾尔"


def _citizen_number(random: Random, born_on: date, *, female: bool) -> str:
    division, _ = random.choice(DIVISIONS)
    # GB 11643: odd sequence numbers are men's, even ones women's.
    sequence = random.randrange(500) * 2 + (0 if female else 1)
    first = f"{division}{born_on:%Y%m%d}{sequence:03d}"
    return first + make_citizen_check(first)

"""What stands in the fields of a synthetic license, by the names the packaged types give their fields."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from etrust.licenses.samples.people import COMPANY_FORMS, DIVISIONS, Subject, make_adult
from etrust.licenses.types import Field, FieldKind, LicenseType

Value = str | date


@dataclass(frozen=True, slots=True)
class Case:
    """One license in the making.

    Attributes:
        random: where chance comes from.
        holders: in the order of the type.
        subject: whom sex, birthday and the like speak of; the child on a birth certificate.
        issued_on: date of issue.
        place: a division's name.
        number: how many licenses were made before, for numbers that must not repeat.
    """

    random: Random
    holders: tuple[Subject, ...]
    subject: Subject
    issued_on: date
    place: str
    number: int


Maker = Callable[[Case], Value]


def field_value(field: Field, case: Case) -> Value:
    """A plausible value of a field; plain words for fields this module does not know."""
    maker = _FIELDS.get(field.name)
    if maker is not None:
        return maker(case)
    return case.issued_on if field.kind is FieldKind.DATE else f"样例{case.number}"


def license_number(license_type: LicenseType, case: Case) -> str:
    """The printed number 证照编号; on personal cards it is the citizen number."""
    maker = _NUMBERS.get(license_type.name)
    return maker(case) if maker else f"S{case.issued_on.year}{_digits(case, 4)}{case.number:08d}"


def issuing_authority(license_type: LicenseType, case: Case) -> str:
    """Who issued it."""
    return case.place + _AUTHORITIES.get(license_type.name, "行政审批局")


def _one_of(*values: str) -> Maker:
    return lambda case: case.random.choice(values)


def _digits(case: Case, count: int) -> str:
    return "".join(case.random.choices("0123456789", k=count))


def _earlier(case: Case, days: int) -> date:
    return case.issued_on - timedelta(days=case.random.randrange(days))


def _address(case: Case) -> str:
    street = case.random.choice(("解放路", "人民路", "友好路", "北京路", "团结路"))
    return f"新疆维吾尔自治区{case.place}{street}{case.random.randrange(1, 999)}号"


def _plate(case: Case) -> str:
    return f"新{case.random.choice('ABCDEFGHJKLMNPQR')}{_digits(case, 5)}"


def _vin(case: Case) -> str:
    return "L" + "".join(case.random.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", k=16))


def _scope(case: Case) -> str:
    trades = ("棉花加工", "软件开发", "餐饮服务", "货物进出口", "新鲜水果批发", "农副产品销售", "医疗器械销售")
    rest = "依法须经批准的项目，经相关部门批准后方可开展经营活动"
    return "；".join((*case.random.sample(trades, k=case.random.randrange(1, 5)), rest))


def _adult_name(case: Case) -> str:
    return make_adult(case.random, case.issued_on).name


_FIELDS: Mapping[str, Maker] = {
    "address": _address,
    "bank": _one_of("中国工商银行", "中国农业银行", "新疆农村信用社"),
    "bank_account": lambda case: "6200" + _digits(case, 15),
    "batch": lambda case: f"{case.issued_on.year}{_digits(case, 5)}",
    "birth_date": lambda case: case.subject.born_on,
    "birth_place": lambda case: f"新疆{case.place}",
    "brand_model": _one_of("东风牌DFM7000", "长安牌SC6000", "五菱牌LZW6400"),
    "business_scope": _scope,
    "certificate_serial": lambda case: _digits(case, 10),
    "child_name": lambda case: case.subject.name,
    "company_type": _one_of(*COMPANY_FORMS),
    "dose": _one_of("1", "2", "3"),
    "employer": lambda case: f"{case.place}第{case.random.randrange(1, 30)}中学",
    "engine_number": lambda case: f"F{_digits(case, 7)}",
    "established_on": lambda case: case.issued_on,
    "ethnicity": lambda case: case.subject.ethnicity,
    "father_code": lambda case: make_adult(case.random, case.issued_on).code,
    "father_name": _adult_name,
    "file_number": lambda case: "6501" + _digits(case, 8),
    "first_issued_on": lambda case: _earlier(case, 300),
    "gestation_weeks": lambda case: f"{case.random.randrange(37, 42)}周",
    "height": lambda case: f"{case.random.randrange(46, 54)}厘米",
    "household_head": _adult_name,
    "household_kind": _one_of("家庭户", "集体户"),
    "household_number": lambda case: _digits(case, 9),
    "inspection_until": lambda case: case.issued_on + timedelta(days=730),
    "institution": lambda case: f"{case.place}人民医院",
    "insurance_kind": _one_of("职工基本医疗保险", "城乡居民基本医疗保险"),
    "insured_place": lambda case: case.place,
    "issue_place": lambda _: "新疆",
    "legal_representative": _adult_name,
    "manufacturer": _one_of("样例生物制品有限公司", "样例疫苗股份有限公司"),
    "name_latin": lambda case: case.subject.name_latin,
    "name_ug": lambda case: case.subject.name_ug,
    "nationality": lambda _: "中国",
    "native_place": lambda case: f"新疆{case.place}",
    "person_category": _one_of("在职", "退休", "学生儿童", "居民"),
    "plate": _plate,
    "registered_capital": _one_of("10万元人民币", "50万元人民币", "500万元人民币", "1000万元人民币"),
    "registered_on": lambda case: _earlier(case, 2000),
    "registrar": _adult_name,
    "relation": _one_of("户主", "配偶", "子", "女"),
    "sex": lambda case: "女" if case.subject.female else "男",
    "use": _one_of("非营运", "营运", "货运"),
    "vaccinated_on": lambda case: case.issued_on,
    "vaccine": _one_of("麻腮风联合减毒活疫苗", "乙型肝炎疫苗", "流感病毒裂解疫苗"),
    "vehicle_class": _one_of("C1", "C2", "B2", "A2D"),
    "vehicle_kind": _one_of("小型轿车", "小型普通客车", "轻型栏板货车"),
    "vin": _vin,
    "weight": lambda case: f"{case.random.randrange(2600, 4100)}克",
}

_NUMBERS: Mapping[str, Callable[[Case], str]] = {
    "business_license": lambda case: f"65{_digits(case, 5)}{case.number:08d}",
    "driving_license": lambda case: case.holders[0].code,
    "marriage_certificate": lambda case: f"J{DIVISIONS[case.number % len(DIVISIONS)][0]}-{case.issued_on.year}-{case.number:06d}",
    "passport": lambda case: f"E{case.number:08d}",
    "resident_identity_card": lambda case: case.holders[0].code,
}

_AUTHORITIES: Mapping[str, str] = {
    "birth_certificate": "人民医院",
    "business_license": "市场监督管理局",
    "driving_license": "公安局交通警察大队",
    "household_register": "公安局派出所",
    "marriage_certificate": "民政局婚姻登记处",
    "medical_insurance": "医疗保险服务中心",
    "passport": "公安局出入境管理支队",
    "resident_identity_card": "公安局",
    "social_security_card": "人力资源和社会保障局",
    "vaccination_certificate": "社区卫生服务中心",
    "vehicle_license": "公安局交通警察大队",
}

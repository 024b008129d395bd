"""A made-up family (样例家庭) of Shufu county: husband, wife, a child of school age, and the husband's company.

Nobody real is meant. Where the calendar matters, days are counted from today, so that the driving license is always about to
end and the passport has always run out.
"""

from datetime import date, timedelta

from etrust.licenses.model import Holder

HUSBAND = Holder("艾力·买买提", "653121198803172517", "111")
WIFE = Holder("阿依古丽·吐尔逊", "653121199011023622", "111")
CHILD = Holder("迪丽娜尔·艾力", "653121202005180327", "111")
"""Born on 18 May 2020."""
COMPANY = Holder("新疆天山塔河果业有限公司", "91653121MA7A20260H", "001")
"""The husband is its legal representative (法定代表人)."""

HUSBAND_UG, WIFE_UG, CHILD_UG = "ئېلى مۇھەممەت", "ئايگۈل تۇرسۇن", "دىلنار ئېلى"
HOUSEHOLD_NUMBER = "653121004217"
DRIVING_DAYS_LEFT = 20
PASSPORT_DAYS_PAST = 40

Cells = dict[str, str]
_ADDRESS = "新疆维吾尔自治区疏附县托克扎克镇团结路18号"
_PLACE = "新疆疏附县"
_POLICE, _TRAFFIC = "疏附县公安局", "喀什地区公安局交通警察支队"
_BORN = {HUSBAND: "1988-03-17", WIFE: "1990-11-02", CHILD: "2020-05-18"}
_UYGHUR = {HUSBAND: HUSBAND_UG, WIFE: WIFE_UG, CHILD: CHILD_UG}
_MARRIED, _FOUNDED = "2016-09-10", "2019-04-08"


def family_records(today: date) -> list[tuple[str, Cells]]:
    """Every license of the family: the name of its type, and its cells by the names an export file may use.

    Args:
        today: the official date.
    """
    return [
        *(("resident_identity_card", _identity_card(person)) for person in (HUSBAND, WIFE, CHILD)),
        ("household_register", _household(HUSBAND, "户主", 1)),
        ("household_register", _household(WIFE, "妻", 2)),
        ("household_register", _household(CHILD, "长女", 3)),
        ("marriage_certificate", _marriage()),
        ("birth_certificate", _birth()),
        ("vaccination_certificate", _vaccination()),
        ("social_security_card", _social_security(HUSBAND, "6531210000118803")),
        ("social_security_card", _social_security(WIFE, "6531210000119011")),
        ("medical_insurance", _medical(HUSBAND, "65312188031725", "职工基本医疗保险", "在职")),
        ("medical_insurance", _medical(WIFE, "65312190110236", "城乡居民基本医疗保险", "居民")),
        ("medical_insurance", _medical(CHILD, "65312120051803", "城乡居民基本医疗保险", "学生儿童")),
        ("driving_license", _driving(today)),
        ("vehicle_license", _vehicle()),
        ("passport", _passport(today)),
        ("business_license", _business()),
    ]


def _identity_card(person: Holder) -> Cells:
    term = {"issued_on": "2020-06-01", "valid_from": "2020-06-01", "valid_until": "2040-06-01"}
    if person == CHILD:  # five years under sixteen: 居民身份证法, article 5
        term = {"issued_on": "2025-09-01", "valid_from": "2025-09-01", "valid_until": "2030-09-01"}
    return {
        **_held(person), **term, "number": person.code, "issuing_authority": _POLICE, "name_ug": _UYGHUR[person],
        "sex": _sex(person), "ethnicity": "维吾尔", "birth_date": _BORN[person], "address": _ADDRESS,
    }  # fmt: skip


def _household(person: Holder, relation: str, page: int) -> Cells:
    issued = "2020-06-15" if person == CHILD else "2016-10-08"
    return {
        **_held(person), "number": f"{HOUSEHOLD_NUMBER}-{page}", "issued_on": issued,
        "issuing_authority": "疏附县公安局托克扎克镇派出所", "relation": relation, "household_head": HUSBAND.name,
        "household_number": HOUSEHOLD_NUMBER, "household_kind": "家庭户", "sex": _sex(person), "ethnicity": "维吾尔",
        "birth_date": _BORN[person], "birth_place": _PLACE, "native_place": _PLACE, "address": _ADDRESS,
        "name_ug": _UYGHUR[person],
    }  # fmt: skip


def _marriage() -> Cells:
    return {
        **_held(HUSBAND, "holder_a"), **_held(WIFE, "holder_b"), "number": "J653121-2016-000910", "issued_on": _MARRIED,
        "issuing_authority": "疏附县民政局婚姻登记处", "registrar": "古丽娜尔·亚森",
    }


def _birth() -> Cells:
    return {
        **_held(WIFE), "number": "T650518032", "issued_on": "2020-05-20", "issuing_authority": "疏附县人民医院",
        "child_name": CHILD.name, "sex": "女", "birth_date": _BORN[CHILD], "birth_place": _PLACE,
        "institution": "疏附县人民医院", "gestation_weeks": "39周", "weight": "3280克", "height": "50厘米",
        "father_name": HUSBAND.name, "father_code": HUSBAND.code,
    }  # fmt: skip


def _vaccination() -> Cells:
    return {
        **_held(CHILD), "number": "65312120200518-07", "issued_on": "2024-06-03",
        "issuing_authority": "托克扎克镇卫生院预防接种门诊", "vaccine": "麻腮风联合减毒活疫苗", "dose": "2",
        "vaccinated_on": "2024-06-03", "batch": "202401018", "manufacturer": "样例生物制品有限公司", "sex": "女",
        "birth_date": _BORN[CHILD],
    }  # fmt: skip


def _social_security(person: Holder, number: str) -> Cells:
    return {
        **_held(person), "number": number, "issued_on": "2021-03-15", "valid_until": "2031-03-15",
        "issuing_authority": "疏附县人力资源和社会保障局", "sex": _sex(person), "ethnicity": "维吾尔",
        "birth_date": _BORN[person], "bank": "新疆农村信用社", "bank_account": f"62{number}", "name_ug": _UYGHUR[person],
    }  # fmt: skip


def _medical(person: Holder, number: str, kind: str, category: str) -> Cells:
    return {
        **_held(person), "number": number, "issued_on": "2022-01-10", "issuing_authority": "疏附县医疗保险服务中心",
        "insurance_kind": kind, "insured_place": "疏附县", "person_category": category,
        "employer": COMPANY.name if person == HUSBAND else "", "sex": _sex(person), "birth_date": _BORN[person],
    }  # fmt: skip


def _driving(today: date) -> Cells:
    until = today + timedelta(days=DRIVING_DAYS_LEFT)
    since = until - timedelta(days=6 * 365)
    return {
        **_held(HUSBAND), "number": HUSBAND.code, "issued_on": str(since), "valid_from": str(since),
        "valid_until": str(until), "issuing_authority": _TRAFFIC, "vehicle_class": "C1",
        "first_issued_on": str(since), "sex": "男", "nationality": "中国", "birth_date": _BORN[HUSBAND],
        "address": _ADDRESS, "file_number": "653100880317",
    }  # fmt: skip


def _vehicle() -> Cells:
    return {
        **_held(HUSBAND), "number": "6531006107788", "issued_on": "2021-08-20", "issuing_authority": _TRAFFIC,
        "plate": "新Q60518", "vehicle_kind": "小型轿车", "address": _ADDRESS, "use": "非营运",
        "brand_model": "长安牌SC6000", "vin": "LS5A2ABE7MA186531", "engine_number": "F6053121",
        "registered_on": "2021-08-20", "inspection_until": "2027-08-31",
    }  # fmt: skip


def _passport(today: date) -> Cells:
    until = today - timedelta(days=PASSPORT_DAYS_PAST)
    since = until - timedelta(days=10 * 365)
    return {
        **_held(HUSBAND), "number": "E66531218", "issued_on": str(since), "valid_from": str(since),
        "valid_until": str(until), "issuing_authority": "国家移民管理局", "name_latin": "ELI MUHAMMAT", "sex": "男",
        "nationality": "中国", "birth_date": _BORN[HUSBAND], "birth_place": "新疆", "issue_place": "新疆",
    }  # fmt: skip


def _business() -> Cells:
    return {
        **_held(COMPANY), "number": "653121050004218", "issued_on": _FOUNDED, "valid_from": _FOUNDED, "valid_until": "长期",
        "issuing_authority": "疏附县市场监督管理局", "company_type": "有限责任公司（自然人独资）",
        "legal_representative": HUSBAND.name, "registered_capital": "50万元人民币", "established_on": _FOUNDED,
        "address": "新疆维吾尔自治区喀什地区疏附县托克扎克镇广州新城12号",
        "business_scope": "新鲜水果批发；农副产品销售；食品经营（依法须经批准的项目，经相关部门批准后方可开展经营活动）",
    }  # fmt: skip


def _held(holder: Holder, role: str = "holder") -> Cells:
    return {f"{role}_name": holder.name, f"{role}_code": holder.code, f"{role}_code_type": holder.code_type}


def _sex(person: Holder) -> str:
    """GB 11643: odd sequence numbers are men's."""
    return "男" if int(person.code[16]) % 2 else "女"

"""Codes stay small enough for a camera: version 14 at most on a screen for every sample type, whatever a holder is called."""

import io
from datetime import date

import pytest
import zxingcpp
from PIL import Image
from tests.support import NOW, make_signer

from etrust.credentials.code import encode_code
from etrust.credentials.credential import assemble, to_be_signed
from etrust.credentials.model import Claims
from etrust.credentials.qr import SCREEN, png, version
from etrust.ids import LicenseIdentifier
from etrust.licenses.model import Holder, Record
from etrust.licenses.types import LicenseType, load_types, minimal_claims

TYPES = load_types()
SIGNER = make_signer("sizes")
PEOPLE = (Holder("阿不都热合曼·古丽巴哈尔江", "653121199001010011", "111"), Holder("帕提古丽·阿布都克热木江阿吉", "653121199001010011", "111"))
COMPANIES = ("新疆天山达盛棉业有限公司", "塔什库尔干塔吉克自治县帕米尔高原农牧业综合开发有限责任公司",
             "新疆维吾尔自治区喀什地区塔什库尔干塔吉克自治县帕米尔高原农牧业综合开发有限责任公司")  # fmt: skip
LONGEST = {
    "child_name": "阿不都热合曼·古丽巴哈尔江", "sex": "女", "birth_date": "2026-11-20", "vehicle_class": "A1A2D",
    "relation": "孙子、孙女或外孙子女", "insurance_kind": "城乡居民基本医疗保险", "name_latin": "ABDUREHIMJAN GULBAHARJAN",
    "name_ug": "ئابدۇراخمانجان گۈلباھار", "vaccine": "重组乙型肝炎疫苗(CHO细胞)", "dose": "3", "plate": "新A12345D",
}  # fmt: skip


def code_of(license_type: LicenseType, company: str) -> str:
    """The code of a license with the longest of everything."""
    holders = tuple(
        PEOPLE[place] if "111" in role.code_types else Holder(company, "91650102MA1234567X", "001")
        for place, role in enumerate(license_type.holders)
    )
    fields = {field.name: LONGEST[field.name] for field in license_type.fields if field.claim is not None}
    day = date(2020, 1, 1)
    record = Record("653121198700000001234", holders, day, day, date(2040, 1, 1), "某局", fields)
    claims = Claims(
        "650000", LicenseIdentifier.make(license_type.code, "11653121MB1A0009XQ", "ABCDEFGHIJKLMNOPQRST", 1), NOW, NOW, NOW,
        "https://zhengzhao.xinjiang.gov.cn/status/12", 1_048_575, minimal_claims(license_type, record),
    )  # fmt: skip
    protected, payload, tbs = to_be_signed(claims, SIGNER.kid, SIGNER.algorithm)
    return encode_code(assemble(protected, payload, SIGNER.sign(tbs)))


@pytest.mark.parametrize("company", COMPANIES, ids=["usual", "long", "longest"])
@pytest.mark.parametrize("name", TYPES)
def test_offline_codes_on_a_screen(name: str, company: str) -> None:
    code = code_of(TYPES[name], company)
    assert version(code, SCREEN) <= 14
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png(code, scale=4))))
    assert read.text == code
    assert read.ec_level == ("M" if version(code, "M") <= 14 else "L")

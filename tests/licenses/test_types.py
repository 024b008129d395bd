"""The packaged license types: all eleven load and keep the rules of a license type."""

import re
from pathlib import Path

import pytest

from etrust.ids import uscc_is_valid
from etrust.licenses.types import FieldKind, LicenseType, by_code, load_types

TYPES = load_types()
ELEVEN = {
    "resident_identity_card", "social_security_card", "medical_insurance", "marriage_certificate", "driving_license",
    "household_register", "passport", "vehicle_license", "business_license", "birth_certificate",
    "vaccination_certificate",
}  # fmt: skip
ARABIC = re.compile(r"[\u0600-\u06ff]")
HAN = re.compile(r"[\u4e00-\u9fff]")
HEADERS = {
    "business_license": "证照编号,持证主体,统一社会信用代码,法定代表人,类型,注册资本,成立日期,住所,经营范围,登记机关,颁发日期,有效期起始日期,有效期截止日期",
    "resident_identity_card": "ZZBH,CZZT,CZZTDM,CZZTDMLXDM,XB,MZ,CSRQ,ZZ,ZZBFJG,ZZBFRQ,ZZYXQQSRQ,ZZYXQJZRQ,XM_UG",
    "marriage_certificate": "结婚证字号,持证人甲,持证人甲证件号,持证人乙,持证人乙证件号,登记日期,登记机关",
}

every_type = pytest.mark.parametrize("license_type", TYPES.values(), ids=TYPES.keys())


def known_headers(license_type: LicenseType) -> list[str]:
    headers = [header for element in license_type.elements.values() for header in element.headers]
    for role in license_type.holders:
        headers += [*role.name_headers, *role.code_headers, *role.code_type_headers]
    for field in license_type.fields:
        headers += [field.zh, field.pinyin, field.name, *field.aliases]
    return headers


def test_the_eleven_types_of_the_mobile_app_are_there() -> None:
    assert set(TYPES) == ELEVEN


def test_the_packaged_types_are_read_once() -> None:
    assert load_types() is TYPES


def test_every_type_code_leads_to_its_type() -> None:
    found = by_code(TYPES)
    assert len(found) == len(TYPES)
    assert all(found[license_type.code] is license_type for license_type in TYPES.values())


@every_type
def test_the_type_code_is_a_valid_credit_code_and_three_digits(license_type: LicenseType) -> None:
    assert uscc_is_valid(license_type.code[:18])
    assert re.fullmatch(r"\d{3}", license_type.code[18:])


@every_type
def test_everything_is_named_in_three_languages(license_type: LicenseType) -> None:
    for named in (license_type, *license_type.elements.values(), *license_type.holders, *license_type.fields):
        assert HAN.search(named.zh), named
        assert ARABIC.search(named.ug), named
        assert not HAN.search(named.ug), named
        assert named.en.isascii(), named
        assert named.en[0].isupper(), named


@every_type
def test_a_header_means_one_thing(license_type: LicenseType) -> None:
    headers = [header.casefold() for header in known_headers(license_type)]
    repeated = {header for header in headers if headers.count(header) > 1}
    # A field's Chinese name may stand among its own other names; the loader forbids it across fields.
    assert not repeated


@every_type
def test_there_is_a_chinese_and_a_pinyin_header_for_everything(license_type: LicenseType) -> None:
    columns = [element.headers for element in license_type.elements.values()]
    for role in license_type.holders:
        columns += [role.name_headers, role.code_headers]
    for headers in columns:
        assert any(HAN.search(header) for header in headers), headers
        assert any(header.isascii() and header.isupper() for header in headers), headers


@pytest.mark.parametrize("name", HEADERS)
def test_the_columns_of_real_exports_are_known(name: str) -> None:
    known = set(known_headers(TYPES[name]))
    assert [header for header in HEADERS[name].split(",") if header not in known] == []


@every_type
def test_claims_are_small_and_told_apart(license_type: LicenseType) -> None:
    claims = [*license_type.holder_claims]
    claims += [part.claim for part in (*license_type.elements.values(), *license_type.fields) if part.claim]
    assert len(set(claims)) == len(claims)
    assert all(1 <= claim <= 23 for claim in claims)


@every_type
def test_the_minimal_disclosure_is_a_minority_of_the_fields(license_type: LicenseType) -> None:
    told = [field for field in license_type.fields if field.claim is not None]
    assert len(told) <= len(license_type.fields) / 2
    assert not {"address", "ethnicity", "birth_place"} & {field.name for field in told}


@every_type
def test_the_default_holder_may_hold_it(license_type: LicenseType) -> None:
    for role in license_type.holders:
        assert role.default_code_type in role.code_types


def test_the_validity_rules_of_the_law() -> None:
    assert TYPES["marriage_certificate"].validity.until == "none"
    assert TYPES["business_license"].validity.until == "optional"
    assert (TYPES["passport"].validity.until, TYPES["passport"].validity.max_years) == ("required", 10)
    assert TYPES["resident_identity_card"].validity.max_years == 20


def test_two_hold_a_marriage_certificate() -> None:
    assert [role.name for role in TYPES["marriage_certificate"].holders] == ["holder_a", "holder_b"]


def test_dates_are_fields_of_their_own_kind() -> None:
    kinds = {field.name: field.kind for field in TYPES["business_license"].fields}
    assert kinds["established_on"] is FieldKind.DATE
    assert kinds["address"] is FieldKind.TEXT


def test_a_folder_of_ones_own_is_read_with_the_faces_beside_it(tmp_path: Path) -> None:
    (tmp_path / "types").mkdir()
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "passport.html").touch()
    source = Path(__file__).parents[2] / "templates" / "types" / "passport.yaml"
    (tmp_path / "types" / "passport.yaml").write_text(source.read_text("utf-8"), "utf-8")
    assert load_types(tmp_path / "types") == {"passport": TYPES["passport"]}

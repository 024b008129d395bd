"""Minimal disclosure: what a credential tells, never a whole personal number, and small enough for a QR code."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etrust.clock import day_end, day_start
from etrust.credentials.code import encode_code
from etrust.credentials.credential import assemble, to_be_signed
from etrust.credentials.model import Claims
from etrust.credentials.qr import version
from etrust.ids import LicenseIdentifier
from etrust.licenses.intake.files import open_table
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.model import Holder, Record
from etrust.licenses.samples import write_export
from etrust.licenses.types import (
    LicenseType,
    describe_claims,
    describe_fields,
    load_types,
    mask_number,
    minimal_claims,
)
from etrust.signing.model import Algorithm

TYPES = load_types()
TODAY = date(2026, 11, 24)
LARGEST_QR = 14
PERSONAL = {"111", "114", "411", "412", "413", "414", "511", "516", "999"}

every_type = pytest.mark.parametrize("license_type", TYPES.values(), ids=TYPES.keys())


def sample_records(license_type: LicenseType, folder: Path, rows: int = 60) -> Iterator[Record]:
    path = folder / "export.csv"
    write_export(path, license_type, rows, seed=7, form="csv-utf-8-sig", today=TODAY)
    table = open_table(path)
    reader = RowReader(license_type, table.header, TODAY)
    for number, cells in enumerate(table.rows, start=1):
        read = reader.read(number, cells)
        if isinstance(read, Record):
            yield read


def code_of(license_type: LicenseType, record: Record, host: str) -> str:
    claims = Claims(
        region="650000",
        identifier=LicenseIdentifier.make(license_type.code, "11650000MB1A0004XU", "ABCDEFGHJK0123456789", 1),
        issued_at=datetime(2026, 11, 24, tzinfo=UTC), not_before=day_start(record.valid_from),
        expires=None if record.valid_until is None else day_end(record.valid_until),
        status_uri=f"https://{host}/status/12", status_index=1_000_000,
        fields=minimal_claims(license_type, record),
    )  # fmt: skip
    protected, payload, _ = to_be_signed(claims, bytes(range(8)), Algorithm.ES256)
    return encode_code(assemble(protected, payload, secrets.token_bytes(64)))


@every_type
def test_a_credential_never_holds_a_whole_personal_number(license_type: LicenseType, tmp_path: Path) -> None:
    hidden = [field.name for field in license_type.fields if field.masked]
    for record in sample_records(license_type, tmp_path):
        told = repr(minimal_claims(license_type, record))
        secret = [holder.code for holder in record.holders if holder.code_type in PERSONAL]
        secret += [record.fields[name] for name in hidden if name in record.fields]
        if license_type.elements["number"].masked:
            secret.append(record.number)
        assert secret or license_type.name == "business_license"
        assert not [number for number in secret if number in told]


@every_type
def test_the_code_of_a_credential_is_small(license_type: LicenseType, tmp_path: Path) -> None:
    records = list(sample_records(license_type, tmp_path))
    assert max(version(code_of(license_type, record, "etrust.example")) for record in records) <= LARGEST_QR
    # A host twice as long carries the longest of names into the next version, never further.
    longest = "etrust-region.example.gov.cn"
    assert max(version(code_of(license_type, record, longest)) for record in records) <= LARGEST_QR + 1


@every_type
def test_what_a_credential_tells_can_be_named(license_type: LicenseType, tmp_path: Path) -> None:
    record = next(sample_records(license_type, tmp_path))
    claims = minimal_claims(license_type, record)
    described = describe_claims(license_type, claims)
    assert len(described) == len(claims)
    assert described[0]["name"] == "holder_name"
    assert described[0]["value"] == "、".join(holder.name for holder in record.holders)
    assert described[1]["name"] == "holder_code"
    for entry in described:
        assert set(entry) == {"name", "zh", "ug", "en", "value"}
        assert all(entry.values())


def test_the_claims_of_a_marriage_certificate() -> None:
    license_type = TYPES["marriage_certificate"]
    holders = (Holder("李勇", "654301194508049012", "111"), Holder("王敏", "650102198302281799", "111"))
    day = date(2014, 8, 21)
    record = Record("J650104-2014-000001", holders, day, day, None, "民政局", {"registrar": "张伟"})
    claims = minimal_claims(license_type, record)
    assert claims == {1: ["李勇", "王敏"], 2: ["654301********9012", "650102********1799"]}
    described = describe_claims(license_type, claims)
    assert [entry["value"] for entry in described] == ["李勇、王敏", "654301********9012、650102********1799"]


def test_the_code_of_an_organization_is_told_whole() -> None:
    day = date(2020, 1, 1)
    company = Holder("样例公司", "93653001HU6L9Y6R6C", "001")
    record = Record("1", (company,), day, day, None, "市场监督管理局")
    assert minimal_claims(TYPES["business_license"], record)[2] == ["93653001HU6L9Y6R6C"]
    # A vehicle may be owned by either; what is masked depends on who does.
    vehicle = TYPES["vehicle_license"]
    assert minimal_claims(vehicle, record)[2] == ["93653001HU6L9Y6R6C"]
    person = replace(record, holders=(Holder("李勇", "654301194508049012", "111"),))
    assert minimal_claims(vehicle, person)[2] == ["654301********9012"]


def test_an_element_may_be_told_too_masked_where_the_type_says_so() -> None:
    day = date(2020, 1, 1)
    record = Record("E12345678", (Holder("李勇", "654301194508049012", "111"),), day, day, date(2029, 12, 31), "公安局")
    assert minimal_claims(TYPES["passport"], record)[4] == "E******78"


def test_empty_fields_are_no_claims() -> None:
    day = date(2020, 1, 1)
    record = Record("654301194508049012", (Holder("李勇", "654301194508049012", "111"),), day, day, None, "公安局")
    assert set(minimal_claims(TYPES["resident_identity_card"], record)) == {1, 2}


def test_claims_of_a_later_version_of_the_type_are_left_out() -> None:
    described = describe_claims(TYPES["passport"], {1: ["李勇"], 22: "unknown"})
    assert [entry["name"] for entry in described] == ["holder_name"]


def test_the_holder_sees_everything_and_what_is_hidden_until_tapped() -> None:
    fields = {"sex": "男", "birth_date": "1945-08-04"}
    described = describe_fields(
        TYPES["resident_identity_card"], [["李勇", "654301194508049012", "111"]], "654301194508049012", fields
    )
    assert [(entry["name"], entry["value"], entry["masked"]) for entry in described] == [
        ("holder_name", "李勇", ""),
        ("holder_code", "654301194508049012", "654301********9012"),
        ("number", "654301194508049012", "654301********9012"),
        ("sex", "男", ""),
        ("birth_date", "1945-08-04", ""),
    ]
    assert described[1]["zh"] == "公民身份号码"


def test_both_holders_of_a_marriage_are_described() -> None:
    holders = [["李勇", "654301194508049012", "111"], ["SMITH", "E1234567", "414"]]
    described = describe_fields(TYPES["marriage_certificate"], holders, "J1", {})
    assert [entry["name"] for entry in described] == [
        "holder_a_name", "holder_a_code", "holder_b_name", "holder_b_code", "number"
    ]  # fmt: skip
    assert described[3]["zh"] == "护照号码"


@pytest.mark.parametrize(
    ("whole", "shown"),
    [
        ("650104196812210708", "650104********0708"), ("65010419681221", "650104****1221"),
        ("E12345678", "E******78"), ("1234567", "1****67"), ("123456", "*****6"), ("123", "***"), ("", ""),
    ],
)  # fmt: skip
def test_how_numbers_are_masked(whole: str, shown: str) -> None:
    assert mask_number(whole) == shown


@given(st.text(alphabet="0123456789ABCDEFGHX新·", max_size=40))
def test_a_mask_keeps_the_length_and_hides_enough(whole: str) -> None:
    shown = mask_number(whole)
    assert len(shown) == len(whole)
    assert all(sign in (own, "*") for sign, own in zip(shown, whole, strict=True))
    assert shown.count("*") >= min(4, len(whole))


@given(st.text(alphabet="0123456789", min_size=1, max_size=40))
def test_masking_twice_tells_no_more(whole: str) -> None:
    assert mask_number(mask_number(whole)) == mask_number(whole)

"""Columns are found by Chinese, pinyin and English names, in any order."""

import random

import pytest

from etrust.errors import EtrustError
from etrust.licenses.intake.rows import RowReader
from etrust.licenses.model import Record
from etrust.licenses.types import load_types
from tests.intake.samples import GOOD, HEADER, TODAY, USCC, business, good

BUSINESS = load_types()["business_license"]


def read(named: dict[str, str]) -> Record:
    record = RowReader(BUSINESS, tuple(named), TODAY).read(1, tuple(named.values()))
    assert isinstance(record, Record), record
    return record


def test_any_order() -> None:
    for seed in range(10):
        names = random.Random(seed).sample(HEADER, len(HEADER))
        assert read({name: GOOD[name] for name in names}) == good()


@pytest.mark.parametrize(
    "names",
    [
        ("ZZBH", "CZZT", "CZZTDM", "FDDBR", "ZZBFJG", "ZZBFRQ", "ZZYXQJZRQ", "备注"),
        ("number", "holder_name", "holder_code", "legal_representative", "issuing_authority", "issued_on", "valid_until", "备注"),
        ("zzbh", " ＣＺＺＴ ", "\ufeffczztdm", "负责人", "发证机关*", "Issued_On", "有效期至：", "备注"),
    ],
)
def test_other_names(names: tuple[str, ...]) -> None:
    assert read(dict(zip(names, GOOD.values(), strict=True))) == good()


def test_missing_columns_are_named() -> None:
    with pytest.raises(EtrustError) as failure:
        business(("证照编号", "持证主体", "备注"))
    assert failure.value.code == "missing_columns"
    assert "统一社会信用代码" in failure.value.zh or "代码" in failure.value.zh
    assert "颁发日期" in failure.value.zh
    assert "证照编号" not in failure.value.zh.split("：")[1]


def test_of_two_columns_for_one_thing_the_first_listed_is_used_and_the_other_kept() -> None:
    record = read({"企业名称": "别名公司", **GOOD})
    assert record.holders[0].name in {"别名公司", GOOD["持证主体"]}
    assert set(record.extension.values()) == {"别名公司", GOOD["持证主体"]} - {record.holders[0].name}


def test_code_types_may_be_words_or_short_digits() -> None:
    for cell in ("统一社会信用代码", "1", "001", ""):
        assert read({**GOOD, "持证主体代码类型": cell}).holders[0].code_type == "001"
    assert read(GOOD).holders[0].code == USCC

"""A bad type file: each kind of mistake is told with file, line and field, in two languages."""

from pathlib import Path

import pytest

from etrust.errors import EtrustError, Kind
from etrust.licenses.types import load_types

GOOD = """\
name: fishing_license
code: 11100000MB0143028R901
zh: 捕捞许可证
ug: بېلىق تۇتۇش ئىجازەتنامىسى
en: Fishing license
kind: 证照执照
defining_body: 样例机构
face: fishing_license.html
validity: {until: optional, max_years: 5}
holder_claims: {names: 1, codes: 2}
holders:
  - name: holder
    zh: 姓名
    ug: ئىسمى
    en: Name
    name_headers: [姓名, XM]
    code_headers: [身份证号]
    code_types: ["111"]
elements:
  number:
    headers: [许可证号]
fields:
  - name: water
    zh: 水域
    ug: سۇ رايونى
    en: Water
    pinyin: SY
    claim: 3
  - name: gear
    zh: 渔具
    ug: تۇتۇش قورالى
    en: Gear
    pinyin: YJ
"""

MISTAKES = {
    "unknown key": ("en: Fishing license", "en: Fishing license\ncolour: blue", 6, "colour"),
    "unknown key of a field": ("    pinyin: YJ", "    pinyin: YJ\n    colour: blue", 34, "fields[1].colour"),
    "missing key": ("    en: Gear\n", "", 29, "fields[1].en"),
    "missing key of the file": ("defining_body: 样例机构\n", "", 1, "defining_body"),
    "key twice": ("en: Fishing license", "en: Fishing license\nzh: 许可证", 6, "zh"),
    "text expected": ("    en: Gear", "    en: 12", 32, "fields[1].en"),
    "code type without quotes": ('["111"]', "[111]", 18, "holders[0].code_types[0]"),
    "empty text": ("    en: Gear", "    en: ''", 32, "fields[1].en"),
    "list expected": ("[姓名, XM]", "姓名", 16, "holders[0].name_headers"),
    "empty list": ("[姓名, XM]", "[]", 16, "holders[0].name_headers"),
    "mapping expected": ("validity: {until: optional, max_years: 5}", "validity: optional", 9, "validity"),
    "number expected": ("max_years: 5", "max_years: five", 9, "validity.max_years"),
    "claim too large": ("claim: 3", "claim: 24", 28, "fields[0].claim"),
    "claim of the identifier": ("claim: 3", "claim: 0", 28, "fields[0].claim"),
    "boolean expected": ("    pinyin: YJ", "    pinyin: YJ\n    masked: 1", 34, "fields[1].masked"),
    "code too short": ("11100000MB0143028R901", "11100000MB0143028R9", 2, "code"),
    "check character of the code": ("11100000MB0143028R901", "11100000MB0143028X901", 2, "code"),
    "name is not the file's": ("name: fishing_license", "name: hunting_license", 1, "name"),
    "unknown kind": ("kind: 证照执照", "kind: 卡", 6, "kind"),
    "unknown validity": ("until: optional", "until: sometimes", 9, "validity.until"),
    "end of a type without one": ("until: optional", "until: none", 9, "validity.max_years"),
    "face missing": ("face: fishing_license.html", "face: no_such_face.html", 8, "face"),
    "face outside its folder": ("face: fishing_license.html", "face: ../fishing_license.html", 8, "face"),
    "unknown code type": ('["111"]', '["888"]', 18, "holders[0].code_types[0]"),
    "default may not hold": ('["111"]', '["111"]\n    default_code_type: "001"', 19, "holders[0].default_code_type"),
    "unknown element": ("  number:\n", "  colour:\n", 20, "elements.colour"),
    "field twice": ("name: gear", "name: water", 29, "fields[1].name"),
    "field named like an element": ("name: gear", "name: number", 29, "fields[1].name"),
    "claim twice": ("    pinyin: YJ", "    pinyin: YJ\n    claim: 3", 34, "fields[1].claim"),
    "claim of the holders": ("claim: 3", "claim: 2", 28, "fields[0].claim"),
    "header twice": ("    pinyin: YJ", "    pinyin: SY", 33, "fields[1].pinyin"),
    "header of a holder": ("    pinyin: YJ", "    pinyin: YJ\n    aliases: [姓名]", 34, "fields[1].aliases"),
    "header in other case": ("    pinyin: YJ", "    pinyin: YJ\n    aliases: [xm]", 34, "fields[1].aliases"),
    "header of an element": ("[许可证号]", "[持证主体]", 16, "holders[0].name_headers"),
    "alias twice": ("    pinyin: YJ", "    pinyin: YJ\n    aliases: [网, 网]", 34, "fields[1].aliases"),
    "pinyin in small letters": ("    pinyin: YJ", "    pinyin: yj", 33, "fields[1].pinyin"),
    "unknown kind of field": ("    pinyin: YJ", "    pinyin: YJ\n    kind: money", 34, "fields[1].kind"),
    "not YAML": ("    pinyin: YJ", "    pinyin: [YJ", 34, ""),
}


def write(folder: Path, text: str, name: str = "fishing_license") -> Path:
    for part in ("types", "faces"):
        (folder / part).mkdir(exist_ok=True)
    (folder / "faces" / "fishing_license.html").touch()
    path = folder / "types" / f"{name}.yaml"
    path.write_text(text, "utf-8")
    return path


def refused(folder: Path) -> EtrustError:
    with pytest.raises(EtrustError) as caught:
        load_types(folder / "types")
    assert (caught.value.kind, caught.value.code) == (Kind.INVALID, "bad_license_type")
    return caught.value


def test_the_good_file_is_read(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    license_type = load_types(tmp_path / "types")["fishing_license"]
    assert [field.name for field in license_type.fields] == ["water", "gear"]
    assert license_type.elements["number"].headers == ("证照编号", "许可证号", "ZZBH", "number")
    assert license_type.holders[0].name_headers == ("姓名", "XM", "持证主体", "持证主体名称", "CZZT", "holder_name")
    assert license_type.holders[0].default_code_type == "111"


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_line_and_field(tmp_path: Path, mistake: str) -> None:
    old, new, line, field = MISTAKES[mistake]
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new, 1))
    error = refused(tmp_path)
    assert error.where == f"{path}:{line}" + (f" {field}" if field else "")
    for words in (error.zh, error.en):
        assert "fishing_license.yaml" in words
        assert str(line) in words
        assert field in words


@pytest.mark.parametrize("text", ["", "# nothing\n", "- a list\n", "only words\n"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text)
    assert refused(tmp_path).where == f"{path}:1"


def test_a_file_in_another_encoding_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "").write_bytes(GOOD.encode("gb18030"))
    assert "fishing_license.yaml:1" in refused(tmp_path).where


def test_two_types_with_one_code_are_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    second = write(tmp_path, GOOD.replace("name: fishing_license", "name: river_license"), "river_license")
    error = refused(tmp_path)
    assert error.where == f"{second}:2 code"
    assert "fishing_license.yaml" in error.en


def test_with_two_holders_each_names_its_columns(tmp_path: Path) -> None:
    second = '  - {name: holder_b, zh: 乙, ug: ئىككىنچى, en: Second, code_headers: [乙证号], code_types: ["111"]}\n'
    write(tmp_path, GOOD.replace("elements:\n", second + "elements:\n"))
    assert refused(tmp_path).where.endswith(":19 holders[1].name_headers")

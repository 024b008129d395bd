"""The faces: each shows every field of its type, in each language, with its numbers masked and no style or script."""

import re
from dataclasses import dataclass

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import escape

from etrust.licenses.types import LicenseType, describe_fields, load_types
from etrust.resources import resource
from etrust.web.languages import LANGUAGES, load_translations, long_date

TYPES = load_types()
CODE = "654301194508049012"
every_type = pytest.mark.parametrize("license_type", TYPES.values(), ids=TYPES.keys())


@dataclass(frozen=True)
class View:
    """What a face needs of the holder's view."""

    license_type: LicenseType
    fields: list[dict[str, object]]
    number: str = "X0000000001"
    issuing_authority: str = "样例颁发机构"
    issued_on: str = "2020-01-02"
    valid_from: str = "2020-01-03"
    valid_until: str | None = "2030-01-04"


def view_of(license_type: LicenseType, valid_until: str | None = "2030-01-04") -> View:
    values = {
        field.name: "2011-12-13" if field.kind == "date" else f"<{field.name}>" for field in license_type.fields
    }
    values |= {field.name: f"{field.pinyin:0<20}" for field in license_type.fields if field.masked}
    holders = [[f"持证人{role.name}", CODE, role.default_code_type] for role in license_type.holders]
    return View(license_type, describe_fields(license_type, holders, "X0000000001", values), valid_until=valid_until)


def render(view: View, language: str) -> str:
    chosen = LANGUAGES[language]
    environment = Environment(
        loader=FileSystemLoader(resource("templates")), autoescape=True, undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"], trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    translations = load_translations(resource("templates", "locale"), chosen)
    environment.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined]
    environment.filters["long_date"] = lambda day: long_date(day, chosen)
    environment.globals["language"] = chosen
    return environment.get_template(f"faces/{view.license_type.face}").render(view=view)


@every_type
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_face_shows_every_field_of_its_type(license_type: LicenseType, language: str) -> None:
    view = view_of(license_type)
    page = render(view, language)
    for field in view.fields:
        name = str(field["name"]).replace("_", "-")
        assert len(re.findall(f'class="face-{name}[ "]', page)) == 1, field["name"]
        assert f"<dt>{escape(str(field[language]))}</dt>" in page
    assert "样例颁发机构" in page
    assert long_date("2020-01-02", LANGUAGES[language]) in page


@every_type
def test_values_are_escaped(license_type: LicenseType) -> None:
    page = render(view_of(license_type), "zh")
    assert not re.search(r"<[a-z]+_[a-z_]*>", page)
    plain = [field for field in license_type.fields if field.kind == "text" and not field.masked]
    assert all(f"&lt;{field.name}&gt;" in page for field in plain)


@every_type
def test_hidden_numbers_stand_folded(license_type: LicenseType) -> None:
    view = view_of(license_type)
    page = render(view, "zh")
    hidden = [field for field in view.fields if field["masked"]]
    assert page.count('<details class="masked">') == len(hidden)
    unfolded = re.sub(r"<details.*?</details>", "", page, flags=re.DOTALL)
    assert not [field for field in hidden if str(field["value"]) in unfolded]


@every_type
def test_a_face_keeps_the_content_security_policy(license_type: LicenseType) -> None:
    page = render(view_of(license_type), "zh")
    assert not re.search(r"style=|<script|<style|\son\w+=|https?:", page)


@every_type
def test_the_period_is_shown_where_the_type_has_one(license_type: LicenseType) -> None:
    page = render(view_of(license_type, valid_until=None), "zh")
    ends = license_type.validity.until != "none"
    assert ('class="face-valid-until' in page) == ends
    assert ("长期" in page) == ends


@every_type
def test_fields_that_are_empty_leave_no_gap(license_type: LicenseType) -> None:
    view = view_of(license_type)
    holders = [field for field in view.fields if str(field["name"]).startswith(("holder", "number"))]
    page = render(View(license_type, holders), "zh")
    assert len(re.findall(r"<dt>", page)) == len(re.findall(r"<dd>", page))
    assert not re.search(r"<dd>\s*</dd>", page)


@every_type
def test_the_chinese_title_stays_in_other_languages(license_type: LicenseType) -> None:
    page = render(view_of(license_type), "ug")
    assert license_type.ug in page
    assert f'lang="zh-CN" dir="ltr">{license_type.zh}<' in page


def test_the_one_number_of_an_identity_card_is_shown_once() -> None:
    license_type = TYPES["resident_identity_card"]
    fields = describe_fields(license_type, [["李勇", CODE, "111"]], CODE, {})
    page = render(View(license_type, fields, number=CODE), "zh")
    assert page.count(CODE) == 1
    assert 'class="face-number' not in page


def test_the_faces_differ_in_build() -> None:
    builds = {name: re.search(r"face face-(\w+)", render(view_of(each), "zh")) for name, each in TYPES.items()}
    found = {name: match[1] for name, match in builds.items() if match}
    assert found["resident_identity_card"] == "card"
    assert found["marriage_certificate"] == "booklet"
    assert found["business_license"] == "sheet"
    assert len(found) == len(TYPES)

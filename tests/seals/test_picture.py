"""Pictures of seals: what stands where, read back from the SVG by fontTools' own reader of path data."""

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from hypothesis import given, settings
from hypothesis import strategies as st

from etrust.errors import EtrustError
from etrust.seals.model import Shape
from etrust.seals.picture import MAX_NAME, PictureRecipe, draw_seal

NS = "{http://www.w3.org/2000/svg}"
LONG = "乌鲁木齐高新技术产业开发区（新市区）行政审批和数字化发展管理局办公室政务服务中心"
UG = "شىنجاڭ ئۇيغۇر ئاپتونوم رايونلۇق ئادەم كۈچى بايلىقى ۋە ئىجتىمائىي كاپالەت نازارىتى"
ROUND = PictureRecipe(Shape.ROUND, 42, 42, "新疆维吾尔自治区市场监督管理局", inscription="证照专用章", code="6501000012345")
OVAL = PictureRecipe(Shape.OVAL, 40, 30, "新疆天山达盛棉业有限公司", inscription="发票专用章", number="91650100MA7ABCDE1X")
SQUARE = PictureRecipe(Shape.SQUARE, 20, 20, "李小明", inscription="印")
ALL = [
    ROUND, replace(ROUND, name="国务院", inscription="", code=""), replace(ROUND, name=LONG, inscription="行政审批专用章"),
    replace(ROUND, width_mm=45, height_mm=45, name="新疆维吾尔自治区人力资源和社会保障厅", name_ug=UG),
    replace(ROUND, name="托克扎克镇人民政府", name_ug="توقۇزاق بازارلىق خەلق ھۆكۈمىتى", inscription="", code=""),
    replace(ROUND, width_mm=38, height_mm=38, star=False, inscription="合同专用章"),
    OVAL, replace(OVAL, width_mm=45, number="", name=LONG, code="6501000012345"), replace(OVAL, name_ug="شىنجاڭ باج ئىدارىسى", number=""),
    SQUARE, replace(SQUARE, name="王䶮", inscription=""), replace(SQUARE, name="阿不都热合曼·古丽巴哈尔", inscription=""),
    replace(SQUARE, name="艾合买提·买买提", name_ug="ئەھمەت مەمەت", inscription=""),
]  # fmt: skip
NAMES = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=MAX_NAME)


def tree(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314  # our own bytes


def groups(svg: bytes) -> dict[str, list[str]]:
    """Path data of every part."""
    return {group.get("class", ""): [path.get("d", "") for path in group] for group in tree(svg)}


def strokes(svg: bytes) -> dict[str, float]:
    return {group.get("class", ""): float(group.get("stroke-width", 0)) for group in tree(svg)}


def points(data: str) -> list[tuple[float, float]]:
    """Points of a path, curves cut fine enough for what is measured here (control points hold a curve in)."""
    pen = RecordingPen()
    parse_path(data, pen)
    return [point for _, arguments in pen.value for point in arguments if point is not None]


def box(data: str) -> tuple[float, float, float, float]:
    pen = BoundsPen(None)
    parse_path(data, pen)
    assert pen.bounds is not None
    return pen.bounds


def polar(data: str, recipe: PictureRecipe) -> list[tuple[float, float]]:
    """Angle from the top, clockwise in radians, and distance from the middle of each point."""
    cx, cy = recipe.width_mm * 50, recipe.height_mm * 50
    return [(math.atan2(x - cx, cy - y), math.dist((x, y), (cx, cy))) for x, y in points(data)]


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: f"{recipe.shape}-{recipe.name}")
def test_only_paths_within_the_border(recipe: PictureRecipe) -> None:
    svg = draw_seal(recipe).svg
    root = tree(svg)
    assert {element.tag.removeprefix(NS) for element in root.iter()} == {"svg", "g", "path"}
    assert root.get("width") == f"{recipe.width_mm}mm"
    assert root.get("viewBox") == f"0 0 {recipe.width_mm * 100} {recipe.height_mm * 100}"
    width, height = recipe.width_mm * 100, recipe.height_mm * 100
    for name, paths in groups(svg).items():
        margin = strokes(svg)[name] / 2 + (0 if name == "border" else 40)
        for data in paths:
            left, top, right, bottom = box(data)
            assert margin <= left
            assert right <= width - margin
            assert margin <= top
            assert bottom <= height - margin
            if name != "border" and recipe.shape is not Shape.SQUARE:
                a, b = width / 2 - 100 - margin, height / 2 - 100 - margin
                assert all(((x - width / 2) / a) ** 2 + ((y - height / 2) / b) ** 2 <= 1 for x, y in points(data))


@settings(max_examples=40, deadline=None)
@given(NAMES)
def test_ring_text_is_even_and_never_overlaps(name: str) -> None:
    recipe = replace(ROUND, name=name)
    svg = draw_seal(recipe).svg
    ring, half = groups(svg)["ring"], strokes(svg)["ring"] / 2
    assert len(ring) == len(name)
    spans = []
    for data in ring:
        around = polar(data, recipe)
        spans.append((min(angle - half / far for angle, far in around), max(angle + half / far for angle, far in around)))
    assert all(before[1] < after[0] for before, after in pairwise(spans))
    bottom = math.pi - max(abs(angle) for angle, _ in polar(groups(svg)["code"][0], recipe))
    assert spans[-1][1] < math.pi - bottom  # the code has the foot to itself


@pytest.mark.parametrize("count", [2, 7, 18, 40])
def test_equal_angles(count: int) -> None:
    recipe = replace(ROUND, name="口" * count)
    middles = [
        (min(angle for angle, _ in around) + max(angle for angle, _ in around)) / 2
        for around in (polar(data, recipe) for data in groups(draw_seal(recipe).svg)["ring"])
    ]
    steps = [after - before for before, after in pairwise(middles)]
    assert max(steps) - min(steps) < 0.002
    assert abs(sum(middles)) < 0.002 * count  # symmetrical


def test_characters_stand_with_their_heads_outward() -> None:
    """T on every place: its bar, the widest part, is farther from the middle than its foot."""
    recipe = replace(ROUND, name="丁" * 9)
    for data in groups(draw_seal(recipe).svg)["ring"]:
        around = polar(data, recipe)
        far = [angle for angle, distance in around if distance > 1700]
        near = [angle for angle, distance in around if distance < 1550]
        assert max(far) - min(far) > 1.5 * (max(near) - min(near))


@settings(max_examples=30, deadline=None)
@given(NAMES, st.text("证照专用登记审批业务章", min_size=1, max_size=8), st.sampled_from(["", UG, "شىنجاڭ باج ئىدارىسى"]), st.sampled_from([38, 42, 50]))
def test_any_line_keeps_clear_of_any_ring(name: str, inscription: str, name_ug: str, size: int) -> None:
    recipe = replace(ROUND, name=name, inscription=inscription, name_ug=name_ug, width_mm=size, height_mm=size)
    assert len(groups(draw_seal(recipe).svg)["line"]) == len(inscription)
    test_parts_keep_clear_of_each_other(recipe)


@pytest.mark.parametrize("recipe", [recipe for recipe in ALL if recipe.shape is Shape.ROUND and recipe.star])
def test_parts_keep_clear_of_each_other(recipe: PictureRecipe) -> None:
    parts = groups(draw_seal(recipe).svg)
    star = max(distance for _, distance in polar(parts["star"][0], recipe))
    inner = min(distance for data in parts["ring"] for _, distance in polar(data, recipe))
    assert star < inner
    if recipe.name_ug:
        outer = max(distance for data in parts["ring"] for _, distance in polar(data, recipe))
        assert outer < min(distance for data in parts["ring-ug"] for _, distance in polar(data, recipe))
    if recipe.inscription:
        line = [point for data in parts["line"] for point in points(data)]
        assert min(y for _, y in line) > max(y for _, y in points(parts["star"][0]))
        low, high, gap = min(x for x, _ in line), max(x for x, _ in line), 20
        top, bottom = min(y for _, y in line), max(y for _, y in line)
        for data in (*parts["ring"], *parts.get("ring-ug", ()), *parts.get("code", ())):
            assert not any(low - gap < x < high + gap and top - gap < y < bottom + gap for x, y in points(data))
        boxes = sorted(box(data) for data in parts["line"])
        assert all(before[2] < after[0] for before, after in pairwise(boxes))


def test_uyghur_reads_from_right_to_left_and_stays_joined() -> None:
    """Along the arc the first letter is at the right; the letters of a word hang together as outlines that overlap."""
    recipe = replace(ROUND, name_ug="بىر", inscription="", code="")
    (data,) = groups(draw_seal(recipe).svg)["ring-ug"]
    contours = [part for part in re.split(r"(?=M)", data) if part]
    spans = sorted(
        (min(angle for angle, _ in around), max(angle for angle, _ in around)) for around in (polar(part, recipe) for part in contours)
    )
    end = spans[0][1]
    for left, right in spans[1:]:
        assert left <= end + 0.002
        end = max(end, right)
    first = replace(recipe, name_ug="ببا")  # two teeth and a tall alef, which ends the word at the left
    around = polar(groups(draw_seal(first).svg)["ring-ug"][0], first)
    tallest = max(around, key=lambda each: each[1])
    assert tallest[0] < 0


def test_digits_in_a_uyghur_line_keep_their_order() -> None:
    one, other = (groups(draw_seal(replace(ROUND, name_ug=text)).svg)["ring-ug"][0] for text in ("12 مەكتەپ", "21 مەكتەپ"))
    assert one != other
    assert groups(draw_seal(replace(ROUND, name_ug="12")).svg)["ring-ug"] != groups(draw_seal(replace(ROUND, name_ug="21")).svg)["ring-ug"]


def test_a_name_stands_in_columns_from_right_to_left() -> None:
    parts = groups(draw_seal(SQUARE).svg)["name"]
    li, xiao, ming, yin = (((box(data)[0] + box(data)[2]) / 2, (box(data)[1] + box(data)[3]) / 2) for data in parts)
    assert li[0] > 1000 > ming[0]
    assert xiao[0] > 1000 > yin[0]
    assert li[1] < 1000 < xiao[1]
    assert ming[1] < 1000 < yin[1]


@pytest.mark.parametrize("recipe", [SQUARE, ROUND, OVAL], ids=lambda recipe: recipe.shape)
def test_rare_characters_are_drawn(recipe: PictureRecipe) -> None:
    plain, rare = draw_seal(replace(recipe, name="王口")).svg, draw_seal(replace(recipe, name="王䶮")).svg
    assert plain != rare
    assert draw_seal(replace(recipe, name="𬭚")).svg != draw_seal(replace(recipe, name="䶮")).svg


@pytest.mark.parametrize("recipe", ALL, ids=lambda recipe: f"{recipe.shape}-{recipe.name}")
def test_the_same_bytes_twice(recipe: PictureRecipe) -> None:
    first = draw_seal(recipe).svg
    assert draw_seal(recipe).svg == first
    assert len(first) < 64_000


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"name": ""}, "name_missing", "name"), ({"name": "字" * 41}, "name_too_long", "name"), ({"name": "李\u200b明"}, "bad_text", "name"),
        ({"name": "新疆\u0b95局"}, "glyph_missing", "name"), ({"name_ug": "新疆"}, "glyph_missing", "name_ug"), ({"name": "شىنجاڭ"}, "glyph_missing", "name"),
        ({"width_mm": 41}, "bad_size", "width_mm"), ({"width_mm": 4200, "height_mm": 4200}, "bad_size", "width_mm"),
        ({"code": "一"}, "bad_code", "code"), ({"code": "1" * 21}, "name_too_long", "code"), ({"inscription": "章" * 15}, "name_too_long", "inscription"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(changes: dict[str, object], code: str, where: str) -> None:
    with pytest.raises(EtrustError) as caught:
        draw_seal(replace(ROUND, **changes))  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.where) == (code, where)


def test_a_missing_character_is_named() -> None:
    with pytest.raises(EtrustError) as caught:
        draw_seal(replace(ROUND, name="新疆\u0b95局"))
    assert "\u0b95" in caught.value.zh
    assert "U+0B95" in caught.value.en


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Z", "M"]), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_text_gives_a_picture_or_a_clear_refusal(text: str) -> None:
    for recipe in (replace(ROUND, name=text), replace(SQUARE, name=text), replace(ROUND, name_ug=text), replace(ROUND, inscription=text)):
        try:
            svg = draw_seal(recipe).svg
        except EtrustError as error:
            assert error.code in {"glyph_missing", "bad_text", "name_too_long", "name_missing"}
        else:
            assert tree(svg).tag == f"{NS}svg"
            assert not re.search(rb"[eE]\d|nan|inf", re.sub(rb'class="[^"]*"|xmlns="[^"]*"|stroke[^ >]*|fill[^ >]*', b"", svg))

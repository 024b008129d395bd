"""Pictures and drawings in OFD: photos as they came, transparency, clips, strokes, all where the PDF has them."""

import io
import zipfile

import pytest
from PIL import Image

from tests.documents.ofd_making import face, page, sealed
from tests.documents.test_ofd_faces import difference


def photo(kind: str, mode: str = "RGB") -> bytes:
    """A picture whose corners differ, so that none can be turned or mirrored unseen."""
    picture = Image.new("RGB", (52, 64), (240, 240, 240))
    for x in range(52):
        for y in range(64):
            picture.putpixel((x, y), (x * 4, y * 3, 255 if x < 9 and y < 9 else 40))
    picture = picture.convert(mode)
    if mode.endswith("A"):
        picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    file = io.BytesIO()
    picture.save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize(("kind", "mode", "stored"), [
    ("JPEG", "RGB", "jpg"), ("JPEG", "L", "jpg"), ("PNG", "RGB", "png"), ("PNG", "L", "png"), ("PNG", "RGBA", "png"), ("PNG", "P", "png"),
])  # fmt: skip
def test_a_photo_is_where_the_pdf_has_it(kind: str, mode: str, stored: str) -> None:
    _, pdf, ofd = face("resident_identity_card", photo=photo(kind, mode))
    names = [name for name in zipfile.ZipFile(io.BytesIO(ofd)).namelist() if "/image_" in name]
    assert [name.rpartition(".")[2] for name in names] == [stored]
    assert difference(pdf, ofd) < 0.1


def test_a_jpeg_goes_in_as_it_came() -> None:
    original = photo("JPEG")
    package = zipfile.ZipFile(io.BytesIO(face("resident_identity_card", photo=original)[2]))
    (name,) = (name for name in package.namelist() if "/image_" in name)
    with Image.open(io.BytesIO(original)) as one, Image.open(io.BytesIO(package.read(name))) as other:
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("body", [
    '#rect(width: 30mm, height: 12mm, stroke: (thickness: 2pt, paint: red, dash: "dashed", cap: "round"), radius: 3mm)',
    "#circle(radius: 9mm, fill: rgb(0, 0, 255, 50%), stroke: 1mm + rgb(0, 0, 0, 40%))",
    "#polygon(fill: red, fill-rule: \"even-odd\", (0mm, 0mm), (20mm, 30mm), (40mm, 0mm), (0mm, 20mm), (40mm, 20mm))",
    "#box(clip: true, radius: 4mm, width: 20mm, height: 20mm, rotate(20deg, rect(width: 40mm, height: 15mm, fill: green)))",
    "#rotate(15deg, box(clip: true, width: 20mm, height: 20mm, rotate(20deg)[#rect(width: 40mm, height: 15mm, fill: green) 文字文字文字]))",
    "#box(clip: true, radius: 9mm, width: 18mm, height: 18mm, fill: yellow, rotate(30deg, text(size: 30pt)[印章]))",
    "#line(start: (0mm, 0mm), end: (50mm, 20mm), stroke: (thickness: 3mm, cap: \"square\"))",
    "#scale(x: -100%, rect(width: 20mm, height: 9mm, fill: blue)[镜像])",
    ('#image(bytes("<svg xmlns=\'http://www.w3.org/2000/svg\' viewBox=\'0 0 40 40\'><circle cx=\'20\' cy=\'20\' r=\'18\' fill=\'none\' stroke=\'red\' stroke-width=\'2\'/>'
    "<path d='M5 5h30v30h-30zM10 10h20v20h-20z' fill-rule='evenodd' fill-opacity='0.5'/></svg>\"), width: 30mm)"),
], ids=["dashes", "translucent", "even-odd", "round clip", "turned clip", "clipped text", "thick line", "mirrored", "svg"])  # fmt: skip
def test_drawings_are_drawn_as_in_the_pdf(body: str) -> None:
    pdf = page(body)
    assert difference(pdf, sealed(pdf)) < 0.15

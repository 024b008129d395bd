"""Pictures of every face for review: ``python -m tests.documents.pictures FOLDER [TYPE …]``."""

import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw

from etrust.documents.face import render_face
from etrust.documents.model import FaceContent, SealPicture
from etrust.licenses.types import load_types
from etrust.seals.picture import PictureRecipe, Shape, draw_seal
from tests.documents.contents import AUTHORITY_UG, COPY, sample, with_value

DOTS_PER_INCH = 110


def seal_picture(name: str, *, uyghur: bool = True) -> SealPicture:
    """A round license seal (证照专用章) of 42 mm."""
    recipe = PictureRecipe(
        Shape.ROUND, 42, 42, name, name_ug=AUTHORITY_UG if uyghur else "", inscription="证照专用章", code="65010000000012"
    )
    drawn = draw_seal(recipe)
    return SealPicture(drawn.svg, drawn.width_mm, drawn.height_mm)


def photo() -> bytes:
    """A stand-in for a portrait: nobody."""
    picture = Image.new("RGB", (358, 441), "#eef2f6")
    pen = ImageDraw.Draw(picture)
    pen.ellipse((119, 90, 239, 235), fill="#9aa7b4")
    pen.ellipse((39, 270, 319, 600), fill="#9aa7b4")
    out = BytesIO()
    picture.save(out, "JPEG")
    return out.getvalue()


def faces(names: list[str]) -> Iterator[tuple[str, FaceContent]]:
    """File name and content of every picture."""
    for name in names:
        plain = sample(name)
        authority = next(row.value for row in plain.rows if row.name == "issuing_authority")
        yield f"{name}-zh-ug", sample(name, seal=seal_picture(authority))
        yield f"{name}-zh", sample(name, seed=8, seal=seal_picture(authority, uyghur=False), uyghur=False)
        yield f"{name}-copy", sample(name, seal=seal_picture(authority), annotation=COPY, photo=photo())
    if "business_license" in names:
        long = with_value(sample("business_license"), "business_scope", "；".join(["农副产品销售、软件开发"] * 333))
        yield "business_license-long", long


def main(folder: str, *names: str) -> None:
    """Write the pictures, one a page."""
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    for name, content in faces(list(names) or list(load_types())):
        pdf = render_face(content)
        out.joinpath(f"{name}.pdf").write_bytes(pdf)
        for number, page in enumerate(pypdfium2.PdfDocument(pdf)):
            page.render(scale=DOTS_PER_INCH / 72).to_pil().save(out / f"{name}-{number + 1}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])

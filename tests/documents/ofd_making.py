"""OFD packages for the tests: a face of the demonstration, a seal by the tests' own maker, sealed by our own code."""

import io
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import fontpkg_noto_sans_arabic
import pypdfium2
import typst
from PIL import Image, ImageDraw

from etrust.documents.face import render_face, seal_place
from etrust.documents.fonts import font_folders
from etrust.documents.model import Attachment, FaceContent, SealPlace
from etrust.documents.ofd_package import make_ofd
from etrust.ses.make import SealRecipe, make_seal, make_seal_signature
from etrust.ses.model import Generation, Picture, Properties
from etrust.signing import sm2
from etrust.signing.model import Algorithm
from tests.documents.contents import sample
from tests.ses.making import CREATED, MAKER, NOW, SIGNED, SIGNER, YEAR, CertificateRecipe, made

PLACE = SealPlace(0, 100.0, 60.0, 42.0, 42.0)
DATA = Attachment("license.json", "application/json", b'{"number": "1"}', "证照数据")


class Holder:
    """The signer of a recipe's certificate, as a key file would be."""

    algorithm = Algorithm.SM2
    kid = b"12345678"

    def __init__(self, recipe: CertificateRecipe) -> None:
        self._recipe = recipe
        self.certificate = made(recipe)

    def sign(self, data: bytes) -> bytes:
        return sm2.signature_to_raw(self._recipe.key.sign(data))


@cache
def seal() -> bytes:
    """A V4 seal whose picture is a red ring as PNG."""
    picture = Image.new("RGBA", (420, 420))
    ImageDraw.Draw(picture).ellipse((6, 6, 413, 413), outline=(220, 0, 0, 255), width=14)
    file = io.BytesIO()
    picture.save(file, "PNG")
    properties = Properties(1, "天山区市场监督管理局", (made(SIGNER),), (), CREATED, CREATED, NOW + YEAR)
    return make_seal(SealRecipe("65010212345678", properties, Picture("PNG", file.getvalue(), 42, 42), Generation.V4), Holder(MAKER))


def sealed(pdf: bytes, *, attachments: Sequence[Attachment] = (DATA,), place: SealPlace = PLACE) -> bytes:
    """A face sealed at a time within the certificates of the tests' seals."""
    return make_ofd(
        pdf, attachments=attachments, seal_esl=seal(), seal_place=place, at=SIGNED,
        sign=lambda digest, info: make_seal_signature(
            seal=seal(), digest=digest, property_info=info, signer=Holder(SIGNER), at=SIGNED
        ),
    )  # fmt: skip


@cache
def face(name: str, **changes: object) -> tuple[FaceContent, bytes, bytes]:
    """The content of a synthetic license, its face as PDF without seal, and as OFD."""
    content = sample(name, **changes)
    pdf = render_face(replace(content, seal=None))
    return content, pdf, sealed(pdf, attachments=content.attachments, place=seal_place(name, 42, 42))


def page(body: str, *, arabic: str = "Noto Sans Arabic Precomposed") -> bytes:
    """A PDF of a page in Typst, with the fonts of the faces; `arabic` chooses the original, which draws dots apart."""
    head = '#set document(title: "页", date: datetime(year: 2026, month: 11, day: 25, hour: 8, minute: 0, second: 0))\n'
    head += '#set page(width: 120mm, height: 80mm, margin: 10mm)\n'
    source = head + '#set text(font: ("Noto Sans SC", "' + arabic + '"), size: 12pt)\n' + body
    folders = [str(each) for each in (*font_folders(), Path(fontpkg_noto_sans_arabic.__file__).parent)]
    return typst.compile(source.encode(), font_paths=folders, pdf_standards=["a-3b"], ignore_system_fonts=True)


def pdf_picture(pdf: bytes, number: int, dpi: float) -> Image.Image:
    """A page as another program draws it."""
    return pypdfium2.PdfDocument(pdf)[number].render(scale=dpi / 72).to_pil().convert("RGB")

"""Independent readers of a face: pdfium for text and pictures, qpdf (pikepdf) for structure."""

from io import BytesIO

import pikepdf
import pypdfium2
from PIL import Image

POINT = 25.4 / 72


def text_of(pdf: bytes) -> str:
    """All text, as a person would copy it; line ends are not kept, since a long value wraps."""
    pages = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in pages).replace("\r", "").replace("\n", "").replace("\ufffe", "")


def picture_of(pdf: bytes, *, page: int = 0, dots: int = 200) -> Image.Image:
    """A page as a picture at so many dots an inch."""
    return pypdfium2.PdfDocument(pdf)[page].render(scale=dots / 72).to_pil().convert("RGB")


def opened(pdf: bytes) -> pikepdf.Pdf:
    """The file in qpdf's eyes."""
    return pikepdf.open(BytesIO(pdf))


def fonts_of(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    """Every font of the file; the descendant of a composite one."""
    found = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Dictionary) and thing.get("/Type") == "/Font"]
    return [font.DescendantFonts[0] if font.Subtype == "/Type0" else font for font in found]


def letters_on(pdf: bytes, page: int, wanted: str) -> list[tuple[float, float, float, float]]:
    """Boxes of every occurrence of one character in millimeters from the page's top left corner: left, top, right, bottom."""
    sheet = pypdfium2.PdfDocument(pdf)[page]
    text, height = sheet.get_textpage(), sheet.get_height()
    boxes = [text.get_charbox(i) for i in range(text.count_chars()) if text.get_text_range(i, 1) == wanted]
    return [(left * POINT, (height - top) * POINT, right * POINT, (height - low) * POINT) for left, low, right, top in boxes]

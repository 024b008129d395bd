"""Pictures of a page as files that OFD readers show: JPEG as it is, everything else as PNG."""

import io
from dataclasses import dataclass

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError

from etrust.documents.ofd_fonts import entry
from etrust.documents.ofd_state import space_components
from etrust.documents.ofd_tokens import not_understood

_MAX_PIXELS = 40_000_000
_BITS = 8
_MODES = {1: "L", 3: "RGB"}


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A picture with the word that OFD has for its format."""

    data: bytes
    format: str
    suffix: str


def picture_file(image: generic.StreamObject) -> PictureFile:
    """A picture of a page as a file.

    Raises:
        EtrustError: ``page_not_understood``.
    """
    if entry(image, "/ImageMask") or "/Mask" in image or "/Decode" in image:
        raise not_understood("a picture that is a mask or has its colors turned")
    soft = entry(image, "/SMask")
    filters = entry(image, "/Filter")
    if _is_jpeg(filters):
        if soft is not None:
            raise not_understood("a JPEG picture with a soft mask")
        return PictureFile(image.encoded_data, "JPEG", "jpg")
    picture = _raster(image)
    if isinstance(soft, generic.StreamObject):
        alpha = _raster(soft)
        if alpha.size != picture.size:
            alpha = alpha.resize(picture.size)
        picture.putalpha(alpha)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return PictureFile(file.getvalue(), "PNG", "png")


def _is_jpeg(filters: object) -> bool:
    names = list(filters) if isinstance(filters, generic.ArrayObject) else [filters]
    return names == ["/DCTDecode"]


def _raster(image: generic.StreamObject) -> Image.Image:
    width, height = int(str(entry(image, "/Width"))), int(str(entry(image, "/Height")))
    if entry(image, "/BitsPerComponent") != _BITS or not 0 < width * height <= _MAX_PIXELS:
        raise not_understood("a picture of an unknown depth or size")
    mode = _MODES.get(space_components(entry(image, "/ColorSpace")))
    if mode is None:
        raise not_understood("a picture in a pattern")
    try:
        return Image.frombytes(mode, (width, height), image.data)
    except (PdfError, NotImplementedError, ValueError) as error:
        raise not_understood("a picture's data") from error

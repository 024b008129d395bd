"""Reads the QR codes in a picture. The picture comes from anybody: kind, bytes and pixels are bounded before decoding."""

import io
import warnings

import zxingcpp
from PIL import Image, UnidentifiedImageError

from etrust.errors import EtrustError, Kind

MAX_BYTES = 12 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 2400
"""Larger pictures are made smaller before they are searched: a phone's photo has four times the pixels a code needs."""

MAX_SCANS = 100
"""Scans of a progressive JPEG: each is decoded over the whole picture, and ten or so are usual."""

MAX_LAYERED = 16_000_000
"""Pixels of a picture with transparency, of which copies in four channels are made."""

_JPEG, _SCAN = b"\xff\xd8", b"\xff\xda"
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def read_codes(data: bytes) -> list[str]:
    """The texts of the QR codes in a PNG, JPEG, WebP, GIF or BMP picture; empty when there is none.

    Raises:
        EtrustError: ``image_too_large``, or ``not_an_image``.
    """
    if len(data) > MAX_BYTES or (data[:2] == _JPEG and data.count(_SCAN) > MAX_SCANS):
        raise _too_large()
    picture = _gray(data)
    found = _search(picture)
    if not found and max(picture.size) > MAX_SIDE:
        picture.thumbnail((MAX_SIDE, MAX_SIDE))
        found = _search(picture)
    return found


def _search(picture: Image.Image) -> list[str]:
    barcodes = zxingcpp.read_barcodes(picture, formats=_QR)
    return [barcode.text for barcode in barcodes if barcode.valid]


def _gray(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture: Image.Image = Image.open(io.BytesIO(data), formats=_FORMATS)
            if picture.width * picture.height > MAX_PIXELS:
                raise _too_large()
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                if picture.width * picture.height > MAX_LAYERED:
                    raise _too_large()
                picture = _on_white(picture)
            return picture.convert("L")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, MemoryError) as error:
        raise EtrustError(
            Kind.MALFORMED, "not_an_image", where="image",
            zh="无法读取该图片，请使用 PNG、JPEG 或 WebP 图片。", en="The picture cannot be read; use PNG, JPEG or WebP.",
        ) from error


def _on_white(picture: Image.Image) -> Image.Image:
    """A transparent ground counts as white, as a browser shows it."""
    colored = picture.convert("RGBA")
    white = Image.new("RGBA", colored.size, "white")
    return Image.alpha_composite(white, colored)


def _too_large() -> EtrustError:
    return EtrustError(
        Kind.TOO_LARGE, "image_too_large", where="image",
        zh="图片过大：请不超过 12 MB、5000 万像素。", en="The picture is too large: at most 12 MB and 50 million pixels.",
    )

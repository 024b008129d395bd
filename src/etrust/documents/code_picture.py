"""The QR code of a document as SVG, made by zxing-cpp.

`credentials.qr` weighs eight masks in Python, some 50 ms for a license's code; a region makes documents by the million,
and zxing-cpp takes two. Tests hold both against each other, module for module.
"""

import re

import zxingcpp

from etrust.credentials.qr import QUIET_ZONE
from etrust.errors import EtrustError, Kind

LEVEL = "Q"
"""Error correction for print: a quarter of the code may be lost."""

_PATH = re.compile(r'<path d="([^"]+)"')


def code_svg(text: str) -> str:
    """An SVG element, black on white with its quiet zone, sized by the page it stands on.

    Raises:
        EtrustError: ``too_long`` for a QR code.
    """
    try:
        drawn = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level=LEVEL)
    except (ValueError, RuntimeError) as error:
        raise EtrustError(
            Kind.TOO_LARGE, "too_long", where="code", zh="内容过长，无法生成二维码。", en="Too long for a QR code."
        ) from error
    side = drawn.to_image(scale=1, add_quiet_zones=False).shape[0] + 2 * QUIET_ZONE
    path = _PATH.search(drawn.to_svg(add_quiet_zones=True))
    assert path is not None  # noqa: S101 - what the writer draws a code with
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path fill="#000" d="{path[1]}"/></svg>'
    )

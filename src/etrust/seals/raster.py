"""The picture of a seal as PNG, for the seal data: other makers' readers show PNG and leave SVG blank."""

import io

DOTS_PER_INCH = 300
_COLORS = 32  # one red in steps of transparency
_SHEET = b"""#set page(width: float(sys.inputs.width) * 1mm, height: float(sys.inputs.height) * 1mm, margin: 0mm, fill: none)
#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%)"""


def to_png(svg: bytes, *, width_mm: int, height_mm: int) -> bytes:
    """A picture of paths alone (`picture.draw_seal`) with a transparent ground, at 300 dots an inch.

    Takes some 50 ms; the same picture gives the same bytes with the same versions of Typst and Pillow.
    """
    import typst  # noqa: PLC0415 - needed only where a seal is made
    from PIL import Image  # noqa: PLC0415 - as above

    drawn = typst.compile(
        _SHEET, format="png", ppi=DOTS_PER_INCH, ignore_system_fonts=True,
        sys_inputs={"svg": svg.decode(), "width": str(width_mm), "height": str(height_mm)},
    )  # fmt: skip
    with Image.open(io.BytesIO(drawn)) as picture:
        few = picture.quantize(_COLORS, method=Image.Quantize.FASTOCTREE)
    file = io.BytesIO()
    few.save(file, "PNG")
    return file.getvalue()

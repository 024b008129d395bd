"""A small viewer of OFD packages for the tests: from the files alone to a picture, by way of SVG.

Knows nothing of how packages are made. It does what GB/T 33190 tells a reader to do: follows OFD.xml to the pages, resolves
fonts and pictures through the resources, places characters by X, Y, DeltaX and DeltaY, takes glyphs from the embedded font by
its character map or by CGTransform, cuts every object off at its Boundary and its Clips, and draws the seal's picture out of
Seal.esl where the StampAnnot says.
"""

import base64
import io
import posixpath
import zipfile
from xml.etree import ElementTree as ET

import typst
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from etrust.ses.parse import parse_seal

NS = {"o": "http://www.ofdspec.org/2016"}
_CAPS = {"Butt": "butt", "Round": "round", "Square": "square"}


class Viewer:
    """An opened package."""

    def __init__(self, data: bytes) -> None:
        self.zip = zipfile.ZipFile(io.BytesIO(data))
        self.root = self._xml("OFD.xml")
        self.document_path = self._text(self.root, "o:DocBody/o:DocRoot")
        self.document = self._xml(self.document_path)
        self.fonts: dict[str, TTFont] = {}
        self.images: dict[str, bytes] = {}
        for name in ("PublicRes", "DocumentRes"):
            for each in self.document.findall(f"o:CommonData/o:{name}", NS):
                self._resources(self._beside(self.document_path, each.text or ""))
        self.pages = [
            (each.get("ID", ""), self._xml(self._beside(self.document_path, each.get("BaseLoc", ""))))
            for each in self.document.findall("o:Pages/o:Page", NS)
        ]

    def svg(self, number: int, *, seal: bool = True) -> str:
        """A page as SVG, in millimeters."""
        page_id, page = self.pages[number]
        box = page.findtext("o:Area/o:PhysicalBox", None, NS) or self._text(self.document, "o:CommonData/o:PageArea/o:PhysicalBox")
        _, _, width, height = map(float, box.split())
        body = "".join(self._object(each) for layer in page.findall("o:Content/o:Layer", NS) for each in layer)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width}mm" '
            f'height="{height}mm" viewBox="0 0 {width} {height}">{body}{self._stamps(page_id) if seal else ""}</svg>'
        )

    def picture(self, number: int, dpi: float, *, seal: bool = True) -> bytes:
        """A page as PNG on white."""
        svg = self.svg(number, seal=seal).encode()
        source = '#set page(width: auto, height: auto, margin: 0mm, fill: white)\n#image(bytes(sys.inputs.svg), format: "svg")'
        found = typst.compile(source.encode(), format="png", ppi=dpi, sys_inputs={"svg": svg.decode()})
        return found if isinstance(found, bytes) else found[0]

    def text(self) -> str:
        """All text, an object a line."""
        return "\n".join(each.text or "" for _, page in self.pages for each in page.iter(f"{{{NS['o']}}}TextCode"))

    def _xml(self, path: str) -> ET.Element:
        return ET.fromstring(self.zip.read(path))  # noqa: S314  packages that the tests made

    def _resources(self, path: str) -> None:
        root = self._xml(path)
        folder = posixpath.join(posixpath.dirname(path), root.get("BaseLoc", ""))
        for font in root.findall("o:Fonts/o:Font", NS):
            file = self.zip.read(posixpath.join(folder, self._text(font, "o:FontFile")))
            self.fonts[font.get("ID", "")] = TTFont(io.BytesIO(file))
        for media in root.findall("o:MultiMedias/o:MultiMedia", NS):
            self.images[media.get("ID", "")] = self.zip.read(posixpath.join(folder, self._text(media, "o:MediaFile")))

    def _object(self, element: ET.Element) -> str:
        kind = element.tag.rpartition("}")[2]
        left, top, width, height = map(float, element.get("Boundary", "").split())
        matrix = element.get("CTM", "1 0 0 1 0 0")
        drawn = {"PathObject": self._path, "TextObject": self._text_object, "ImageObject": self._image}[kind](element)
        inner = f'<g transform="matrix({matrix})">{self._clipped(element, drawn)}</g>'
        name = f"b{element.get('ID')}"
        return (
            f'<clipPath id="{name}"><rect x="{left}" y="{top}" width="{width}" height="{height}"/></clipPath>'
            f'<g clip-path="url(#{name})"><g transform="translate({left} {top})">{inner}</g></g>'
        )

    def _clipped(self, element: ET.Element, drawn: str) -> str:
        for index, clip in enumerate(element.findall("o:Clips/o:Clip", NS)):
            name, shapes = f"c{element.get('ID')}-{index}", ""
            for path in clip.findall("o:Area/o:Path", NS):
                x, y = path.get("Boundary", "").split()[:2]
                rule = "evenodd" if path.get("Rule") == "Even-Odd" else "nonzero"
                data = _svg_path(self._text(path, "o:AbbreviatedData"))
                shapes += f'<path transform="translate({x} {y})" clip-rule="{rule}" d="{data}"/>'
            drawn = f'<clipPath id="{name}">{shapes}</clipPath><g clip-path="url(#{name})">{drawn}</g>'
        return drawn

    def _path(self, element: ET.Element) -> str:
        data = _svg_path(self._text(element, "o:AbbreviatedData"))
        fill = element.get("Fill", "false") == "true"
        rule = "evenodd" if element.get("Rule") == "Even-Odd" else "nonzero"
        return f'<path d="{data}" fill-rule="{rule}" {_paint(element, fill=fill, stroke=element.get("Stroke", "true") == "true")}/>'

    def _text_object(self, element: ET.Element) -> str:
        font, size = self.fonts[element.get("Font", "")], float(element.get("Size", "0"))
        glyphs, characters, scale = font.getGlyphSet(), font.getBestCmap(), size / font["head"].unitsPerEm
        is_drawn = element.get("Stroke", "false") == "true"
        paint = _paint(element, fill=element.get("Fill", "true") == "true", stroke=is_drawn, scale=scale)
        found, chosen = "", []
        for each in element:
            kind = each.tag.rpartition("}")[2]
            if kind == "CGTransform":
                chosen = [font.getGlyphName(int(number)) for number in self._text(each, "o:Glyphs").split()]
            if kind != "TextCode":
                continue
            text = each.text or ""
            x, y = float(each.get("X", "0")), float(each.get("Y", "0"))
            across, down = (list(map(float, each.get(name, "").split())) for name in ("DeltaX", "DeltaY"))
            names = chosen or [characters.get(ord(character), ".notdef") for character in text]
            for index, name in enumerate(names):
                pen = SVGPathPen(glyphs)
                glyphs[name].draw(pen)
                found += f'<path transform="matrix({scale} 0 0 {-scale} {x} {y})" d="{pen.getCommands()}" {paint}/>'
                x += across[index] if index < len(across) else 0.0
                y += down[index] if index < len(down) else 0.0
            chosen = []
        return found

    def _image(self, element: ET.Element) -> str:
        data = self.images[element.get("ResourceID", "")]
        opacity = int(element.get("Alpha", "255")) / 255
        return _embedded(data, f'width="1" height="1" preserveAspectRatio="none" opacity="{opacity}"')

    def _stamps(self, page_id: str) -> str:
        found = ""
        for listed in self.root.findall("o:DocBody/o:Signatures", NS):
            for each in self._xml((listed.text or "").lstrip("/")).findall("o:Signature", NS):
                signature = self._xml(each.get("BaseLoc", "").lstrip("/"))
                seal = parse_seal(self.zip.read(self._text(signature, "o:SignedInfo/o:Seal/o:BaseLoc").lstrip("/")))
                for stamp in signature.findall("o:SignedInfo/o:StampAnnot", NS):
                    if stamp.get("PageRef") == page_id:
                        x, y, width, height = stamp.get("Boundary", "").split()
                        found += _embedded(seal.picture.data, f'x="{x}" y="{y}" width="{width}" height="{height}"')
        return found

    @staticmethod
    def _text(element: ET.Element, path: str) -> str:
        found = element.findtext(path, None, NS)
        assert found, path
        return found

    @staticmethod
    def _beside(path: str, location: str) -> str:
        return location.lstrip("/") if location.startswith("/") else posixpath.join(posixpath.dirname(path), location)


def _embedded(data: bytes, attributes: str) -> str:
    media = "svg+xml" if data.lstrip().startswith(b"<") else "png" if data.startswith(b"\x89PNG") else "jpeg"
    return f'<image {attributes} xlink:href="data:image/{media};base64,{base64.b64encode(data).decode()}"/>'


def _svg_path(data: str) -> str:
    return data.replace("B", "C") if "C" not in data else data.replace("C", "Z").replace("B", "C")


def _paint(element: ET.Element, *, fill: bool, stroke: bool, scale: float = 1.0) -> str:
    found = f"fill={_color(element, 'o:FillColor', 'fill') if fill else chr(34) + 'none' + chr(34)}"
    if stroke:
        found += f" stroke={_color(element, 'o:StrokeColor', 'stroke')} stroke-width=\"{float(element.get('LineWidth', '0.353')) / scale}\""
        found += f' stroke-linecap="{_CAPS[element.get("Cap", "Butt")]}" stroke-linejoin="{element.get("Join", "Miter").lower()}"'
        found += f' stroke-miterlimit="{element.get("MiterLimit", "4.234")}"'
        if dashes := element.get("DashPattern"):
            found += f' stroke-dasharray="{dashes}" stroke-dashoffset="{element.get("DashOffset", "0")}"'
    return found


def _color(element: ET.Element, path: str, kind: str) -> str:
    color = element.find(path, NS)
    value = ("0 0 0" if color is None else color.get("Value", "0 0 0")).replace(" ", ",")
    opacity = 1.0 if color is None else int(color.get("Alpha", "255")) / 255
    return f'"rgb({value})" {kind}-opacity="{opacity}"'

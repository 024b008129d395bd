"""The graphics state of a page while its content is read (ISO 32000-1, 8.4), colors and paths among it."""

from dataclasses import dataclass, field, replace

from pyhanko.pdf_utils import generic

from etrust.documents.ofd_drawing import Clip, Matrix, Paint, PathItem, Point, Segment, Stroke, rectangle
from etrust.documents.ofd_fonts import SourceFont, entry
from etrust.documents.ofd_tokens import Name, Operand, not_understood

_COMPONENTS = {"DeviceGray": 1, "CalGray": 1, "DeviceRGB": 3, "CalRGB": 3, "Pattern": 0}
_BY_COUNT = {1: "gray", 3: "rgb"}
_GRAY, _RGB = 1, 3
_FULL = 255
_BLACK = Paint()


@dataclass(slots=True)
class State:
    """What `q` keeps and `Q` brings back.

    Attributes:
        matrix: from the content's space to millimeters on the page.
        fill_parts, stroke_parts: how many components a color has in the chosen space.
        font_key: of the font among those that were gathered; `mode` is the text rendering mode.
    """

    matrix: Matrix
    fill: Paint = _BLACK
    stroke: Paint = _BLACK
    fill_parts: int = _GRAY
    stroke_parts: int = _GRAY
    width: float = 1.0
    cap: int = 0
    join: int = 0
    miter: float = 10.0
    dashes: tuple[float, ...] = ()
    phase: float = 0.0
    clips: tuple[Clip, ...] = ()
    font: SourceFont | None = None
    font_key: str = ""
    size: float = 0.0
    mode: int = 0
    character_space: float = 0.0
    word_space: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0

    def pen(self, matrix: Matrix | None = None) -> Stroke:
        """The line as it is drawn now, in millimeters.

        Raises:
            EtrustError: ``page_not_understood``: wider in one direction than in another.
        """
        used = matrix or self.matrix
        if not used.is_even:
            raise not_understood("a line under an uneven scale")
        return Stroke(
            self.stroke, self.width * used.scale, self.cap, self.join, self.miter,
            tuple(each * used.scale for each in self.dashes), self.phase * used.scale,
        )  # fmt: skip


def color(operands: tuple[Operand, ...], alpha: int) -> Paint:
    """A color of one (gray) or three (red, green, blue) components.

    Raises:
        EtrustError: ``page_not_understood``: patterns, CMYK, spot colors.
    """
    parts = [each for each in operands if isinstance(each, float)]
    if len(parts) != len(operands) or len(parts) not in _BY_COUNT:
        raise not_understood("a pattern, or a color of other than one or three components")
    levels = [min(max(round(each * _FULL), 0), _FULL) for each in (parts * 3 if len(parts) == _GRAY else parts)]
    return Paint(levels[0], levels[1], levels[2], alpha)


def components(name: str, resources: generic.DictionaryObject) -> int:
    """How many components colors of a space have; 0 for patterns, which are told when one is used.

    Raises:
        EtrustError: ``page_not_understood``.
    """
    if name in _COMPONENTS:
        return _COMPONENTS[name]
    spaces = entry(resources, "/ColorSpace")
    found = entry(spaces, "/" + name) if isinstance(spaces, generic.DictionaryObject) else None
    return space_components(found)


def space_components(space: object) -> int:
    """As `components`, for the space itself."""
    if isinstance(space, generic.ArrayObject) and space[0] == "/ICCBased":
        profile = space[1]
        count = int(str(entry(profile, "/N"))) if isinstance(profile, generic.DictionaryObject) else 0
        if count in _BY_COUNT:
            return count
    elif isinstance(space, generic.ArrayObject) and str(space[0])[1:] in _COMPONENTS:
        return _COMPONENTS[str(space[0])[1:]]
    elif isinstance(space, generic.NameObject) and str(space)[1:] in _COMPONENTS:
        return _COMPONENTS[str(space)[1:]]
    raise not_understood("a color space that is neither gray nor RGB")


_PLAIN_SETTINGS = {"/Type", "/SA", "/OP", "/op", "/OPM", "/RI", "/FL", "/SM", "/TK"}


def apply_settings(state: State, settings: generic.DictionaryObject) -> None:
    """An ExtGState: opacity and what changes nothing.

    Raises:
        EtrustError: ``page_not_understood``: blending and soft masks.
    """
    for key in settings:
        value = settings[key]
        if key == "/ca":
            state.fill = replace(state.fill, alpha=round(float(str(value)) * _FULL))
        elif key == "/CA":
            state.stroke = replace(state.stroke, alpha=round(float(str(value)) * _FULL))
        elif key == "/LW":
            state.width = float(str(value))
        elif key not in _PLAIN_SETTINGS and not _changes_nothing(key, value):
            raise not_understood(f"the graphics setting {key}")


def _changes_nothing(key: str, value: object) -> bool:
    names = {"/BM": ("/Normal", "/Compatible"), "/SMask": ("/None",)}.get(key, ())
    return value in names or (key == "/AIS" and not value)


@dataclass(slots=True)
class PathBuilder:
    """The path under construction, in millimeters, and the clip that is to come of it."""

    segments: list[Segment] = field(default_factory=list)
    start: Point = (0.0, 0.0)
    current: Point = (0.0, 0.0)  # in the content's space
    clip: str = ""

    def add(self, name: str, points: list[Point], matrix: Matrix) -> None:
        """One step of the path; points in the content's space."""
        if points:
            self.current = points[-1]
        if name == "M":
            self.start = self.current
        self.segments.append((name, tuple(matrix.apply(*point) for point in points)))

    def close(self) -> None:
        """Back to where the part of the path began."""
        if self.segments and self.segments[-1][0] != "C":
            self.segments.append(("C", ()))
            self.current = self.start

    def finish(self, state: State, *, fill: bool, stroke: bool, even_odd: bool) -> PathItem | None:
        """What is painted, if anything; the clip goes into the state, and the path is empty again."""
        segments, item = tuple(self.segments), None
        if segments and (fill or stroke):
            item = PathItem(segments, state.fill if fill else None, state.pen() if stroke else None, even_odd, state.clips)
        if self.clip:
            state.clips = (*state.clips, Clip(segments, self.clip == "W*", rectangle(segments)))
        self.segments, self.clip = [], ""
        return item


def text_name(operand: Operand) -> str:
    """A name among operands.

    Raises:
        EtrustError: ``page_not_understood``.
    """
    if not isinstance(operand, Name):
        raise not_understood("something else where a name belongs")
    return str(operand)

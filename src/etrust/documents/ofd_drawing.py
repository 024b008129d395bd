"""What a page draws, told in the terms of OFD: millimeters, origin at the top left, y downward."""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

MM_PER_POINT = 25.4 / 72
_CORNERS = 4
_SAME = 1e-6  # mm: two points at one place
_EVEN = 1e-3  # a thousandth is no visible difference

Point: TypeAlias = tuple[float, float]
Segment: TypeAlias = tuple[str, tuple[Point, ...]]  # M, L with one point, B with three, C with none


@dataclass(frozen=True, slots=True)
class Matrix:
    """An affine map as PDF and OFD write it: x' = a·x + c·y + e, y' = b·x + d·y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def then(self, after: "Matrix") -> "Matrix":
        """This map first, the other one after it."""
        return Matrix(
            self.a * after.a + self.b * after.c, self.a * after.b + self.b * after.d,
            self.c * after.a + self.d * after.c, self.c * after.b + self.d * after.d,
            self.e * after.a + self.f * after.c + after.e, self.e * after.b + self.f * after.d + after.f,
        )  # fmt: skip

    def apply(self, x: float, y: float) -> Point:
        """The image of a point."""
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    @property
    def scale(self) -> float:
        """By how much lengths grow (the geometric mean over directions)."""
        return math.sqrt(abs(self.a * self.d - self.b * self.c))

    @property
    def is_even(self) -> bool:
        """Whether lengths grow alike in all directions, so that the width of a line is one number."""
        size = max(self.scale, 1e-9)
        across = abs(self.a * self.c + self.b * self.d) / size**2
        return across < _EVEN and abs(math.hypot(self.a, self.b) - math.hypot(self.c, self.d)) / size < _EVEN


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle along the axes, in millimeters."""

    left: float
    top: float
    right: float
    bottom: float

    @classmethod
    def around(cls, points: "list[Point]", margin: float = 0.0) -> "Box":
        """The smallest box with all the points, and a margin."""
        across, down = [x for x, _ in points], [y for _, y in points]
        return cls(min(across) - margin, min(down) - margin, max(across) + margin, max(down) + margin)

    def cut(self, other: "Box") -> "Box | None":
        """What both have in common, None when that is nothing."""
        found = Box(
            max(self.left, other.left), max(self.top, other.top), min(self.right, other.right), min(self.bottom, other.bottom)
        )
        return found if found.left <= found.right and found.top <= found.bottom else None


@dataclass(frozen=True, slots=True)
class Paint:
    """A color in sRGB and its opacity, 0 to 255 each."""

    red: int = 0
    green: int = 0
    blue: int = 0
    alpha: int = 255


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line is drawn; lengths in millimeters, `cap` and `join` in the numbers of PDF."""

    paint: Paint
    width: float
    cap: int = 0
    join: int = 0
    miter: float = 10.0
    dashes: tuple[float, ...] = ()
    phase: float = 0.0


@dataclass(frozen=True, slots=True)
class Clip:
    """An area that what is drawn must not leave; `box` when it is a rectangle along the axes."""

    segments: tuple[Segment, ...]
    even_odd: bool
    box: Box | None


@dataclass(frozen=True, slots=True)
class PathItem:
    """A filled or stroked path."""

    segments: tuple[Segment, ...]
    fill: Paint | None
    stroke: Stroke | None
    even_odd: bool = False
    clips: tuple[Clip, ...] = ()


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph where it stands: its number in the font, the text it shows (may be empty), origin and advance in mm."""

    number: int
    text: str
    x: float
    y: float
    advance: float


@dataclass(frozen=True, slots=True)
class TextItem:
    """Glyphs of one font in one size and color. `shape` maps the em square (y upward) to millimeters, without place."""

    font: str
    glyphs: tuple[Glyph, ...]
    shape: Matrix
    fill: Paint | None
    stroke: Stroke | None = None
    clips: tuple[Clip, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageItem:
    """A picture; `matrix` maps its unit square (y downward, top left is 0 0) to the page."""

    image: str
    matrix: Matrix
    alpha: int = 255
    clips: tuple[Clip, ...] = ()


Item: TypeAlias = PathItem | TextItem | ImageItem


def rectangle(segments: tuple[Segment, ...]) -> Box | None:
    """The box when a path is one rectangle along the axes."""
    points = [point for _, points in segments for point in points]
    if [name for name, _ in segments if name != "C"] != ["M", "L", "L", "L", "L"][: len(points)] or len(points) < _CORNERS:
        return None
    if len(points) > _CORNERS and points[_CORNERS] != points[0]:
        return None
    box = Box.around(points)
    steps = [(abs(ax - bx) < _SAME, abs(ay - by) < _SAME) for (ax, ay), (bx, by) in pairwise(points[:_CORNERS])]
    upright = steps in ([(True, False), (False, True), (True, False)], [(False, True), (True, False), (False, True)])
    return box if upright else None

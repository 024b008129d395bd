"""Where everything stands on a seal: round and oval (ring, star, lines, code) and square (columns of a name).

Proportions follow custom and GA 241.9: on a round seal of 42 mm a border of 1.2 mm and a star of 14 mm across; Song type
(宋体) in the ring, narrower the longer the name. All lengths in millimeters; sizes of round seals grow with the seal.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from etrust.seals.outlines import HEI, NARROWEST, WIDEST, Outline, character, uyghur_line
from etrust.seals.tracks import Arc, Straight, bend, stand

WIDEST_SPAN = 290.0  # degrees of the ring that a name may take
_FILL = 0.95  # of the room that a character has
_BETWEEN = 0.83  # of the room between the ends of a ring text, for a line there
_SONG_SHAPE = 0.84  # width to height of a character that has all the room it wants


@dataclass(frozen=True, slots=True)
class Part:
    """Outlines that are painted alike, by the name of what they are; ``stroke`` makes thin type bolder."""

    name: str
    outlines: tuple[Outline, ...]
    stroke: float = 0.0


@dataclass(frozen=True)
class Ring:
    """A round or oval seal: half its width and height, and the unit that its lines grow with (1 on a seal of 42 mm)."""

    across: float
    up: float
    code: str

    @property
    def round(self) -> bool:
        """Whether it is a circle."""
        return self.across == self.up

    @property
    def unit(self) -> float:
        """How big things are against a round seal of 42 mm."""
        return min(self.across / 21, self.up / 21 if self.round else self.up / 16.5)

    @property
    def border(self) -> float:
        """The width of the line around."""
        return 1.2 * self.unit

    def arc(self, inside: float, *, lower: bool = False) -> Arc:
        """The line at a distance inside the outer edge."""
        return Arc(self.across, self.up, self.across - inside, self.up - inside, lower)

    @cached_property
    def code_span(self) -> float:
        """Degrees at the foot of the ring that the code takes, its clear space included."""
        if not self.code:
            return 0.0
        arc = self.arc(self.border + 1.9 * self.unit, lower=True)
        return math.degrees(2 * arc.turn(len(self.code) * self.code_pitch / 2)) + 14

    @property
    def code_pitch(self) -> float:
        """From one character of the code to the next."""
        return 1.25 * self.unit

    def span(self, count: int) -> float:
        """Degrees that a name of so many characters takes: long names nearly all the way around."""
        return min(WIDEST_SPAN, 360 - self.code_span) * (1 - math.exp(-count / 6.5))


@dataclass(frozen=True, slots=True)
class Room:
    """What a ring text leaves free inside: everything within `inner`, and between its two ends more, up to `outer`.

    Attributes:
        end: radians from the top to either end of the text.
    """

    inner: float
    outer: float
    end: float

    def width(self, y: float) -> float:
        """How wide a line can be at a distance below the middle (above it when negative)."""
        within = math.sqrt(max(0.0, self.inner**2 - y**2))
        if y <= 0 or self.end >= math.pi:
            return 2 * within
        beyond = math.sqrt(max(0.0, self.outer**2 - y**2))
        between = y * math.tan(math.pi - self.end) * _BETWEEN if self.end > math.pi / 2 else beyond
        return 2 * max(within, min(between, beyond))


def border_of(ring: Ring) -> Part:
    """The line around the seal: what lies between two ellipses."""
    return Part("border", (_ellipse(ring.arc(0)), _ellipse(ring.arc(ring.border))))


def star_of(ring: Ring, radius: float, y: float) -> Part:
    """The five-pointed star, one point up."""
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    turns = [(math.radians(36 * step), radius if step % 2 == 0 else inner) for step in range(10)]
    points = [(ring.across + length * math.sin(turn), y - length * math.cos(turn)) for turn, length in turns]
    return Part("star", (Outline((("M", (points[0],)), *(("L", (point,)) for point in points[1:]), ("Z", ())), 0.0),))


def ring_text(ring: Ring, text: str, *, inside: float, height: float) -> Part:
    """A name along the upper arc, every character upright to the middle and at the same distance from the next."""
    arc = ring.arc(inside + height)
    count = len(text)
    pitch = 2 * arc.reach(math.radians(ring.span(count)) / 2) / count
    width = min(_SONG_SHAPE * height, _FILL * pitch)
    outlines = tuple(
        stand(character(each).scaled(width, height), arc, (index - (count - 1) / 2) * pitch) for index, each in enumerate(text)
    )
    return Part("ring", outlines, _boldness(height))


def ring_text_ug(ring: Ring, text: str, *, inside: float, height: float) -> Part:
    """A Uyghur name bent along the upper arc, joined; narrower letters, then smaller ones, when it is long."""
    inner = ring.arc(inside + height)
    room = 2 * inner.reach(math.radians(min(WIDEST_SPAN, 360 - ring.code_span)) / 2)
    line = _fitted(text, room, height)
    low, high = line.bounds()[1], line.bounds()[3]
    slack = (height - (high - low)) / 2
    return Part("ring-ug", (bend(line.shifted(0, -low), ring.arc(inside + height - slack)),))


def line_of(name: str, text: str, *, x: float, y: float, width: float, height: float, shape: float = 0.72) -> Part:
    """A level line of characters around a point, at most so wide."""
    pitch = min(width / len(text), height * shape * 1.12)
    size = _FILL * pitch
    outlines = tuple(
        stand(character(each).scaled(size, height), Straight(x, y + height / 2), (index - (len(text) - 1) / 2) * pitch)
        for index, each in enumerate(text)
    )
    return Part(name, outlines, _boldness(height))


def number_of(text: str, *, x: float, y: float, width: float, height: float) -> Part:
    """A level line of digits and capitals, upright and narrow as the number of a taxpayer is."""
    return Part("number", tuple(_digits(text, Straight(x, y + height / 2), width / len(text), height)), 0.02 * height)


def code_of(ring: Ring, text: str) -> Part:
    """The code of the seal along the lower arc, read from left to right."""
    height = 1.3 * ring.unit
    arc = ring.arc(ring.border + 0.55 * ring.unit, lower=True)
    return Part("code", tuple(_digits(text, arc, ring.code_pitch, height)))


def columns_of(text: str, *, x: float, y: float, width: float, height: float) -> Part:
    """A name in columns from right to left, each read downward."""
    columns = tuple(_in_columns(text))
    across = width / len(columns)
    outlines = []
    for number, column in enumerate(columns):
        middle = x + width - (number + 0.5) * across
        down = height / len(column)
        for row, each in enumerate(column):
            foot = y + (row + 1) * down - 0.02 * down
            outlines.append(stand(character(each).scaled(0.96 * across, 0.96 * down), Straight(middle, foot), 0))
    return Part("name", tuple(outlines), _boldness(min(across, height / 4)))


def frame_of(size: float, line: float) -> Part:
    """The square line around a personal seal."""
    return Part("border", (_box(0, size), _box(line, size - line)))


def level_ug(text: str, *, x: float, y: float, width: float, height: float) -> Part:
    """A level Uyghur line around a point."""
    line = _fitted(text, width, height)
    low, high = line.bounds()[1], line.bounds()[3]
    return Part("name-ug", (stand(line, Straight(x, y + (low + high) / 2), 0),))


def _in_columns(text: str) -> Iterator[str]:
    """The characters of each column: as many columns as make it about square, short ones first (on the right)."""
    count = round(math.sqrt(len(text)))
    short, longer = divmod(len(text), count)
    at = 0
    for number in range(count):
        size = short + (1 if number >= count - longer else 0)
        yield text[at : at + size]
        at += size


def _fitted(text: str, room: float, height: float) -> Outline:
    """A Uyghur line at most so long and so tall: the letters first get narrower, then all of it smaller."""
    widest = uyghur_line(text)
    size = height / (widest.bounds()[3] - widest.bounds()[1])
    width = WIDEST * min(1.0, room / (widest.advance * size))
    line = uyghur_line(text, width=max(NARROWEST, width))
    return line.scaled(*[min(size, room / line.advance)] * 2)


def _digits(text: str, track: Arc | Straight, pitch: float, height: float) -> Iterator[Outline]:
    for index, each in enumerate(text):
        drawn = character(each, families=(HEI,)).shifted(0, -0.12)
        tall = height / 0.733  # of the em: the height of capitals and digits
        wide = min(tall, _FILL * pitch / max(drawn.advance, 0.5))
        yield stand(drawn.scaled(wide, tall), track, (index - (len(text) - 1) / 2) * pitch)


def _boldness(height: float) -> float:
    """How much a stroke around type of that height makes it look like the heavier type of seals."""
    return 0.03 * height


def _ellipse(arc: Arc) -> Outline:
    (x, y), (a, b) = (arc.x, arc.y), (arc.across, arc.up)
    k = 4 / 3 * math.tan(math.pi / 8)
    quarter: Sequence[tuple[float, float]] = ((0, -1), (1, 0), (0, 1), (-1, 0))
    segments: list[tuple[str, tuple[tuple[float, float], ...]]] = [("M", ((x, y - b),))]
    for index in range(4):
        (px, py), (qx, qy) = quarter[index], quarter[(index + 1) % 4]
        first, second = (px + k * qx, py + k * qy), (qx + k * px, qy + k * py)
        segments.append(("C", tuple((x + a * cx, y + b * cy) for cx, cy in (first, second, (qx, qy)))))
    return Outline((*segments, ("Z", ())), 0.0)


def _box(low: float, high: float) -> Outline:
    corners = ((high, low), (high, high), (low, high))
    return Outline((("M", ((low, low),)), *(("L", (corner,)) for corner in corners), ("Z", ())), 0.0)

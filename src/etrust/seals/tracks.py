"""Lines that text runs along: straight, or an arc of a circle or an ellipse, above or below. Millimeters, y down as on paper."""

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from etrust.seals.outlines import Outline, Point, Segment

_STEPS = 1440  # points of an ellipse between which its length is read off straight; an error below 0.1 micrometer
_BEND = 0.05  # radians, the longest straight piece of an outline that is bent


@dataclass(frozen=True, slots=True)
class Frame:
    """A place on a track: where it is and which way text reads there (a unit vector)."""

    x: float
    y: float
    along: Point

    def place(self, point: Point) -> Point:
        """A point of an outline (x along, y up) on the paper."""
        (tx, ty), (x, y) = self.along, point
        return (self.x + tx * x + ty * y, self.y + ty * x - tx * y)


class Track(Protocol):
    """A line with a middle, at which ``s`` is 0; it grows in the direction of reading."""

    def frame(self, s: float) -> Frame:
        """The place at a distance from the middle, measured along the track."""
        ...


@dataclass(frozen=True, slots=True)
class Straight:
    """A level line through a point."""

    x: float
    y: float

    def frame(self, s: float) -> Frame:
        """The place at a distance from the middle."""
        return Frame(self.x + s, self.y, (1.0, 0.0))


@dataclass(frozen=True)
class Arc:
    """An ellipse around a point, read clockwise from its top, or when ``lower`` from left to right through its bottom."""

    x: float
    y: float
    across: float
    up: float
    lower: bool = False

    @cached_property
    def lengths(self) -> tuple[float, ...]:
        """The length of the arc from the middle to each of the steps around half the ellipse."""
        total, lengths, last = 0.0, [0.0], (0.0, self.up)
        for step in range(1, _STEPS + 1):
            turn = math.pi * step / _STEPS
            point = (self.across * math.sin(turn), self.up * math.cos(turn))
            total += math.dist(last, point)
            lengths.append(total)
            last = point
        return tuple(lengths)

    @property
    def length(self) -> float:
        """All the way around."""
        return 2 * self.lengths[-1]

    def turn(self, s: float) -> float:
        """The angle of the ellipse (radians from its middle) at a distance along it."""
        lengths, distance = self.lengths, min(abs(s), self.lengths[-1])
        after = max(1, bisect_left(lengths, distance))
        share = (distance - lengths[after - 1]) / (lengths[after] - lengths[after - 1])
        return math.copysign(math.pi * (after - 1 + share) / _STEPS, s)

    def reach(self, turn: float) -> float:
        """The distance along the arc at which an angle (radians from the middle) is reached."""
        return self.lengths[min(_STEPS, round(turn / math.pi * _STEPS))]

    def frame(self, s: float) -> Frame:
        """The place at a distance from the middle."""
        turn = self.turn(s)
        side = 1 if self.lower else -1
        sine, cosine = math.sin(turn), math.cos(turn)
        dx, dy = self.across * cosine, -side * self.up * sine
        length = math.hypot(dx, dy)
        return Frame(self.x + self.across * sine, self.y + side * self.up * cosine, (dx / length, dy / length))


def stand(outline: Outline, track: Track, s: float) -> Outline:
    """An outline set upright on a track, its middle at a distance from the track's; its shape stays."""
    return outline.shifted(-outline.advance / 2, 0).mapped(track.frame(s).place)


def bend(outline: Outline, track: Arc) -> Outline:
    """An outline laid along an arc point by point, its middle on the arc's: what is joined stays joined."""
    longest = _BEND * min(track.across, track.up)

    def move(point: Point) -> Point:
        return track.frame(point[0]).place((0.0, point[1]))

    return Outline(_in_pieces(outline.shifted(-outline.advance / 2, 0).segments, longest), outline.advance).mapped(move)


def _in_pieces(segments: tuple[Segment, ...], longest: float) -> tuple[Segment, ...]:
    """The same contours with long straight lines cut into pieces; curves are short in letters."""
    cut: list[Segment] = []
    here = start = (0.0, 0.0)
    for kind, points in segments:
        end = points[-1] if points else start
        if kind in "LZ":
            cut += [("L", (point,)) for point in _between(here, end, longest)]
        cut.append((kind, points))
        start = end if kind == "M" else start
        here = end
    return tuple(cut)


def _between(here: Point, end: Point, longest: float) -> list[Point]:
    count = math.ceil(math.dist(here, end) / longest)
    return [
        (here[0] + (end[0] - here[0]) * step / count, here[1] + (end[1] - here[1]) * step / count) for step in range(1, count)
    ]

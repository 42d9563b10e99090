"""A chart in SVG with its axes in words: once for wide screens, once for phones, so that its letters keep their size on both."""

import html
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.tables import number
from sim.worlds import Numbers

SIZES = ((720, 340), (350, 270))  # wide and narrow, px
LEFT, RIGHT, TOP, FOOT = 52, 12, 14, 30
LETTER = 7.4  # px, of a letter at most


@dataclass(frozen=True)
class Frame:
    """Where numbers lie in a picture. steps: places along the x axis; low, high: of the y axis"""

    width: int
    height: int
    steps: int
    low: float
    high: float
    left: int = LEFT

    @property
    def wide(self) -> bool:
        return self.width > 500

    @property
    def right(self) -> float:
        return self.width - RIGHT

    @property
    def foot(self) -> float:
        return self.height - FOOT

    def x(self, i: float) -> float:
        return self.left + (self.right - self.left) * i / max(self.steps - 1, 1)

    def y(self, value: float) -> float:
        return self.foot - (self.foot - TOP) * (value - self.low) / (self.high - self.low)

    def at(self, values: Numbers, first: int = 0) -> list[str]:
        return [f"{self.x(first + i):.1f},{self.y(float(v)):.1f}" for i, v in enumerate(values) if not np.isnan(v)]

    def line(self, values: Numbers, kind: str, first: int = 0) -> str:
        points = self.at(values, first)
        if len(points) == 1:
            return f'<path class="line {kind}" d="M{points[0]}h12"/>'
        return f'<polyline class="line {kind}" points="{" ".join(points)}"/>'

    def area(self, low: Numbers, high: Numbers, kind: str, first: int = 0) -> str:
        return f'<polygon class="area {kind}" points="{" ".join(self.at(low, first) + self.at(high, first)[::-1])}"/>'

    def dot(self, i: float, value: float, kind: str, r: float = 4) -> str:
        return f'<circle class="mark {kind}" cx="{self.x(i):.1f}" cy="{self.y(value):.1f}" r="{r}"/>'

    def cross(self, i: float, value: float, kind: str, r: float = 5) -> str:
        x, y = self.x(i), self.y(value)
        return f'<path class="mark {kind}" d="M{x - r:.1f} {y - r:.1f}l{2 * r} {2 * r}m0 {-2 * r}l{-2 * r} {2 * r}"/>'

    def text(self, x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
        return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(words)}</text>'

    def months(self, labels: Sequence[str]) -> str:
        """The x axis: what is called as `labels` say, as many of them as have room."""
        room = max(2, int((self.right - self.left) // (LETTER * max(map(len, labels)) + 14)))
        every = max(1, math.ceil((len(labels) - 1) / (room - 1))) if room > 1 else len(labels)
        every = next((n for n in (1, 2, 3, 4, 6, 12, 24, 36, 48) if n >= every), every) if len(labels) > 12 else every
        found = f'<path class="axis" d="M{self.left} {self.foot}H{self.right}"/>'
        for i in range(0, len(labels), every):
            x, half = self.x(i), LETTER * len(labels[i]) / 2
            anchor = "start" if x < half else "end" if x + half > self.width - 2 else "middle"
            found += f'<path class="axis" d="M{x:.1f} {self.foot}v5"/>'
            place = {"start": 2, "middle": x, "end": min(x + 8, self.width - 2)}[anchor]
            found += self.text(place, self.foot + 19, labels[i], anchor=anchor)
        return found

    def values(self, at: Sequence[float] | None = None, said: Callable[[float], str] = number) -> str:
        """The y axis: a line and a number at some values, by default round ones."""
        found = ""
        for value in rounds(self.low, self.high) if at is None else at:
            y = self.y(value)
            found += f'<path class="grid" d="M{self.left} {y:.1f}H{self.right}"/>'
            found += self.text(self.left - 7, y + 4, said(value), anchor="end")
        return found


def rounds(low: float, high: float, about: int = 5) -> list[float]:
    """Round values between the two.

    >>> rounds(0, 9.3), rounds(-0.12, 0.31)
    ([0.0, 2.0, 4.0, 6.0, 8.0], [-0.1, 0.0, 0.1, 0.2, 0.3])
    """
    rough = (high - low) / about
    size = 10 ** math.floor(math.log10(rough))
    step = next(size * n for n in (1, 2, 2.5, 5, 10) if size * n >= rough * 0.999)
    return [round(i * step, 12) + 0.0 for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def span(*values: Numbers, least: float = 0.0) -> tuple[float, float]:
    """From the lowest to the highest of the numbers, with a little air; least: how far it reaches at least."""
    every = np.concatenate([np.ravel(v) for v in values])
    every = every[~np.isnan(every)]
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    if high - low <= max(least, 1e-12 * max(abs(low), abs(high), 1e-3)):
        air = max(least, abs(high) * 0.1, 1e-3) / 2
        return low - air, high + air
    air = 0.04 * (high - low)
    return (low - air if low else 0.0), high + air


def chart(name: str, said: str, draw: Callable[[int, int], str], sizes: Sequence[tuple[int, int]] = SIZES) -> str:
    """draw(width, height): what stands in the picture; said: the picture in a sentence, for those who cannot see it"""
    found = ""
    for kind, (width, height) in zip(("for-wide", "for-narrow"), sizes, strict=True):
        found += (
            f'<svg class="{name} {kind}" role="img" aria-label="{html.escape(said)}" viewBox="0 0 {width} {height}" '
            f'style="max-width:{width}px">{draw(width, height)}</svg>'
        )
    return found


def legend(*entries: tuple[str, str]) -> str:
    """(kind of mark as the style sheet knows it, words)"""
    shapes = {
        "area": '<path class="area {0}" d="M0 3H28V13H0Z"/><path class="line {0}" d="M0 8H28"/>',
        "line": '<path class="line {0}" d="M0 8H28"/>',
        "dot": '<circle class="mark {0}" cx="14" cy="8" r="4"/>',
        "cross": '<path class="mark {0}" d="M9 3l10 10m0-10l-10 10"/>',
        "tick": '<path class="tick {0}" d="M14 3V13"/>',
        "zone": '<path class="area {0}" d="M0 2H28V14H0Z"/>',
    }
    found = ""
    for what, words in entries:
        shape, kind = what.split()
        found += f'<li><svg viewBox="0 0 28 16" aria-hidden="true">{shapes[shape].format(kind)}</svg>{html.escape(words)}</li>'
    return f'<ul class="keys">{found}</ul>'

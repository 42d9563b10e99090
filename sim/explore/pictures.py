"""The page's own pictures, as SVG: bands against the baseline, and a belief against the line."""

import html
from collections.abc import Sequence

import numpy as np

from sim.explore.belief import Belief
from sim.explore.session import Bands
from sim.tables import number
from sim.views.report.bundle import style
from sim.views.report.panel import Panel
from sim.worlds import Numbers

WIDE, HIGH, LEFT, RIGHT, TOP, FOOT = 340, 250, 48, 10, 12, 28  # so that its letters stay legible on a phone
BLUE, GREY, RED = "#0b6fa4", "#6b6b6b", "#a63603"


class _Frame:
    def __init__(self, steps: int, values: Sequence[Numbers]) -> None:
        every = np.concatenate([np.ravel(v) for v in values])
        every = every[~np.isnan(every)]
        low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
        self.low, self.high, self.steps = low, high if high > low else low + 1, max(steps - 1, 1)

    def x(self, i: float) -> float:
        return LEFT + (WIDE - LEFT - RIGHT) * i / self.steps

    def y(self, value: float) -> float:
        return HIGH - FOOT - (HIGH - FOOT - TOP) * (value - self.low) / (self.high - self.low)

    def points(self, values: Numbers) -> list[str]:
        return [f"{self.x(i):.1f},{self.y(float(v)):.1f}" for i, v in enumerate(values) if not np.isnan(v)]

    def line(self, values: Numbers, colour: str, dashed: bool = False) -> str:
        dash = ' stroke-dasharray="6 4"' if dashed else ""
        return f'<polyline points="{" ".join(self.points(values))}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'

    def area(self, low: Numbers, high: Numbers, colour: str) -> str:
        return f'<polygon points="{" ".join(self.points(low) + self.points(high)[::-1])}" fill="{colour}" fill-opacity=".22"/>'

    def svg(self, inside: str, labels: Sequence[str], said: str, name: str) -> str:
        ends = [(self.low, self.y(self.low)), (self.high, self.y(self.high) + 8)]
        axis = "".join(f'<text x="{LEFT - 6}" y="{y:.0f}" text-anchor="end">{number(v)}</text>' for v, y in ends)
        first = f'<text x="{LEFT}" y="{HIGH - 8}">{html.escape(labels[0])}</text>'
        last = f'<text x="{WIDE - RIGHT}" y="{HIGH - 8}" text-anchor="end">{html.escape(labels[-1])}</text>'
        return (
            f'<svg class="ours {name}" role="img" aria-label="{html.escape(said)}" viewBox="0 0 {WIDE} {HIGH}" font-size="13" '
            f'fill="currentColor" style="width:100%;max-width:480px;font-family:sans-serif">{inside}{axis}{first}{last}</svg>'
        )


def compared(own: Bands, base: Bands) -> str:
    """In blue the settings, in grey the scenario as it stands."""
    frame = _Frame(len(own.years), [own.low, own.high, base.low, base.high])
    inside = frame.area(base.low, base.high, GREY) + frame.area(own.low, own.high, BLUE)
    inside += frame.line(base.median, GREY, dashed=True) + frame.line(own.median, BLUE)
    last = f"{own.years[-1]}: {number(own.median[-1])} against {number(base.median[-1])}"
    words = (
        f"{own.sentence}; {own.unit}. Median of {last}. Blue, with your levers: 5-95 % "
        f"{number(own.low[-1])} to {number(own.high[-1])}; grey, dashed, the scenario as it stands: "
        f"{number(base.low[-1])} to {number(base.high[-1])}."
    )
    svg = frame.svg(inside, [str(year) for year in own.years], words, "bands")
    return f'{svg}<p class="ours answer" style="font-size:14px">{html.escape(words)}</p>'


def believed(name: str, b: Belief) -> str:
    """Blue the firm's mean with a standard deviation on both sides; red the hidden line; marks at files and answers."""
    frame = _Frame(len(b.months), [b.mean - b.sd, b.mean + b.sd, b.line])
    inside = frame.area(b.mean - b.sd, b.mean + b.sd, BLUE) + frame.line(b.mean, BLUE) + frame.line(b.line, RED, dashed=True)
    for i in range(len(b.months)):
        x, y = frame.x(i), frame.y(float(b.mean[i]))
        if b.filed[i]:
            inside += f'<path d="M{x:.1f} {HIGH - FOOT}v-7" stroke="{GREY}"/>'
        if b.approved[i]:
            inside += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{BLUE}"/>'
        if b.intents[i]:
            inside += f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" stroke="{RED}" stroke-width="2"/>'
    words = (
        f"Where {name} thinks the line lies (blue, with one standard deviation on both sides) and where it lies (red, dashed; the mean "
        "over groups). Ticks at the foot: it filed; dots: approvals; crosses: intents to deny."
    )
    svg = frame.svg(inside, b.months, words, "belief")
    return f'{svg}<p class="ours" style="font-size:14px">{html.escape(words)}</p>'


def page_of(panel: Panel) -> str:
    """A panel of the report as a page of its own, for a frame."""
    import json

    data = json.dumps({name: list(rows) for name, rows in panel.data.items()}).replace("<", "\\u003c")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(panel.title)}</title><style>{style()}</style><body><main>"
        f'<section class="panel" id="{panel.key}"><h2>{html.escape(panel.title)}</h2><p>{html.escape(panel.lead)}</p>{panel.html}</section>'
        f'</main><script>(function(panel,view,data){{{panel.script}}})(document.getElementById("{panel.key}"),null,{data})</script>'
    )

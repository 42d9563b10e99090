"""A small chart for the end of a run: one outcome's band over the worlds, year by year, in a terminal of any width."""

import math
import os
from collections.abc import Sequence
from typing import TextIO

import click
import numpy as np

from sim.batch.results import Results
from sim.tables import number, terminal_width
from sim.worlds import Numbers

ROWS = 8
WIDEST = 78  # characters
USUAL = "lost_sales"  # where a scenario does not say where its answer is seen
POINTS = (0.05, 0.25, 0.5, 0.75, 0.95)
_BLOCKS, _ASCII = ("░", "▒", "━", "│", "└─"), (".", ":", "=", "|", "+-")


def shows(stream: TextIO) -> bool:
    """Whether somebody is looking: a terminal that can place characters."""
    return stream.isatty() and os.environ.get("TERM", "") != "dumb"


def chart_for(results: Results, stream: TextIO) -> str:
    """The chart of what a run's question is about, as the terminal can show it; empty where there is nothing to draw."""
    answer = results.plan.scenario.answer
    wanted = [*(answer.look_at if answer is not None else ()), USUAL, *results.outcomes]
    name = next(outcome for outcome in wanted if outcome in results.outcomes)
    about = results.manifest["outcomes"][name]
    bands = [_quantiles(year) for year in results.yearly(name).T]
    colour = "NO_COLOR" not in os.environ
    return chart(f"{name}, {about['unit']}", results.years, bands, terminal_width(), blocks=_can_show(stream), colour=colour)


def chart(
    title: str, years: Sequence[int], bands: Sequence[Sequence[float]], width: int, *, blocks: bool = True, colour: bool = False
) -> str:
    """Ten lines: title, ROWS of picture, years. bands: 5, 25, 50, 75 and 95 % of each year; not a number where none is known."""
    known = [value for band in bands for value in band if math.isfinite(value)]
    if not known:
        return ""
    low, high = min(0.0, *known), max(0.0, *known)
    if low == high:
        high = low + 1
    wide, half, middle, bar, corner = _BLOCKS if blocks else _ASCII
    labels = {0: number(high), ROWS - 1: number(low)}
    margin = max(map(len, labels.values())) + 1
    room = min(width, WIDEST) - margin - 1
    first = max(0, len(years) - room // 2)  # where even two characters a year are too many, the last years
    years, bands = years[first:], bands[first:]
    cell = max(2, min(9, room // len(years)))
    key = f"{middle} median  {half} 25-75 %  {wide} 5-95 % of worlds"
    lines = [title[: min(width, WIDEST)], *([key] if len(key) <= width else [])]
    for row in range(ROWS):
        text = labels.get(row, "").rjust(margin - 1) + " " + bar
        for band in bands:
            mark = _mark([_row(v, low, high) for v in band], row, (wide, half, middle)) if math.isfinite(band[2]) else " "
            drawn = mark * (cell - 1)
            text += (click.style(drawn, fg="cyan", bold=True) if colour and mark == middle else drawn) + " "
        lines.append(text.rstrip())
    lines.append(" " * margin + corner[0] + corner[1] * (cell * len(years) - 1))
    return "\n".join([*lines, " " * (margin + 1) + _ticks(years, cell)])


def _quantiles(values: Numbers) -> list[float]:
    known = values[~np.isnan(values)]
    return [float(q) for q in np.quantile(known, POINTS)] if len(known) else [math.nan] * len(POINTS)


def _row(value: float, low: float, high: float) -> int:
    """The row of a value, from 0 at the top."""
    return round((ROWS - 1) * (high - value) / (high - low))


def _mark(rows: Sequence[int], row: int, marks: tuple[str, str, str]) -> str:
    p5, p25, p50, p75, p95 = rows
    if row == p50:
        return marks[2]
    if p75 <= row <= p25:
        return marks[1]
    return marks[0] if p95 <= row <= p5 else " "


def _ticks(years: Sequence[int], cell: int) -> str:
    """Years below their columns, as many as have room, in two digits where four do not fit."""
    if cell >= 5:
        return "".join(str(year).ljust(cell) for year in years).rstrip()
    if cell >= 4:
        return "".join(f"'{year % 100:02d}".ljust(cell) for year in years).rstrip()
    last = str(years[-1])
    return str(years[0]) + last.rjust(cell * len(years) - 1 - len(str(years[0]))) if cell * len(years) > 10 else last


def _can_show(stream: TextIO) -> bool:
    try:
        "".join(_BLOCKS).encode(getattr(stream, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True

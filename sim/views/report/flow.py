"""The ledger as a picture of flows: what was no longer sold because of the controls, and what came in its place.

The ledger's identity, summed over groups and months: the changes of controlled, foreign and domestic sales, less that of additions to
stock, plus that of unmet need, less that of need, are 0. What fell stands on the left and what filled the gap on the right; so the
two sides are equal. Nobody knows which loss was filled by whom: each is drawn as filled in the proportions of the right side.
"""

import html
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sim.batch.results import Results
from sim.tables import number
from sim.views.report.panel import Panel, Row
from sim.views.report.safe import shortened, upper
from sim.views.report.slider import folded, script, slider
from sim.worlds import Integers, Numbers

GRAIN = 0.01  # USD bn: the books are shown, and balance, in steps of this
WHOLE = "whole run"
CHANGES = {  # name: outcome, and its sign in the identity
    "controlled": ("controlled_change", 1), "foreign": ("foreign_change", 1), "domestic": ("domestic_change", 1),
    "stock": ("stock_change", -1), "unmet": ("unmet_change", 1), "need": ("need_change", -1),
}  # fmt: skip
FELL = {
    "controlled": "sales of {controlled_sellers}", "foreign": "{foreign_sellers} sold less",
    "domestic": "{domestic_sellers} sold less", "stock": "more was laid in stock", "unmet": "less went unmet", "need": "more was needed",
}  # fmt: skip
FILLED = {
    "kept": "{controlled_sellers} still sold", "domestic": "{domestic_sellers} sold more", "foreign": "{foreign_sellers} sold more",
    "controlled": "{controlled_sellers} sold more", "stock": "taken from stock", "need": "no longer needed", "unmet": "needed and not met",
}  # fmt: skip
COLOURS = {"controlled": "--c1", "kept": "--c1", "foreign": "--c2", "domestic": "--c3", "stock": "--c6", "unmet": "--c4", "need": "--c7"}


@dataclass(frozen=True)
class Book:
    """A year's, or all years', means over worlds, in steps of GRAIN.

    kept: what controlled sellers sell in both worlds; fell, filled: by name, above 0; their sums are equal
    """

    period: str
    kept: int
    fell: dict[str, int]
    filled: dict[str, int]


def books(results: Results) -> list[Book]:
    """A book a year, and one of all. Empty where the run does not keep the ledger's outcomes."""
    needed = ["controlled_sales", *(outcome for outcome, _ in CHANGES.values())]
    if any(name not in results.manifest["outcomes"] for name in needed):
        return []
    means = {name: results.yearly(name).mean(axis=0) for name in needed}
    periods = [(str(year), {name: float(mean[i]) for name, mean in means.items()}) for i, year in enumerate(results.years)]
    return [book(name, of) for name, of in (*periods, (WHOLE, {name: float(mean.sum()) for name, mean in means.items()}))]


def book(period: str, mean: Mapping[str, float]) -> Book:
    """mean: outcome -> USD bn"""
    terms = {name: sign * mean[outcome] for name, (outcome, sign) in CHANGES.items()}
    fell, filled = {n: -t for n, t in terms.items() if t < 0}, {n: t for n, t in terms.items() if t > 0}
    whole = round((sum(fell.values()) + sum(filled.values())) / 2 / GRAIN)
    kept = mean["controlled_sales"] - max(terms["controlled"], 0)
    return Book(period, max(round(kept / GRAIN), 0), _in_steps(fell, whole), _in_steps(filled, whole))


def _in_steps(parts: Mapping[str, float], whole: int) -> dict[str, int]:
    """Whole steps that add up to `whole`: all rounded down, then those with the largest remainder up."""
    if not parts:
        return {}
    exact = np.array(list(parts.values())) * (whole / sum(parts.values()))
    steps: Integers = np.floor(exact).astype(np.int64)
    steps[np.argsort(steps - exact, kind="stable")[: whole - int(steps.sum())]] += 1
    return {name: int(n) for name, n in zip(parts, steps, strict=True) if n}


def rows(results: Results) -> list[Row]:
    """For a spreadsheet: a row a period, side and name."""
    words = _words(results)
    found: list[Row] = []
    for one in books(results):
        found.append({"period": one.period, "side": "kept", "what": FILLED["kept"].format_map(words), "usd_bn": _bn(one.kept)})
        for name, steps in one.fell.items():
            said = "{controlled_sellers} lost" if name == "controlled" else FELL[name]
            found.append({"period": one.period, "side": "fell", "what": said.format_map(words), "usd_bn": _bn(steps)})
        for name, steps in one.filled.items():
            found.append({"period": one.period, "side": "filled", "what": FILLED[name].format_map(words), "usd_bn": _bn(steps)})
    return found


def panel(results: Results, base: Results | None = None) -> Panel | None:
    """None where the run does not keep the ledger's outcomes."""
    kept = books(results)
    if not kept:
        return None
    words, periods = _words(results), [one.period for one in kept]
    tallest = max(one.kept + sum(one.fell.values()) for one in kept[:-1])
    last = len(kept) - 1
    frames = "".join(
        f'<div data-frame{"" if i == last else " hidden"}>'
        + "".join(_picture(one, words, tallest if i < last else one.kept + sum(one.fell.values()), width) for width in (720, 358))
        + "</div>"
        for i, one in enumerate(kept)
    )
    vendor = html.escape(words["vendor"])
    note = (
        f"Left: what would have been sold to {vendor} without the controls and was not, and what else had to be found. "
        "Right: what came in its place. The two sides are equal. Means over all worlds, USD bn, all inputs and not chips alone; the years "
        "share one scale. Who filled whose gap is not known: each loss is drawn as filled in the proportions of the right side."
    )
    return Panel(
        key="flow",
        title="Where the sales went",
        lead=_lead(kept[-1], words, books(base)[-1] if base is not None and books(base) else None, results),
        html=slider("flow", periods, last, "Year of the ledger", 1200) + frames + f'<p class="note">{note}</p>' + _table(kept, words),
        data={"ledger": rows(results)},
        script=script("flow.js"),
    )


def _words(results: Results) -> dict[str, str]:
    table = results.plan.case["words"]
    return dict(zip(table.key, table["word"], strict=True))


def _bn(steps: int) -> float:
    return round(steps * GRAIN, 2)


def _lead(whole: Book, words: Mapping[str, str], base: Book | None, results: Results) -> str:
    """The loss of the controlled sellers over the run, the largest thing in its place, and what they placed elsewhere."""
    lost, sellers, vendor = whole.fell.get("controlled", 0), words["controlled_sellers"], words["vendor"]
    if not lost:
        return f"Over the whole run the controls cost {sellers} no sales to {vendor}, on the mean of the worlds."
    most = max(whole.filled, key=lambda name: whole.filled[name])
    into = FILLED[most].format_map(words)
    beside = f"; in the run it is held against, USD {number(_bn(base.fell.get('controlled', 0)))} bn" if base is not None else ""
    text = (
        f"Over the whole run {sellers} lose USD {number(_bn(lost))} bn of sales to {vendor} on the mean of the worlds{beside}. "
        f"The largest item in the place of all that fell: {into} (USD {number(_bn(whole.filled[most]))} bn)."
    )
    again = _resold(results)
    placed = f"{upper(sellers)} place USD {number(again or 0)} bn with other customers, which is in no flow here."
    return text if again is None else f"{text} {placed}"


def _resold(results: Results) -> float | None:
    """What controlled sellers placed with other customers over the run, USD bn: the last twelve months' at each year's end."""
    there = all(name in results.manifest["outcomes"] for name in ("lost_sales", "net_lost_sales"))
    if not there or results.manifest["months"] % 12:
        return None
    resold: Numbers = results.yearly("lost_sales") - results.yearly("net_lost_sales")
    return float(resold.mean(axis=0).sum())


def _table(kept: list[Book], words: Mapping[str, str]) -> str:
    def row(said: str, values: list[int]) -> list[list[str]]:
        return [[said.format_map(words), *(f"{_bn(v):.2f}" for v in values)]] if any(values) else []

    body = row(FILLED["kept"], [one.kept for one in kept])
    for name, said in FELL.items():
        body += row("{controlled_sellers} lost" if name == "controlled" else said, [-one.fell.get(name, 0) for one in kept])
    for name, said in FILLED.items():
        body += row(said, [one.filled.get(name, 0) for one in kept]) if name != "kept" else []
    return folded("USD bn; what fell below 0, what filled the gap above", ["", *(one.period for one in kept)], body)


# Pixels: between bars, least height of a label's place, width of a bar, height of the largest year
_GAP, _SLOT, _BAR, _TALL = 8, 36, 12, 330


@dataclass(frozen=True)
class _Bar:
    name: str
    label: str
    told: str
    top: float
    high: float


def _picture(one: Book, words: Mapping[str, str], tallest: int, width: int) -> str:
    scale = _TALL / max(tallest, 1)
    lost = one.fell.get("controlled", 0)
    before = one.kept + lost
    left = [("controlled", before, f"{_usd(before)}, lost {_number(lost)}" if lost else _usd(before))] if before else []
    left += [(name, one.fell[name], _usd(one.fell[name])) for name in FELL if name in one.fell and name != "controlled"]
    right = [("kept", one.kept, _usd(one.kept))] if one.kept else []
    right += [(name, one.filled[name], _usd(one.filled[name])) for name in FILLED if name in one.filled]
    bars, others = _stack(left, FELL, words, scale), _stack(right, FILLED, words, scale)
    height = max([60.0, *(b.top + max(b.high, _SLOT) for b in (*bars, *others))]) + 6
    away = {b.name: b.top for b in bars}
    into = {b.name: b.top for b in others}
    ribbons = []
    if one.kept:
        ribbons.append(_ribbon(away["controlled"], into["kept"], one.kept * scale, width, COLOURS["kept"], 0.22))
        away["controlled"] += one.kept * scale
    whole = sum(one.filled.values())
    for a, fallen in sorted(one.fell.items(), key=lambda item: list(FELL).index(item[0])):
        for b in (name for name in FILLED if name in one.filled):
            high = fallen * one.filled[b] / whole * scale
            ribbons.append(_ribbon(away[a], into[b], high, width, COLOURS[a], 0.4))
            away[a] += high
            into[b] += high
    listed = ["; ".join(f"{b.label} {b.told}" for b in side) for side in (bars, others)]
    said = f"{one.period}: {listed[0]}. In its place: {listed[1]}"
    shown = "".join(_drawn(b, 0, width) for b in bars) + "".join(_drawn(b, width - _BAR, width) for b in others)
    return (
        f'<svg class="{"for-wide" if width > 500 else "for-narrow"}" viewBox="0 0 {width} {height:.0f}" width="{width}" '
        f'height="{height:.0f}" role="img" aria-label="{html.escape(said)}">{"".join(ribbons)}{shown}</svg>'
    )


def _stack(parts: list[tuple[str, int, str]], said: Mapping[str, str], words: Mapping[str, str], scale: float) -> list[_Bar]:
    bars, top = [], 4.0
    for name, steps, told in parts:
        bars.append(_Bar(name, said[name].format_map(words), told, top, steps * scale))
        top += max(steps * scale, _SLOT) + _GAP
    return bars


def _drawn(bar: _Bar, x: int, width: int) -> str:
    at, anchor = (x + _BAR + 6, "start") if x == 0 else (x - 6, "end")
    middle = bar.top + max(bar.high / 2, 12) if bar.high >= _SLOT else bar.top + 12
    size = 13 if width > 500 else 12
    lines = "".join(
        f'<text x="{at}" y="{middle + dy:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}" fill="var(--ink)" '
        f'stroke="var(--paper)" stroke-width="3" stroke-linejoin="round" paint-order="stroke">{html.escape(text)}</text>'
        for text, dy, weight in ((shortened(bar.label, 44 if width > 500 else 26), 0, 400), (bar.told, 16, 600))
    )
    colour = COLOURS[bar.name]
    return f'<rect x="{x}" y="{bar.top:.1f}" width="{_BAR}" height="{max(bar.high, 1.5):.1f}" fill="var({colour})"/>{lines}'


def _ribbon(y0: float, y1: float, high: float, width: int, colour: str, opacity: float) -> str:
    a, b = _BAR, width - _BAR
    bend = (a + b) / 2
    path = (
        f"M{a} {y0:.1f}C{bend:.0f} {y0:.1f} {bend:.0f} {y1:.1f} {b} {y1:.1f}V{y1 + high:.1f}"
        f"C{bend:.0f} {y1 + high:.1f} {bend:.0f} {y0 + high:.1f} {a} {y0 + high:.1f}Z"
    )
    return f'<path d="{path}" fill="var({colour})" fill-opacity="{opacity}"/>'


def _usd(steps: int) -> str:
    return f"USD {_number(steps)} bn"


def _number(steps: int) -> str:
    return f"{_bn(steps):.2f}"

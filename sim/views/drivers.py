"""`chokepoint sensitivity` in words: ranked bars for a terminal, JSON, CSV."""

import math
import sys
from typing import Any

import numpy as np

from sim.analysis.futures import about
from sim.analysis.indices import Estimate
from sim.analysis.sensitivity import Drivers, Sensitivity
from sim.spreadsheet import csv_text, number_text
from sim.tables import number, table, wrapped

BAR = 10  # characters
TOP = 8
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_WAYS = {
    "sobol": "Sobol indices: the share of an outcome's variance that goes with a parameter, with all its interactions (total) and alone.",
    "morris": "Morris effects: how far an outcome moves, in its own unit, on the way across a parameter's whole range.",
    "correlation": "Rank correlations (Spearman), from -1 to 1; beside them, with all other parameters held (partial).",
}
_COLUMNS = {
    "sobol": {"total": "total", "alone": "alone"},
    "morris": {"mu_star": "mean size (mu*)", "mu": "with sign (mu)", "sigma": "unevenness (sigma)"},
    "correlation": {"rank": "rank correlation", "partial": "partial"},
}


def can_draw() -> bool:
    """Whether standard output is a terminal that shows block characters; a pipe gets plain ones."""
    return sys.stdout.isatty() and "utf" in (sys.stdout.encoding or "").lower()


def bar(share: float, blocks: bool, width: int = BAR) -> str:
    """
    >>> bar(0.5, blocks=False, width=8), bar(0.45, blocks=True, width=4)
    ('####    ', '█▊  ')
    """
    share = min(max(share, 0.0), 1.0)
    if not blocks:
        return ("#" * round(share * width)).ljust(width)
    whole, part = divmod(round(share * width * 8), 8)
    return ("█" * whole + (_EIGHTHS[part] if part else "")).ljust(width)


def as_text(found: Sensitivity, top: int = TOP, blocks: bool | None = None) -> str:
    """top: parameters shown of each outcome; blocks: block characters for the bars, where None if the terminal shows them."""
    blocks = can_draw() if blocks is None else blocks
    parts = [wrapped(_beginning(found), hang=0)]
    parts += [_outcome(found, one, top, blocks) for one in found.found]
    notes = [*(f"Left out: {text}." for text in found.left_out), *_notes(found)]
    return "\n\n".join([*parts, "\n".join(wrapped(note, hang=2) for note in notes)])


def _beginning(found: Sensitivity) -> str:
    what = "points" if found.swept else "worlds"
    many = f", each the mean of {found.replicates:,} replicates" if found.replicates > 1 else ""
    trials = f"{found.manifest['scenario']}: {found.trials:,} {what}{many}, {len(found.paths)} parameters."
    return f"{trials} {_WAYS[found.method]} In brackets: 95 % intervals."


def _outcome(found: Sensitivity, one: Drivers, top: int, blocks: bool) -> str:
    head = f"{one.outcome} {one.year}, {one.unit}: {one.sentence}. Mean {number(one.mean)}, standard deviation {number(one.sd)}."
    if one.luck is not None:
        head += f" Luck, and all that was not varied: {one.luck:.0%} of the variance."
    if not one.estimates:
        return wrapped(f"{head} It is the same at every point, so nothing drives it.")
    order, columns = one.ranked(), _COLUMNS[found.method]
    first = one.estimates[next(iter(columns))].value
    scale = max(1.0 if found.method != "morris" else 0.0, float(abs(first).max()))
    rows, meanings = [], []
    for i in order[:top]:
        rows.append([found.paths[i], bar(abs(float(first[i])) / scale, blocks), *(_cell(one, key, int(i), found) for key in columns)])
        meanings.append(about(found.paths[i])[1])
    text = [wrapped(head), _ranking(["parameter", "", *columns.values()], rows, meanings)]
    if len(order) > top:
        rest = abs(first[order[top:]]).max()
        text.append(f"{len(order) - top} more, none beyond {number(float(rest))}.")
    if found.method == "sobol":
        text.append(wrapped(_sums(one), hang=0))
        text += _pairs(found, one, top)
    return "\n".join(text)


def _ranking(header: list[str], rows: list[list[str]], meanings: list[str]) -> str:
    """Each row with its meaning below."""
    lines = table(header, rows, numbers=len(header) - 1).splitlines()
    if len(lines) != len(rows) + 1:  # too narrow for columns
        return table([*header, "what it is"], [[*row, meaning] for row, meaning in zip(rows, meanings, strict=True)])
    below = [wrapped(f"  {meaning}", hang=0) for meaning in meanings]
    return "\n".join([lines[0], *(line for pair in zip(lines[1:], below, strict=True) for line in pair)])


def _cell(one: Drivers, key: str, i: int, found: Sensitivity) -> str:
    e = one.estimates[key]
    value, low, high = (float(part[i]) for part in (e.value, e.low, e.high))
    show = number if found.method == "morris" else _two
    if math.isnan(low) or key == "partial":
        return show(value)
    mark = ""
    if found.null_band is not None and key == "rank":
        mark = "" if abs(value) > found.null_band else " o"
    return f"{show(value)} ({show(low)} to {show(high)}){mark}"


def _two(value: float) -> str:
    return "-" if math.isnan(value) else f"{value + 0.0:.2f}".replace("-0.00", "0.00")


def _sums(one: Drivers) -> str:
    alone, total = float(one.estimates["alone"].value.sum()), float(one.estimates["total"].value.sum())
    together = "so hardly any of it lies in their interplay" if alone > 0.95 else f"so about {1 - alone:.0%} lies in their interplay"
    said = f"Alone they make up {alone:.0%} of the variance, {together}"
    return f"{said}; the totals add up to {total:.2f}, counting interplay more than once."


def _pairs(found: Sensitivity, one: Drivers, top: int) -> list[str]:
    """The pairs whose interplay is above nothing, the strongest first."""
    if "pairs" not in one.estimates:
        return []
    e = one.estimates["pairs"]
    order = np.argsort(-np.nan_to_num(e.value, nan=-1.0), axis=None)[:top]
    places = [(int(i), int(j)) for i, j in zip(*np.unravel_index(order, e.value.shape), strict=True) if e.low[i, j] > 0]
    if not places:
        return ["No pair does more together, as far as can be told."]
    shares = [f"{_two(e.value[at])} ({_two(e.low[at])} to {_two(e.high[at])})" for at in places]
    names = [f"{found.paths[i]}, {found.paths[j]}" for i, j in places]
    return [table(["together more than alone", "share"], [list(row) for row in zip(names, shares, strict=True)], numbers=1)]


def _notes(found: Sensitivity) -> list[str]:
    if found.method == "correlation":
        assert found.null_band is not None
        many = len(found.paths)
        band = (
            f"o: within the null band, +/-{found.null_band:.3f}, where a parameter that has nothing to do with the outcome lies in "
            f"95 of 100 cases; of {many} such parameters, about {max(1, round(many / 20))} would lie outside by chance."
        )
        return [band, "A rank correlation sees what rises or falls throughout, not a bend, and not an interaction: a Sobol sweep does."]
    same = "Every point has the same luck and the same draws of what is not varied."
    if found.replicates == 1:
        same += " With one replicate they are those of a single world, and what they decide is not known; --replicates says more."
    notes = [same]
    if found.method == "sobol":
        return [*notes, "An interval that reaches 0 says that the base sample is too small to tell this share from nothing."]
    return [*notes, "A large sigma beside mu*: the effect differs from place to place, by a bend or by interactions."]


def as_json(found: Sensitivity) -> dict[str, Any]:
    """Everything, every parameter; a number that is not known is null."""
    manifest = found.manifest
    return {
        **{name: manifest[name] for name in ("scenario", "worlds", "digest")},
        "folder": str(found.folder), "method": found.method, "trials": found.trials, "replicates": found.replicates, "seed": found.seed,
        "null_band": found.null_band, "left_out": found.left_out, "outcomes": [_outcome_json(found, one) for one in found.found],
    }  # fmt: skip


def _outcome_json(found: Sensitivity, one: Drivers) -> dict[str, Any]:
    told = {name: getattr(one, name) for name in ("outcome", "unit", "year", "mean", "sd")} | {"luck_share": one.luck}
    parameters = []
    for i in one.ranked() if one.estimates else []:
        path = found.paths[i]
        unit, meaning = about(path)
        measures = {key: _parts(one.estimates[key], i) for key in _COLUMNS[found.method]}
        parameters.append({"path": path, "unit": unit, "meaning": meaning, **measures})
    return {**told, "varies": bool(one.estimates), "parameters": parameters, **_pairs_json(found, one)}


def _pairs_json(found: Sensitivity, one: Drivers) -> dict[str, Any]:
    if "pairs" not in one.estimates:
        return {}
    pairs = [(i, j) for i in range(len(found.paths)) for j in range(i + 1, len(found.paths))]
    return {"pairs": [{"paths": [found.paths[i], found.paths[j]], **_parts(one.estimates["pairs"], (i, j))} for i, j in pairs]}


def _parts(e: Estimate, i: Any) -> dict[str, float | None]:
    return {part: _null(float(getattr(e, part)[i])) for part in ("value", "low", "high")}


def _null(value: float) -> float | None:
    return value if math.isfinite(value) else None


def as_csv(found: Sensitivity) -> bytes:
    """A row an outcome, year and parameter, the strongest first."""
    keys = list(_COLUMNS[found.method])
    rows: list[list[str]] = [["outcome", "year", "parameter", *(f"{key}{end}" for key in keys for end in ("", "_low", "_high"))]]
    for one in found.found:
        for i in one.ranked() if one.estimates else []:
            numbers = [float(part[i]) for e in (one.estimates[key] for key in keys) for part in (e.value, e.low, e.high)]
            cells = ["" if math.isnan(value) else number_text(value) for value in numbers]
            rows.append([one.outcome, str(one.year), found.paths[i], *cells])
    return csv_text(rows)

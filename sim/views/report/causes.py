"""What drives the result: the sensitivity of the outcome that the question is about."""

from typing import Any

from sim.analysis.drivers import drivers
from sim.analysis.sensitivity import Drivers, Sensitivity, analyse
from sim.parameters import find
from sim.refusal import InputError
from sim.views.report.headline import short, slug
from sim.views.report.panel import Panel, Row
from sim.views.report.question import Question
from sim.views.report.safe import escaped

TOP = 8
MOST = 2  # outcomes
_WAYS = {
    "sobol": ("total", "Share of the outcome's variance that goes with a number, with all its interplay (Sobol, total)."),
    "morris": ("mu_star", "How far the outcome moves on the way across a number's whole range (Morris, mean size)."),
    "correlation": ("rank", "Rank correlation with each uncertain number, from -1 to 1: the stronger, the more it matters."),
}


def panels(question: Question) -> list[Panel]:
    """InputError where nothing varies, or there are too few worlds."""
    panels = []
    for name in question.outcomes[:MOST]:
        peak = question.found.peak(name) if question.found is not None and name in question.found.outcomes else None
        found = analyse(question.results.folder, [name], None if peak is None else str(peak.year))
        panels += [_panel(question, found, one) for one in found.found if one.estimates]
    return panels


def of_the_change(question: Question) -> str:
    """What goes with the size of the change, in a sentence; empty where there is no base or nothing to tell."""
    found = question.found
    if found is None:
        return ""
    name = next((n for n in question.outcomes if n in found.outcomes), found.outcomes[0])
    ranked = drivers(found, name)
    if not ranked:
        return f"No uncertain number goes with the size of the change in “{question.sentence(name)}” more than chance would have it."
    told = "; ".join(f"{_said(driver.path)} ({driver.rank:+.2f})" for driver in ranked)
    return f"The change in “{question.sentence(name)}” goes most with (rank correlation): {told}."


def _said(path: str) -> str:
    entry = find(path)
    return path if entry is None else f"{path}: {entry.meaning.rstrip('.')}"


def refused(fault: InputError) -> str:
    """Why there is nothing to show."""
    text = str(fault).split(": ", 1)[-1]
    return text[:1].upper() + text[1:] + "."


def _panel(question: Question, found: Sensitivity, one: Drivers) -> Panel:
    measure, how = _WAYS[found.method]
    estimate = one.estimates[measure]
    rows: list[Row] = []
    for i in one.ranked()[:TOP]:
        path = found.paths[int(i)]
        entry = find(path)
        value, low, high = (float(part[i]) for part in (estimate.value, estimate.low, estimate.high))
        meaning = entry.meaning if entry is not None else ""
        rows.append({"path": path, "value": short(value), "low": short(low), "high": short(high), "meaning": meaning})
    noise = f" What lies within {found.null_band:.2f} of 0 may be chance." if found.null_band is not None else ""
    lines = "".join(
        f"<tr><th scope=row><code>{escaped(r['path'])}</code></th><td class=n data-label=strength>{float(r['value'] or 0):.3g}</td>"
        f"<td>{escaped(r['meaning'])}</td></tr>"
        for r in rows
    )
    head = "<th scope=col>number</th><th scope=col class=n>strength</th><th scope=col>what it is</th>"
    title = f"{question.sentence(one.outcome)}, {one.year}"
    caption = f"<caption>{escaped(title)}</caption>"
    return Panel(
        key=f"drives-{slug(one.outcome)}", title=title, lead=how + noise, spec=_spec(len(rows)), data={"drivers": rows},
        html="<details data-print open><summary>What these numbers are</summary>"
        f"<table class=stacked>{caption}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></details>",
    )  # fmt: skip


def _spec(rows: int) -> dict[str, Any]:
    y = {"field": "path", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 190, "ticks": False, "domain": False}}

    def x(field: str) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "title": None, "axis": {"tickCount": 5}}

    sign = {"condition": {"test": "datum.value < 0", "value": "var(--base)"}, "value": "var(--run)"}
    tips: list[dict[str, Any]] = [{"field": "path", "title": "number"}, {"field": "value", "type": "quantitative", "format": ".2f"}]
    tips.append({"field": "meaning", "title": "is"})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"name": "drivers"},
        "width": "container", "height": 24 * rows, "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 12, "top": 4, "bottom": 2},
        "layer": [
            {"mark": {"type": "bar", "height": 13}, "encoding": {"y": y, "x": x("value"), "color": sign, "tooltip": tips}},
            {"mark": {"type": "rule", "color": "var(--ink)"}, "encoding": {"y": y, "x": x("low"), "x2": {"field": "high"}}},
        ],
    }  # fmt: skip

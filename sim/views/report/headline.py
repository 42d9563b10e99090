"""The charts of the outcomes: band and median of the run, the base's median, the record, the naive forecast, when rules came."""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis.counted import COUNTED
from sim.analysis.scoring import QUANTILES
from sim.batch.results import Results
from sim.calendar import Calendar
from sim.months import label
from sim.parameters import PARAMETERS
from sim.tables import number
from sim.views.difference_in_words import sentence, share
from sim.views.observed import Observed, observed
from sim.views.report.panel import Panel, Row
from sim.views.report.question import Question, as_it_was
from sim.views.report.safe import escaped, upper
from sim.worlds import Numbers

COLUMNS = ("p5", "p25", "median", "p75", "p95")
YEAR = 12  # months; flows are told as sums of so many
CLOSE = 7  # months: rules that came so close after each other share a letter's place
LAWS = "law."  # dated levers that are rules
RECORDED = ("record", "record_low", "record_high")
SAME = 0.9  # of the worlds: an outcome that is the same in so many hardly changes
_HOW = {"sum": "sum of the last {} months", "mean": "month by month", "end": "at the end of each month"}


@dataclass(frozen=True)
class Marker:
    """A rule that came into force, or went. letter: its name in the charts"""

    letter: str
    month: int
    words: str


def markers(results: Results) -> list[Marker]:
    """When the rules came and went in this run, as its scenario leaves the calendar."""
    plan, months = results.plan, results.manifest["months"]
    values = Calendar(plan.case, plan.scenario, months).values
    found = []
    for lever in (name for name in values if name.startswith(LAWS)):
        on = values[lever] > 0
        begins = [month for month in range(months) if on[month] and (month == 0 or not on[month - 1])]
        ends = [month for month in range(1, months) if on[month - 1] and not on[month]]
        meaning = PARAMETERS[lever].meaning.split(":")[0]
        found += [(month, meaning) for month in begins if month > 0] + [(month, f"{meaning}: ends") for month in ends]
    return [Marker(_letter(i), month, words) for i, (month, words) in enumerate(sorted(found, key=lambda one: one[0]))]


def _letter(i: int) -> str:
    return chr(ord("A") + i) if i < 26 else str(i + 1)


def panels(question: Question, dates: list[Marker]) -> list[Panel]:
    record = next((run for run in (question.results, *question.others) if as_it_was(run)), None)
    return [_panel(question, name, dates, record) for name in question.outcomes]


def by_month(results: Results, outcome: str) -> Numbers:
    """(worlds, months): a flow as the sum of the last twelve months, NaN before there are so many; a state as it is."""
    series = results.series(outcome).astype(np.float64)
    if results.manifest["outcomes"][outcome]["yearly"] != "sum":
        return series
    span = min(YEAR, series.shape[1])
    run = np.cumsum(np.nan_to_num(series), axis=1)
    before = np.concatenate([np.zeros((len(run), 1)), run[:, : run.shape[1] - span]], axis=1)
    return np.concatenate([np.full((len(run), span - 1), np.nan), run[:, span - 1 :] - before], axis=1)


def short(value: float) -> float | None:
    """Six digits; None for what is no number."""
    return None if not math.isfinite(value) else float(f"{value:.6g}")


def bands(values: Numbers) -> Numbers:
    """(quantiles, months); NaN where no world has a number."""
    found = np.full((len(QUANTILES), values.shape[1]), np.nan)
    known = ~np.isnan(values)
    full = known.all(axis=0)
    found[:, full] = np.quantile(values[:, full], QUANTILES, axis=0)
    for month in np.flatnonzero(~full & known.any(axis=0)):
        found[:, month] = np.quantile(values[known[:, month], month], QUANTILES)
    return found


def on_record(results: Results, outcome: str) -> dict[int, tuple[float, float, float]]:
    """What was observed, by month: at its end, or over the year that ends there. The record, and the range within which it lies."""
    how, months = results.manifest["outcomes"][outcome]["yearly"], results.manifest["months"]
    found = {_shown_at(one): (one.value, one.low, one.high) for one in observed(results, outcome) if one.how == how}
    return {month: seen for month, seen in found.items() if month is not None and month < months}


def _shown_at(one: Observed) -> int | None:
    """The month of a chart at which a figure stands: the last; the middle of a year's mean; none for what is of no year."""
    if one.how == "end":
        return one.last
    year = one.months == YEAR and one.first % YEAR == 0
    return (one.last if one.how == "sum" else one.first + YEAR // 2 - 1) if year else None


def naive(results: Results, outcome: str) -> float | None:
    """What somebody would have said who expected no change since before January 2018; the rival that validation has."""
    if outcome not in COUNTED:
        return None
    return float(np.sum(np.asarray(results.plan.case["governments"]["level_2017"], np.float64) >= list(COUNTED).index(outcome) + 1))


def _at(month: int) -> float:
    return round(2018 + month / 12, 4)


def slug(name: str) -> str:
    """As a part of an element's id."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def _panel(question: Question, outcome: str, dates: list[Marker], recorded: Results | None) -> Panel:
    results, base = question.results, question.base
    about, months = results.manifest["outcomes"][outcome], results.manifest["months"]
    ours = bands(by_month(results, outcome))
    columns: dict[str, Numbers] = dict(zip(COLUMNS, ours, strict=True))
    if base is not None and outcome in base.outcomes:
        columns["base"] = bands(by_month(base, outcome))[2]
    if recorded is not None and outcome in recorded.outcomes:
        seen = on_record(recorded, outcome)
        for i, name in enumerate(RECORDED if seen else ()):
            columns[name] = np.array([seen[m][i] if m in seen else np.nan for m in range(months)])
        level = naive(recorded, outcome)
        if level is not None:
            columns["no_change"] = np.full(months, level)
    rows: list[Row] = [
        {"month": label(month), "at": _at(month), **{name: short(float(x[month])) for name, x in columns.items()}}
        for month in range(months)
        if not np.isnan(ours[2, month]) or ("record" in columns and not np.isnan(columns["record"][month]))
    ]
    how = _HOW[about["yearly"]].format(min(YEAR, months))
    return Panel(
        key=f"o-{slug(outcome)}", title=question.sentence(outcome), lead=_lead(question, outcome, ours),
        html=f"<p class=note>{escaped(about['unit'])}, {how}</p>" + _table(question, outcome, rows),
        spec=_spec(columns, dates, months), data={"months": rows},
    )  # fmt: skip


def _lead(question: Question, outcome: str, ours: Numbers) -> str:
    found = question.found
    if found is not None and outcome in found.outcomes:
        row = found.row(outcome)
        if SAME <= row.equal < 1:
            return f"The same in {share(row.equal)} of worlds."
        return upper(sentence(row).removeprefix(f"{outcome}: "))
    last = int(np.flatnonzero(~np.isnan(ours[2]))[-1]) if (~np.isnan(ours[2])).any() else None
    if last is None:
        return "It has no number in any world."
    low, middle, high = (number(float(ours[i, last])) for i in (0, 2, 4))
    return f"{label(last)}: {middle}, and from {low} to {high} in nine of ten worlds."


def _table(question: Question, outcome: str, rows: list[Row]) -> str:
    """The numbers at the end of each year, for those who read them and do not see the chart."""
    shown = {"p5": "5 %", "median": "median", "p95": "95 %", "base": "base", "record": "record"}
    ends = [row for row in rows if str(row["month"]).endswith("-12")] or rows[-1:]
    shown = {name: title for name, title in shown.items() if any(row.get(name) is not None for row in ends)}
    lines = []
    for row in ends:
        cells = "".join(f"<td class=n>{'' if (c := row[name]) is None else escaped(number(float(c)))}</td>" for name in shown)
        lines.append(f"<tr><th scope=row>{escaped(row['month'])}</th>{cells}</tr>")
    heads = "<th scope=col>month</th>" + "".join(f"<th scope=col class=n>{title}</th>" for title in shown.values())
    caption = f"<caption>{escaped(question.sentence(outcome))}, {escaped(question.unit(outcome))}</caption>"
    table = f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{''.join(lines)}</tbody></table>"
    return f"<details><summary>As a table</summary>{table}</details>"


def _places(dates: list[Marker]) -> list[dict[str, Any]]:
    """A row a rule; only the first of those that come close to each other carries letters: those of all."""
    found: list[dict[str, Any]] = []
    first = begin = -1
    for i, one in enumerate(dates):
        if first < 0 or one.month - first >= CLOSE:
            first, begin = one.month, i
            found.append({"at": _at(one.month), "letters": one.letter})
        else:
            found[begin]["letters"] = f"{dates[begin].letter}–{one.letter}"
            found.append({"at": _at(one.month), "letters": ""})
    return found


def _spec(columns: Iterable[str], dates: list[Marker], months: int) -> dict[str, Any]:
    """Vega-Lite. Colours are the page's own, so that light, dark and paper each have theirs."""
    x = {"field": "at", "type": "quantitative", "title": None, "scale": {"domain": [_at(0), _at(max(months - 1, 1))], "nice": False},
         "axis": {"format": "d", "tickMinStep": 1, "grid": False, "labelFlush": False}}  # fmt: skip

    def y(field: str) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "title": None, "axis": {"tickCount": 5}}

    def layer(kind: str, low: str, high: str | None = None, **mark: Any) -> dict[str, Any]:
        ends = {"y": y(low)} | ({} if high is None else {"y2": {"field": high}})
        return {"mark": {"type": kind, **mark}, "encoding": {"x": x, **ends}}

    places = {"values": _places(dates)}
    letters = {"type": "text", "align": "left", "dx": 3, "dy": -6, "y": 0, "color": "var(--ink)", "fontSize": 11}
    layers = [
        layer("area", "p5", "p95", color="var(--wide)"),
        layer("area", "p25", "p75", color="var(--narrow)"),
        {"data": places, "mark": {"type": "rule", "color": "var(--rule)", "strokeDash": [3, 2]}, "encoding": {"x": x}},
        {"data": places, "mark": letters, "encoding": {"x": x, "text": {"field": "letters"}}},
    ]
    if "no_change" in columns:
        layers.append(layer("line", "no_change", color="var(--naive)", strokeWidth=2, strokeDash=[2, 3]))
    if "base" in columns:
        layers.append(layer("line", "base", color="var(--base)", strokeWidth=2, strokeDash=[6, 3]))
    layers.append(layer("line", "median", color="var(--run)", strokeWidth=2.5))
    if "record" in columns:
        seen = {"transform": [{"filter": "isValid(datum.record)"}]}
        layers.append(layer("rule", "record_low", "record_high", color="var(--record)", strokeWidth=1.5) | seen)
        layers.append(layer("point", "record", color="var(--record)", shape="diamond", filled=True, size=55, opacity=1) | seen)
    told = {"p95": "95 %", "median": "median", "p5": "5 %", "base": "base", "record": "record"}
    tips: list[dict[str, Any]] = [{"field": "month", "title": "month"}]
    tips += [{"field": f, "type": "quantitative", "format": ",.4~g", "title": t} for f, t in told.items() if f in columns]
    layers.append({"mark": {"type": "rule", "opacity": 0, "strokeWidth": 5}, "encoding": {"x": x, "tooltip": tips}})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"name": "months"},
        "width": "container", "height": 210, "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 12, "top": 4, "bottom": 2}, "layer": layers,
    }  # fmt: skip

"""The charts of the outcomes: band and median of the run, the base's median, the record, the naive forecast, when rules came."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.analysis.observed import figures, governments, radio_share
from sim.batch.results import Results
from sim.calendar import Calendar
from sim.months import label, month_of
from sim.parameters import PARAMETERS
from sim.tables import number
from sim.views.difference_in_words import sentence
from sim.views.report.panel import Panel, Row
from sim.views.report.question import Question, as_it_was
from sim.views.report.safe import escaped
from sim.worlds import Numbers

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
COLUMNS = ("p5", "p25", "median", "p75", "p95")
YEAR = 12  # months; flows are told as sums of so many
CLOSE = 7  # months: rules that came so close after each other share a letter's place
LAWS = "law."  # dated levers that are rules
COUNTED = ("declarations", "bans", "exclusions")  # governments at level 1, 2, 3 or above
_HOW = {"sum": "sum of the last 12 months", "mean": "month by month", "end": "at the end of each month"}


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
    return [Marker(_letter(i), month, words) for i, (month, words) in enumerate(sorted(found))]


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


def on_record(results: Results, outcome: str) -> list[Row]:
    """What was observed of an outcome at the end of a month or over a year that ends there."""
    how, last = results.manifest["outcomes"][outcome]["yearly"], results.manifest["months"]
    found: list[Row] = []
    for f in figures():
        whole_year = how == "sum" and f.how == "sum" and f.last - f.first == YEAR - 1
        if f.measure == outcome and not f.selector and (whole_year or f.how == how == "end"):
            found.append({"month": label(f.last), "at": _at(f.last), "record": f.record, "low": f.record_low, "high": f.record_high})
    if outcome in COUNTED:
        for year in (2018, 2019, 2020):
            for quarter in range(1, 5):
                count = governments(f"{year}Q{quarter}")[COUNTED.index(outcome)]
                month = month_of(f"{year}-{3 * quarter:02d}")
                found.append({"month": label(month), "at": _at(month), "record": count, "low": count, "high": count})
    if outcome == "vendor_share":
        table = results.plan.case["vendors"]
        listed = next(str(n) for n, c in zip(table["vendor"], table["listed_candidate"], strict=True) if c)
        for year in (2019, 2020):
            share, month = radio_share(listed, year), month_of(f"{year}-06")
            found.append({"month": str(year), "at": _at(month), "record": share, "low": share, "high": share})
    return [row for row in found if float(row["at"] or 0) < _at(last)]


def naive(results: Results, outcome: str) -> float | None:
    """What somebody would have said who expected no change since before January 2018; the rival that validation has."""
    if outcome not in COUNTED:
        return None
    return float(np.sum(np.asarray(results.plan.case["governments"]["level_2017"], np.float64) >= COUNTED.index(outcome) + 1))


def _at(month: int) -> float:
    return round(2018 + month / 12, 4)


def _panel(question: Question, outcome: str, dates: list[Marker], recorded: Results | None) -> Panel:
    results, base = question.results, question.base
    about = results.manifest["outcomes"][outcome]
    ours = bands(by_month(results, outcome))
    theirs = bands(by_month(base, outcome))[2] if base is not None and outcome in base.outcomes else None
    rows: list[Row] = []
    for month in range(ours.shape[1]):
        if not np.isnan(ours[2, month]):
            row: dict[str, Any] = {"month": label(month), "at": _at(month)}
            row |= {name: short(value) for name, value in zip(COLUMNS, ours[:, month], strict=True)}
            rows.append(row | ({"base": short(theirs[month])} if theirs is not None else {}))
    data: dict[str, list[Row]] = {"run": rows, "rules": _places(dates)}
    if recorded is not None and (seen := on_record(recorded, outcome)):
        data["record"] = seen
    level = naive(recorded, outcome) if recorded is not None else None
    if level is not None:
        data["naive"] = [{"no_change": level}]
    return Panel(
        key=f"o-{outcome.replace('_', '-')}",
        title=question.sentence(outcome),
        lead=_lead(question, outcome, ours),
        html=_table(question, outcome, rows, data.get("record", [])) + f"<p class=note>{escaped(about['unit'])}, {_HOW[about['yearly']]}.</p>",
        spec=_spec(theirs is not None, "record" in data, level is not None),
        data=data,
    )  # fmt: skip


def _lead(question: Question, outcome: str, ours: Numbers) -> str:
    found = question.found
    if found is not None and outcome in found.outcomes:
        return _upper(sentence(found.row(outcome)).removeprefix(f"{outcome}: "))
    last = int(np.flatnonzero(~np.isnan(ours[2]))[-1]) if (~np.isnan(ours[2])).any() else None
    if last is None:
        return "It has no number in any world."
    low, middle, high = (number(float(ours[i, last])) for i in (0, 2, 4))
    return f"{label(last)}: {middle}, and from {low} to {high} in nine of ten worlds."


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _table(question: Question, outcome: str, rows: list[Row], record: list[Row]) -> str:
    """The numbers at the end of each year, for those who read them and do not see the chart."""
    base = bool(rows) and "base" in rows[0]
    seen = {str(row["month"])[:4]: row["record"] for row in record if len(str(row["month"])) == 4 or str(row["month"]).endswith("-12")}
    head = ["", "5 %", "median", "95 %", *(["base"] if base else []), *(["record"] if seen else [])]
    ends = [row for row in rows if str(row["month"]).endswith("-12")] or rows[-1:]
    lines = []
    for row in ends:
        year = str(row["month"])[:4]
        cells = [row["p5"], row["median"], row["p95"], *([row["base"]] if base else []), *([seen.get(year)] if seen else [])]
        told = "".join(f'<td class=n>{"" if c is None else escaped(number(float(c)))}</td>' for c in cells)
        lines.append(f'<tr><th scope=row>{escaped(row["month"])}</th>{told}</tr>')
    heads = "".join(f'<th scope=col{" class=n" if name else ""}>{name or "month"}</th>' for name in head)
    caption = f"{escaped(question.sentence(outcome))}, {escaped(question.unit(outcome))}"
    body = "".join(lines)
    return f"<details><summary>As a table</summary><table><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></details>"


def _places(dates: list[Marker]) -> list[Row]:
    """A row a rule; only the first of those that come close to each other carries letters: those of all."""
    found: list[dict[str, Any]] = []
    head: dict[str, Any] | None = None
    for one in dates:
        if head is None or one.month - head["first"] >= CLOSE:
            head = {"at": _at(one.month), "first": one.month, "letters": one.letter, "rule": one.words, "begin": one.letter}
            found.append(head)
        else:
            head["letters"] = f"{head['begin']}–{one.letter}"
            found.append({"at": _at(one.month), "first": one.month, "letters": "", "rule": one.words, "begin": one.letter})
    return [{"month": label(r["first"]), "at": r["at"], "letter": r["begin"], "rule": r["rule"], "shown": r["letters"]} for r in found]


def _spec(base: bool, record: bool, unchanged: bool) -> dict[str, Any]:
    """Vega-Lite. Colours are the page's own, so that light, dark and paper each have theirs."""
    x = {"field": "at", "type": "quantitative", "title": None, "scale": {"zero": False, "nice": False},
         "axis": {"format": "d", "tickMinStep": 1, "grid": False}}  # fmt: skip

    def y(field: str, **more: Any) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "title": None, "axis": {"tickCount": 5}, **more}

    layers: list[dict[str, Any]] = [
        {"data": {"name": "run"}, "mark": {"type": "area", "color": "var(--wide)"}, "encoding": {"x": x, "y": y("p5"), "y2": {"field": "p95"}}},
        {"data": {"name": "run"}, "mark": {"type": "area", "color": "var(--narrow)"}, "encoding": {"x": x, "y": y("p25"), "y2": {"field": "p75"}}},
        {"data": {"name": "rules"}, "mark": {"type": "rule", "color": "var(--rule)", "strokeDash": [3, 2]}, "encoding": {"x": x}},
        {"data": {"name": "rules"}, "mark": {"type": "text", "align": "left", "dx": 3, "dy": -6, "y": 0, "color": "var(--ink)", "fontSize": 11},
         "encoding": {"x": x, "text": {"field": "shown"}}},
    ]  # fmt: skip
    if unchanged:
        layers.append({"data": {"name": "naive"}, "mark": {"type": "rule", "color": "var(--naive)", "strokeWidth": 2, "strokeDash": [2, 3]},
                       "encoding": {"y": y("no_change")}})  # fmt: skip
    if base:
        layers.append({"data": {"name": "run"}, "mark": {"type": "line", "color": "var(--base)", "strokeDash": [6, 3], "strokeWidth": 2},
                       "encoding": {"x": x, "y": y("base")}})  # fmt: skip
    layers.append({"data": {"name": "run"}, "mark": {"type": "line", "color": "var(--run)", "strokeWidth": 2.5}, "encoding": {"x": x, "y": y("median")}})
    if record:
        layers.append({"data": {"name": "record"}, "mark": {"type": "rule", "color": "var(--record)", "strokeWidth": 1.5},
                       "encoding": {"x": x, "y": y("low"), "y2": {"field": "high"}}})  # fmt: skip
        layers.append({"data": {"name": "record"}, "mark": {"type": "point", "shape": "diamond", "filled": True, "size": 55, "opacity": 1, "color": "var(--record)"},
                       "encoding": {"x": x, "y": y("record")}})  # fmt: skip
    tips = [{"field": "month", "title": "month"}, *({"field": f, "type": "quantitative", "format": ",.4~g", "title": t} for f, t in
            (("p95", "95 %"), ("median", "median"), ("p5", "5 %"), *((("base", "base"),) if base else ())))]  # fmt: skip
    layers.append({"data": {"name": "run"}, "mark": {"type": "rule", "opacity": 0, "strokeWidth": 5}, "encoding": {"x": x, "tooltip": tips}})
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container", "height": 210, "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 12, "top": 4, "bottom": 2}, "layer": layers,
    }  # fmt: skip

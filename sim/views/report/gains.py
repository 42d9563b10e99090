"""Who gained and who lost: against the base, or, where there is none, by the controls themselves."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.analysis.differences import AGREE, CANNOT_SAY
from sim.analysis.paired import AgentRow, Comparison
from sim.batch.store import FULL_UP_TO
from sim.outcomes import MEASURES
from sim.views.compared import OFTEN, TOLD
from sim.views.difference_in_words import ALMOST_NONE, signed, words
from sim.views.report.headline import short
from sim.views.report.panel import Panel, Row
from sim.views.report.question import Question
from sim.views.report.safe import escaped

ENDS = 6  # agents at either end


def panels(question: Question) -> list[Panel]:
    found = question.found
    if found is None:
        return _alone(question)
    made = []
    for kind, measure in TOLD.items():
        if kind in found.kinds() and (rows := _moved(found, kind, measure)):
            made.append(_panel(question, kind, measure, [_row(question, r) for r in rows], _lead(question, rows)))
    return made


def without(question: Question) -> str:
    """Why nothing is said, where nothing is."""
    kept = {run.manifest["agents_kept"] for run in (question.results, *question.others)}
    if kept != {"full"}:
        return f"The runs do not keep every agent in every world; run them with at most {FULL_UP_TO:,} worlds and record: agents."
    return "No firm, government or carrier differs in so many worlds that it is worth telling."


def _moved(found: Comparison, kind: str, measure: str) -> list[AgentRow]:
    """Those that differ often enough, the largest rise first, then the largest falls."""
    rows = [row for row in found.agents(kind, [measure], by_year=False) if row.worlds]
    rows = [r for r in rows if r.lower + r.higher >= OFTEN and abs(r.mean) > ALMOST_NONE * abs(r.base_mean)]
    up = sorted((r for r in rows if r.mean > 0), key=lambda r: -r.mean)[:ENDS]
    down = sorted((r for r in rows if r.mean < 0), key=lambda r: r.mean)[:ENDS]
    return [*up, *reversed(down)]


def _row(question: Question, row: AgentRow) -> Row:
    return {
        "agent": question.spoken.get(row.agent, row.agent), "mean": short(row.mean), "p5": short(row.p5), "p95": short(row.p95),
        "verdict": words(row, wide=False), "base_mean": short(row.base_mean),
    }  # fmt: skip


def _lead(question: Question, rows: Sequence[AgentRow]) -> str:
    sure = [row for row in rows if row.verdict != CANNOT_SAY]
    up = [question.spoken.get(r.agent, r.agent) for r in sure if r.mean > 0][:3]
    down = [question.spoken.get(r.agent, r.agent) for r in reversed(sure) if r.mean < 0][:3]
    parts = [f"up: {', '.join(up)}" if up else "", f"down: {', '.join(down)}" if down else ""]
    clear = "; ".join(part for part in parts if part)
    unsure = len(rows) - len(sure)
    tail = f"of {unsure} of these {len(rows)} it cannot say the sign" if unsure else "the worlds agree on the sign of all of these"
    text = f"Clearly {clear}; {tail}." if clear else f"Of none of these {len(rows)} can it say whether they gain or lose."
    return text[:1].upper() + text[1:]


def _alone(question: Question) -> list[Panel]:
    """The change of each firm's sales that the controls made: the run less the same worlds without the listing."""
    results = question.results
    if results.manifest["agents_kept"] != "full" or not any(name.startswith("agents/firm/") for name in results.manifest["files"]):
        return []
    table = results.agents("firm")
    if "change" not in table.column_names:
        return []
    agent = table.column("agent").combine_chunks()
    codes, names = agent.indices.to_numpy(), agent.dictionary.to_pylist()
    worlds, change = table.column("world").to_numpy(), table.column("change").to_numpy()
    many = int(worlds.max()) + 1
    whole = np.bincount(codes * many + worlds, change, minlength=len(names) * many).reshape(len(names), many)
    mean = whole.mean(axis=1)
    order = np.argsort(-mean, kind="stable")
    ends = [i for i in order[:ENDS] if mean[i] > 0] + [i for i in order[-ENDS:] if mean[i] < 0]
    if not ends:
        return []
    low, high = np.quantile(whole, (0.05, 0.95), axis=1)
    rows: list[Row] = []
    for i in ends:
        split = max(float((whole[i] > 0).mean()), float((whole[i] < 0).mean()))
        word = CANNOT_SAY if split < AGREE else "higher" if mean[i] > 0 else "lower"
        shown = question.spoken.get(names[i], names[i])
        rows.append({"agent": shown, "mean": short(mean[i]), "p5": short(low[i]), "p95": short(high[i]), "verdict": word})
    lead = "What the controls changed of each firm's sales over the run: these worlds less the same worlds without them."
    return [_panel(question, "firm", "change", rows, lead)]


def _panel(question: Question, kind: str, measure: str, rows: list[Row], lead: str) -> Panel:
    about = next(m for m in MEASURES if (m.kind, m.name) == (kind, measure))
    title = f"{kind.capitalize()}s: {question.in_words(about.sentence)}"
    unit = f"change, {about.unit}"
    return Panel(
        key=f"gain-{kind}", title=title, lead=lead, spec=_spec(unit, len(rows)), data={"agents": rows}, html=_table(rows, title, unit)
    )  # fmt: skip


def _table(rows: Sequence[Row], title: str, unit: str) -> str:
    lines = ""
    for row in rows:
        band = f"{signed(float(row['p5'] or 0))} to {signed(float(row['p95'] or 0))}"
        lines += f"<tr><th scope=row>{escaped(row['agent'])}</th><td class=n>{signed(float(row['mean'] or 0))}</td><td class=n>{band}</td>"
        lines += f"<td>{escaped(row['verdict'])}</td></tr>"
    head = "<th scope=col>who</th><th scope=col class=n>mean</th><th scope=col class=n>5 to 95 %</th><th scope=col>sign</th>"
    caption = f"<caption>{escaped(title)}: {escaped(unit)}</caption>"
    return f"<details><summary>As a table</summary><table>{caption}<thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></details>"


def _spec(unit: str, rows: int) -> dict[str, Any]:
    y = {"field": "agent", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 150, "ticks": False, "domain": False}}
    sign = {"condition": {"test": "datum.mean < 0", "value": "var(--base)"}, "value": "var(--run)"}

    def x(field: str) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "title": unit, "axis": {"tickCount": 4}}

    tips = [{"field": "agent", "title": "who"}, *({"field": f, "type": "quantitative", "format": "+,.3~g", "title": t}
            for f, t in (("mean", "mean"), ("p5", "5 %"), ("p95", "95 %"))), {"field": "verdict", "title": "sign"}]  # fmt: skip
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json", "data": {"name": "agents"},
        "width": "container", "height": 24 * rows, "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 2, "right": 12, "top": 4, "bottom": 2},
        "layer": [
            {"mark": {"type": "rule", "color": "var(--rule)"}, "encoding": {"x": {"datum": 0, "type": "quantitative"}}},
            {"mark": {"type": "bar", "height": 7}, "encoding": {"y": y, "x": x("p5"), "x2": {"field": "p95"}, "color": sign,
                                                                "opacity": {"value": 0.35}, "tooltip": tips}},
            {"mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
             "encoding": {"y": y, "x": x("mean"), "color": sign, "tooltip": tips}},
        ],
    }  # fmt: skip

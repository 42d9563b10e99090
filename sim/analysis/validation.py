"""The model against the record to the end of 2020: every figure with its band, beside the record and the first trial run's.

`python -m sim.analysis.validation` prints the page; `--write` writes docs/validation.md. A figure is a row of record/targets.csv.
"""

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.analysis import allies, awards, forecasts, tariffs
from sim.analysis.allies import Found, Watcher
from sim.analysis.levels import FITTED
from sim.analysis.markdown import table
from sim.analysis.observed import Figure, figures
from sim.analysis.observed import of_series as _read
from sim.analysis.on_record import OnRecord
from sim.batch.plan import Plan
from sim.from_record import FOLDER
from sim.model import TradeModel
from sim.outcomes import OUTCOMES
from sim.worlds import Numbers, Worlds, total

ALLIES = FOLDER / "ally_targets.csv"
PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
WORLDS, BLOCK, MONTHS, SEED = 1000, 500, 36, 2019


def _value(model: TradeModel, figure: Figure) -> Numbers:
    """The month's value of a figure's measure. (worlds,)"""
    supply, actual = model.supply, model.supply.actual
    if not figure.measure.startswith("group."):
        return OUTCOMES[figure.measure].formula(model)
    if figure.measure == "group.foundry":
        own = supply.groups.own_design[:, 0]
        return total(supply.bought["foreign"][own, actual])
    group = supply.groups.names.index(figure.selector)
    if figure.measure == "group.used":
        return total(supply.used[:, group])[actual]
    return np.asarray(supply.stock[group, actual] / total(supply.need[:, group])[actual])


@dataclass(frozen=True)
class Watched:
    """A run to the end of 2020. found: figure -> (worlds,); allies: what governments and carriers did, a block each

    drawn: values of what was fitted to governments, (worlds,); fill: share of carriers' demand that the vendor had built last
    month, mean over worlds, (months,)
    """

    plan: Plan
    found: dict[str, Numbers]
    allies: list[Watcher]
    drawn: dict[str, Numbers]
    fill: Numbers


def watch(scenario: str = "history", worlds: int = WORLDS) -> Watched:
    """Runs blocks of worlds to the end of 2020, one at a time."""
    plan = Plan.of(scenario, worlds=worlds, seed=SEED, months=MONTHS, block=BLOCK)
    found: dict[str, list[Numbers]] = {f.name: [] for f in figures()}
    allies, drawn, fill = [], [], []
    for block in range(plan.blocks):
        which = plan.cut(block)
        values = plan.values(which)
        by_month, watcher, filled = _months(plan, which, values)
        for figure in figures():
            found[figure.name].append(_read(figure, by_month[figure.measure, figure.selector], by_month["filings", ""]))
        allies.append(watcher)
        drawn.append(np.array([values[path] for path in FITTED]))
        fill.append(filled)
    together = dict(zip(FITTED, np.concatenate(drawn, axis=1), strict=True))
    parts = {name: np.concatenate(parts) for name, parts in found.items()}
    return Watched(plan, parts, allies, together, np.mean(np.concatenate(fill, axis=1), axis=1))


def _months(plan: Plan, which: Worlds, values: dict[str, Numbers]) -> tuple[dict[tuple[str, str], Numbers], Watcher, Numbers]:
    model = TradeModel(plan.scenario, plan.case, which, values)
    watcher = Watcher(model.persuasion, model.procurement)
    measures = {(f.measure, f.selector): f for f in figures()}
    series = {key: np.zeros((MONTHS, len(which))) for key in measures}
    fill = np.ones((MONTHS, len(which)))
    for month in range(MONTHS):
        fill[month] = model.listed_vendor.fill
        model.step()
        watcher.see()
        for key, figure in measures.items():
            series[key][month] = _value(model, figure)
    model.close()
    return series, watcher, fill


def _allies(found: list[Found]) -> tuple[str, str]:
    """Counts by level, and what carriers did, as tables beside the trial run's means."""
    with ALLIES.open(encoding="utf-8", newline="") as file:
        beside = {row["figure"]: row for row in csv.DictReader(file)}
    lines: dict[bool, list[list[str]]] = {True: [], False: []}
    for f in found:
        band = f" ({f.low:.3g} to {f.high:.3g})" if f.low < f.high else ""
        out = " outside" if band and not f.low <= f.record <= f.high else ""
        trial, role = (beside[f.name]["scratch"], beside[f.name]["role"]) if f.name in beside else ("", "fitted")
        lines[f.name.startswith("governments")].append([f.name, f"{f.record:.3g}", f"{f.mean:.3g}{band}{out}", trial, role])
    header = ["figure", "record", "model: mean (5 to 95 %)", "trial run", "role"]
    return table(header, lines[True]), table(header, lines[False])


def page(worlds: int = WORLDS) -> str:
    watched = watch(worlds=worlds)
    found = watched.found
    rows, worse, outside = [], [], []
    for figure in figures():
        low, middle, high = np.quantile(found[figure.name], [0.05, 0.5, 0.95])
        further = figure.off(middle) > figure.off(figure.scratch) + figure.slack
        inside = low <= figure.record_high and high >= figure.record_low
        mark = "" if inside else " outside"
        if further:
            worse.append(figure.name)
        if not inside:
            outside.append(figure.name)
        rows.append(
            f"| {figure.name} | {figure.unit} | {figure.record:g} | {middle:.3g} ({low:.3g} to {high:.3g}){mark} | {figure.scratch:g} "
            f"| {figure.role} | {figure.source} |"
        )
    share = sum(f.name not in outside for f in figures())
    record = OnRecord.of(watched.plan, watched.fill)
    case = watched.plan.case
    counts, shares = _allies(allies.figures(case, *watched.allies))
    forecast = forecasts.forecasts(case, record, watched.allies, watched.drawn)
    governments = forecasts.section(forecast, int(record.columns.decides.sum()), worlds)
    carriers = awards.section(awards.Awards.of(case, record), shares)
    others = "\n".join([governments, counts, "", carriers, tariffs.section(worlds, SEED)])
    return _TEXT.format(others=others, worlds=f"{worlds:,}", rows="\n".join(rows), count=len(rows), share=share,
                        outside="; ".join(outside) or "none", worse="; ".join(worse) or "none", number=len(worse))  # fmt: skip


_TEXT = """# Validation: the model against the record to the end of 2020

Written by `python -m sim.analysis.validation --write`: scenario `history`, {worlds} worlds, seed 2019, every uncertain number drawn
from its whole plausible range. The band holds 90 % of the worlds. *Trial run* is the median of the run in which the rules were first
fitted. *Input* figures are put in through demand; *fitted* ones were looked at when a parameter was set; only *predicted* ones are
tests, and none of them is later than 2020.

| figure | unit | record | model: median (5 to 95 %) | trial run | role | source |
| --- | --- | --- | --- | --- | --- | --- |
{rows}

The record lies within the band in {share} of {count} figures. Outside it: {outside}.

Further from the record than the trial run's median, beyond its rounding and twice the Monte Carlo error of its 200 draws:
{number} ({worse}).

{others}
## Known misses

- **Purchases of 2019 from controlled sellers** are too low. The books imply finished goods and work in progress that the rules lack;
  a stock of finished goods would be the honest mend, a longer horizon would not.
- **Chips and memory**: dollars are of 2018 and memory prices fell by a third, so chips bought in 2019 come out too high, and months
  of memory in stock too low.
- **The last wave of files** before 20 November 2019 is missed.
- **Without the product rule** foreign chip makers should still gain in 2020; in the model they lose about USD 1.8bn, since demand
  for phones falls by then for want of services and with the brand sold.
- **Facts that hold only in part** (tests/test_facts.py and test_facts_allies.py keep the list): when every line is filed .35 are
  approved, where the fact asks for under .20; face value of 2019-20 is 3.2 times trade, asked for over 4; without a hoard controlled
  sales still grow by a fifth in 2019, asked for under 5 percent; without pressure allies still declare more often than others by .16,
  asked for under .1, since they have democracy and ties anyway; without belief and doubt .22 of the carriers leave ahead of their
  governments, asked for under .08, since the intercept holds what no term explains.
- **Levers that do not show what the model says** (tests/sign_runs.py): a discount moves no government, since nothing in its case reads
  a price; carrots to fifty weaker states spend their budget in four months and move hardly anyone; the product rule at the listing
  raises the approval share, since the easing of the line follows the rule.
- **By firm**: makers of phone radio parts fall too little (the vendor dropped them by choice), and one memory maker comes back too
  strongly.
- **After 2020** the line, the demand of new businesses and the months to make phone chips at home are inputs set with later facts in
  view: what follows from them is no test. The fall-back of network chips to an older node is assumed, and network output after 2021
  rests on it; so does phone output on `law.leak`.
- Of the lobby, hawkishness, resale and spill-over, nothing in the record to 2020 says how strong they are.

## What the tests hold

Books balance in every month and world (`chokepoint run --check`); every lever's sign and every stylised fact with its switch are tests
(`tests/test_signs.py` and others, `tests/test_facts.py` and others); with the couplings off a lever stays in its exchange
(`tests/test_isolation.py`); a second implementation in plain Python, written from the text alone, agrees world by
world (`tests/reference/`).
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/validation.md")
    parser.add_argument("--worlds", type=int, default=WORLDS)
    options = parser.parse_args()
    text = page(options.worlds)
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    else:
        print(text, end="")

"""Free talks, from January 2018 in the whole model, against the record of the tariffs and of the talks to the end of 2020."""

import csv
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from sim.analysis.markdown import table
from sim.batch.plan import Plan
from sim.from_record import FOLDER
from sim.model import TradeModel
from sim.months import month_of
from sim.worlds import Mask, Numbers, Worlds

MONTHS = 36
TARGETS = FOLDER / "talks_targets.csv"
LAST = month_of("2020-02")  # what is counted is counted to the end of this month
# Bands for one path, set before the protocols were compared (MODEL 16): month, and how far each tariff may lie from the record.
DATES, NEAR_TARGET, NEAR_CONTROLLER = ("2018-09", "2019-06", "2019-09", "2020-02"), 4.0, 3.0
SPELLS, WALK_OUTS, FIRST_DEAL = (2, 4), (1, 3), (month_of("2019-07"), month_of("2020-07"))
KEPT = ("tariff_on_target", "tariff_on_controller")
EVENTS = ("opened", "walked_out", "signed", "partial", "acted")


@dataclass(frozen=True)
class Target:
    """One figure on record. key: which; role: fitted; scratch: median of the trial run with its band"""

    figure: str
    key: str
    record: float
    low: float
    high: float
    unit: str
    scratch: float
    role: str
    source: str


def targets() -> list[Target]:
    with TARGETS.open(encoding="utf-8", newline="") as file:
        return [
            Target(
                r["figure"], r["key"], float(r["record"]), float(r["record_low"] or r["record"]), float(r["record_high"] or r["record"]),
                r["unit"], float(r["scratch"]), r["role"], r["source"],
            )
            for r in csv.DictReader(file)
        ]  # fmt: skip


History = dict[str, Numbers]


def watch(protocol: str, worlds: int, seed: int, scenario: str = "history") -> History:
    """What happened by month, (months, worlds) each: tariffs, events (0/1), talked, and points given back at a signature."""
    sets = ["rules.talks_mode=free", f"rules.talks={protocol}"]
    plan = Plan.of(scenario, sets, worlds=worlds, seed=seed, months=MONTHS, block=500)
    parts = [_block(plan, plan.cut(block)) for block in range(plan.blocks)]
    return {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}


def _block(plan: Plan, which: Worlds) -> History:
    model = TradeModel(plan.scenario, plan.case, which, plan.values(which))
    names = (*KEPT, *EVENTS, "talked", "back_target", "back_controller")
    kept = {name: np.zeros((MONTHS, len(which))) for name in names}
    for month in range(MONTHS):
        before = {name: getattr(model.talks, name)[0].copy() for name in KEPT} if month else {}
        model.step()
        talks = model.talks
        now = {name: getattr(talks, name)[0] for name in KEPT}
        for name, values in now.items():
            kept[name][month] = values
        for event in EVENTS:
            kept[event][month] = talks.happened[event][0]
        kept["talked"][month] = talks.talked[0]
        for name, values in before.items():
            back = np.where(talks.happened["signed"][0], np.maximum(values - now[name], 0), 0)
            kept[f"back_{name.removeprefix('tariff_on_')}"][month] = back
    model.close()
    return kept


def _matching(h: History, first: int, end: int) -> Numbers:
    """The target's points for a point, over the acts of these months; only worlds in which there was an act."""
    acted = h["acted"][first:end] > 0

    def risen(name: str) -> Numbers:
        return np.asarray(np.sum(np.where(acted, np.diff(h[name], axis=0, prepend=h[name][:1])[first:end], 0), axis=0))

    by_controller, by_target = risen("tariff_on_target"), risen("tariff_on_controller")
    some = by_controller > 0
    return np.asarray(by_target[some] / by_controller[some])


def _count(h: History, event: str) -> Numbers:
    return np.asarray(np.sum(h[event][: LAST + 1], axis=0))


def _first_deal(h: History) -> Numbers:
    signed: Mask = h["signed"] > 0
    return np.where(signed.any(axis=0), signed.argmax(axis=0), MONTHS).astype(np.float64)


def _at_signature(h: History, name: str) -> Numbers:
    """Points given back at the first deal; only worlds with a deal."""
    month = _first_deal(h).astype(int)
    some = np.flatnonzero(month < MONTHS)
    return np.asarray(h[name][month[some], some])


FIGURES: dict[str, Callable[[History], Numbers]] = {
    "matching 2018": lambda h: _matching(h, 0, 12),
    "matching 2019": lambda h: _matching(h, 12, 24),
    "matching all": lambda h: _matching(h, 0, LAST + 1),
    "acts": lambda h: _count(h, "acted"),
    "spells": lambda h: _count(h, "opened"),
    "walk-outs": lambda h: _count(h, "walked_out"),
    "months": lambda h: _count(h, "talked"),
    "first deal": _first_deal,
    "back by controller": lambda h: _at_signature(h, "back_target"),
    "back by target": lambda h: _at_signature(h, "back_controller"),
}
SHARES: dict[str, Callable[[History], float]] = {  # one number for all worlds
    "walk-outs a month": lambda h: float(np.sum(_count(h, "walked_out")) / np.sum(_count(h, "talked"))),
    "deal": lambda h: float(np.mean(_first_deal(h) < MONTHS)),
    "partial": lambda h: float(np.sum(h["partial"]) / np.sum(h["signed"])),
}


@dataclass(frozen=True)
class Band:
    """low, high: 5 and 95 % of worlds; equal to the middle where a figure is one number for all worlds"""

    low: float
    middle: float
    high: float


def band(target: Target, h: History) -> Band:
    if target.key in SHARES:
        share = SHARES[target.key](h)
        return Band(share, share, share)
    if target.key in FIGURES:
        values = FIGURES[target.key](h)
    else:
        name, date = target.key.split(" ")
        values = h[name][month_of(date)]
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95]) if len(values) else (np.nan, np.nan, np.nan)
    return Band(float(low), float(middle), float(high))


def like_the_record(h: History) -> float:
    """Share of worlds that look like the one path on record, within the bands."""
    record = {t.key: t.record for t in targets()}
    alike = np.ones(h["signed"].shape[1], bool)
    for date in DATES:
        alike &= np.abs(h["tariff_on_target"][month_of(date)] - record[f"tariff_on_target {date}"]) <= NEAR_TARGET
        if f"tariff_on_controller {date}" in record:
            alike &= np.abs(h["tariff_on_controller"][month_of(date)] - record[f"tariff_on_controller {date}"]) <= NEAR_CONTROLLER
    for values, (least, most) in ((_count(h, "opened"), SPELLS), (_count(h, "walked_out"), WALK_OUTS), (_first_deal(h), FIRST_DEAL)):
        alike &= (values >= least) & (values <= most)
    return float(np.mean(alike))


def section(worlds: int, seed: int) -> str:
    """Both protocols beside the record."""
    histories = {protocol: watch(protocol, worlds, seed) for protocol in ("concession", "war_of_attrition")}
    rows, outside = [], []
    for target in targets():
        cells = []
        for protocol, history in histories.items():
            found = band(target, history)
            out = target.key not in SHARES and not (found.low <= target.high and found.high >= target.low)
            if out:
                outside.append(f"{target.figure} ({protocol})")
            limits = "" if target.key in SHARES else f" ({found.low:.3g} to {found.high:.3g})"
            cells.append(f"{found.middle:.3g}{limits}{' outside' if out else ''}")
        record = f"{target.low:g} to {target.high:g}" if target.low < target.high else f"{target.record:g}"
        rows.append([target.figure, target.unit, record, *cells, f"{target.scratch:g}", target.role])
    alike = [f"{like_the_record(history):.3f}" for history in histories.values()]
    header = ["figure", "unit", "record", "concession", "war_of_attrition", "trial run, whole ranges", "role"]
    return _TEXT.format(table=table(header, rows), outside="; ".join(outside) or "none", concession=alike[0], attrition=alike[1])


_TEXT = """## Free talks

Talks free from January 2018 in the whole model (`rules.talks_mode=free`), so that losses and shortages at the table are the model's
own; in the trial run they were stand-ins. Agenda, elections and tightened controls are inputs. One path is on record, and the rules'
numbers were set with it in sight: none of these figures is a test.

{table}

The record lies outside the band in: {outside}. Share of worlds that look like the one path (tariffs within 4 and 3 points at the
dates, 2 to 4 spells, 1 to 3 walk-outs, first deal within half a year of January 2020): {concession} with `concession`, {attrition}
with `war_of_attrition` (trial run .055 and .061). The record cannot say which bargaining rule is right: run a what-if with both.

Misses, kept: the spell of May 2018 and the gesture on car tariffs in the truce of December 2018 are not produced; rules are hardly
ever signed, where the deal of January 2020 had chapters on them; four to five acts come as three or four, since one threat is pending at
a time; the first deal comes late, and in many worlds not by the end of 2020, the more so as the model's own losses and shortages to 2020
are smaller than the trial run's stand-ins; the target gives tariffs back only when the controller has nothing cheaper to give; truces
cost the target nothing; each issue is given nearly whole or not at all; the rise of April 2025 is out of reach of its rungs.
"""

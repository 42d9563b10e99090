"""Governments and carriers against the record to the end of 2020: counts, scores and shares, for the validation page.

Levels are scored as in docs/model.md: over the governments that decide, against two naive forecasts. Lower is better.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis import counted
from sim.case import Case
from sim.exchanges.persuasion import LEVELS, Persuasion
from sim.exchanges.procurement import Procurement
from sim.from_record import AWARDS, DECISIONS, ENDS, rows
from sim.months import month_of
from sim.worlds import Mask, Numbers, total

MUCH_4G = 0.4  # carriers whose choice says something on exclusion
AWARD_DATES = ("2018-11", "2019-06", "2019-12", "2020-02", "2020-12")


def levels_on_record(names: Sequence[str], month: str = ENDS, start: Numbers | None = None) -> Numbers:
    """Highest level that each government has reached by a month. start: levels before the record (default: 0)"""
    row = {name: i for i, name in enumerate(names)}
    levels = np.zeros(len(names)) if start is None else start.copy()
    for decision in rows(DECISIONS):
        if decision["iso3"] in row and month_of(decision["date"]) <= month_of(month):
            at = row[decision["iso3"]]
            levels[at] = np.maximum(levels[at], float(decision["level_after"]))
    return levels


@dataclass(frozen=True)
class Score:
    """Mean over governments. rps: ranked probability score, the sum of the three Brier scores; brier: at or above 1, 2, 3"""

    rps: float
    brier: tuple[float, ...]


def score(chances: Numbers, seen: Numbers) -> Score:
    """chances: of being at or above levels 1, 2, 3, (3, governments); seen: levels on record"""
    brier = tuple(float(np.mean((chances[i] - (seen >= level)) ** 2)) for i, level in enumerate(LEVELS))
    return Score(sum(brier), brier)


def scores(level: Numbers, decides: Mask, seen: Numbers, start: Numbers) -> dict[str, Score]:
    """level: (governments, worlds), at the date of the record; decides: who is scored; start: levels at the beginning"""
    at, before = seen[decides], start[decides]
    rule: Numbers = np.stack([np.mean(level[decides] >= step, axis=1, dtype=np.float64) for step in LEVELS])
    reached = np.stack([at >= step for step in LEVELS]).astype(np.float64)
    others = np.asarray((np.sum(reached, axis=1, keepdims=True) - reached) / (len(at) - 1))
    unchanged = np.stack([before >= step for step in LEVELS]).astype(np.float64)
    return {"rule": score(rule, at), "base rate of the others": score(others, at), "no change": score(unchanged, at)}


class Watcher:
    """Keeps what the figures need, month by month, beside the two exchanges.

    levels: month -> (governments, worlds); level_at_award: (carriers, worlds); money: listed vendor's share outside the target
    """

    def __init__(self, persuasion: Persuasion, procurement: Procurement) -> None:
        self.persuasion, self.procurement = persuasion, procurement
        self.start = persuasion.columns.level
        self.levels: list[Numbers] = []
        self.money: list[Numbers] = []
        self.level_at_award = np.zeros(procurement.awarded.shape)

    def see(self) -> None:
        """After each month."""
        p, c = self.persuasion, self.procurement
        self.levels.append(p.level.copy())
        self.money.append(c.market.share(c.vendors.listed))
        at_home = p.level[c.operators.government]
        self.level_at_award = np.where(c.awarded == c.month, at_home, self.level_at_award)


@dataclass(frozen=True)
class Found:
    """A figure on record and in the worlds. low, high: 5 and 95 %"""

    name: str
    record: float
    mean: float
    low: float
    high: float


def _found(name: str, record: float, values: Numbers) -> Found:
    low, high = np.percentile(values, [5, 95])
    return Found(name, record, float(np.mean(values)), float(low), float(high))


def figures(case: Case, *watchers: Watcher) -> list[Found]:
    """All figures that the record holds; runs to the end of 2020 or longer, their worlds taken together."""
    return [*_counts(watchers), *_awards(case, watchers), *_exclusion(case, watchers), *_money(case, watchers)]


def together(watchers: Sequence[Watcher], what: Callable[[Watcher], NDArray[Any]]) -> NDArray[Any]:
    """A number of every block, worlds side by side."""
    return np.concatenate([what(watcher) for watcher in watchers], axis=-1)


def _counts(watchers: Sequence[Watcher]) -> list[Found]:
    found = []
    for year in (2018, 2019, 2020):
        month = month_of(f"{year}-12")
        levels = np.concatenate([w.levels[month] for w in watchers], axis=1)
        for level, record in zip(LEVELS, counted.governments(f"{year}Q4"), strict=True):
            number = total(levels >= level)
            found.append(_found(f"governments at level {level} or above, end {year}", record, number))
    return found


def _awards(case: Case, watchers: Sequence[Watcher]) -> list[Found]:
    """Awards to the end of a month that include the listed vendor, among all carriers and among those on record."""
    c, awards = watchers[0].procurement, rows(AWARDS)
    listed = str(case["vendors"]["vendor"][c.vendors.listed])
    known = {row["carrier"] for row in awards}
    ours = np.array([name in known for name in case["carriers"]["carrier"]])
    chose, awarded = together(watchers, lambda w: w.procurement.chose_listed), together(watchers, lambda w: w.procurement.awarded)
    found = []
    for date in AWARD_DATES:
        record = sum(listed in row["vendors_5g_ran"].split(";") and month_of(row["award_date"]) <= month_of(date) for row in awards)
        by_then = chose & (awarded <= month_of(date))
        found.append(_found(f"awards that include the listed vendor to {date}", float(record), total(by_then[c.operators.abroad])))
        found.append(_found(f"the same, carriers on record to {date}", float(record), total(by_then[ours])))
    return found


def _exclusion(case: Case, watchers: Sequence[Watcher]) -> list[Found]:
    """Share of awards to the end of 2020 without restricted vendors, by the level at home, where they built much of the 4G."""
    c, names = watchers[0].procurement, case["carriers"]
    share = dict(zip(names["carrier"], names["share4g_target"], strict=True))
    record: dict[int, list[float]] = {level: [] for level in (0, *LEVELS)}
    for row in rows(AWARDS):
        if share[row["carrier"]] >= MUCH_4G:
            level = levels_on_record([row["iso3"]], row["award_date"][:7])[0]
            record[int(level)].append({"1": 0.0, "p": 0.5, "0": 1.0}[row["prc_in_5g_ran(0/1/p)"]])
    much = (np.asarray(names["share4g_target"]) >= MUCH_4G) & c.operators.abroad
    awarded = (together(watchers, lambda w: w.procurement.awarded) <= month_of(ENDS)) & much[:, None]
    at, kept = together(watchers, lambda w: w.level_at_award), together(watchers, lambda w: w.procurement.chose_restricted)
    found = []
    for level in (0, *LEVELS):
        here = awarded & (at == level)
        out = float(np.sum(here & ~kept) / max(np.sum(here), 1))  # over all worlds: few awards a world
        seen = record[level]
        found.append(Found(f"exclusion at level {level} ({len(seen)} awards)", float(np.mean(seen)), out, out, out))
    return found


def _money(case: Case, watchers: Sequence[Watcher]) -> list[Found]:
    listed = str(case["vendors"]["vendor"][watchers[0].procurement.vendors.listed])
    found = []
    for year in (2019, 2020):
        record = counted.radio_share(listed, year)
        first = month_of(f"{year}-01")
        mean = np.concatenate([total(w.money[first : first + 12]) / 12 for w in watchers])
        found.append(_found(f"the listed vendor's share in money outside the target, {year}", record, mean))
    return found

"""When each government first reached each level, on record and in the worlds: a score of dates, beside naive forecasts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis import scoring
from sim.analysis.allies import Watcher
from sim.case import Case
from sim.exchanges.persuasion import LEVELS
from sim.from_record import ENDS, record_of
from sim.worlds import Mask, Numbers


@dataclass(frozen=True)
class Dates:
    """Scores of dates at one level, mean over the governments scored; in months, lower is better, at most their number.

    reached: how many of the governments came to it after January 2018 and by the end; of: how many are scored
    base_rate: each date forecast by those of the other governments; no_change: nobody moves from where they stood
    """

    level: int
    reached: int
    of: int
    model: float
    base_rate: float
    no_change: float


def first_reached(level: Numbers, step: int) -> Numbers:
    """Month in which a level was first reached, their number where it never was. level: (months, ...)"""
    there = level >= step
    return np.where(there.any(axis=0), there.argmax(axis=0), len(level)).astype(np.float64)


def scores(case: Case, watchers: Sequence[Watcher], decides: Mask) -> list[Dates]:
    """Of the governments that decide and were below the level at the start."""
    record = np.maximum.accumulate(record_of(case, ENDS).levels, axis=0)
    months = len(record)
    start = watchers[0].start
    found = []
    for step in LEVELS:
        who = np.flatnonzero(decides & (start < step))
        seen = first_reached(record[:, who], step)
        ours = np.concatenate([first_reached(np.array(w.levels)[:, who], step) for w in watchers], axis=1)
        each = [scoring.of_dates(ours[i], seen[i], months) for i in range(len(who))]
        base = [scoring.of_dates(np.delete(seen, i), seen[i], months) for i in range(len(who))]
        still = [scoring.of_dates(np.array([float(months)]), date, months) for date in seen]
        means = (float(np.mean(x)) for x in (each, base, still))
        found.append(Dates(step, int(np.sum(seen < months)), len(who), *means))
    return found

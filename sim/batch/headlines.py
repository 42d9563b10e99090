"""The few numbers that a run prints when it is done, with their band and how well so many worlds can know them."""

import math
from dataclasses import dataclass

import numpy as np

from sim.batch.results import Results
from sim.worlds import Numbers


@dataclass(frozen=True)
class Headline:
    """An outcome in a year. median_error, mean_error: Monte Carlo standard errors, which more worlds make smaller; the band
    from p5 to p95 is the uncertainty itself, which they do not."""

    outcome: str
    unit: str
    year: int
    worlds: int
    median: float
    p5: float
    p95: float
    median_error: float
    mean: float
    mean_error: float


def looked_at(results: Results) -> list[str]:
    """The outcomes that a run puts first, as far as it has them: those it analyses, those its question is answered by, the headlines."""
    from sim.outcomes import HEADLINES

    answer = results.plan.scenario.answer
    asked = answer.look_at if answer is not None else ()
    names = dict.fromkeys((*results.plan.scenario.run.analysed, *asked, *HEADLINES))
    return [name for name in names if name in results.manifest["outcomes"]]


def headlines(results: Results, names: tuple[str, ...]) -> list[Headline]:
    """The named outcomes that the run has, each in up to four years spread over it, the first and the last among them."""
    years = results.years
    shown = spread_over(len(years), 4)
    found = []
    for name in names:
        if name in results.manifest["outcomes"]:
            yearly = results.yearly(name)
            unit = results.manifest["outcomes"][name]["unit"]
            found += [_headline(name, unit, years[i], yearly[:, i]) for i in shown]
    return found


def spread_over(count: int, most: int) -> list[int]:
    """At most so many of range(count), the last always and the first where there is room for two.

    >>> spread_over(8, 4), spread_over(3, 4), spread_over(8, 1)
    ([0, 2, 5, 7], [0, 1, 2], [7])
    """
    if most == 1:
        return [count - 1]
    return sorted({round((count - 1) * k / (most - 1)) for k in range(most)})


def _headline(name: str, unit: str, year: int, values: Numbers) -> Headline:
    known = values[~np.isnan(values)]
    if not len(known):
        return Headline(name, unit, year, 0, *[math.nan] * 6)
    p5, p50, p95 = map(float, np.quantile(known, (0.05, 0.5, 0.95)))
    return Headline(name, unit, year, len(known), p50, p5, p95, median_error(known), float(known.mean()), mean_error(known))


def mean_error(values: Numbers) -> float:
    """Standard error of the mean; not a number for a single world."""
    return float(values.std(ddof=1) / math.sqrt(len(values))) if len(values) > 1 else math.nan


def median_error(values: Numbers) -> float:
    """Standard error of the median, from the order statistics around it; not a number for a single world."""
    if len(values) < 2:
        return math.nan
    reach = 0.5 / math.sqrt(len(values))
    below, above = np.quantile(values, (0.5 - reach, 0.5 + reach))
    return float(above - below) / 2

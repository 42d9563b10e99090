"""Scores of forecasts by ensembles; 0 is perfect and lower is better, except for skill, of which 1 is perfect."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.worlds import Mask, Numbers

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)  # by which a band of worlds is told


def crps(ensemble: Numbers, seen: float) -> float:
    """Continuous ranked probability score: mean distance to what was seen, less half the mean distance between members.

    ensemble: (worlds,); NaN are left out, and an empty one scores NaN

    >>> crps(np.array([3.0]), 5.0), crps(np.array([1.0, 3.0]), 2.0)
    (2.0, 0.5)
    """
    x = np.sort(ensemble[~np.isnan(ensemble)])
    n = len(x)
    if n == 0:
        return math.nan
    weight = 2 * np.arange(1, n + 1) - n - 1
    return float(np.mean(np.abs(x - seen)) - np.sum(weight * x) / n**2)


def brier(chance: Numbers | float, happened: Numbers | Mask | float) -> float:
    """Mean squared error of chances. happened: 0 or 1"""
    return float(np.mean((np.asarray(chance, np.float64) - np.asarray(happened, np.float64)) ** 2))


def rps(chances: Numbers, level: int) -> float:
    """Ranked probability score: the sum of the Brier scores of being at or above each level. chances: of at or above 1, 2, ..."""
    steps = np.arange(1, len(chances) + 1)
    return float(np.sum((chances - (level >= steps)) ** 2))


def of_dates(dates: Numbers, seen: float, months: int) -> float:
    """Score of when something first happened: squared error of the chance that it has by each month, summed over the months.

    dates: month by world, `months` where it has not happened by then; seen: the same on record

    >>> of_dates(np.array([5.0]), 3.0, 36), of_dates(np.array([3.0]), 3.0, 36)
    (2.0, 0.0)
    """
    month = np.arange(months)
    by_then = np.searchsorted(np.sort(dates), month, side="right") / len(dates)
    return float(np.sum((by_then - (month >= seen)) ** 2))


def skill(score: float, rival: float) -> float:
    """1 - S / S of the rival: 1 perfect, 0 no better, below 0 worse. NaN where the rival is perfect too."""
    return 1 - score / rival if rival > 0 else math.nan


@dataclass(frozen=True)
class Coverage:
    """Of so many bands that should each hold the record with a chance of `nominal`, `inside` do.

    low, high: 95 % interval of the share (Clopper and Pearson), as if the figures were independent, which they are not
    """

    nominal: float
    inside: int
    of: int
    low: float
    high: float


def coverage(inside: NDArray[np.bool_] | list[bool], nominal: float) -> Coverage:
    from scipy.stats import binomtest

    count, of = int(np.sum(inside)), len(inside)
    if of == 0:
        return Coverage(nominal, 0, 0, math.nan, math.nan)
    interval = binomtest(count, of).proportion_ci(0.95)
    return Coverage(nominal, count, of, float(interval.low), float(interval.high))

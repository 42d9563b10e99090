"""What drives a difference: rank correlation with whatever varies between the worlds."""

import math
from dataclasses import dataclass

import numpy as np

from sim.analysis.differences import Units
from sim.analysis.paired import ALL, Comparison

LEAST = 0.15  # a weaker correlation explains next to nothing
CHANCE = 0.05  # that of so many numbers which do not matter any looks stronger than it must


@dataclass(frozen=True)
class Driver:
    """rank: Spearman's correlation of the paired difference with the value, samples as units"""

    path: str
    rank: float


def drivers(found: Comparison, outcome: str, most: int = 3, year: int | str = ALL) -> list[Driver]:
    """The strongest first; only those stronger than chance. Ties share their ranks."""
    from scipy.special import ndtri
    from scipy.stats import spearmanr

    difference = found.differences(outcome, year)
    known = ~np.isnan(difference)
    units = Units(found.pairing.sample[known])
    if len(units) < 3:
        return []
    change = units.means(difference[known][:, None])[:, 0]
    if np.ptp(change) == 0:
        return []
    ranked = []
    for path, values in found.pairing.values.items():
        value = units.means(values[known][:, None])[:, 0]
        if np.ptp(value) > 0:
            ranked.append(Driver(path, float(spearmanr(value, change).statistic)))
    by_chance = float(ndtri(1 - CHANCE / 2 / max(len(ranked), 1))) / math.sqrt(len(units) - 1)
    strong = [driver for driver in ranked if abs(driver.rank) >= max(LEAST, by_chance)]
    return sorted(strong, key=lambda driver: -abs(driver.rank))[:most]

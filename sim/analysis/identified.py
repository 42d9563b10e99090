"""What the kept parameter sets say of each parameter, beside those that were tried; and of which they say nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from sim.worlds import Integers, Mask, Numbers

ERROR = 0.05  # chance that a parameter of which nothing is known, or a pair that has nothing in common, is named, of all together


@dataclass(frozen=True)
class Identified:
    """One parameter. tried, kept: 5 %, 50 % and 95 % quantiles

    spread: interquartile range of the kept on the scale of the tried ones' quantiles, times 2: 1 where nothing is known
    shift: median of the kept on that scale: 0.5 where nothing is known
    distance: largest gap between the two distributions (Kolmogorov-Smirnov); band: what luck alone makes of it, at most, in 95 of 100
        analyses, whatever the number of parameters
    """

    path: str
    tried: tuple[float, float, float]
    kept: tuple[float, float, float]
    spread: float
    shift: float
    distance: float
    band: float

    @property
    def says_something(self) -> bool:
        return self.distance > self.band


@dataclass(frozen=True)
class Together:
    """Two parameters whose ranks go together among the kept, other than among the tried."""

    first: str
    second: str
    kept: float
    tried: float


def identified(tried: Mapping[str, Numbers], kept: Mapping[str, Numbers]) -> list[Identified]:
    """path -> draws of the prior, and those of the sample kept; ordered by distance, the largest first."""
    found = []
    for path, all_values in tried.items():
        values, among = np.sort(all_values), kept[path]
        places = _quantiles(values, among)
        low, middle, high = np.quantile(places, [0.25, 0.5, 0.75])
        three = (0.05, 0.5, 0.95)
        found.append(
            Identified(
                path, tuple(np.quantile(values, three).tolist()), tuple(np.quantile(among, three).tolist()), float(2 * (high - low)),
                float(middle), _distance(values, np.sort(among)), band(len(values), len(among), len(tried)),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (-one.distance, one.path))


def band(tried: int, kept: int, parameters: int) -> float:
    """The distance beyond which luck alone takes any of so many parameters in 5 of 100 analyses."""
    return sqrt(-log(ERROR / parameters / 2) / 2) * sqrt(1 / tried + 1 / kept)


def together(tried: Mapping[str, Numbers], kept: Mapping[str, Numbers]) -> list[Together]:
    """The pairs whose rank correlation among the kept is not that among the tried, beyond luck; the largest change first."""
    paths = [path for path, values in kept.items() if np.ptp(values) > 0]
    count, of = (len(next(iter(values.values()), np.zeros(0))) for values in (kept, tried))
    if len(paths) < 2 or count < 10:
        return []
    from scipy.special import ndtri

    before, after = (_correlations([values[path] for path in paths]) for values in (tried, kept))
    pairs = len(paths) * (len(paths) - 1) // 2
    beyond = -float(ndtri(ERROR / pairs / 2)) * sqrt(1 / (count - 3) + 1 / (of - 3))
    change = np.arctanh(np.clip(after, -0.999999, 0.999999)) - np.arctanh(np.clip(before, -0.999999, 0.999999))
    found = [
        (abs(change[i, j]), Together(paths[j], paths[i], float(after[i, j]), float(before[i, j])))
        for i in range(len(paths)) for j in range(i) if abs(change[i, j]) > beyond
    ]  # fmt: skip
    return [pair for _, pair in sorted(found, key=lambda item: (-item[0], item[1].first, item[1].second))]


def _quantiles(ordered: Numbers, values: Numbers) -> Numbers:
    """Where values stand among ordered ones, 0 to 1; in the middle of their equals."""
    left, right = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
    return np.asarray((left + right) / 2 / len(ordered), np.float64)


def _distance(a: Numbers, b: Numbers) -> float:
    """Both in order."""
    every = np.concatenate([a, b])
    gap = np.searchsorted(a, every, "right") / len(a) - np.searchsorted(b, every, "right") / len(b)
    return float(np.max(np.abs(gap)))


def _correlations(columns: list[Numbers]) -> Numbers:
    ranks = np.array([_quantiles(np.sort(column), column) for column in columns])
    return np.asarray(np.corrcoef(ranks), np.float64)


def deaths(implausibility: Numbers, cutoff: float) -> tuple[Integers, Integers, Integers]:
    """How many parameter sets each target rules out, rules out alone, and is the worst of. (targets,) each."""
    out: Mask = implausibility > cutoff
    dead = np.any(out, axis=0)
    alone = out & (np.sum(out, axis=0) == 1)
    worst = np.argmax(implausibility, axis=0)
    counts = np.sum(out, axis=1), np.sum(alone, axis=1), np.bincount(worst[dead], minlength=len(out))
    return counts[0].astype(np.int64), counts[1].astype(np.int64), counts[2].astype(np.int64)

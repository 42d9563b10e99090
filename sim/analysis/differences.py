"""What paired differences come to: their mean and its error, their band, how many worlds agree on the sign, what the pairing was worth."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import stdtrit

from sim.worlds import Index, Integers, Numbers

LOWER, HIGHER, NO_CHANGE, CANNOT_SAY = "lower", "higher", "no change", "cannot say"
AGREE = 0.8  # of the worlds that differ, so many must agree on the sign
SURE = 0.95  # and an interval of the mean that holds it so often must not hold zero
STORED = 1e-6  # of the larger number: less is what storing in 32 bits leaves, and counts as no difference
DUST = 1e-12  # in any outcome's unit


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Of one number, over the worlds that both runs know it in.

    base_mean: of the base; mean, median, p5, p95: of the differences, other less base; se: Monte Carlo standard error of `mean`
    lower, equal, higher: shares of the worlds, 1 together
    factor: how many times wider the interval of the mean would be had the runs not been paired; infinite where all worlds differ
        by the same, NaN where nothing differs or nobody can know
    verdict: lower, higher, no change or cannot say
    """

    worlds: int
    base_mean: float
    mean: float
    se: float
    median: float
    p5: float
    p95: float
    lower: float
    equal: float
    higher: float
    factor: float
    verdict: str


_NAN = float("nan")
_NOTHING = Difference(
    worlds=0, base_mean=_NAN, mean=_NAN, se=_NAN, median=_NAN, p5=_NAN, p95=_NAN, lower=_NAN, equal=_NAN, higher=_NAN,
    factor=_NAN, verdict=CANNOT_SAY,
)  # fmt: skip


class Units:
    """Which worlds are independent of each other: those of different samples. Worlds that share a sample count as one cluster.

    samples: (worlds,)
    """

    def __init__(self, samples: Integers) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self._starts)

    @cached_property
    def _order(self) -> Index:
        return np.argsort(self.samples, kind="stable")

    @cached_property
    def _starts(self) -> Index:
        ordered = self.samples[self._order]
        return np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]]) if len(ordered) else np.zeros(0, np.intp)

    def sums(self, values: Numbers) -> Numbers:
        """(worlds, columns) -> (units, columns)"""
        return np.asarray(np.add.reduceat(values[self._order], self._starts, axis=0))

    def means(self, values: Numbers) -> Numbers:
        return self.sums(values) / self.sums(np.ones((len(values), 1)))

    def error(self, values: Numbers) -> Numbers:
        """Standard error of each column's mean; NaN for a single unit. With one world a unit it is sd / sqrt(worlds)."""
        many = len(self)
        if many < 2:
            return np.full(values.shape[1], np.nan)
        off = self.sums(values - values.mean(axis=0))
        return np.asarray(np.sqrt(many / (many - 1) * (off**2).sum(axis=0)) / len(values))


def difference(base: Numbers, other: Numbers) -> Numbers:
    """Other less base; exactly zero where they differ by no more than storing them may have made; NaN where one has no number."""
    found = other - base
    with np.errstate(invalid="ignore"):
        return np.where(np.abs(found) <= np.maximum(DUST, STORED * np.maximum(np.abs(base), np.abs(other))), 0.0, found)


def told(base: Numbers, other: Numbers, samples: Integers) -> list[Difference]:
    """base, other: (worlds, columns); samples: (worlds,); one entry a column."""
    return described(difference(base, other), samples, base, other)


def described(found: Numbers, samples: Integers, base: Numbers, other: Numbers) -> list[Difference]:
    """As `told`, of differences that are already there: (worlds, columns)."""
    known = ~np.isnan(found)
    whole = known.all(axis=0) & (len(found) > 0)
    entries = [_NOTHING] * found.shape[1]
    if whole.any():
        done = _columns(found[:, whole], base[:, whole], other[:, whole], Units(samples))
        for i, entry in zip(np.flatnonzero(whole), done, strict=True):
            entries[i] = entry
    for i in np.flatnonzero(~whole & known.any(axis=0)):
        k = known[:, i]
        entries[i] = _columns(found[k, i : i + 1], base[k, i : i + 1], other[k, i : i + 1], Units(samples[k]))[0]
    return entries


def _columns(found: Numbers, base: Numbers, other: Numbers, units: Units) -> list[Difference]:
    mean, error = found.mean(axis=0), units.error(found)
    error = np.where(error <= 1e-12 * np.abs(mean), 0.0, error)  # what rounding leaves of equal differences
    apart = np.hypot(units.error(base), units.error(other))
    factor = np.divide(apart, error, out=np.where(np.isnan(error) | (mean == 0), np.nan, np.inf), where=error > 0)
    p5, median, p95 = np.quantile(found, (0.05, 0.5, 0.95), axis=0)
    down, up, many = (found < 0).sum(axis=0), (found > 0).sum(axis=0), len(found)
    reach = float(stdtrit(max(len(units) - 1, 1), (1 + SURE) / 2)) * error
    columns = {
        "base_mean": base.mean(axis=0), "mean": mean, "se": error, "median": median, "p5": p5, "p95": p95,
        "lower": down / many, "equal": (many - down - up) / many, "higher": up / many, "factor": factor,
    }  # fmt: skip
    return [
        Difference(
            worlds=len(found),
            verdict=_verdict(int(down[i]), int(up[i]), float(mean[i]), float(reach[i])),
            **{name: float(column[i]) for name, column in columns.items()},
        )
        for i in range(found.shape[1])
    ]


def _verdict(lower: int, higher: int, mean: float, reach: float) -> str:
    """lower, higher: worlds; reach: half the interval of the mean, NaN where nobody knows it"""
    if lower == higher == 0:
        return NO_CHANGE
    sure = max(lower, higher) >= AGREE * (lower + higher) and abs(mean) > reach and (mean < 0) == (lower > higher)
    return (LOWER if lower > higher else HIGHER) if sure else CANNOT_SAY

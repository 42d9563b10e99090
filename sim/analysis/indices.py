"""How much each parameter has to do with an outcome: Sobol indices, Morris effects, rank correlations.

x: (points, paths), y: (points,), in the order of the points' numbers. What a design must look like is checked first: SALib looks
at the order of rows alone, and would give plausible and wrong indices for another order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.refusal import InputError
from sim.worlds import Numbers

RESAMPLES = 200  # bootstrap samples behind an interval
SURE = 1.959964  # standard errors to either side of a 95 % interval
LEVELS = 4  # of a Morris design
FEWEST = 10  # units from which a correlation is computed


@dataclass(frozen=True)
class Estimate:
    """(paths,) each; low and high: a 95 % interval, NaN where there is none."""

    value: Numbers
    low: Numbers
    high: Numbers

    @classmethod
    def give_or_take(cls, value: Any, error: Any) -> "Estimate":
        v, e = np.asarray(value, np.float64), np.asarray(error, np.float64)
        return cls(v, v - e, v + e)


def sobol(x: Numbers, y: Numbers, base: int, paths: Sequence[str], seed: int) -> dict[str, Estimate]:
    """Shares of an outcome's variance: `total` with all interactions, `alone` of first order; where the sample has it `pairs`, of
    second order, (paths, paths) with NaN but above the diagonal.

    base: points of the base sample; InputError if x is not Saltelli's scheme on it
    """
    pairs = check_saltelli(x, base, "sensitivity")
    _salib()
    from SALib.analyze import sobol as salib

    found = salib.analyze(_problem(x, paths), y, calc_second_order=pairs, num_resamples=RESAMPLES, seed=salib_seed(seed))
    return {
        "total": Estimate.give_or_take(found["ST"], found["ST_conf"]),
        "alone": Estimate.give_or_take(found["S1"], found["S1_conf"]),
        **({"pairs": Estimate.give_or_take(found["S2"], found["S2_conf"])} if pairs else {}),
    }


def morris(x: Numbers, y: Numbers, trajectories: int, paths: Sequence[str], seed: int) -> dict[str, Estimate]:
    """Elementary effects, in the outcome's unit, of a way across a parameter's whole range: `mu_star` their mean size, `mu` their
    mean with sign, `sigma` how far they differ from place to place."""
    check_trajectories(x, trajectories, "sensitivity")
    _salib()
    from SALib.analyze import morris as salib

    found = salib.analyze(_problem(x, paths), x, y, num_resamples=RESAMPLES, num_levels=LEVELS, seed=salib_seed(seed))
    unknown = np.full(x.shape[1], np.nan)
    return {
        "mu_star": Estimate.give_or_take(found["mu_star"], found["mu_star_conf"]),
        "mu": Estimate.give_or_take(found["mu"], unknown),
        "sigma": Estimate.give_or_take(found["sigma"], unknown),
    }


def correlation(x: Numbers, y: Numbers) -> dict[str, Estimate]:
    """Spearman's rank correlations: `rank`, and `partial` with all other parameters held (NaN where there are too few units for it,
    or parameters that follow from one another)."""
    from scipy.stats import rankdata

    ranks = np.column_stack([rankdata(x, axis=0), rankdata(y)])
    units, paths = x.shape
    together = np.atleast_2d(np.corrcoef(ranks, rowvar=False))
    partial = np.full(paths, np.nan)
    if units > paths + FEWEST and np.linalg.cond(together) < 1e8:
        inverse = np.linalg.inv(together)
        partial = -inverse[:-1, -1] / np.sqrt(np.diag(inverse)[:-1] * inverse[-1, -1])
    return {"rank": _with_interval(together[:-1, -1], units), "partial": _with_interval(partial, units - (paths - 1))}


def _with_interval(r: Numbers, units: int) -> Estimate:
    """Fisher's interval, with the variance that Bonett and Wright (2000) give for ranks."""
    r = np.clip(r, -1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        z, error = np.arctanh(r), np.sqrt((1 + r**2 / 2) / max(units - 3, 1))
        return Estimate(r, np.tanh(z - SURE * error), np.tanh(z + SURE * error))


def null_band(units: int) -> float:
    """A rank correlation of two things that have nothing to do with each other lies within plus or minus this in 95 of 100 cases."""
    return SURE / float(np.sqrt(units - 1))


def check_saltelli(x: Numbers, base: int, where: str) -> bool:
    """Each group of rows: A, then A with one column of B after the other, then B; True where, before B, B with one column of A after
    the other stands too, for pairs. InputError for another order."""
    paths = x.shape[1]
    pairs = bool(len(x) == base * (2 * paths + 2))
    each = 2 * paths + 2 if pairs else paths + 2
    fits = len(x) == base * each
    if fits:
        first, last = x[::each], x[each - 1 :: each]
        for j in range(each - 2):
            bulk, other = (first, last) if j < paths else (last, first)
            swapped = bulk.copy()
            swapped[:, j % paths] = other[:, j % paths]
            fits = fits and np.array_equal(x[j + 1 :: each], swapped)
    if not fits:
        raise InputError(where, f"the run's {len(x):,} points are not those of a Sobol design over {paths} paths and {base:,} base points")
    return pairs


def check_trajectories(x: Numbers, trajectories: int, where: str) -> None:
    """Along each, every path moves once, one at a time."""
    paths = x.shape[1]
    fits = len(x) == trajectories * (paths + 1)
    if fits:
        moves = np.diff(x.reshape(trajectories, paths + 1, paths), axis=1) != 0
        fits = bool((moves.sum(axis=1) == 1).all() and (moves.sum(axis=2) == 1).all())
    if not fits:
        raise InputError(where, f"the run's {len(x):,} points are not {trajectories:,} Morris trajectories over {paths} paths")


def salib_seed(seed: int) -> int:
    """SALib takes a seed of 0 for none at all."""
    return 1 + seed % (2**32 - 1)


def _problem(x: Numbers, paths: Sequence[str]) -> dict[str, object]:
    return {"num_vars": x.shape[1], "names": list(paths), "bounds": [[0.0, 1.0]] * x.shape[1]}


def _salib() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise InputError("sensitivity", "Sobol and Morris sweeps need SALib; install it with: pip install 'chokepoint[analysis]'") from None

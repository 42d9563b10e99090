"""The points of a sweep: the value that each varied parameter takes at each point."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sim import luck
from sim.refusal import InputError
from sim.sweep import Sweep, Varied
from sim.worlds import Numbers


def points(sweep: Sweep, seed: int) -> dict[str, Numbers]:
    """path -> (points,). InputError where a package that a design needs is not there."""
    places = _DESIGNS[sweep.design](sweep, seed)
    return {one.path: _values(one, places[:, i]) for i, one in enumerate(sweep.varied)}


def _values(one: Varied, u: Numbers) -> Numbers:
    """The values at places u of a path, 0 to 1: along its range, or one of its list."""
    if one.values:
        return np.asarray(one.values)[np.minimum((u * len(one.values)).astype(np.int64), len(one.values) - 1)]
    return np.clip(one.low + u * (one.high - one.low), one.low, one.high)


def _grid(sweep: Sweep, seed: int) -> Numbers:
    """Every combination, the last path running fastest. (points, paths)"""
    sides = [len(one.on_grid) for one in sweep.varied]
    index = np.indices(sides).reshape(len(sides), -1).T
    middle = np.array([bool(one.values) for one in sweep.varied])
    last = np.maximum(np.array(sides) - 1, 1)
    return np.where(middle, (index + 0.5) / sides, index / last)


def _lhs(sweep: Sweep, seed: int) -> Numbers:
    """Latin hypercube: one point in each of as many slices of every range, paired by luck, which a further path does not change."""
    count = np.arange(sweep.points)

    def column(path: str) -> Numbers:
        slices: NDArray[np.int64] = np.argsort(np.argsort(luck.of_samples(seed, f"slices {path}", count)))
        return (slices + luck.of_samples(seed, f"places {path}", count)) / sweep.points

    return np.stack([column(one.path) for one in sweep.varied], axis=1)


def _problem(sweep: Sweep) -> dict[str, object]:
    paths = [one.path for one in sweep.varied]
    return {"num_vars": len(paths), "names": paths, "bounds": [[0.0, 1.0]] * len(paths)}


def _sobol(sweep: Sweep, seed: int) -> Numbers:
    """Saltelli's scheme for indices of first order and total, points x (paths + 2), and of pairs, points x (2 paths + 2)."""
    _salib()
    from SALib.sample import sobol

    pairs = sweep.design == "sobol_pairs"
    return np.asarray(sobol.sample(_problem(sweep), sweep.points, calc_second_order=pairs, seed=seed % 2**32), np.float64)


def _morris(sweep: Sweep, seed: int) -> Numbers:
    """Trajectories of elementary effects on four levels: points x (paths + 1)."""
    _salib()
    from SALib.sample import morris

    return np.asarray(morris.sample(_problem(sweep), sweep.points, seed=seed % 2**32), np.float64)


def _salib() -> None:
    try:
        import SALib  # noqa: F401
    except ImportError:
        raise InputError("sweep", "Sobol and Morris designs need SALib; install it with: pip install 'chokepoint[analysis]'") from None


_DESIGNS: dict[str, Callable[[Sweep, int], Numbers]] = {
    "grid": _grid, "lhs": _lhs, "sobol": _sobol, "sobol_pairs": _sobol, "morris": _morris,
}  # fmt: skip

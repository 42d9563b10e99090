"""What can be built from what there is: parts go to carriers first, then to enterprises, then to consumers.

Tables here are (segments, groups, worlds) or (groups, worlds).
"""

from collections.abc import Callable

import numpy as np

from sim.worlds import Numbers, total


def ration(want: Numbers, pool: Numbers, stock: Numbers, months: tuple[Numbers, ...]) -> Numbers:
    """Parts that each segment gets, in order: fresh ones while the pool lasts, then from the stock, a fraction a month.

    want: (segments, groups, worlds), USD bn a month; months: each segment draws at most stock/months of what was there at first
    """
    left, shelf = pool, stock
    got = np.empty_like(want)
    for segment, slowest in enumerate(months):
        fresh = np.minimum(want[segment], left)
        drawn = np.minimum(np.minimum(want[segment] - fresh, shelf), stock / slowest)
        left, shelf = left - fresh, shelf - drawn
        got[segment] = fresh + drawn
    return got


def filled(got: Numbers, need: Numbers) -> Numbers:
    """Share of a need that is met; 1 where there is none."""
    return np.divide(got, need, out=np.ones_like(got), where=need > 0)


def minimum(dependence: Numbers, fill: Numbers, weight: Numbers) -> Numbers:
    """The scarcest group decides: what a segment can build, as a share of its demand.

    dependence: share of a segment's sales that cannot ship without the group; all (segments, groups, worlds)
    """
    return np.asarray(np.min(1 - dependence * (1 - fill), axis=1))


def harmonic_mean(dependence: Numbers, fill: Numbers, weight: Numbers) -> Numbers:
    """Shortages add up, each by its group's weight in cost."""
    return 1 / total((weight / np.maximum(1 - dependence * (1 - fill), 0.01)).swapaxes(0, 1))


BOTTLENECKS: dict[str, Callable[[Numbers, Numbers, Numbers], Numbers]] = {"minimum": minimum, "harmonic_mean": harmonic_mean}

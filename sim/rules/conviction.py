"""How a government is convinced: belief in the threat, doubt about supply, and a case that must pass a cut-point.

The unit of a case is one standard deviation of a government's own taste. Levels: 0 open, 1 review or declaration, 2 binding
partial limit, 3 exclusion with a date. Arrays end in the world axis, or in pairs.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from sim.worlds import Mask, Numbers, total

HIGHEST = 3


class Cuts(NamedTuple):
    """Cases above which a government goes to level 1, 2 and 3."""

    first: Numbers
    second: Numbers
    third: Numbers

    def raised(self, by: Numbers) -> "Cuts":
        return Cuts(self.first + by, self.second + by, self.third + by)

    def of(self, level: Numbers) -> Numbers:
        """The cut-point of a level in force, 1 to 3."""
        return np.where(level >= 3, self.third, np.where(level >= 2, self.second, self.first))


def cuts(first: Numbers, second: Numbers, log_gap: Numbers) -> Cuts:
    """log_gap: log of the distance from the second to the third, so that they stay in order."""
    return Cuts(first, second, second + np.exp(log_gap))


def hazard(logit_twice: Numbers) -> Numbers:
    """Chance a month that a government takes up its case."""
    return np.asarray(0.5 * expit(logit_twice))


def threat_at_first(base: Numbers, w_ties: Numbers, ties: Numbers, w_conflict: Numbers, conflict: Numbers) -> Numbers:
    """Belief before the campaign: what a government's own services and quarrels tell it, 0 to 1."""
    return np.clip(base + w_ties * ties + w_conflict * conflict, 0, 1)


def push(speed: Numbers, pressure: Numbers, chi: Numbers, bargain: Numbers, stick: Numbers, ally: Numbers) -> Numbers:
    """Share of the way to certainty that a month of persuasion takes a government; it counts by how far that is an ally.

    chi: how far a concession on licences in talks (bargain, 0-1) devalues the pressure
    """
    return speed * (pressure * (1 - chi * np.maximum(bargain, 0)) + stick) * ally


def believed(belief: Numbers, first: Numbers, push: Numbers, fade: Numbers) -> Numbers:
    """Belief a month later; of a push, what is left beside the fading counts, so that it stays between 0 and 1.

    >>> believed(np.array([0.5]), np.array([0.3]), np.array([0.1]), np.array([0.1]))
    array([0.53])
    """
    return belief + np.minimum(push, 1 - fade) * (1 - belief) - fade * (belief - first)


def doubt(last: Numbers, memory: Numbers, news: Numbers) -> Numbers:
    """Doubt that the vendor can go on, a month later; news: what product rules have added this month."""
    return memory * last + news


def supply_doubt(doubt: Numbers, fill: Numbers) -> Numbers:
    """Doubt that it can deliver and patch, 0 to 1; fill: share of carriers' demand that it built last month."""
    return np.clip(doubt + (1 - fill), 0, 1)


def case(
    w_threat: Numbers, belief: Numbers, w_peers: Numbers, peers: Numbers, w_democracy: Numbers, democracy: Numbers,
    w_lock_in: Numbers, share4g: Numbers, taste: Numbers,
) -> Numbers:  # fmt: skip
    """What speaks for excluding the vendor; peers: mean level of those it looks to, as a share of the highest."""
    return np.asarray(w_threat * belief + w_peers * peers + w_democracy * democracy - w_lock_in * share4g + taste)


def bids(
    w_carrot: Numbers, carrot: Numbers, power: Numbers, w_coercion: Numbers, exports: Numbers, coercion: Numbers
) -> Numbers:
    """What carrots and coercion add to a case: help counts for the weak, coercion by the share of exports at stake."""
    return w_carrot * carrot * (1 - power) - w_coercion * exports * coercion


def passed(case: Numbers, error: Numbers, cuts: Cuts) -> Numbers:
    """Number of cut-points that the case passes as it is read this month, with an error."""
    seen = case + error
    return np.asarray((seen > cuts.first) * 1.0 + (seen > cuts.second) + (seen > cuts.third), np.float64)


def misreading(u: Numbers, size: Numbers) -> Numbers:
    """The logistic error with which a case is read."""
    return np.asarray(size * (np.log(u) - np.log1p(-u)))


def moved(level: Numbers, passed: Numbers, u: Numbers, hazard: Numbers) -> Numbers:
    """The level after a month: as high as the case goes, never lower; a big step from nothing may be announced as a review first."""
    taken_up = u < hazard
    review = ~taken_up & (u < hazard + (1 - hazard) * hazard) & (passed >= 2) & (level == 0)
    return np.where(taken_up, np.maximum(level, passed), np.where(review, 1, level))


def joint_level(levels: Numbers, majority: Numbers) -> Numbers:
    """The highest level that a qualified majority of a union's members has reached. levels: (members, worlds)

    >>> joint_level(np.array([[0.0, 3.0], [2.0, 2.0], [1.0, 2.0]]), np.array([0.55, 0.55]))
    array([1., 2.])
    """
    reached = (total(levels >= step) >= majority * len(levels) for step in range(1, HIGHEST + 1))
    return total(share.astype(np.float64) for share in reached)


def gone(level: Numbers, case: Numbers, cuts: Cuts, margin: Numbers) -> Mask:
    """Whether the case has fallen clearly below the level in force, so that it may be taken back."""
    return np.asarray((level > 0) & (case < cuts.of(level) - margin))


def redrawn(taste: Numbers, keep: Numbers, fresh: Numbers) -> Numbers:
    """Taste under a new government: as spread out as the old one; fresh: N(0, 1)."""
    return keep * taste + np.sqrt(1 - keep**2) * fresh


def by_doubt(p: Any, supply: Numbers, month: int) -> tuple[Numbers, Numbers]:
    return p.w_supply * supply, np.zeros_like(supply)


def by_trend(p: Any, supply: Numbers, month: int) -> tuple[Numbers, Numbers]:
    """The serious rival: a trend of three years instead, and higher cut-points."""
    return p.trend * np.minimum(month, p.trend_months) / 12, p.trend_cuts


# What makes governments move from 2018 to 2020 beside belief: what it adds to every case, and to the cut-points. (worlds,) each
DRIFTS: dict[str, Callable[[Any, Numbers, int], tuple[Numbers, Numbers]]] = {
    "doubt_about_supply": by_doubt,
    "trend_instead_of_doubt": by_trend,
}

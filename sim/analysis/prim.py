"""Where in the space of parameters the failures are: PRIM, the patient rule induction method (Friedman and Fisher 1999).

Peeling: from the whole space, again and again cut off the 5 % of the worlds at one end of one parameter whose loss raises the share
of failures most. The boxes on the way are a trade-off between density (failures among the worlds in a box) and coverage (failures
in a box among all failures). In each of them the limits that chance would do as well are dropped, one box is chosen, and each of its
limits is pasted back outward as far as that makes the box better. The same worlds give the same box: nothing is drawn.

Among a hundred parameters some that mean nothing would be cut early, and cost the worlds that the others need. So only those are
cut whose values among the failures are spread otherwise than among the rest (Kolmogorov and Smirnov's test; Hornberger and Spear
1981), everywhere or within the box that is found without them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sim.worlds import Mask, Numbers

PEEL = 0.05  # share of a box's worlds cut off at a time
LEAST = 0.05  # share of all worlds below which a box is not cut further
CHANCE = 0.05  # how often a search over parameters that mean nothing may come back with a limit


Limit: TypeAlias = tuple[int, int]  # (path, side): side 0 where a value must lie above the limit, 1 where below


@dataclass(frozen=True)
class Box:
    """limits: what a world's values must lie above or below; mass: share of all worlds inside; base: share of failures everywhere"""

    limits: dict[Limit, float]
    coverage: float
    density: float
    mass: float
    base: float

    @property
    def balance(self) -> float:
        """Coverage times the gain in density over all worlds, 0 to 1: what is maximised where no density was asked for."""
        return self.coverage * (self.density - self.base) / (1 - self.base) if self.base < 1 else 0.0


@dataclass(frozen=True)
class Discovery:
    """box: the chosen one, None where none stands up; quasi_p: of its limits; trade_off: the boxes that were peeled, the whole space
    first; elsewhere: density and coverage, in the other half of the trials, of the box that one half alone gives"""

    box: Box | None
    quasi_p: dict[Limit, float]
    trade_off: list[Box]
    elsewhere: tuple[float, float] | None = None


def discover(x: Numbers, failed: Mask, threshold: float | None = None, halves: Mask | None = None) -> Discovery:
    """x: (worlds, paths); failed: (worlds,), some and not all.

    threshold: density asked for: of the boxes that reach it, the one with the largest coverage; without: the one with the largest
    balance. halves: which worlds are in the first half, for a trial of the method on the second
    """
    boxes = [measured({}, x, failed)]
    box, paths = boxes[0], list[int]()
    while found := _told_apart(x, failed, box, paths):
        paths = sorted([*paths, *found])
        boxes = [_pruned(one, x, failed) for one in peel(x, failed, paths)]
        box = max(boxes, key=lambda b: _score(b, threshold))  # the first, and so the largest, of several
        box = _pruned(_pasted(box, x, failed, threshold), x, failed)
    stands = bool(box.limits) and (threshold is None or box.density >= threshold)
    result = Discovery(box if stands else None, quasi_p(box, x, failed) if stands else {}, boxes)
    if not stands or halves is None or not 0 < failed[halves].sum() < halves.sum() or not failed[~halves].any():
        return result
    half = discover(x[halves], failed[halves], threshold).box
    if half is None:
        return result
    other = measured(half.limits, x[~halves], failed[~halves])
    return Discovery(result.box, result.quasi_p, boxes, (other.density, other.coverage))


def peel(x: Numbers, failed: Mask, paths: Sequence[int]) -> list[Box]:
    """The boxes with limits on these paths alone, each inside the one before, the whole space first."""
    box = measured({}, x, failed)
    boxes, columns = [box], np.array(paths, np.int64)
    inside, hits = x[:, columns], failed
    while len(columns):
        count = len(inside)
        cut = max(1, int(PEEL * count))
        edges = np.partition(inside, (cut - 1, count - cut), axis=0)[[cut - 1, count - cut]]
        keep = np.stack([inside > edges[0], inside < edges[1]])  # (sides, worlds, paths); all that are equal to an edge go
        left = keep.sum(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            # by the world cut off, since a parameter of few values loses many at a time
            gain = ((keep & hits[:, None]).sum(axis=1) / left - hits.mean()) / (count - left)
        gain[(left < max(1.0, LEAST * len(x))) | (left == count)] = -np.inf
        side, j = (int(i) for i in np.unravel_index(int(np.argmax(gain)), gain.shape))
        if not gain[side, j] > 0:
            break
        kept = inside[keep[side, :, j], j]
        value = (edges[0, j] + kept.min()) / 2 if side == 0 else (edges[1, j] + kept.max()) / 2
        inside, hits = inside[keep[side, :, j]], hits[keep[side, :, j]]
        box = measured(box.limits | {(int(columns[j]), side): float(value)}, x, failed)
        boxes.append(box)
    return boxes


def measured(limits: Mapping[Limit, float], x: Numbers, failed: Mask) -> Box:
    holds = inside_of(limits, x)
    count, hits = int(holds.sum()), int((holds & failed).sum())
    density = hits / count if count else 0.0
    return Box(dict(sorted(limits.items())), hits / int(failed.sum()), density, count / len(x), float(failed.mean()))


def inside_of(limits: Mapping[Limit, float], x: Numbers) -> Mask:
    holds = np.ones(len(x), np.bool_)
    for (path, side), value in limits.items():
        holds &= x[:, path] > value if side == 0 else x[:, path] < value
    return holds


def quasi_p(box: Box, x: Numbers, failed: Mask) -> dict[Limit, float]:
    """For each limit, the chance that as many failures would lie in the box if the worlds inside it were a chance pick from the same
    box without that limit (Bryant and Lempert 2010). Quasi, since the limit was looked for in these same worlds."""
    from scipy.special import bdtrc

    holds = inside_of(box.limits, x)
    count, hits = int(holds.sum()), int((holds & failed).sum())
    return {limit: float(bdtrc(hits - 1, count, measured(_without(box, limit), x, failed).density)) for limit in box.limits}


def _told_apart(x: Numbers, failed: Mask, box: Box, but: Sequence[int]) -> list[int]:
    """Further paths whose values tell the failures in a box from the rest there."""
    inside = inside_of(box.limits, x)
    others = [path for path in range(x.shape[1]) if path not in but]
    if not 0 < failed[inside].sum() < inside.sum() or not others:
        return []
    p = kolmogorov_smirnov(x[inside][:, others], failed[inside])
    return [path for path, chance in zip(others, p, strict=True) if chance <= CHANCE / x.shape[1]]


def kolmogorov_smirnov(x: Numbers, failed: Mask) -> Numbers:
    """For each path, the chance that values among the failures and among the rest would differ as much if both were drawn alike."""
    from scipy.special import kolmogorov

    order = np.argsort(x, axis=0)
    values, bad = np.take_along_axis(x, order, axis=0), failed[order]
    count = int(failed.sum())
    apart = np.abs(np.cumsum(bad, axis=0) / count - np.cumsum(~bad, axis=0) / (len(x) - count))
    last_of_equals = np.vstack([values[1:] > values[:-1], np.ones((1, x.shape[1]), np.bool_)])
    largest = np.where(last_of_equals, apart, 0).max(axis=0)
    return np.asarray(kolmogorov(np.sqrt(count * (len(x) - count) / len(x)) * largest), np.float64)


def _score(box: Box, threshold: float | None) -> float:
    if threshold is None:
        return box.balance
    return box.coverage if box.density >= threshold else box.density - 1


def _pruned(box: Box, x: Numbers, failed: Mask) -> Box:
    """Without the limits that chance would do as well, the worst first. What counts as that is shared among all limits that there
    could be, two a parameter, since the search has looked at them all."""
    while p := quasi_p(box, x, failed):
        worst = max(p, key=lambda limit: p[limit])
        if p[worst] <= CHANCE / (2 * x.shape[1]):
            break
        box = measured(_without(box, worst), x, failed)
    return box


def _without(box: Box, limit: Limit) -> dict[Limit, float]:
    return {other: value for other, value in box.limits.items() if other != limit}


def _pasted(box: Box, x: Numbers, failed: Mask, threshold: float | None) -> Box:
    """Each limit moved outward, a step of worlds at a time, while the box becomes better."""
    while True:
        wider = [_wider(box, limit, x, failed) for limit in box.limits]
        best = max(wider, key=lambda b: _score(b, threshold), default=box)
        if not _score(best, threshold) > _score(box, threshold):
            return box
        box = best


def _wider(box: Box, limit: Limit, x: Numbers, failed: Mask) -> Box:
    """The box with a limit moved past the next worlds outside it, or without it where few are left."""
    others, (path, side), value = _without(box, limit), limit, box.limits[limit]
    column = x[inside_of(others, x), path]
    outside = np.unique(column[column <= value])[::-1] if side == 0 else np.unique(column[column >= value])  # the nearest first
    step = max(1, int(PEEL * box.mass * len(x)))
    moved = {limit: float(outside[step - 1] + outside[step]) / 2} if len(outside) > step else {}
    return measured(others | moved, x, failed)

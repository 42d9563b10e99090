"""Governments left out one by one: the fit to all others' decisions on record, and the forecast that it gives for the one.

The likelihood is that of the paths of levels to the end of 2020, month by month, given what each government had before it; its own
taste is integrated out. Reversals are left out: the record is read as the highest level reached.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from sim.analysis import logit
from sim.analysis.on_record import OnRecord
from sim.parameters import PARAMETERS
from sim.rules import conviction
from sim.worlds import Numbers

FITTED = tuple(f"persuasion.{name}" for name in ("w_threat", "w_supply", "cut_1", "cut_2", "log_gap_3", "logit_2h"))
TASTES = np.arange(-4.5, 4.51, 0.225)
CHANCE_OF_TASTE = np.exp(-(TASTES**2) / 2) / np.sum(np.exp(-(TASTES**2) / 2))
STEP = np.array([0.05, 0.05, 0.02, 0.02, 0.02, 0.02])  # of finite differences
LEAST = 1e-300


def _default(name: str) -> float:
    return PARAMETERS[f"persuasion.{name}"].value


class Paths:
    """The likelihood of what those who decide have done. level: (months + 1, governments)"""

    def __init__(self, record: OnRecord) -> None:
        who, c = record.columns.decides, record.columns
        self.belief, self.supply, self.level = record.belief[:, who], record.supply[:, None], record.level[:, who].astype(int)
        self.rest = conviction.case(
            np.zeros(()), np.zeros(()), np.asarray(_default("w_peers")), record.peers[:, who], np.asarray(_default("w_democracy")),
            c.democracy[who], np.asarray(_default("w_lock_in")), c.share4g[who], np.zeros(()),
        )  # fmt: skip
        self.judgement = _default("judgement")

    def log_likelihood(self, theta: Numbers) -> Numbers:
        """Of each government's path. theta: in the order of FITTED; (governments,)"""
        w_threat, w_supply, first, second, log_gap, logit_twice = theta
        cut = np.array([-np.inf, *conviction.cuts(first, second, log_gap), np.inf])
        h = conviction.hazard(logit_twice)
        case = (w_threat * self.belief + w_supply * self.supply + self.rest)[..., None] + TASTES

        def passes(case: Numbers, level: Numbers) -> Numbers:
            return np.asarray(expit((case - cut[level][..., None]) / self.judgement))

        before, after = self.level[:-1], self.level[1:]
        open_ = (before == 0)[..., None]
        review = np.where(open_, (1 - h) * h * passes(case, np.full_like(before, 2)), 0)
        chance = 1 - h * passes(case, before + 1) - review
        moved = after > before
        to = after[moved]
        there = h * (passes(case[moved], to) - passes(case[moved], to + 1))
        chance[moved] = there + np.where((to == 1)[:, None], review[moved], 0)
        path = np.log(np.maximum(chance, LEAST)).sum(axis=0)
        top = path.max(axis=1)
        return np.asarray(top + np.log(np.exp(path - top[:, None]) @ CHANCE_OF_TASTE))

    def slopes(self, theta: Numbers) -> Numbers:
        """(6, governments)"""
        steps = np.diag(STEP)
        return np.array([(self.log_likelihood(theta + s) - self.log_likelihood(theta - s)) / (2 * s.max()) for s in steps])

    def bends(self, theta: Numbers) -> Numbers:
        """Second derivatives. (6, 6, governments)"""
        steps = np.diag(STEP)
        up, down = (np.array([self.slopes(theta + way * s) for s in steps]) for way in (1, -1))
        bend = (up - down) / (2 * STEP[:, None, None])
        return np.asarray((bend + bend.swapaxes(0, 1)) / 2)

    def best(self, start: Numbers, rounds: int = 8) -> Numbers:
        """The numbers under which all that happened is likeliest, by Newton's method."""
        theta, bend = start, self.bends(start).sum(axis=2)
        for _ in range(rounds):
            theta = theta - np.linalg.solve(bend, self.slopes(theta).sum(axis=1))
        return theta

    def without_each(self, best: Numbers) -> Numbers:
        """The best numbers for all governments but one, for each: Newton's method from the best for all. (governments, 6)

        A second step is taken where the first was longer than a tenth of a standard error.
        """
        slopes, bends = self.slopes(best), self.bends(best)
        whole = bends.sum(axis=2)
        error = np.sqrt(np.diag(np.linalg.inv(-whole)))
        found = np.empty((slopes.shape[1], len(best)))
        for out in range(len(found)):
            bend = whole - bends[:, :, out]
            theta = best - np.linalg.solve(bend, slopes.sum(axis=1) - slopes[:, out])
            if np.max(np.abs(theta - best) / error) > 0.1:
                slope = self.slopes(theta)
                theta = theta - np.linalg.solve(bend, slope.sum(axis=1) - slope[:, out])
            found[out] = theta
        return found


@dataclass(frozen=True)
class LeftOut:
    """best: the fit to all; without: to all but one, (governments that decide, 6); log_likelihood: of all, at the best"""

    best: Numbers
    without: Numbers
    log_likelihood: float


def refitted(paths: Paths, start: Numbers) -> LeftOut:
    best = paths.best(start)
    return LeftOut(best, paths.without_each(best), float(paths.log_likelihood(best).sum()))


def weights(drawn: Numbers, shift: Numbers, covariance: Numbers) -> Numbers:
    """Of worlds, so that numbers drawn around one estimate count as if drawn around another. drawn: (6, worlds); summing to 1

    shift: of the estimate, by government, (governments, 6); the covariance stays; (governments, worlds)
    """
    inverse = np.linalg.inv(covariance)
    centred = drawn - drawn.mean(axis=1, keepdims=True)
    power = shift @ inverse @ centred
    raw = np.exp(power - power.max(axis=1, keepdims=True))
    return np.asarray(raw / raw.sum(axis=1, keepdims=True))


def naive(columns_of_case: Numbers, reached: Numbers) -> Numbers:
    """Chance of a level by a logit on a few columns, each government left out in turn. reached: 0/1, (governments,)"""
    x = np.column_stack([np.ones(len(reached)), columns_of_case])
    return logit.left_out(x, reached, np.arange(len(reached)))

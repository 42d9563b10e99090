"""A plain logistic regression, for naive forecasts and for refitting a rule without some of its evidence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from sim.worlds import Numbers

ROUNDS = 50


@dataclass(frozen=True)
class Logit:
    """weights: one a column; covariance of them"""

    weights: Numbers
    covariance: Numbers

    def chance(self, x: Numbers) -> Numbers:
        return np.asarray(expit(x @ self.weights))


def fit(x: Numbers, y: Numbers, penalty: float = 0.0) -> Logit:
    """Maximum likelihood by Newton's method. x: (rows, columns), the first all 1; y: 0 to 1, (rows,)

    penalty: on half the squared weights, the first apart; above 0 a perfectly separated table has an answer too
    """
    ridge = penalty * np.diag([0.0, *[1.0] * (x.shape[1] - 1)])
    weights = np.zeros(x.shape[1])
    for _ in range(ROUNDS):
        chance = expit(x @ weights)
        bend = x.T @ (x * (chance * (1 - chance))[:, None]) + ridge + 1e-10 * np.eye(len(weights))
        step = np.linalg.solve(bend, x.T @ (y - chance) - ridge @ weights)
        weights = weights + step / max(1.0, float(np.abs(step).max()) / 5)
    return Logit(weights, np.asarray(np.linalg.inv(bend), np.float64))


def left_out(x: Numbers, y: Numbers, groups: NDArray[Any], penalty: float = 0.0) -> Numbers:
    """The chance that each row gets from a fit without its group. groups: a number a row"""
    found = np.zeros(len(y))
    for group in np.unique(groups):
        out = groups == group
        found[out] = fit(x[~out], y[~out], penalty).chance(x[out])
    return found


def log_score(y: Numbers, chance: Numbers) -> float:
    """Mean log of the chance that was given to what happened; nearer to 0 is better. y: 0 to 1"""
    p = np.clip(chance, 1e-6, 1 - 1e-6)
    return float(np.mean(y * np.log(p) + (1 - y) * np.log(1 - p)))

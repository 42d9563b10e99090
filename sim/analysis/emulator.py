"""A cheap stand-in for the model: each target's mean as a smooth surface over the parameters."""

from dataclasses import dataclass

import numpy as np

from sim.worlds import Numbers

BENT = 12  # parameters that matter most to a target, whose products enter too
_FEWEST = 3  # parameter sets for each coefficient


@dataclass(frozen=True)
class Emulator:
    """Least squares in the parameters, their squares, and the products of those that matter most to a target.

    middle, half: of the parameters, to which they are scaled; surfaces: for each target, which products enter, and coefficients
    variance: of what the surfaces leave unexplained, on parameter sets that they were not fitted to, (targets,)
    """

    middle: Numbers
    half: Numbers
    surfaces: tuple[tuple[tuple[int, ...], Numbers], ...]
    variance: Numbers

    @classmethod
    def of(cls, known: Numbers, means: Numbers) -> "Emulator":
        """known: (samples, parameters); means: (targets, samples). Sets where a mean is not finite are left out."""
        low, high = np.min(known, axis=0), np.max(known, axis=0)
        middle, half = (low + high) / 2, np.where(high > low, (high - low) / 2, 1.0)
        x = (known - middle) / half
        pieces, variances = [], []
        for mean in means:
            whole = np.isfinite(mean)
            fitted, variance = _surface(x[whole], mean[whole])
            pieces.append(fitted)
            variances.append(variance)
        return cls(middle, half, tuple(pieces), np.array(variances))

    def at(self, sets: Numbers) -> Numbers:
        """(targets, samples)"""
        x = (sets - self.middle) / self.half
        return np.array([_terms(x, products) @ coefficients for products, coefficients in self.surfaces])


def _terms(x: Numbers, products: tuple[int, ...]) -> Numbers:
    """(samples, terms): 1, each parameter, its square, and the products of some."""
    cross = [x[:, i] * x[:, j] for n, i in enumerate(products) for j in products[:n]]
    return np.column_stack([np.ones(len(x)), x, x**2, *cross])


def _surface(x: Numbers, mean: Numbers) -> tuple[tuple[tuple[int, ...], Numbers], float]:
    samples, parameters = x.shape
    if samples < _FEWEST * (1 + 2 * parameters):  # too few to know: the mean alone, and all its variance
        flat = np.zeros(1 + 2 * parameters)
        flat[0] = np.mean(mean) if samples else 0.0
        return ((), flat), float(np.var(mean)) if samples else np.inf
    plain = np.linalg.lstsq(_terms(x, ()), mean, rcond=None)[0]
    weight = np.abs(plain[1 : 1 + parameters]) + np.abs(plain[1 + parameters :])
    products = tuple(sorted(int(i) for i in np.argsort(-weight, kind="stable")[: min(BENT, parameters)]))
    if samples < _FEWEST * (1 + 2 * parameters + len(products) * (len(products) - 1) // 2):
        products = ()
    terms = _terms(x, products)
    first = np.arange(samples) % 2 == 0
    left = [mean[~mine] - terms[~mine] @ np.linalg.lstsq(terms[mine], mean[mine], rcond=None)[0] for mine in (first, ~first)]
    whole = np.asarray(np.linalg.lstsq(terms, mean, rcond=None)[0], np.float64)
    return (products, whole), float(np.mean(np.concatenate(left) ** 2))

"""The formulas, on floats."""

from math import erfc, exp, sqrt

ROOT2, DENSITY = sqrt(2), 0.3989422804014327


def normal(z: float) -> float:
    return 0.5 * erfc(-z / ROOT2)


def logistic(x: float) -> float:
    return 1 / (1 + exp(-x)) if x >= 0 else exp(x) / (1 + exp(x))


def lesson(answer: int, mean: float, variance: float, sensitivity: float, noise: float) -> tuple[float, float]:
    """Pull on the mean and shrink of the variance."""
    z = (mean - sensitivity) / sqrt(variance + noise * noise)
    pull = answer * DENSITY * exp(-0.5 * z * z) / max(normal(answer * z), 1e-300)
    return pull, min(max(pull * (pull + z), 0), 1)

"""What a firm believes about a line it cannot see, and whether it files.

It holds a normal belief (mean, variance) about the line, on the 0-1 sensitivity scale. Answers are votes with error, so each is a
probit observation, and the update is its exact moments. Sources: Herbrich, Minka & Graepel (2006); Carpenter & Ting (2007).
"""

import numpy as np
from scipy.special import expit, ndtr

from sim.worlds import Numbers

_PEAK = 1 / np.sqrt(2 * np.pi)


def approval_odds(mean: Numbers, variance: Numbers, sensitivity: Numbers, noise: Numbers) -> Numbers:
    """Chance the firm gives to a licence: that the unseen line lies above this sensitivity.

    noise: spread of the authority's judgement, on the same scale

    >>> approval_odds(np.array(0.5), np.array(0.04), np.array([0.5, 0.9]), np.array(0.1)).round(2)
    array([0.5 , 0.04])
    """
    return ndtr((mean - sensitivity) / np.sqrt(variance + noise * noise))


def hurdle(ordinary: Numbers, doubt: Numbers, sd: Numbers, ordinary_sd: Numbers) -> Numbers:
    """Odds at which the firm files half as eagerly as when it is sure: it grows with doubt."""
    return ordinary + doubt * (sd / ordinary_sd - 1)


def filing_chance(rate: Numbers, steepness: Numbers, odds: Numbers, bar: Numbers) -> Numbers:
    """Chance a month that a firm takes up an idle line: rate where the odds are far above the hurdle, none far below."""
    return rate * expit(steepness * (odds - bar))


def lesson(answer: Numbers | float, mean: Numbers, variance: Numbers, sensitivity: Numbers, noise: Numbers) -> tuple[Numbers, Numbers]:
    """Pull on the mean and shrink of the variance from one answer; an answer near the believed line teaches most.

    answer: +1 approval, -1 intent to deny
    returns: pull (in standard deviations, of the answer's sign) and shrink (0 to 1)
    """
    z = (mean - sensitivity) / np.sqrt(variance + noise * noise)
    pull = answer * _PEAK * np.exp(-0.5 * z * z) / np.maximum(ndtr(answer * z), 1e-300)
    return pull, np.clip(pull * (pull + z), 0, 1)


def updated(mean: Numbers, variance: Numbers, noise: Numbers, pull: Numbers, shrink: Numbers) -> tuple[Numbers, Numbers]:
    """Belief after the month's lessons, before doubt drifts back; the variance never rises here."""
    spread = variance + noise * noise
    return mean + variance / np.sqrt(spread) * pull, variance - variance * variance / spread * shrink


def drifted(variance: Numbers, drift: Numbers, floor_sd: Numbers, first_sd: Numbers) -> Numbers:
    """A month later the line may have moved: doubt returns a little, and never beyond what it was at first."""
    return np.clip(variance + drift * drift, floor_sd * floor_sd, first_sd * first_sd)

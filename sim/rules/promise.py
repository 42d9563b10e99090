"""What becomes of a signature: purchases kept in part, and trust that learns from them."""

import numpy as np

from sim.worlds import Numbers


def kept_share(mean: Numbers, spread: Numbers, luck: Numbers) -> Numbers:
    """Share of a month's promise that is kept: anywhere within `spread` of the mean, and no more than was promised."""
    return np.clip(mean + spread * (2 * luck - 1), 0, 1)


def trust(before: Numbers, kept: Numbers, learn: Numbers) -> Numbers:
    """Trust a month later; learn: share a year."""
    return before + learn / 12 * (kept - before)

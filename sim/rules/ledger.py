"""Who lost and who gained: the same worlds without the listing, subtracted."""

import numpy as np

from sim.worlds import Numbers, total


def lost(shadow: Numbers, actual: Numbers) -> Numbers:
    """Sales lost, never below 0: over the months of the first axis, in order. USD bn"""
    return np.maximum(total(shadow - actual), 0)


def resold(share: Numbers, lost_before: Numbers) -> Numbers:
    """What sellers place with other customers of what they lost some months ago."""
    return share * np.maximum(lost_before, 0)


def research_share(base: Numbers, rise: Numbers, alarm: Numbers) -> Numbers:
    """Share of its revenue that the vendor spends on research; alarm: 0-1."""
    return base + rise * alarm

"""How far the law reaches: who needs a licence for what.

All sensitive controlled goods from the listing on; harmless ones only until lawyers find that they are made abroad; and once the
product rule is in force nearly every chip on earth. Shares are 0 to 1.
"""

import numpy as np

from sim.worlds import Numbers


def offshore_share(at_half: Numbers, sensitivity: Numbers) -> Numbers:
    """Share of a line made abroad with too little controlled content for the listing to reach it.

    A sensitive part rarely is, a harmless one mostly.

    at_half: that share at sensitivity one half
    """
    return np.clip(2 * at_half * (1 - sensitivity), 0, 1)


def cleared_share(at_once: Numbers, cleared: Numbers) -> Numbers:
    """What firms let go of the offshore share: a little at once, all of it when their lawyers have cleared it."""
    return at_once + (1 - at_once) * cleared


def controlled_coverage(listed: Numbers, in_force: Numbers, cleared: Numbers, offshore: Numbers, leak: Numbers, spared: Numbers) -> Numbers:
    """Share of a controlled seller's line that needs a licence.

    listed, in_force: share of the month that the listing, and the product rule, hold
    spared: share of the line that a temporary general licence lets ship

    >>> one = np.array(1.0)
    >>> float(controlled_coverage(one, 0 * one, one, np.array(0.4), np.array(0.05), 0 * one))     # listed, lawyers done
    0.6
    >>> float(controlled_coverage(one, one, one, np.array(0.4), np.array(0.05), 0 * one))         # product rule: all but the leak
    0.95
    """
    escapes = (1 - in_force) * cleared * offshore + in_force * np.minimum(offshore, leak)
    return listed * (1 - escapes) * (1 - spared)


def legal_share(covered: Numbers, licensed: Numbers) -> Numbers:
    """Share of a line that may ship: what the law does not cover, and all of it under a licence (licensed is 0 or 1)."""
    return 1 - covered * (1 - licensed)

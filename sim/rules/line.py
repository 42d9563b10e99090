"""Where the authority draws its unpublished line.

It eases when foreigners could sell instead, when talks need a concession and when its own sellers bleed; it hardens with hawks.
"""

import numpy as np

from sim.worlds import Numbers


def availability(foreign: Numbers, domestic: Numbers, in_force: Numbers, domestic_weight: Numbers) -> Numbers:
    """Share of a group that others could sell in the controlled sellers' place; the product rule takes the foreigners away.

    foreign: qualified share x what foreigners could make; domestic: share of the need made at home
    """
    return np.clip((1 - in_force) * foreign + domestic_weight * domestic, 0, 1)


def unpublished_line(
    base: Numbers, available: Numbers, w_available: Numbers, bargain: Numbers, w_bargain: Numbers,
    lost: Numbers, w_lobby: Numbers, lobby_scale: Numbers, hawk: Numbers, w_hawk: Numbers,
) -> Numbers:  # fmt: skip
    """The cut-off on national-security sensitivity above which the authority would rather not license.

    base: dated base and shift; bargain: 0-1; lost: controlled sellers' lost sales last month, USD bn a year; hawk: 0-1
    """
    return base + w_available * available + w_bargain * bargain + w_lobby * np.tanh(lost / lobby_scale) - w_hawk * (hawk - 0.5)

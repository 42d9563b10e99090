"""How threatened the vendor feels, and what fear makes it do outside its own shops.

Fear makes it qualify other sellers, and makes its home government pay for parts made at home.
"""

import numpy as np

from sim.worlds import Numbers


def signal(
    quiet: Numbers, tariff: Numbers, w_tariff: Numbers, tariff_base: Numbers, tariff_cap: Numbers,
    events: Numbers, bargain: Numbers, w_bargain: Numbers,
) -> Numbers:  # fmt: skip
    """What a month tells the vendor about its supply, 0 to 1.

    tariff: the controller's average tariff, percent; events: weighted sum of arrest, listing and product rules
    """
    trade_war = w_tariff * (np.minimum(tariff, tariff_cap) - tariff_base)
    return np.clip(quiet + trade_war + events - w_bargain * np.maximum(bargain, 0), 0, 1)


def ramp(threat: Numbers, start: Numbers, span: Numbers) -> Numbers:
    """0 below `start`, 1 from `start + span` on, straight between."""
    return np.clip((threat - start) / span, 0, 1)


def qualified(share: Numbers, threat: Numbers, from_threat: Numbers, months: Numbers) -> Numbers:
    """Share of other sellers' parts that are qualified a month later; it never falls."""
    return np.where(threat > from_threat, share + (1 - share) / months, share)


def domestic_share(start: Numbers, ceiling: Numbers, effort: Numbers, months: Numbers, ramp_months: Numbers) -> Numbers:
    """Share of the need that is made at home: the start until effort has lasted `months`, then on towards the ceiling."""
    learned = 1 - np.exp(-np.maximum(effort - months, 0) / ramp_months)
    return np.asarray(start + (ceiling - start) * learned)
